// The land under a foreign model: a grid at terrain height, with a wide margin, so that no city ends in the void.

import type { Terrain } from "../format/world.ts";
import type { Triangulation } from "../geometry/triangulate.ts";
import type { Point3 } from "../geometry/vector.ts";
import { heightAt } from "../sidecars/terrain-grid.ts";

const margin = 600;

/**
 * One quad per cell of about 20 m inside, a few large ones outside.
 * @param covers ground and water that the model has itself: the grid dips below them.
 */
export function groundMesh(
  terrain: Terrain,
  covers: readonly { readonly points: readonly Point3[]; readonly depth: number }[],
): Triangulation[] {
  const east = terrain.west + (terrain.columns - 1) * terrain.spacing;
  const north = terrain.south + (terrain.rows - 1) * terrain.spacing;
  const step = Math.max(terrain.spacing, Math.min(20, ((east - terrain.west) * (north - terrain.south)) ** 0.5 / 120));
  const xs = cuts(terrain.west, east, step);
  const ys = cuts(terrain.south, north, step);
  const heights = ys.map((y) => xs.map((x) => heightAt(terrain, x, y)));
  const column = (x: number): number => Math.round((x - terrain.west) / step) + 2;
  const row = (y: number): number => Math.round((y - terrain.south) / step) + 2;
  for (const { points, depth } of covers) {
    const px = points.map((point) => point[0]);
    const py = points.map((point) => point[1]);
    const low = Math.min(...points.map((point) => point[2])) - depth;
    for (let r = Math.max(0, row(Math.min(...py)) - 1); r <= Math.min(ys.length - 1, row(Math.max(...py)) + 1); r += 1)
      for (
        let c = Math.max(0, column(Math.min(...px)) - 1);
        c <= Math.min(xs.length - 1, column(Math.max(...px)) + 1);
        c += 1
      )
        if (low < heights[r]![c]!) heights[r]![c] = low;
  }
  const cells: Triangulation[] = [];
  for (let r = 0; r + 1 < ys.length; r += 1) {
    for (let c = 0; c + 1 < xs.length; c += 1) {
      const at = (dr: number, dc: number): Point3 => [xs[c + dc]!, ys[r + dr]!, heights[r + dr]![c + dc]!];
      const points = [at(0, 0), at(0, 1), at(1, 1), at(1, 0)];
      const area = (xs[c + 1]! - xs[c]!) * (ys[r + 1]! - ys[r]!);
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
