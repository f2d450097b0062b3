import { describe, expect, it } from "vitest";
import { heldItems } from "./held-list.ts";

const self = (number: number): number => number;

describe("heldItems", () => {
  it("shows all while nothing holds it", () => {
    expect(heldItems([3, 2, 1], self, null)).toEqual({ shown: [3, 2, 1], waiting: 0 });
  });
  it("keeps what stood there and counts what came", () => {
    expect(heldItems([5, 4, 3, 2, 1], self, 3)).toEqual({ shown: [3, 2, 1], waiting: 2 });
  });
  it("lets older items be added below", () => {
    expect(heldItems([4, 3, 2, 1, 0], self, 3)).toEqual({ shown: [3, 2, 1, 0], waiting: 1 });
  });
  it("lets go when nothing of what it held is left", () => {
    expect(heldItems([9, 8], self, 3)).toEqual({ shown: [9, 8], waiting: 0 });
    expect(heldItems([], self, 3)).toEqual({ shown: [], waiting: 0 });
  });
});
