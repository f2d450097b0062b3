// Hostile bytes against every parser of the core: 100,000 inputs each, no trap, memory within its maximum. Prints its seed.

import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { coreExports, instantiateCore, instantiateCoreSync } from "./instantiate.ts";

const file = readFileSync(new URL("../../build/wasm/core.simd.wasm", import.meta.url));
const module = new WebAssembly.Module(file);
const exports = coreExports(new WebAssembly.Instance(module, {}));
const seed = Date.now() & 0x7fff_ffff;
console.log(`core fuzz: seed ${seed}`);

const runs = 100_000;
/** xorshift32: the same inputs for the same seed. */
let state = seed || 1;
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}
/** Pieces of one pool of noise: the parsers cannot tell, and making fresh bytes would take most of the time. */
const pool = Uint8Array.from({ length: 65_536 }, () => random(256));
function bytes(length: number): Uint8Array<ArrayBuffer> {
  const from = random(pool.length - length);
  return pool.slice(from, from + length);
}
function concat(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
function place(data: Uint8Array): number {
  const from = exports.reserveInput(data.length);
  new Uint8Array(exports.memory.buffer).set(data, from);
  return from;
}

/** Protobuf-shaped noise: right tags, lengths that may lie. */
function proof(): Uint8Array<ArrayBuffer> {
  const field = (tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> => {
    const lie = random(12) === 0 ? random(300) : content.length;
    const length = lie < 128 ? [lie] : [(lie & 127) | 128, lie >> 7];
    return concat([[tag], length, content]);
  };
  const leaf = (): Uint8Array =>
    random(4) === 0 ? bytes(random(12)) : concat([[8, 1, 24, 1, 32, 1, 42, 1, 0], bytes(random(8) === 0 ? 3 : 0)]);
  const inner = (): Uint8Array =>
    random(2) === 0
      ? concat([[8, 1, 18, 1, 1, 26, 32], bytes(32)])
      : concat([[8, 1, 18, 33, random(9) === 0 ? 0 : 1], bytes(random(9) === 0 ? random(40) : 32)]);
  const existence = (): Uint8Array => {
    const steps = Array.from({ length: random(random(50) === 0 ? 300 : 5) }, () => field(0x22, inner()));
    return concat([field(0x0a, bytes(random(40))), field(0x12, bytes(random(40))), field(0x1a, leaf()), ...steps]);
  };
  const kind = random(4);
  if (kind === 0) return bytes(random(200));
  if (kind === 1) return field(0x0a, existence());
  return field(
    0x12,
    concat([field(0x0a, bytes(4)), ...(kind === 2 ? [field(0x12, existence())] : []), field(0x1a, existence())]),
  );
}

/** Records whose lengths are sometimes huge, sometimes true. */
function record(): Uint8Array<ArrayBuffer> {
  const data = bytes(random(700));
  const view = new DataView(data.buffer);
  for (let i = 0; i < 12 && data.length > 4; i++) {
    const length = random(10) === 0 ? random(0x7fff_ffff) * 2 : random(80);
    view.setUint32(random(data.length - 3), length, true);
  }
  return data;
}

describe("hostile bytes", () => {
  test("verifyMembership and verifyNonMembership", () => {
    let accepted = 0;
    for (let i = 0; i < runs; i++) {
      const [root, key, value, encoded] = [bytes(32), bytes(random(40)), bytes(random(40)), proof()];
      const from = place(concat([root, key, value, encoded]));
      accepted += exports.verifyMembership(from, key.length, value.length, encoded.length);
      const again = place(concat([root, key, encoded]));
      accepted += exports.verifyNonMembership(again, key.length, encoded.length);
    }
    expect(accepted).toBe(0);
  });

  test.each(["headerHash", "consensusHash", "voteSignBytes"] as const)("%s", (name) => {
    let longest = 0;
    for (let i = 0; i < runs; i++) {
      const data = record();
      longest = Math.max(longest, exports[name](place(data), data.length));
    }
    expect(longest).toBeLessThanOrEqual(8192);
  });

  test.each(["treeCommitSignatures", "treeValidators"] as const)("%s", (name) => {
    for (let i = 0; i < runs; i++) {
      const data = record();
      exports.treeBegin();
      exports[name](place(data), data.length, random(8) === 0 ? random(0x7fff_ffff) : random(9));
      exports.treeFinish();
    }
  });

  test("treeLeaves", () => {
    for (let i = 0; i < runs; i++) {
      const data = record();
      exports.treeBegin();
      exports.treeLeaves(place(data), data.length);
      exports.treeFinish();
    }
  });

  test("verifyInclusion and verifyConsistency", () => {
    let accepted = 0;
    for (let i = 0; i < runs; i++) {
      const count = random(10) === 0 ? random(80) : random(8);
      const from = place(bytes(64 + 32 * count));
      const [a, b] = [random(4) === 0 ? 2 ** 53 - 1 - random(9) : random(300), random(300)];
      accepted += exports.verifyInclusion(from, a, b, count);
      accepted += exports.verifyInclusion(from, b, a, count);
      accepted += exports.verifyConsistency(from, a, b, count);
      accepted += exports.verifyConsistency(from, b, a, count);
    }
    expect(accepted).toBe(0);
  });
});

describe("bounds", () => {
  test("inputs beyond 4 MiB get no room, and memory stays below 8 MiB", () => {
    expect(exports.reserveInput((4 << 20) + 1)).toBe(0);
    expect(exports.reserveInput(0xffff_ffff)).toBe(0);
    expect(exports.reserveInput(4 << 20)).toBeGreaterThan(0);
    expect(exports.memory.buffer.byteLength).toBeLessThanOrEqual(8 << 20);
  });

  test("the module imports nothing", () => {
    expect(WebAssembly.Module.imports(module)).toEqual([]);
  });
});

test("instantiates from bytes and from a module, at once and waiting", async () => {
  const cores = [
    instantiateCoreSync(file),
    instantiateCoreSync(module),
    await instantiateCore(file),
    await instantiateCore(module),
  ];
  for (const core of cores) expect(core.sha256(new Uint8Array())[0]).toBe(0xe3);
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  expect(() => instantiateCoreSync(empty)).toThrow(TypeError);
});

afterAll(() => {
  expect(exports.memory.buffer.byteLength).toBeLessThanOrEqual(8 << 20);
});
