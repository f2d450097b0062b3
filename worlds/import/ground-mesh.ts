// The land under a foreign model: a grid at terrain height, with a wide margin, so that no city ends in the void.

import type { Terrain } from "../format/world.ts";
import type { Triangulation } from "../geometry/triangulate.ts";
import type { Point3 } from "../geometry/vector.ts";
import { heightAt } from "../sidecars/terrain-grid.ts";

const margin = 600;

/** One quad per cell of about 20 m inside, a few large ones outside. `sink` lowers it below ground that the model has itself. */
export function groundMesh(terrain: Terrain, sink: number): Triangulation[] {
  const east = terrain.west + (terrain.columns - 1) * terrain.spacing;
  const north = terrain.south + (terrain.rows - 1) * terrain.spacing;
  const step = Math.max(terrain.spacing, Math.ceil(20 / terrain.spacing) * terrain.spacing);
  const xs = cuts(terrain.west, east, step);
  const ys = cuts(terrain.south, north, step);
  const low = (x: number, y: number): number => {
    if (sink === 0) return heightAt(terrain, x, y);
    let least = Infinity;
    for (let dx = -step; dx <= step; dx += terrain.spacing)
      for (let dy = -step; dy <= step; dy += terrain.spacing)
        least = Math.min(least, heightAt(terrain, x + dx, y + dy));
    return least - sink;
  };
  const heights = ys.map((y) => xs.map((x) => low(x, y)));
  const cells: Triangulation[] = [];
  for (let row = 0; row + 1 < ys.length; row += 1) {
    for (let column = 0; column + 1 < xs.length; column += 1) {
      const at = (r: number, c: number): Point3 => [xs[c]!, ys[r]!, heights[r]![c]!];
      const points = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)];
      const area = (xs[column + 1]! - xs[column]!) * (ys[row + 1]! - ys[row]!);
      cells.push({ points, normal: [0, 0, 1], triangles: [0, 1, 2, 0, 2, 3], area });
    }
  }
  return cells;
}

function cuts(from: number, to: number, step: number): number[] {
  const inner: number[] = [];
  for (let at = from; at < to - step / 2; at += step) inner.push(at);
  return [from - margin, from - margin / 4, ...inner, to, to + margin / 4, to + margin];
}
