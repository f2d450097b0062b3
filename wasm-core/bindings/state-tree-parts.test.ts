// A version of the state tree prepared part by part: the same as at once, readable in between, and gone after any failure.

import { expect, test } from "vitest";
import { loadStateTree } from "./node.ts";
import { StateTreeFull } from "./state-tree.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const entries = Array.from({ length: 5_000 }, (_, n) => ({ name: `n/${n}`, value: utf8(`value ${n}`) }));

test("parts of any size make the version that one batch makes, and others are read meanwhile", () => {
  const whole = loadStateTree();
  const root = whole.prepare(entries);
  const tree = loadStateTree();
  tree.prepare([{ name: "n/7", value: utf8("before") }]);
  tree.commit(1);
  tree.prepareBegin();
  for (const [from, to] of [
    [0, 1],
    [1, 1],
    [1, 4_000],
    [4_000, 5_000],
  ]) {
    tree.prepareMore(entries.slice(from, to));
    expect(tree.get("n/7")).toEqual(utf8("before"));
    expect(tree.prove("n/9")).not.toBeNull();
    expect(() => tree.commit(2)).toThrow("not prepared yet");
  }
  expect(tree.prepareEnd()).toEqual(root);
  tree.commit(2);
  expect(tree.root()).toEqual(root);
  expect(tree.get("n/7", 1)).toEqual(utf8("before"));
  expect(tree.bytesInUse).toBe(tree.recordsLive * 96);
});

test("what fails, or is abandoned, leaves nothing and is begun anew", () => {
  const tree = loadStateTree();
  tree.prepare(entries.slice(0, 10));
  tree.commit(1);
  const before = tree.recordsLive;
  const gone = (): void => {
    expect(tree.recordsLive).toBe(before);
    expect(() => tree.prepareMore([])).toThrow("no version is begun");
    expect(() => tree.prepareEnd()).toThrow("no version is begun");
    expect(() => tree.commit(2)).toThrow("no version is prepared");
  };
  gone();
  tree.prepareBegin();
  tree.prepareMore(entries);
  expect(() => tree.prepareMore([entries[4_321]!])).toThrow("twice");
  gone();
  tree.prepareBegin();
  tree.prepareMore(entries);
  expect(() => tree.prepareMore([{ name: "", value: utf8("1") }])).toThrow(RangeError);
  gone();
  tree.prepareBegin();
  tree.prepareMore(entries);
  tree.abandon();
  gone();
  tree.prepareBegin();
  tree.prepareMore(entries);
  tree.prepareBegin();
  expect(tree.recordsLive).toBe(before);
  tree.prepareMore([{ name: "n/1", value: null }]);
  expect(() =>
    tree.prepareMore(
      (function* () {
        yield entries[50]!;
        tree.prepareEnd();
      })(),
    ),
  ).toThrow("while it reads changes");
  gone();
  tree.prepareBegin();
  tree.prepareMore(entries);
  tree.prepare([{ name: "n/1", value: null }]);
  expect(() => tree.prepareMore([])).toThrow("no version is begun");
  tree.commit(2);
  expect([tree.size(), tree.get("n/1")]).toEqual([9, null]);
});

test("memory that runs out in a part is named", () => {
  const tree = loadStateTree({ memoryBytesMax: 2_000_000 });
  tree.prepareBegin();
  tree.prepareMore(entries.slice(0, 10));
  const large = Array.from({ length: 50 }, (_, n) => ({ name: `large/${n}`, value: new Uint8Array(65_536) }));
  expect(() => tree.prepareMore(large)).toThrow(StateTreeFull);
  expect(tree.recordsLive).toBe(0);
  expect(() => tree.prepareMore([])).toThrow("no version is begun");
});
