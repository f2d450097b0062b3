// How ids of transactions are forgotten: oldest first, bounded, and fast enough to keep up.

import { expect, it } from "vitest";
import { TestState } from "../test-city.ts";
import { forgetExpired, remember, wasSeen } from "./seen.ts";

const idOf = (n: number): string => n.toString(16).padStart(64, "0");

it("TX-14: what expired before the block is forgotten, at most 1,000 ids or twice the block's transactions", () => {
  const { state } = new TestState();
  const left = (): number => state.list("transactions/seen/", 9_999).length;
  for (let n = 0; n < 4_000; n++) remember(state, n < 3_500 ? 7 : 8, idOf(n), { height: 1, code: 0 });
  forgetExpired(state, 7, 0);
  expect(left()).toBe(4_000);
  forgetExpired(state, 8, 0);
  expect(left()).toBe(3_000);
  // In a block of 800 as many come as are forgotten, and as many again.
  forgetExpired(state, 8, 800);
  expect(left()).toBe(1_400);
  forgetExpired(state, 8, 2_000);
  expect(left()).toBe(500);
  expect([wasSeen(state, 8, idOf(3_500)), wasSeen(state, 7, idOf(3_499))]).toEqual([true, false]);
});
