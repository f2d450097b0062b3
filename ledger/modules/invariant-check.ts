// Checks the modules' invariants: over what a block changed, in production after every block; over all entries, in tests.

import type { RecordChange } from "../state/overlay.ts";
import type { Module } from "./module.ts";

/** The first invariant that the changes break; null when all hold. Costs as much as the block changed. */
export function brokenByChanges(modules: readonly Module[], changes: readonly RecordChange[]): string | null {
  for (const { rule, weigh, holds } of modules.flatMap(({ invariants }) => invariants)) {
    let sum = 0n;
    for (const { name, before, after } of changes) {
      if (weigh !== undefined) {
        if (before !== null) sum -= weigh(name, before);
        if (after !== null) sum += weigh(name, after);
      }
      if (holds !== undefined && after !== null && !holds(name, after)) return `${rule} (${name})`;
    }
    if (sum !== 0n) return `${rule} (off by ${sum})`;
  }
  return null;
}

/** The first invariant that a whole state breaks; null when all hold. */
export function brokenByState(
  modules: readonly Module[],
  entries: Iterable<readonly [name: string, record: unknown]>,
): string | null {
  const all: RecordChange[] = [];
  for (const [name, after] of entries) all.push({ name, before: null, after });
  return brokenByChanges(modules, all);
}
