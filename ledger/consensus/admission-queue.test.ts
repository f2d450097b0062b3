// What is checked together, in which order, and what happens when a check fails.

import { expect, test } from "vitest";
import { AdmissionQueue } from "./admission-queue.ts";

const bytesOf = (number: number, size = 4): Uint8Array => new Uint8Array(size).fill(number % 256);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what arrives in one turn is checked together, in order; the same bytes once", async () => {
  const batches: string[][] = [];
  const queue = new AdmissionQueue<string>((batch) => {
    batches.push(batch.map(({ hash }) => hash));
    return batch.map(({ hash }) => `answer ${hash}`);
  });
  const answers = ["a", "b", "a", "c"].map((hash, i) => queue.add(bytesOf(i), hash));
  expect(queue.size).toBe(3);
  expect(await Promise.all(answers)).toEqual(["answer a", "answer b", "answer a", "answer c"]);
  expect(await queue.add(bytesOf(0), "d")).toBe("answer d");
  expect(batches).toEqual([["a", "b", "c"], ["d"]]);
});

test("no turn checks more than 128", async () => {
  const sizes: number[] = [];
  const queue = new AdmissionQueue<number>((batch) => {
    sizes.push(batch.length);
    return batch.map((_, i) => i);
  });
  await Promise.all(Array.from({ length: 300 }, (_, i) => queue.add(bytesOf(i), `${i}`)));
  expect(sizes).toEqual([128, 128, 44]);
});

test("bounded by count and bytes; what was checked makes room", async () => {
  const queue = new AdmissionQueue<number>((batch) => batch.map((_, i) => i));
  const taken = Array.from({ length: 2_001 }, (_, i) => queue.add(bytesOf(i), `${i}`));
  expect(taken.filter((answer) => answer === null).length).toBe(1);
  const urgent = Array.from({ length: 65 }, (_, i) => queue.add(bytesOf(i), `urgent ${i}`, true));
  expect(urgent.filter((answer) => answer === null).length).toBe(1);
  await Promise.all([...taken, ...urgent]);
  const large = Array.from({ length: 65 }, (_, i) => queue.add(bytesOf(i, 65_536), `${i}`));
  expect(large.filter((answer) => answer === null).length).toBe(1);
  await Promise.all(large);
  expect(queue.size).toBe(0);
  expect(queue.add(bytesOf(1), "again")).not.toBeNull();
});

test("when a check throws, only the one that makes it throw fails, and the queue goes on", async () => {
  const queue = new AdmissionQueue<string>(function* (batch) {
    for (const { hash } of batch) {
      if (hash === "bug") throw new Error("a bug");
      yield hash;
    }
  });
  const answers = ["a", "bug", "b"].map((hash, i) => queue.add(bytesOf(i), hash)!);
  expect(await Promise.allSettled(answers)).toMatchObject([
    { status: "fulfilled", value: "a" },
    { status: "rejected" },
    { status: "fulfilled", value: "b" },
  ]);
  await turn();
  expect(await queue.add(bytesOf(0), "b")).toBe("b");
});
