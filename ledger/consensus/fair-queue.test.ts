// Fair queueing by itself: whose turn it is after entries were pushed out.

import { expect, test } from "vitest";
import { type Entry, FairQueue } from "./fair-queue.ts";

const entry = (id: string, ...by: readonly string[]): Entry => ({ id, by, bytes: new Uint8Array(10) });
const order = (queue: FairQueue<Entry>): string => [...queue].map(({ id }) => id).join(" ");

test("what was pushed out does not count: the account's next one comes as if it had never been there", () => {
  const queue = new FairQueue<Entry>();
  const mine = ["a1", "a2", "a3"].map((id) => entry(id, "a"));
  for (const each of mine) queue.add(each);
  for (const id of ["b1", "b2", "b3"]) queue.add(entry(id, "b"));
  queue.remove(mine.slice(1));
  queue.add(entry("a4", "a"));
  expect(order(queue)).toBe("a1 b1 b2 a4 b3");
});

test("an entry with a busier account, once it is gone, does not keep the other one waiting", () => {
  const queue = new FairQueue<Entry>();
  for (let n = 1; n <= 5; n++) queue.add(entry(`b${n}`, "b"));
  queue.add(entry("a1", "a"));
  const together = entry("ab", "a", "b");
  queue.add(together);
  queue.remove([together]);
  queue.add(entry("a2", "a"));
  queue.add(entry("b6", "b"));
  expect(order(queue)).toBe("b1 a1 b2 a2 b3 b4 b5 b6");
});
