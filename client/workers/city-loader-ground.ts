// Rasterises tiles into the cells one walks on and into baked sky occlusion.
// Limits: at most 6 million cells and 4 million texels; cells are at least 0.5 m wide.

import { surfaceKinds, type Tile } from "../../worlds/format/tile.ts";
import type { Terrain } from "../../worlds/format/world.ts";
import { type BakedSky, cellFlags, type GroundCells } from "./city-messages.ts";

const cellsMax = 6_000_000;
const texelsMax = 4_000_000;
/** Metres that a street lamp lights around its foot. */
const lampReach = 10.5;

/** Bilinear height of the terrain, clamped at its edges. */
export function terrainHeight(terrain: Terrain, x: number, y: number): number {
  const { columns, rows, spacing, heights } = terrain;
  if (columns < 1 || rows < 1) return 0;
  const u = Math.min(Math.max((x - terrain.west) / spacing, 0), columns - 1);
  const v = Math.min(Math.max((y - terrain.south) / spacing, 0), rows - 1);
  const i = Math.min(Math.floor(u), Math.max(0, columns - 2));
  const j = Math.min(Math.floor(v), Math.max(0, rows - 2));
  const at = (column: number, row: number): number =>
    heights[Math.min(row, rows - 1) * columns + Math.min(column, columns - 1)]!;
  const fu = u - i;
  const fv = v - j;
  return (
    at(i, j) * (1 - fu) * (1 - fv) +
    at(i + 1, j) * fu * (1 - fv) +
    at(i, j + 1) * (1 - fu) * fv +
    at(i + 1, j + 1) * fu * fv
  );
}

export class GroundBuilder {
  readonly #west: number;
  readonly #south: number;
  readonly #cell: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #flags: Uint8Array<ArrayBuffer>;
  readonly #ground: Float32Array<ArrayBuffer>;
  readonly #deck: Float32Array<ArrayBuffer>;
  /** Height of the highest roof, absolute; NaN where there is none. */
  readonly #roof: Float32Array<ArrayBuffer>;
  readonly #terrain: Terrain;

  constructor(bounds: readonly [number, number, number, number], terrain: Terrain) {
    const [west, south, east, north] = bounds;
    this.#west = west;
    this.#south = south;
    this.#cell = Math.max(0.5, Math.sqrt(((east - west) * (north - south)) / cellsMax));
    this.#columns = Math.max(1, Math.floor((east - west) / this.#cell));
    this.#rows = Math.max(1, Math.floor((north - south) / this.#cell));
    const count = this.#columns * this.#rows;
    this.#flags = new Uint8Array(count);
    this.#ground = new Float32Array(count).fill(Number.NaN);
    this.#deck = new Float32Array(count).fill(Number.NaN);
    this.#roof = new Float32Array(count).fill(Number.NaN);
    this.#terrain = terrain;
  }

  addTile(tile: Tile): void {
    for (const mesh of tile.meshes) {
      const { indices, positions, surfaces, normals } = mesh;
      for (let i = 0; i + 2 < indices.length; i += 3) {
        const a = indices[i]!;
        const kind = surfaces[a]!;
        let into: Float32Array | null = null;
        let flag = 0;
        if (mesh.layer === "buildings") {
          if (kind !== surfaceKinds.roof && kind !== surfaceKinds.roofFlat) continue;
          into = this.#roof;
          flag = cellFlags.building;
        } else if (normals[a * 4 + 2]! < 40) continue;
        else if (mesh.layer === "bridges") into = this.#deck;
        else if (mesh.layer === "water" || kind === surfaceKinds.water) flag = cellFlags.water;
        else into = this.#ground;
        this.#raster(positions, tile.origin, a * 3, indices[i + 1]! * 3, indices[i + 2]! * 3, into, flag);
      }
    }
  }

  /** Visits every cell whose centre the triangle covers; keeps the highest height. */
  #raster(
    p: Float32Array,
    origin: readonly [number, number, number],
    a: number,
    b: number,
    c: number,
    into: Float32Array | null,
    flag: number,
  ): void {
    const offsetX = (origin[0] - this.#west) / this.#cell - 0.5;
    const offsetY = (origin[1] - this.#south) / this.#cell - 0.5;
    const ax = p[a]! / this.#cell + offsetX;
    const ay = p[a + 1]! / this.#cell + offsetY;
    const bx = p[b]! / this.#cell + offsetX;
    const by = p[b + 1]! / this.#cell + offsetY;
    const cx = p[c]! / this.#cell + offsetX;
    const cy = p[c + 1]! / this.#cell + offsetY;
    const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    if (!(Math.abs(area) > 1e-9)) return;
    const rowFirst = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 1e-6));
    const rowLast = Math.min(this.#rows - 1, Math.floor(Math.max(ay, by, cy) + 1e-6));
    const columnFirst = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 1e-6));
    const columnLast = Math.min(this.#columns - 1, Math.floor(Math.max(ax, bx, cx) + 1e-6));
    for (let row = rowFirst; row <= rowLast; row++) {
      for (let column = columnFirst; column <= columnLast; column++) {
        const wb = ((column - ax) * (cy - ay) - (cx - ax) * (row - ay)) / area;
        const wc = ((bx - ax) * (row - ay) - (column - ax) * (by - ay)) / area;
        if (wb < -1e-4 || wc < -1e-4 || wb + wc > 1.0001) continue;
        const at = row * this.#columns + column;
        if (flag) this.#flags[at]! |= flag;
        if (!into) continue;
        const z = origin[2] + p[a + 2]! * (1 - wb - wc) + p[b + 2]! * wb + p[c + 2]! * wc;
        // NaN compares false, so the first height always goes in.
        if (!(into[at]! >= z)) into[at] = z;
      }
    }
  }

  cells(): GroundCells {
    const ground = this.#ground.slice();
    for (let row = 0, at = 0; row < this.#rows; row++)
      for (let column = 0; column < this.#columns; column++, at++)
        if (Number.isNaN(ground[at]!))
          ground[at] = terrainHeight(
            this.#terrain,
            this.#west + (column + 0.5) * this.#cell,
            this.#south + (row + 0.5) * this.#cell,
          );
    return {
      west: this.#west,
      south: this.#south,
      cell: this.#cell,
      columns: this.#columns,
      rows: this.#rows,
      flags: this.#flags.slice(),
      ground,
      deck: this.#deck.slice(),
    };
  }

  /**
   * How open the sky is near the ground, and how high the surroundings are. A likeness of ambient occlusion that costs
   * one texture read: blurred building heights at three scales, and a soft blob under every tree.
   */
  bakeSky(
    trees: readonly { readonly x: number; readonly y: number; readonly height: number }[],
    lamps: readonly { readonly x: number; readonly y: number }[],
  ): BakedSky {
    const spanX = this.#columns * this.#cell;
    const spanY = this.#rows * this.#cell;
    const texel = Math.max(1, Math.sqrt((spanX * spanY) / texelsMax), spanX / 4096, spanY / 4096);
    const width = Math.max(1, Math.floor(spanX / texel));
    const height = Math.max(1, Math.floor(spanY / texel));
    const tall = new Float32Array(width * height);
    const solid = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const column = Math.min(this.#columns - 1, Math.floor(((x + 0.5) * texel) / this.#cell));
        const row = Math.min(this.#rows - 1, Math.floor(((y + 0.5) * texel) / this.#cell));
        const cell = row * this.#columns + column;
        const roof = this.#roof[cell]!;
        if (Number.isNaN(roof)) continue;
        const ground = this.#ground[cell]!;
        const base = Number.isNaN(ground)
          ? terrainHeight(this.#terrain, this.#west + (x + 0.5) * texel, this.#south + (y + 0.5) * texel)
          : ground;
        const rise = Math.max(0, roof - base);
        tall[y * width + x] = rise;
        solid[y * width + x] = Math.min(1, rise / 6);
      }
    }
    const contact = blur(solid, width, height, Math.round(2 / texel));
    const street = blur(solid, width, height, Math.round(8 / texel));
    const around = blur(tall, width, height, Math.round(14 / texel));
    const shade = new Float32Array(width * height);
    for (const tree of trees)
      blob(
        shade,
        width,
        height,
        (tree.x - this.#west) / texel,
        (tree.y - this.#south) / texel,
        (tree.height * 0.32) / texel,
      );
    const lamplight = new Float32Array(width * height);
    for (const lamp of lamps)
      blob(
        lamplight,
        width,
        height,
        (lamp.x - this.#west) / texel,
        (lamp.y - this.#south) / texel,
        lampReach / texel,
        2,
      );
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) {
      const open = (1 - 0.42 * contact[i]!) * (1 - 0.45 * street[i]!) * (1 - 0.4 * shade[i]!);
      data[i * 3] = Math.round(255 * Math.min(1, Math.max(0, open)));
      data[i * 3 + 1] = Math.min(255, Math.round(around[i]! * 4));
      data[i * 3 + 2] = Math.round(255 * Math.min(1, lamplight[i]!));
    }
    return { west: this.#west, south: this.#south, width, height, texel, data };
  }
}

/** Two passes of a box filter: close to a Gaussian, and its cost does not depend on the radius. */
export function blur(source: Float32Array, width: number, height: number, radius: number): Float32Array {
  let from = source.slice();
  if (radius < 1) return from;
  let to = new Float32Array(from.length);
  for (let pass = 0; pass < 2; pass++) {
    for (const [lines, length, step, stride] of [
      [height, width, 1, width],
      [width, height, width, 1],
    ] as const) {
      for (let line = 0; line < lines; line++) {
        const start = line * stride;
        let sum = 0;
        for (let i = -radius; i <= radius; i++) sum += from[start + Math.min(Math.max(i, 0), length - 1) * step]!;
        for (let i = 0; i < length; i++) {
          to[start + i * step] = sum / (2 * radius + 1);
          sum +=
            from[start + Math.min(i + radius + 1, length - 1) * step]! - from[start + Math.max(i - radius, 0) * step]!;
        }
      }
      [from, to] = [to, from];
    }
  }
  return from;
}

/** A soft round spot; `power` above 1 makes it peak. */
function blob(
  shade: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  radius: number,
  power = 1,
): void {
  const reach = radius * 1.3;
  for (let row = Math.max(0, Math.floor(y - reach)); row <= Math.min(height - 1, y + reach); row++)
    for (let column = Math.max(0, Math.floor(x - reach)); column <= Math.min(width - 1, x + reach); column++) {
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y) / Math.max(reach, 0.5);
      if (distance < 1) {
        const at = row * width + column;
        const value = (1 - distance * distance) ** power;
        shade[at] = Math.max(shade[at]!, value);
      }
    }
}
