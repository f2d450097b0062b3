// The soak's targets with few cases each, so that every run of the tests sees hostile bytes on both variants. Prints its seed.

import { afterAll, describe, expect, test } from "vitest";
import { hex } from "../../ledger/protocol/bytes.ts";
import { enabledTargets } from "../soak/enabled.ts";
import { inputOf, runCases } from "../soak/run-cases.ts";
import { openSubjects } from "../soak/subject.ts";
import type { Target } from "../soak/target.ts";

const subjects = openSubjects();
const seed = Date.now() & 0x7fff_ffff;
console.log(`soak: seed ${seed}`);

describe("soak, a few cases of", () => {
  test.each(enabledTargets.map((target) => [target.name, target] as const))("%s", (_, target) => {
    target.prepare?.();
    const { tally, failure } = runCases(target, subjects, seed, 0, target.casesQuick);
    expect(failure).toBeUndefined();
    // Inputs that all end the same way would show that the generator reaches nothing.
    expect(tally.size).toBeGreaterThan(1);
  });
});

describe("the soak itself", () => {
  const fake = (run: Target["run"]): Target => ({
    name: "fake",
    cases: 1,
    casesQuick: 1,
    shrinks: true,
    generate: (random, input) => input.appendNoise(random, 40),
    run,
    label: () => "",
  });

  test("finds a verdict that differs between the variants, and makes the input small", () => {
    const target = fake((subject, input) => (subject.variant === "simd" && input.bytes().includes(0x2a) ? 1 : 0));
    const { failure } = runCases(target, subjects, 1, 0, 1_000);
    expect(failure?.why).toBe("scalar says 0, simd 1");
    expect(failure?.shrunkHex).toBe("2a");
    expect(hex(inputOf(target, 1, failure!.index).bytes())).toBe(failure!.hex);
  });

  test("finds a trap, and goes on with fresh instances", () => {
    const target = fake((subject) => {
      subject.exports.innerHash(0xffff_fff0);
      return 0;
    });
    expect(runCases(target, subjects, 1, 0, 1).failure?.why).toMatch(
      /trapped in innerHash: memory access out of bounds/,
    );
    for (const { exports } of subjects) exports.treeBegin();
  });

  test("finds a byte read beyond the input", () => {
    const target = fake((subject, input, answer) => {
      subject.exports.digestBegin(0);
      subject.exports.digestUpdate(subject.place(input), input.length + 1);
      subject.exports.digestFinish();
      answer.take(subject.memory(), subject.exports.outputStart(), 32);
      return 0;
    });
    expect(runCases(target, subjects, 1, 0, 1).failure?.why).toMatch(/trapped|answers/);
  });
});

afterAll(() => {
  for (const { exports } of subjects) expect(exports.memory.buffer.byteLength).toBeLessThanOrEqual(8 << 20);
});
