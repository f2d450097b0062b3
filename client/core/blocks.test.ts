import { expect, it } from "vitest";
import { mergeBlocks } from "./blocks.ts";
import type { BlockSummary } from "./ledger-api.ts";

const block = (height: number): BlockSummary => ({
  height,
  time: "2026-11-22T12:00:00Z",
  hash: "",
  appHash: "",
  transactions: [],
  events: [],
});

it("keeps blocks newest first, once each, and no more than allowed", () => {
  const merged = mergeBlocks([block(5), block(4)], [block(7), block(5), block(6), block(1)], 4);
  expect(merged.map(({ height }) => height)).toEqual([7, 6, 5, 4]);
});
