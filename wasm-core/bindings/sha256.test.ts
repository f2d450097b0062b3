// SHA-256 of the core, with SIMD and without, against noble: every length to 300, block edges, batches of mixed lengths.

import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test, vi } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { loadCore, nativeSha256 } from "./node.ts";
import { sha256Long, webCryptoBytesMin } from "./sha256-long.ts";
import { describeCores } from "./testing/cores.ts";

const seed = Date.now() & 0x7fff_ffff;
console.log(`sha256: seed ${seed}`);
const random = seededNumbers(seed);
const pool = Uint8Array.from({ length: 300_000 }, () => random(256));
function bytes(length: number): Uint8Array {
  const from = random(pool.length - length);
  return pool.subarray(from, from + length);
}
function split(values: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size));
}
function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256.create().update(Uint8Array.of(0)).update(leaf).digest();
}
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
const packed = (digests: readonly Uint8Array[]): string => digests.map(hex).join("");

describeCores((core, exports) => {
  const { sha256: ours, sha256All, sha256Many } = core;

  // NIST's examples (FIPS 180-4, "SHA_All": one block, two blocks) and the empty message.
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    [
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ])("NIST's example %#", (text, digest) => {
    const message = Buffer.from(text);
    expect(hex(ours(message))).toBe(digest);
    expect(hex(sha256All([message]))).toBe(digest);
    expect(hex(sha256All([message, message, message]))).toBe(digest.repeat(3));
  });

  test("every length from 0 to 300, one by one and at once", () => {
    const messages = Array.from({ length: 301 }, (_, length) => bytes(length));
    for (const message of messages) expect(hex(ours(message)), `length ${message.length}`).toBe(hex(sha256(message)));
    expect(hex(sha256All(messages))).toBe(packed(messages.map((message) => sha256(message))));
    messages.reverse();
    expect(hex(sha256All(messages))).toBe(packed(messages.map((message) => sha256(message))));
  });

  test("lengths around the edges of blocks and pieces", () => {
    const edges = [448, 512, 1024, 4096, 65_492, 65_536, 131_072, 262_144];
    const messages = edges.flatMap((edge) => Array.from({ length: 19 }, (_, i) => bytes(edge + i - 9)));
    for (const message of messages) expect(hex(ours(message)), `length ${message.length}`).toBe(hex(sha256(message)));
    expect(hex(sha256All(messages))).toBe(packed(messages.map((message) => sha256(message))));
  });

  test("20,000 messages in batches of random sizes and lengths", () => {
    for (let done = 0; done < 20_000; ) {
      const longest = 1 + random(random(8) === 0 ? 3000 : 301);
      const messages = Array.from({ length: random(300) }, () => bytes(random(longest)));
      expect(hex(sha256All(messages))).toBe(packed(messages.map((message) => sha256(message))));
      done += messages.length;
    }
  });

  test("values of every size from 1 to 300 that lie together", () => {
    for (let size = 1; size <= 300; size++) {
      const values = bytes(size * random(14));
      const parts = split(values, size);
      expect(hex(sha256Many(values, size)), `size ${size}`).toBe(packed(parts.map((part) => sha256(part))));
      expect(hex(core.leafHashesOfPacked(values, size)), `leaves of ${size}`).toBe(packed(parts.map(leafHash)));
    }
  });

  test.each([32, 64, 1000, 65_503, 65_504, 65_505, 65_536, 65_537, 140_000])("many values of %i bytes", (size) => {
    const values = bytes(size * Math.floor(pool.length / size / (1 + random(2))));
    const parts = split(values, size);
    expect(hex(sha256Many(values, size))).toBe(packed(parts.map((part) => sha256(part))));
    expect(hex(core.leafHashesOfPacked(values, size))).toBe(packed(parts.map(leafHash)));
  });

  test("messages that end where the memory ends, and empty ones that begin anywhere", () => {
    const list = exports.reserveInput(4096);
    const memory = new Uint8Array(exports.memory.buffer);
    const entries = new Uint32Array(exports.memory.buffer, list);
    const end = memory.length;
    memory.set(bytes(1000), end - 1000);
    for (let run = 0; run < 500; run++) {
      const count = 1 + random(9);
      const alike = random(2) === 0;
      const lengths = Array.from({ length: count }, () => random(200));
      const leaf = random(2) === 1;
      const expected = lengths.map((_, i) => {
        const length = lengths[alike ? 0 : i]!;
        const start = length > 0 ? end - length - random(3) * random(70) : [0, end, end + 1, 0xffff_ffff][random(4)]!;
        entries.set([start, length, list + 1024 + 32 * i], 3 * i);
        const message = length > 0 ? memory.subarray(start, start + length) : new Uint8Array();
        return leaf ? leafHash(message) : sha256(message);
      });
      exports.digestList(list, count, leaf ? 1 : 0);
      expect(hex(memory.subarray(list + 1024, list + 1024 + 32 * count))).toBe(packed(expected));
      const size = 1 + random(70);
      const values = memory.subarray(end - size * count);
      exports.digestPacked(end - size * count, count, size, list + 1024, leaf ? 1 : 0);
      expect(hex(memory.subarray(list + 1024, list + 1024 + 32 * count))).toBe(
        packed(split(values, size).map((value) => (leaf ? leafHash(value) : sha256(value)))),
      );
    }
  });

  test("misuse is refused", () => {
    for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 31, 33]) {
      expect(() => sha256Many(new Uint8Array(32), size), `size ${size}`).toThrow(RangeError);
      expect(() => core.leafHashesOfPacked(new Uint8Array(32), size), `size ${size}`).toThrow(RangeError);
    }
    expect(sha256Many(new Uint8Array(), 7)).toEqual(new Uint8Array());
    expect(sha256All([])).toEqual(new Uint8Array());
  });
});

describe("with the platform's own hash", () => {
  const { bytesMin } = nativeSha256;

  test("the process's core: both sides of the length where it takes over", () => {
    for (const length of [0, 1, bytesMin - 1, bytesMin, bytesMin + 1, 100_000]) {
      const message = bytes(length);
      const digest = loadCore().sha256(message);
      expect(digest, `length ${length}`).toEqual(Uint8Array.from(sha256(message)));
      expect(digest.buffer.byteLength).toBe(32);
    }
  });

  test("WebCrypto: both sides of its length, without it, and shared memory", async () => {
    const core = loadCore();
    for (const length of [0, 5, webCryptoBytesMin - 1, webCryptoBytesMin, 100_000]) {
      const message = bytes(length);
      expect(hex(await sha256Long(core, message)), `length ${length}`).toBe(hex(sha256(message)));
    }
    const shared = new Uint8Array(new SharedArrayBuffer(10_000));
    expect(hex(await sha256Long(core, shared))).toBe(hex(sha256(new Uint8Array(10_000))));
    vi.stubGlobal("crypto", {});
    try {
      expect(hex(await sha256Long(core, shared))).toBe(hex(sha256(new Uint8Array(10_000))));
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("WebCrypto: memory that can grow, which browsers refuse, and a message that changes while it is hashed", async () => {
    const core = loadCore();
    const resizable = new Uint8Array(new ArrayBuffer(10_000, { maxByteLength: 20_000 }));
    const digest = vi.fn(() =>
      Promise.reject(new TypeError("The provided ArrayBufferView value must not be resizable.")),
    );
    vi.stubGlobal("crypto", { subtle: { digest } });
    try {
      expect(hex(await sha256Long(core, resizable))).toBe(hex(sha256(new Uint8Array(10_000))));
      await expect(sha256Long(core, new Uint8Array(10_000))).rejects.toThrow("resizable");
      expect(digest).toHaveBeenCalledTimes(1);
    } finally {
      vi.unstubAllGlobals();
    }
    const message = new Uint8Array(1 << 20);
    const answer = sha256Long(core, message.subarray(100));
    message.fill(1);
    expect(hex(await answer)).toBe(hex(sha256(new Uint8Array((1 << 20) - 100))));
  });
});
