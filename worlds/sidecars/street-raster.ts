// Derives a walkable street graph from polygons: walkable raster, thinning (Zhang and Suen 1984), tracing, simplification.
// Limit: 2 million cells; larger models get coarser cells.

import { insidePolygon, type Point2, type Point3 } from "../geometry/vector.ts";

export type Polygon = readonly (readonly (Point2 | Point3)[])[];

export class Raster {
  readonly west: number;
  readonly south: number;
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  readonly bits: Uint8Array<ArrayBuffer>;

  constructor(bounds: readonly [number, number, number, number], fill: 0 | 1) {
    const [west, south, east, north] = bounds;
    this.cell = Math.max(1, Math.sqrt(((east - west) * (north - south)) / 2_000_000));
    this.west = west;
    this.south = south;
    this.columns = Math.max(3, Math.ceil((east - west) / this.cell));
    this.rows = Math.max(3, Math.ceil((north - south) / this.cell));
    this.bits = new Uint8Array(this.columns * this.rows).fill(fill);
  }

  x(column: number): number {
    return this.west + (column + 0.5) * this.cell;
  }

  y(row: number): number {
    return this.south + (row + 0.5) * this.cell;
  }

  /** Sets the cells whose centre lies in the polygon. */
  paint(polygon: Polygon, value: 0 | 1): void {
    let minX = Infinity;
    let minY = Infinity;
    let maxX = -Infinity;
    let maxY = -Infinity;
    for (const [x, y] of polygon[0] ?? []) {
      minX = Math.min(minX, x);
      minY = Math.min(minY, y);
      maxX = Math.max(maxX, x);
      maxY = Math.max(maxY, y);
    }
    const c0 = Math.max(0, Math.floor((minX - this.west) / this.cell - 0.5));
    const c1 = Math.min(this.columns - 1, Math.ceil((maxX - this.west) / this.cell));
    const r0 = Math.max(0, Math.floor((minY - this.south) / this.cell - 0.5));
    const r1 = Math.min(this.rows - 1, Math.ceil((maxY - this.south) / this.cell));
    for (let row = r0; row <= r1; row += 1)
      for (let column = c0; column <= c1; column += 1)
        if (insidePolygon(this.x(column), this.y(row), polygon)) this.bits[row * this.columns + column] = value;
  }

  /** Clears the outermost cells, which the thinning cannot handle. */
  clearEdge(): void {
    for (let column = 0; column < this.columns; column += 1) {
      this.bits[column] = 0;
      this.bits[(this.rows - 1) * this.columns + column] = 0;
    }
    for (let row = 0; row < this.rows; row += 1) {
      this.bits[row * this.columns] = 0;
      this.bits[row * this.columns + this.columns - 1] = 0;
    }
  }

  /** Distance in metres from each set cell to the nearest clear one (two-pass chamfer). */
  clearance(): Float32Array<ArrayBuffer> {
    const { columns, rows, bits, cell } = this;
    const far = new Float32Array(bits.length);
    const diagonal = Math.SQRT2;
    for (let at = 0; at < bits.length; at += 1) far[at] = bits[at] === 1 ? 1e6 : 0;
    const relax = (at: number, other: number, step: number): void => {
      const value = far[other]! + step;
      if (value < far[at]!) far[at] = value;
    };
    for (let row = 1; row < rows; row += 1) {
      for (let column = 1; column < columns - 1; column += 1) {
        const at = row * columns + column;
        relax(at, at - 1, 1);
        relax(at, at - columns, 1);
        relax(at, at - columns - 1, diagonal);
        relax(at, at - columns + 1, diagonal);
      }
    }
    for (let row = rows - 2; row >= 0; row -= 1) {
      for (let column = columns - 2; column > 0; column -= 1) {
        const at = row * columns + column;
        relax(at, at + 1, 1);
        relax(at, at + columns, 1);
        relax(at, at + columns + 1, diagonal);
        relax(at, at + columns - 1, diagonal);
      }
    }
    return far.map((value) => value * cell);
  }

  /** Thins the set cells to lines one cell wide. */
  thin(): void {
    const { columns, bits } = this;
    const ring = [columns, columns + 1, 1, -columns + 1, -columns, -columns - 1, -1, columns - 1];
    let candidates: number[] = [];
    for (let at = 0; at < bits.length; at += 1) if (bits[at] === 1) candidates.push(at);
    let changed = true;
    while (changed) {
      changed = false;
      for (const phase of [0, 1]) {
        const remove: number[] = [];
        for (const at of candidates) {
          if (bits[at] === 0) continue;
          const p = ring.map((step) => bits[at + step]!);
          const filled = p[0]! + p[1]! + p[2]! + p[3]! + p[4]! + p[5]! + p[6]! + p[7]!;
          if (filled < 2 || filled > 6) continue;
          let rises = 0;
          for (let k = 0; k < 8; k += 1) if (p[k] === 0 && p[(k + 1) % 8] === 1) rises += 1;
          if (rises !== 1) continue;
          const [n, , e, , s, , w] = p as [number, number, number, number, number, number, number];
          if (phase === 0 ? n * e * s !== 0 || e * s * w !== 0 : n * e * w !== 0 || n * s * w !== 0) continue;
          remove.push(at);
        }
        for (const at of remove) bits[at] = 0;
        changed ||= remove.length > 0;
      }
      candidates = candidates.filter((at) => bits[at] === 1);
    }
  }
}

export interface TracedLine {
  /** Cell indices of both ends. */
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point2[];
  /** Mean distance to the edge of the walkable area, metres. */
  readonly clearance: number;
}

/** Follows thinned cells from junction to junction. */
export function traceLines(raster: Raster, clearance: Float32Array): TracedLine[] {
  const { columns, bits } = raster;
  const steps = [1, columns, -1, -columns, columns + 1, columns - 1, -columns + 1, -columns - 1];
  const neighbours = (at: number): number[] => {
    const direct = steps
      .slice(0, 4)
      .map((step) => at + step)
      .filter((other) => bits[other] === 1);
    // A diagonal neighbour that is also reached straight is not a way of its own.
    const diagonal = steps
      .slice(4)
      .map((step) => at + step)
      .filter(
        (other) => bits[other] === 1 && !direct.some((d) => steps.slice(0, 4).some((step) => d + step === other)),
      );
    return [...direct, ...diagonal];
  };
  const point = (at: number): Point2 => [raster.x(at % columns), raster.y(Math.floor(at / columns))];
  const lines: TracedLine[] = [];
  const used = new Set<string>();
  const nodes: number[] = [];
  for (let at = 0; at < bits.length; at += 1) if (bits[at] === 1 && neighbours(at).length !== 2) nodes.push(at);
  const nodeSet = new Set(nodes);
  for (const start of nodes) {
    for (const first of neighbours(start)) {
      if (used.has(`${start},${first}`)) continue;
      const path = [start, first];
      let before = start;
      let here = first;
      while (!nodeSet.has(here) && path.length < bits.length) {
        const next = neighbours(here).find((other) => other !== before);
        if (next === undefined || next === start) break;
        before = here;
        here = next;
        path.push(here);
      }
      used.add(`${start},${first}`);
      used.add(`${here},${before}`);
      let sum = 0;
      for (const at of path) sum += clearance[at]!;
      lines.push({ from: start, to: here, points: path.map(point), clearance: sum / path.length });
    }
  }
  return lines;
}
