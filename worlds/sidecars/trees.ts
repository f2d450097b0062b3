// Trees scattered over plant cover: a jittered grid, the same for the same polygon.

import type { Scenery } from "../format/world.ts";
import { Random } from "../geometry/random.ts";
import { centimetres, insidePolygon, type Point3 } from "../geometry/vector.ts";

export type Tree = Scenery["trees"][number];

/** @param spacing metres between trees; @param room at most so many more trees. */
export function scatterTrees(
  id: string,
  polygons: readonly (readonly (readonly Point3[])[])[],
  spacing: number,
  room: number,
  heightOf: (x: number, y: number) => number,
): Tree[] {
  const random = new Random(id);
  const trees: Tree[] = [];
  let west = Infinity;
  let south = Infinity;
  let east = -Infinity;
  let north = -Infinity;
  for (const rings of polygons)
    for (const [x, y] of rings[0] ?? []) {
      west = Math.min(west, x);
      south = Math.min(south, y);
      east = Math.max(east, x);
      north = Math.max(north, y);
    }
  for (let gy = south; gy <= north; gy += spacing) {
    for (let gx = west; gx <= east && trees.length < room; gx += spacing) {
      const x = gx + random.between(0.1, 0.9) * spacing;
      const y = gy + random.between(0.1, 0.9) * spacing;
      const wanted = random.chance(0.62);
      const species = random.chance(0.8) ? "broadleaf" : random.chance(0.5) ? "conifer" : "poplar";
      const height = random.between(5, 11);
      if (!wanted || !polygons.some((rings) => insidePolygon(x, y, rings))) continue;
      trees.push({
        x: centimetres(x),
        y: centimetres(y),
        z: centimetres(heightOf(x, y)),
        species,
        height: centimetres(height),
      });
    }
  }
  return trees;
}
