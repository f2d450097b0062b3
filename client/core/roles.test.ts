import { expect, it } from "vitest";
import { administers, holdingAt } from "./roles.ts";

const court = { role: "court", untilMs: 500 };
const carrier = { role: "carrier", scope: "district/3" };

it("counts a role until its time and no longer", () => {
  expect(holdingAt([court, carrier], 499)).toEqual([court, carrier]);
  expect(holdingAt([court, carrier], 500)).toEqual([carrier]);
});

it("lets the city's administration alone change roles", () => {
  expect(administers([court, carrier], 0)).toBe(false);
  expect(administers([carrier, { role: "city" }], 0)).toBe(true);
  expect(administers([], 0)).toBe(false);
});
