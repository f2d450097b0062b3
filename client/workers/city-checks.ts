// Reads the JSON files of a world folder as hostile bytes: shapes, finite numbers, and bounds on every list.
// Bounds: 200,000 objects, 100,000 devices, trees and panels, 4,096 tiles, 4 million heights.

import type {
  Scenery,
  StreetGraph,
  Terrain,
  TransitNetwork,
  WorldDevice,
  WorldManifest,
  WorldObject,
} from "../../worlds/format/world.ts";

/** A world file that is not what the format says: which one and where. */
export class WorldError extends Error {
  override readonly name = "WorldError";
}

type Fields = Record<string, unknown>;
type Check = (value: unknown, at: string) => void;

const fail = (at: string, expected: string): never => {
  throw new WorldError(`${at}: expected ${expected}`);
};
const number: Check = (value, at) => {
  if (typeof value !== "number" || !Number.isFinite(value) || Math.abs(value) > 1e9) fail(at, "a finite number");
};
const text: Check = (value, at) => {
  if (typeof value !== "string" || value.length > 2000) fail(at, "a text of at most 2000 characters");
};
const index =
  (max: number): Check =>
  (value, at) => {
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= max)
      fail(at, `a whole number below ${max}`);
  };
const maybe =
  (check: Check): Check =>
  (value, at) => {
    if (value !== undefined) check(value, at);
  };
const list =
  (check: Check, max: number, min = 0): Check =>
  (value, at) => {
    if (!Array.isArray(value) || value.length > max || value.length < min)
      return fail(at, `a list of ${min} to ${max}`);
    for (let i = 0; i < value.length; i++) check(value[i], `${at}[${i}]`);
  };
const tuple = (length: number): Check => list(number, length, length);
const record =
  (fields: Record<string, Check>): Check =>
  (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(at, "an object");
    for (const [name, check] of Object.entries(fields)) check((value as Fields)[name], `${at}.${name}`);
  };
/** Names inside the folder only: no scheme, no parent, no absolute path. */
const fileName: Check = (value, at) => {
  if (typeof value !== "string" || !/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(value))
    fail(at, "a relative file name");
};

const manifestCheck = record({
  name: text,
  attribution: text,
  hash: text,
  origin: record({ latitude: number, longitude: number, x: number, y: number, z: number }),
  bounds: tuple(4),
  spawn: record({ x: number, y: number, heading: number }),
  tileSize: number,
  tiles: list(record({ file: fileName, column: number, row: number, box: tuple(6), bytes: number }), 4096),
  files: record({
    objects: fileName,
    streets: fileName,
    transit: fileName,
    scenery: fileName,
    devices: fileName,
    terrain: fileName,
  }),
});
const objectsCheck = list(
  record({
    id: text,
    use: text,
    name: maybe(text),
    address: maybe(text),
    box: tuple(6),
    height: maybe(number),
    storeys: maybe(number),
    storeyHeight: maybe(number),
    solarW: maybe(number),
    devices: maybe(list(text, 1000)),
  }),
  200_000,
);
const devicesCheck = list(
  record({ id: text, kind: text, name: text, x: number, y: number, z: number, cityObject: maybe(text) }),
  100_000,
);
const transitCheck = record({
  lines: list(
    record({
      id: text,
      kind: text,
      name: text,
      colour: text,
      path: list(tuple(3), 20_000, 2),
      stops: list(record({ name: text, at: number }), 1000),
      vehicles: list(text, 200),
      speed: number,
      dwell: number,
    }),
    200,
  ),
});
const sceneryCheck = record({
  trees: list(record({ x: number, y: number, z: number, species: text, height: number }), 100_000),
  furniture: list(record({ kind: text, x: number, y: number, z: number, heading: number }), 100_000),
  panels: list(
    record({ x: number, y: number, z: number, width: number, depth: number, heading: number, tilt: number }),
    100_000,
  ),
});
const terrainCheck = record({
  columns: index(20_001),
  rows: index(20_001),
  spacing: number,
  west: number,
  south: number,
  heights: list(number, 4_000_000),
});

/** @throws {WorldError} */
export function checkManifest(value: unknown): WorldManifest {
  manifestCheck(value, "world.json");
  const manifest = value as WorldManifest;
  if (manifest.format !== "glasstown-world/1") fail("world.json.format", "glasstown-world/1");
  const [west, south, east, north] = manifest.bounds;
  if (!(east - west >= 1 && north - south >= 1 && east - west <= 50_000 && north - south <= 50_000))
    fail("world.json.bounds", "1 m to 50 km each way");
  return manifest;
}
/** @throws {WorldError} */
export function checkObjects(value: unknown): readonly WorldObject[] {
  objectsCheck(value, "objects");
  return value as readonly WorldObject[];
}
/** @throws {WorldError} */
export function checkDevices(value: unknown): readonly WorldDevice[] {
  devicesCheck(value, "devices");
  return value as readonly WorldDevice[];
}
/** @throws {WorldError} */
export function checkStreets(value: unknown): StreetGraph {
  record({ nodes: list(tuple(2), 200_000) })(value, "streets");
  const nodes = (value as StreetGraph).nodes.length;
  record({
    edges: list(
      record({
        a: index(nodes),
        b: index(nodes),
        name: text,
        class: text,
        carriageway: number,
        pavement: number,
        lanes: number,
        via: maybe(list(tuple(2), 10_000)),
      }),
      400_000,
    ),
  })(value, "streets");
  return value as StreetGraph;
}
/** @throws {WorldError} */
export function checkTransit(value: unknown): TransitNetwork {
  transitCheck(value, "transit");
  return value as TransitNetwork;
}
/** @throws {WorldError} */
export function checkScenery(value: unknown): Scenery {
  sceneryCheck(value, "scenery");
  return value as Scenery;
}
/** @throws {WorldError} */
export function checkTerrain(value: unknown): Terrain {
  terrainCheck(value, "terrain");
  const terrain = value as Terrain;
  if (terrain.heights.length !== terrain.columns * terrain.rows || !(terrain.spacing > 0))
    fail("terrain.heights", "columns × rows numbers and a positive spacing");
  return terrain;
}
