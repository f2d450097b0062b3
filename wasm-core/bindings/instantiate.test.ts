// The core's ways in: from bytes and from a module, at once and waiting; what it imports, and its bounds on memory.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { coreModules, coreVariants, fileOf } from "../modules.ts";
import { coreExports, instantiateCore, instantiateCoreSync } from "./instantiate.ts";

const coreModule = coreModules.find(({ name }) => name === "core")!;

describe.each(coreVariants)("core, %s", (variant) => {
  const file = readFileSync(new URL(`../../build/wasm/${fileOf(coreModule, variant)}`, import.meta.url));
  const module = new WebAssembly.Module(file);

  test("inputs beyond 4 MiB get no room, and memory stays within its maximum", () => {
    const exports = coreExports(new WebAssembly.Instance(module, {}));
    expect(exports.reserveInput((4 << 20) + 1)).toBe(0);
    expect(exports.reserveInput(0xffff_ffff)).toBe(0);
    expect(exports.reserveInput(4 << 20)).toBeGreaterThan(0);
    expect(exports.memory.buffer.byteLength).toBeLessThanOrEqual(coreModule.pagesMax << 16);
  });

  test("the module imports nothing", () => {
    expect(WebAssembly.Module.imports(module)).toEqual([]);
  });

  test("instantiates from bytes and from a module, at once and waiting", async () => {
    const cores = [
      instantiateCoreSync(file),
      instantiateCoreSync(module),
      await instantiateCore(file),
      await instantiateCore(module),
    ];
    for (const core of cores) expect(core.sha256(new Uint8Array())[0]).toBe(0xe3);
  });
});

test("another module is not taken for the core", () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  expect(() => instantiateCoreSync(empty)).toThrow(TypeError);
});
