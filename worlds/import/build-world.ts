// From a checked model (and a generator's sidecars, if there are some) to the files of a built world folder.

import { createHash } from "node:crypto";
import type { WorldManifest, WorldObject } from "../format/world.ts";
import { normalAt } from "../sidecars/terrain-grid.ts";
import { WorldError } from "../world-error.ts";
import { layerOf } from "./classify.ts";
import { deriveSidecars } from "./derive-sidecars.ts";
import { describeObject } from "./describe-objects.ts";
import { groundMesh } from "./ground-mesh.ts";
import { type LocalModel, localModel, type WorldOrigin } from "./local-model.ts";
import { TileSet } from "./mesh.ts";
import type { CityModel } from "./read-model.ts";
import type { Sidecars } from "./sidecars.ts";

const tileSize = 256;
/** Metres from one end of a model to the other. */
const spanMax = 30_000;

export interface BuildInput {
  readonly name: string;
  /** For messages: the file, or "the default city". */
  readonly where: string;
  readonly model: CityModel;
  /** Bytes of the model as they are served. */
  readonly modelText: string;
  readonly attribution: string;
  readonly sidecars?: Sidecars;
  readonly origin?: WorldOrigin;
  readonly log: (line: string) => void;
}

export interface BuiltWorld {
  readonly files: ReadonlyMap<string, Uint8Array | string>;
  readonly manifest: WorldManifest;
  readonly summary: { objects: number; triangles: number; devices: number; skippedFaces: number };
}

/** @throws {WorldError} when the model holds no building. */
export function buildWorld(input: BuildInput): BuiltWorld {
  const { log } = input;
  const local = localModel(input.model, input.where, input.origin, log);
  const buildings = local.objects.filter((object) => object.group === "building").length;
  if (buildings === 0)
    throw new WorldError(
      `${input.where}: no building with a surface in it; give a CityJSON file with Building objects`,
    );
  // Before anything is derived, because that takes time and memory by the area.
  const width = spanOf(local);
  if (!(width < spanMax))
    throw new WorldError(
      `${input.where}: the model is ${Math.round(width / 1000)} km wide; cut out at most ${spanMax / 1000} km with cjio`,
    );
  if (local.skippedFaces > 0) log(`${local.skippedFaces} degenerate faces skipped`);
  const drafts = local.objects.map(describeObject);
  const sidecars = input.sidecars ?? deriveSidecars(local, drafts, log);
  if (input.sidecars !== undefined) attachDevices(drafts, sidecars);
  const tiles = fillTiles(local, sidecars, input.sidecars === undefined, drafts);
  log(`${local.objects.length} objects, ${buildings} buildings, ${tiles.triangles} triangles`);

  const files = new Map<string, Uint8Array | string>();
  const finished = tiles.finish();
  for (const { entry, bytes } of finished) files.set(entry.file, bytes);
  files.set("model.city.json", input.modelText);
  files.set("objects.json", JSON.stringify(drafts));
  files.set("streets.json", JSON.stringify(sidecars.streets));
  files.set("transit.json", JSON.stringify(sidecars.transit));
  files.set("scenery.json", JSON.stringify(sidecars.scenery));
  files.set("devices.json", JSON.stringify(sidecars.devices));
  files.set("feeders.json", JSON.stringify(sidecars.feeders));
  files.set("terrain.json", JSON.stringify(sidecars.terrain));
  const manifest: WorldManifest = {
    format: "glasstown-world/1",
    name: input.name,
    attribution: input.attribution,
    hash: hashFiles(files),
    origin: local.origin,
    bounds: sidecars.bounds,
    spawn: sidecars.spawn,
    tileSize,
    tiles: finished.map(({ entry }) => entry),
    files: {
      model: "model.city.json",
      objects: "objects.json",
      streets: "streets.json",
      transit: "transit.json",
      scenery: "scenery.json",
      devices: "devices.json",
      feeders: "feeders.json",
      terrain: "terrain.json",
    },
  };
  files.set("world.json", JSON.stringify(manifest));
  return {
    files,
    manifest,
    summary: {
      objects: drafts.length,
      triangles: tiles.triangles,
      devices: sidecars.devices.length,
      skippedFaces: local.skippedFaces,
    },
  };
}

function spanOf({ objects }: LocalModel): number {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { box } of objects) {
    west = Math.min(west, box[0]);
    south = Math.min(south, box[1]);
    east = Math.max(east, box[3]);
    north = Math.max(north, box[4]);
  }
  return Math.max(east - west, north - south);
}

function fillTiles(local: LocalModel, sidecars: Sidecars, foreign: boolean, drafts: WorldObject[]): TileSet {
  const tiles = new TileSet(tileSize);
  const { terrain } = sidecars;
  const smooth = (x: number, y: number) => normalAt(terrain, x, y);
  local.objects.forEach((object, index) => {
    if (object.group === "tree") return;
    const { box } = object;
    const middle = [(box[0] + box[3]) / 2, (box[1] + box[4]) / 2] as const;
    const layer = layerOf[object.group];
    const draped = layer === "ground";
    for (const { triangulation, kind } of object.polygons) {
      const place = layer === "buildings" ? middle : middleOf(triangulation.points);
      const normal = draped && triangulation.normal[2] > 0.7 ? { normalAt: smooth } : {};
      tiles.add({ triangulation, layer, kind, object: index, base: box[2], ...normal }, place);
    }
  });
  if (foreign) {
    const [west, south, east, north] = sidecars.bounds;
    const object = drafts.length;
    drafts.push({ id: "terrain", use: "land", box: [west, south, -1, east, north, 1] });
    const covers = local.objects.flatMap((item) =>
      layerOf[item.group] === "ground" || item.group === "water"
        ? item.polygons.map((polygon) => ({
            points: polygon.triangulation.points,
            depth: item.group === "water" ? 0.6 : 0.25,
          }))
        : [],
    );
    for (const cell of groundMesh(terrain, covers))
      tiles.add({ triangulation: cell, layer: "ground", kind: "land", object, base: 0, normalAt: smooth }, [
        Math.max(west, Math.min(east - 1, cell.points[0]![0])),
        Math.max(south, Math.min(north - 1, cell.points[0]![1])),
      ]);
  }
  return tiles;
}

/** Writes device ids, feeder and panel power of a generator's sidecars onto the objects they sit on. */
function attachDevices(drafts: ReturnType<typeof describeObject>[], sidecars: Sidecars): void {
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  for (const device of sidecars.devices) {
    const draft = byId.get(device.cityObject ?? "");
    if (draft === undefined) continue;
    draft.devices = [...(draft.devices ?? []), device.id];
    if (device.solarW !== undefined) draft.solarW = (draft.solarW ?? 0) + device.solarW;
    if (device.feeder !== undefined) draft.feeder = device.feeder;
  }
}

function middleOf(points: readonly (readonly [number, number, number])[]): readonly [number, number] {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point[0];
    y += point[1];
  }
  return [x / points.length, y / points.length];
}

/** sha256 over the sorted names and hashes of all files. */
function hashFiles(files: ReadonlyMap<string, Uint8Array | string>): string {
  const total = createHash("sha256");
  for (const name of [...files.keys()].sort())
    total.update(`${name}\0${createHash("sha256").update(files.get(name)!).digest("hex")}\n`);
  return total.digest("hex");
}
