// What the drawn map needs beyond objects and streets: the ground's heights, for water, and where trees stand. Loaded with the map.
// Water lies where the ground of a water object's box is lower than its surface: boxes alone would flood the town.

import { computed, signal } from "@preact/signals";
import { z } from "zod";
import type { Terrain, WorldObject } from "../../worlds/format/world.ts";
import { request } from "./http.ts";
import { manifest, objects, worldUrl } from "./world.ts";

const bytesMax = 32 * 1024 * 1024;
const cellsMax = 4_000_000;
const treesMax = 20_000;
const timeoutMs = 60_000;

const finite = z.number();
const terrainSchema = z
  .object({
    columns: z.number().int().min(2).max(4000),
    rows: z.number().int().min(2).max(4000),
    spacing: z.number().positive(),
    west: finite,
    south: finite,
    heights: z.array(finite).max(cellsMax),
  })
  .refine(({ columns, rows, heights }) => heights.length === columns * rows);
const scenerySchema = z.object({ trees: z.array(z.object({ x: finite, y: finite }).loose()).max(1_000_000) }).loose();

export const terrain = signal<Terrain | null>(null);
export const trees = signal<readonly { readonly x: number; readonly y: number }[]>([]);

let loading: Promise<void> | null = null;

/** Loads the ground once. A map without it lacks water and trees, nothing else: failures are quiet and tried again next time. */
export function loadMapGround(): Promise<void> {
  const current = manifest.peek();
  if (current === null) return Promise.resolve();
  const file = (name: string): string => `${worldUrl}${name}?${current.hash.slice(0, 16)}`;
  const options = { timeoutMs, bytesMax };
  loading ??= Promise.all([
    request(file(current.files.terrain), terrainSchema, options).then((loaded) => {
      terrain.value = loaded;
    }),
    request(file(current.files.scenery), scenerySchema, options).then((loaded) => {
      trees.value = loaded.trees.slice(0, treesMax);
    }),
  ]).then(
    () => undefined,
    () => {
      loading = null;
    },
  );
  return loading;
}

/** The level of the water over a place by its objects, or null where no water object reaches. */
function surfaceAt(waters: readonly WorldObject[], x: number, y: number): number | null {
  let level: number | null = null;
  for (const { box } of waters) {
    if (x >= box[0] && x <= box[3] && y >= box[1] && y <= box[4]) level = Math.max(level ?? box[5], box[5]);
  }
  return level;
}

/** Height of the water's surface above the ground at a place: positive in water, −1 where there is none. */
type Depth = (x: number, y: number) => number;

/** Depths at the terrain's grid points, between them interpolated. */
export function waterDepth(ground: Terrain, list: readonly WorldObject[]): Depth {
  const waters = list.filter((object) => object.use === "water");
  const { columns, rows, spacing, west, south, heights } = ground;
  const at = (column: number, row: number): number => {
    const height = heights[row * columns + column];
    const level = surfaceAt(waters, west + column * spacing, south + row * spacing);
    return height === undefined || level === null ? -1 : Math.max(-1, level - height);
  };
  return (x, y) => {
    const column = (x - west) / spacing;
    const row = (y - south) / spacing;
    const [c, r] = [Math.floor(column), Math.floor(row)];
    if (c < 0 || r < 0 || c >= columns - 1 || r >= rows - 1) return -1;
    const [u, v] = [column - c, row - r];
    const low = at(c, r) * (1 - u) + at(c + 1, r) * u;
    const high = at(c, r + 1) * (1 - u) + at(c + 1, r + 1) * u;
    return low * (1 - v) + high * v;
  };
}

/** Outlines of the water as one path (y turned: south is down on paper), by marching through the terrain's squares. */
export function waterPath(ground: Terrain, list: readonly WorldObject[]): string {
  const depth = waterDepth(ground, list);
  const { columns, rows, spacing, west, south } = ground;
  let path = "";
  for (let row = 0; row < rows - 2; row++) {
    for (let column = 0; column < columns - 2; column++) {
      const [x, y] = [west + column * spacing, south + row * spacing];
      const corners = [
        [x, y],
        [x + spacing, y],
        [x + spacing, y + spacing],
        [x, y + spacing],
      ] as const;
      const depths = corners.map(([cx, cy]) => depth(cx, cy));
      if (depths.every((value) => value <= 0)) continue;
      const points: string[] = [];
      for (let i = 0; i < 4; i++) {
        const [from, to] = [corners[i], corners[(i + 1) % 4]];
        const [before, after] = [depths[i], depths[(i + 1) % 4]];
        if (from === undefined || to === undefined || before === undefined || after === undefined) continue;
        if (before > 0) points.push(`${from[0].toFixed(1)} ${(-from[1]).toFixed(1)}`);
        if (before > 0 === after > 0) continue;
        const part = before / (before - after);
        const edge = [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part] as const;
        points.push(`${edge[0].toFixed(1)} ${(-edge[1]).toFixed(1)}`);
      }
      path += `M${points.join("L")}z`;
    }
  }
  return path;
}

export const water = computed(() => (terrain.value === null ? "" : waterPath(terrain.value, objects.value)));
const depthNow = computed<Depth>(() => (terrain.value === null ? () => -1 : waterDepth(terrain.value, objects.value)));
/** Whether a place lies in water, as far as the map knows. */
export const inWater = (x: number, y: number): boolean => depthNow.peek()(x, y) > 0;
