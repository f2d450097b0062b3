// Hostile bytes as packed changes, straight into the state tree's module: a status is answered, nothing traps, nothing leaks.
// Both variants. Prints its seed.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { coreVariants, fileOf } from "../modules.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() & 0x7fff_ffff);
console.log(`state-tree-fuzz seed ${seed}`);
const runs = 20_000;
const inputBytesMax = 262_144;

describe.each(coreVariants)("packed changes, %s", (variant) => {
  const file = new URL(`../../build/wasm/${fileOf({ name: "state-tree" }, variant)}`, import.meta.url);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {});
  const memory = instance.exports["memory"] as WebAssembly.Memory;
  const call = (name: string, ...parameters: number[]): number =>
    (instance.exports[name] as (...parameters: number[]) => number)(...parameters) >>> 0;

  test("lengths that lie, names and values of any length, noise", () => {
    const random = seededNumbers(seed);
    const statuses = new Set<number>();
    const start = call("reserveInput", inputBytesMax);
    // One page for records: the longest values do not fit.
    const pagesMax = memory.buffer.byteLength / 65_536 + 1;
    call("limitPages", pagesMax);
    for (let run = 0; run < runs; run++) {
      const view = new Uint8Array(memory.buffer, start, inputBytesMax);
      let at = 0;
      for (let change = random(6); change > 0; change--) {
        const nameLength = random(10) === 0 ? random(65_536) : random(5);
        const valueLength = random(10) === 0 ? random(2 ** 32) : random(30) === 0 ? random(66_000) : random(8);
        const head = new DataView(memory.buffer, start + at);
        head.setUint32(0, valueLength, true);
        head.setUint16(4, nameLength, true);
        at += 6;
        for (let i = 0; i < 40; i++) view[at + i] = random(3);
        at += random(8) === 0 ? random(40) : (nameLength === 0 ? 32 : nameLength) + valueLength;
        if (at > inputBytesMax - 1000) break;
      }
      // Mostly what was written, sometimes more or less, or more than there is.
      const length = random(20) === 0 ? random(2 ** 32) : Math.min(at, inputBytesMax);
      const live = call("recordsLive");
      call("prepareBegin");
      const status = call("prepareChanges", length);
      statuses.add(status);
      if (status === 0 && call("prepareEnd") === 0 && random(2) === 0) {
        call("commit");
        while (call("dropOldest") !== 0);
        continue;
      }
      call("abandon");
      if (call("recordsLive") !== live) expect([run, status, call("recordsLive")]).toEqual([run, status, live]);
    }
    expect([...statuses].sort()).toEqual([0, 1, 2, 3]);
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(pagesMax * 65_536);
  });

  test("no input at all, and more room than there is", () => {
    expect(call("reserveInput", inputBytesMax + 1)).toBe(0);
    expect(call("reserveInput", 0xffff_ffff)).toBe(0);
    call("prepareBegin");
    expect(call("prepareChanges", 0)).toBe(0);
    expect(call("prepareEnd")).toBe(0);
    call("abandon");
    expect(call("commit")).toBe(0);
  });
});
