// Batches read one ahead: order, failures, and what is closed.

import { expect, test } from "vitest";
import { oneAhead } from "./one-ahead.ts";

interface Source {
  readonly batches: AsyncGenerator<number, void, undefined>;
  readonly log: string[];
}

function source(count: number, failsAt = -1): Source {
  const log: string[] = [];
  async function* generate(): AsyncGenerator<number, void, undefined> {
    try {
      for (let n = 0; n < count; n++) {
        log.push(`read ${n}`);
        if (n === failsAt) throw new Error(`no ${n}`);
        yield n;
      }
    } finally {
      log.push("closed");
    }
  }
  return { batches: generate(), log };
}

test("all batches in order, each read before the one before it is worked on; asynchronous or not", async () => {
  const { batches, log } = source(3);
  for await (const batch of oneAhead(batches)) log.push(`worked on ${batch}`);
  expect(log.indexOf("read 1")).toBeLessThan(log.indexOf("worked on 0"));
  expect(log.filter((line) => line.startsWith("worked"))).toEqual(["worked on 0", "worked on 1", "worked on 2"]);
  expect(log.indexOf("read 2")).toBeGreaterThan(log.indexOf("worked on 0"));
  const seen: number[] = [];
  for await (const batch of oneAhead([1, 2, 3])) seen.push(batch);
  expect(seen).toEqual([1, 2, 3]);
  for await (const _ of oneAhead([])) throw new Error("there is none");
});

test("a reader that stops closes the source, and a source that fails is told in its place", async () => {
  const stopped = source(9);
  const reading = async (): Promise<void> => {
    for await (const batch of oneAhead(stopped.batches)) if (batch === 1) throw new Error("enough");
  };
  await expect(reading()).rejects.toThrow("enough");
  expect(stopped.log.at(-1)).toBe("closed");
  const failing = source(9, 2);
  const seen: number[] = [];
  const all = async (): Promise<void> => {
    for await (const batch of oneAhead(failing.batches)) seen.push(batch);
  };
  await expect(all()).rejects.toThrow("no 2");
  expect(seen).toEqual([0, 1]);
});
