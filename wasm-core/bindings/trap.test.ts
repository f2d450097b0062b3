// A trap ends an instance: it answers no more calls, and the loaders hand out a fresh one.

import { describe, expect, test, vi } from "vitest";
import { CoreTrapped, guardedExports, type ModuleExports } from "./exports.ts";
import { oneUntilTrap } from "./one-until-trap.ts";

interface TrappingExports extends ModuleExports {
  readonly trap: () => number;
  readonly forever: () => number;
}

/** Exports memory, reserveInput(length) = length, outputStart() = 7, trap() = unreachable, forever() = forever(). */
const trapping = new WebAssembly.Module(
  Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, [2, 96, 1, 127, 1, 127, 96, 0, 1, 127]),
    ...section(3, [4, 0, 1, 1, 1]),
    ...section(5, [1, 0, 1]),
    ...section(
      7,
      [5, ...named("memory"), 2, 0, ...named("reserveInput"), 0, 0, ...named("outputStart"), 0, 1].concat([
        ...named("trap"),
        0,
        2,
        ...named("forever"),
        0,
        3,
      ]),
    ),
    ...section(10, [4, 4, 0, 32, 0, 11, 4, 0, 65, 7, 11, 3, 0, 0, 11, 4, 0, 16, 3, 11]),
  ),
);

function section(id: number, content: readonly number[]): number[] {
  return [id, content.length, ...content];
}

function named(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

const names = ["reserveInput", "outputStart", "trap", "forever"] as const;
const instantiate = (onTrap?: () => void): TrappingExports =>
  guardedExports<TrappingExports>(new WebAssembly.Instance(trapping), names, onTrap);

describe("a guarded instance", () => {
  test("answers until it traps", () => {
    const exports = instantiate();
    expect(exports.reserveInput(5)).toBe(5);
    expect(exports.outputStart()).toBe(7);
  });

  test("refuses every call after a trap, with the trap as cause, and says so once", () => {
    const onTrap = vi.fn();
    const exports = instantiate(onTrap);
    expect(() => exports.trap()).toThrow(CoreTrapped);
    let thrown: unknown;
    try {
      exports.reserveInput(1);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CoreTrapped);
    expect((thrown as CoreTrapped).cause).toBeInstanceOf(WebAssembly.RuntimeError);
    for (const call of [exports.outputStart, exports.trap, exports.forever]) expect(call).toThrow(CoreTrapped);
    expect(onTrap).toHaveBeenCalledTimes(1);
  });

  test("takes an overflow of the stack for a trap", () => {
    const exports = instantiate();
    expect(() => exports.forever()).toThrow(CoreTrapped);
    expect(() => exports.outputStart()).toThrow(CoreTrapped);
  });

  test("leaves other instances of the module alive", () => {
    const exports = instantiate();
    expect(() => instantiate().trap()).toThrow(CoreTrapped);
    expect(exports.outputStart()).toBe(7);
  });

  test("must export what it is asked for", () => {
    const wanted = [...names, "memory"] as unknown as typeof names;
    expect(() => guardedExports<TrappingExports>(new WebAssembly.Instance(trapping), wanted)).toThrow(TypeError);
  });
});

describe("oneUntilTrap", () => {
  test("hands out one instance until it traps, then another", () => {
    const load = oneUntilTrap(instantiate);
    const first = load();
    expect(load()).toBe(first);
    expect(() => first.trap()).toThrow(CoreTrapped);
    const second = load();
    expect(second).not.toBe(first);
    expect(second.outputStart()).toBe(7);
    // The dead instance's holders change nothing for the others.
    expect(() => first.outputStart()).toThrow(CoreTrapped);
    expect(load()).toBe(second);
  });

  test("keeps nothing that could not be made", () => {
    let tries = 0;
    const load = oneUntilTrap(() => {
      if (++tries === 1) throw new Error("not built");
      return tries;
    });
    expect(load).toThrow("not built");
    expect([load(), load()]).toEqual([2, 2]);
  });

  test("keeps nothing that is discarded while it is made, and ignores late discards", () => {
    const discards: (() => void)[] = [];
    const load = oneUntilTrap((discard) => {
      discards.push(discard);
      if (discards.length === 1) discard();
      return discards.length;
    });
    expect([load(), load(), load()]).toEqual([1, 2, 2]);
    discards[0]!();
    expect(load()).toBe(2);
    discards[1]!();
    expect(load()).toBe(3);
  });
});
