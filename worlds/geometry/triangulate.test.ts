// Triangulation: areas add up, winding follows the outer ring, degenerate input is refused.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { triangulate } from "./triangulate.ts";
import { newellNormal, type Point3 } from "./vector.ts";

/** A star-shaped polygon in a tilted plane: never crosses itself. */
const polygon = fc
  .record({
    radii: fc.array(fc.double({ min: 2, max: 40, noNaN: true }), { minLength: 3, maxLength: 24 }),
    tilt: fc.double({ min: -1.4, max: 1.4, noNaN: true }),
    turn: fc.double({ min: 0, max: 6.2, noNaN: true }),
    hole: fc.boolean(),
  })
  .map(({ radii, tilt, turn, hole }) => {
    const place = (x: number, y: number): Point3 => {
      const z = y * Math.sin(tilt);
      const ly = y * Math.cos(tilt);
      return [85_000 + x * Math.cos(turn) - ly * Math.sin(turn), 447_000 + x * Math.sin(turn) + ly * Math.cos(turn), z];
    };
    const at = (index: number, radius: number, count: number): Point3 => {
      const angle = (index / count) * Math.PI * 2;
      return place(Math.cos(angle) * radius, Math.sin(angle) * radius);
    };
    const outer = radii.map((radius, index) => at(index, radius, radii.length));
    const inner = [2, 1, 0].map((index) => at(index, 0.4, 3));
    return hole && radii.length > 3 ? [outer, inner] : [outer];
  });

const areaOf = (ring: readonly Point3[]): number => Math.hypot(...newellNormal(ring)) / 2;

describe("triangulate", () => {
  it("covers exactly the polygon's area, with every triangle on the outer ring's side", () => {
    fc.assert(
      fc.property(polygon, (rings) => {
        const result = triangulate(rings)!;
        const wanted = areaOf(rings[0]!) - (rings[1] === undefined ? 0 : areaOf(rings[1]));
        let sum = 0;
        for (let index = 0; index < result.triangles.length; index += 3) {
          const corners = [0, 1, 2].map((k) => result.points[result.triangles[index + k]!]!);
          const normal = newellNormal(corners);
          sum += Math.hypot(...normal) / 2;
          const side = normal[0] * result.normal[0] + normal[1] * result.normal[1] + normal[2] * result.normal[2];
          expect(side).toBeGreaterThan(-1e-6);
        }
        expect(Math.abs(sum - wanted)).toBeLessThan(1e-6 * Math.max(1, wanted) + 1e-5);
        expect(result.area).toBeCloseTo(wanted, 4);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses lines, points and repeated points", () => {
    expect(triangulate([[]])).toBeNull();
    expect(
      triangulate([
        [
          [0, 0, 0],
          [1, 0, 0],
        ],
      ]),
    ).toBeNull();
    expect(
      triangulate([
        [
          [0, 0, 0],
          [1, 0, 0],
          [2, 0, 0],
        ],
      ]),
    ).toBeNull();
    expect(
      triangulate([
        [
          [3, 3, 3],
          [3, 3, 3],
          [3, 3, 3],
          [3, 3, 3],
        ],
      ]),
    ).toBeNull();
  });
});
