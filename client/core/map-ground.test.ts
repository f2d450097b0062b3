import { describe, expect, it } from "vitest";
import type { Terrain, WorldObject } from "../../worlds/format/world.ts";
import { waterDepth, waterPath } from "./map-ground.ts";

/** 5 by 4 points, 10 m apart, with a hollow in the middle of the row from the south-west. */
const ground: Terrain = {
  columns: 5,
  rows: 4,
  spacing: 10,
  west: 0,
  south: 0,
  heights: [0, 0, 0, 0, 0, 0, -4, -4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
};
const object = (use: WorldObject["use"], box: WorldObject["box"]): WorldObject => ({ id: use, use, box });

describe("water on the map", () => {
  it("lies where the ground is lower than the water's surface, inside the water's box", () => {
    const depth = waterDepth(ground, [object("water", [0, 0, -4, 40, 30, -2])]);
    expect(depth(15, 10)).toBe(2);
    expect(depth(35, 10)).toBe(-1);
    expect(depth(500, 500)).toBe(-1);
  });
  it("is nowhere without a water object, however low the ground", () => {
    expect(waterPath(ground, [object("park", [0, 0, -4, 40, 30, -2])])).toBe("");
    expect(waterPath(ground, [object("water", [100, 100, -4, 140, 130, -2])])).toBe("");
  });
  it("is drawn as polygons around the hollow, not as the box", () => {
    const path = waterPath(ground, [object("water", [0, 0, -4, 40, 30, -2])]);
    expect(path.startsWith("M")).toBe(true);
    const numbers = [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    for (const [x, y] of numbers) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(30);
      expect(y).toBeLessThan(0);
      expect(y).toBeGreaterThan(-20);
    }
  });
});
