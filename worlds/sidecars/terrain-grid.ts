// Regular terrain heights: lookup, slope, and an estimate from the scattered ground points of a model.

import type { Terrain } from "../format/world.ts";
import { centimetres, type Point3 } from "../geometry/vector.ts";

/** Height by bilinear interpolation; outside the grid the edge continues. */
export function heightAt(terrain: Terrain, x: number, y: number): number {
  const { columns, rows, spacing, west, south, heights } = terrain;
  const gx = Math.max(0, Math.min(columns - 1.000001, (x - west) / spacing));
  const gy = Math.max(0, Math.min(rows - 1.000001, (y - south) / spacing));
  const column = Math.floor(gx);
  const row = Math.floor(gy);
  const fx = gx - column;
  const fy = gy - row;
  const at = row * columns + column;
  const low = heights[at]! * (1 - fx) + heights[at + 1]! * fx;
  const high = heights[at + columns]! * (1 - fx) + heights[at + columns + 1]! * fx;
  return low * (1 - fy) + high * fy;
}

/** Unit normal of the terrain. */
export function normalAt(terrain: Terrain, x: number, y: number): Point3 {
  const step = terrain.spacing / 2;
  const dx = (heightAt(terrain, x - step, y) - heightAt(terrain, x + step, y)) / (2 * step);
  const dy = (heightAt(terrain, x, y - step) - heightAt(terrain, x, y + step)) / (2 * step);
  const length = Math.hypot(dx, dy, 1);
  return [dx / length, dy / length, 1 / length];
}

/** At most about 40,000 heights, whatever the size. */
function gridSpacing(width: number, depth: number): number {
  return Math.max(4, Math.ceil(Math.sqrt((width * depth) / 40_000)));
}

/** Mean height of the points in each cell; empty cells grow from their neighbours, then one smoothing pass. */
export function estimateTerrain(points: readonly Point3[], bounds: readonly [number, number, number, number]): Terrain {
  const [west, south, east, north] = bounds;
  const spacing = gridSpacing(east - west, north - south);
  const columns = Math.max(2, Math.ceil((east - west) / spacing) + 1);
  const rows = Math.max(2, Math.ceil((north - south) / spacing) + 1);
  const sum = new Float64Array(columns * rows);
  const count = new Float64Array(columns * rows);
  for (const [x, y, z] of points) {
    const column = Math.round((x - west) / spacing);
    const row = Math.round((y - south) / spacing);
    if (column < 0 || row < 0 || column >= columns || row >= rows) continue;
    sum[row * columns + column]! += z;
    count[row * columns + column]! += 1;
  }
  let heights = Float64Array.from(sum, (value, index) => (count[index]! > 0 ? value / count[index]! : Number.NaN));
  if (points.length === 0) heights.fill(0);
  for (let pass = 0; pass < columns + rows && heights.some(Number.isNaN); pass += 1)
    heights = spread(heights, columns, rows, true);
  heights = spread(heights, columns, rows, false);
  return {
    columns,
    rows,
    spacing,
    west,
    south,
    heights: Array.from(heights, (h) => centimetres(Number.isNaN(h) ? 0 : h)),
  };
}

/** Mean over the 3 × 3 neighbourhood, of empty cells only or of all. */
function spread(heights: Float64Array, columns: number, rows: number, emptyOnly: boolean): Float64Array<ArrayBuffer> {
  const result = Float64Array.from(heights);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const at = row * columns + column;
      if (emptyOnly && !Number.isNaN(heights[at]!)) continue;
      let sum = 0;
      let count = 0;
      for (let dy = -1; dy <= 1; dy += 1) {
        for (let dx = -1; dx <= 1; dx += 1) {
          const x = column + dx;
          const y = row + dy;
          if (x < 0 || y < 0 || x >= columns || y >= rows) continue;
          const value = heights[y * columns + x]!;
          if (Number.isNaN(value)) continue;
          sum += value;
          count += 1;
        }
      }
      if (count > 0) result[at] = sum / count;
    }
  }
  return result;
}
