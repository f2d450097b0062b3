// The bound of what streams hold.

import { expect, test } from "vitest";
import { HeldTexts } from "./held-texts.ts";

test("past the bound those go that have held theirs longest, as many as must", () => {
  const held = new HeldTexts<string>(10);
  expect(held.hold("a", 4)).toEqual([]);
  expect(held.hold("b", 3)).toEqual([]);
  expect(held.hold("c", 3)).toEqual([]);
  expect(held.hold("d", 5)).toEqual(["a", "b"]);
  held.release("c");
  expect(held.hold("e", 5)).toEqual([]);
});

test("who takes what it held counts as new, and who is gone counts nothing", () => {
  const held = new HeldTexts<string>(10);
  held.hold("a", 5);
  held.hold("b", 5);
  expect(held.hold("a", 5)).toEqual([]);
  expect(held.hold("c", 1)).toEqual(["b"]);
  held.release("b");
  expect(held.hold("d", 4)).toEqual([]);
});

test("a text larger than the bound is sent, when nobody else holds anything", () => {
  const held = new HeldTexts<string>(10);
  held.hold("a", 1);
  expect(held.hold("b", 50)).toEqual(["a"]);
  expect(held.hold("c", 1)).toEqual(["b"]);
});
