// Invariants of the history module.

import { type HistoryRecord, historyState } from "../../protocol/history.ts";
import type { Invariant } from "../module.ts";

const prefix = "history/";
const hashForm = /^[0-9a-f]{64}$/;

export const invariants: readonly Invariant[] = [
  {
    rule: "HI-5: the tree's entry is the only one, and its frontier has a hash for each perfect subtree",
    holds: (name, record) => !name.startsWith(prefix) || (name === historyState.blocks && isWell(record)),
  },
];

function isWell(record: unknown): boolean {
  const { frontier, root, size } = record as HistoryRecord;
  if (!Number.isSafeInteger(size) || size < 0 || frontier.length !== subtreesOf(size)) return false;
  // A perfect subtree that is alone is the whole tree.
  if (frontier.length === 1 && frontier[0] !== root) return false;
  return [root, ...frontier].every((each) => hashForm.test(each));
}

function subtreesOf(size: number): number {
  return size.toString(2).replaceAll("0", "").length;
}
