// Brings a checked model into the local frame: triangulated polygons by object, building parts under their building.

import type { SurfaceKind } from "../format/tile.ts";
import { type Triangulation, triangulate } from "../geometry/triangulate.ts";
import { type Box, centimetres, emptyBox, growBox, type Point3 } from "../geometry/vector.ts";
import { WorldError } from "../world-error.ts";
import type { CityJsonObject } from "./city-json.ts";
import { groupOf, kindOf, liftOf, type ObjectGroup } from "./classify.ts";
import type { CityModel } from "./read-model.ts";
import { referenceSystem } from "./reference-system.ts";
import { bestGeometry, flipped, type Surface, surfacesOf, volume } from "./surfaces.ts";

export interface WorldOrigin {
  readonly latitude: number;
  readonly longitude: number;
  readonly crs: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

interface LocalPolygon {
  readonly triangulation: Triangulation;
  readonly rings: readonly (readonly Point3[])[];
  readonly kind: SurfaceKind;
}

export interface LocalObject {
  readonly id: string;
  readonly group: Exclude<ObjectGroup, "none">;
  /** The object itself; for buildings the root, whose attributes count. */
  readonly source: CityJsonObject;
  readonly polygons: readonly LocalPolygon[];
  readonly box: Box;
  /** Area seen from above of what faces down or up, whichever is known better. */
  readonly footprint: number;
}

export interface LocalModel {
  readonly origin: WorldOrigin;
  readonly objects: readonly LocalObject[];
  readonly skippedFaces: number;
}

interface Gathered {
  readonly id: string;
  readonly group: Exclude<ObjectGroup, "none">;
  readonly source: CityJsonObject;
  readonly surfaces: { surface: Surface; by: CityJsonObject }[];
}

/** Corner points of all surfaces, templates placed. */
const cornersMax = 20_000_000;

/** @param origin fixed by a generator; else the model's middle. */
export function localModel(
  model: CityModel,
  where: string,
  origin: WorldOrigin | undefined,
  log: (line: string) => void,
): LocalModel {
  const gathered = gather(model, where);
  const system = referenceSystem(model.metadata);
  if (system.earthCentred)
    throw new WorldError(
      `${where}: ${system.name} is earth-centred; reproject the file to a metric map system with cjio`,
    );
  const raw = boxOf(gathered);
  if (!Number.isFinite(raw[0]))
    throw new WorldError(`${where}: no building with a surface in it; give a CityJSON file with Building objects`);
  const metres = system.inDegrees ? degreesToMetres(raw) : null;
  const used = origin ?? findOrigin(gathered, raw, system, log);
  let skippedFaces = 0;
  const objects: LocalObject[] = [];
  const place = (point: Point3): Point3 =>
    metres === null
      ? [point[0] - used.x, point[1] - used.y, point[2] - used.z]
      : [(point[0] - used.x) * metres[0], (point[1] - used.y) * metres[1], point[2] - used.z];
  for (const item of gathered) {
    const lift = origin === undefined ? (liftOf[item.group] ?? 0) : 0;
    const polygons: LocalPolygon[] = [];
    const box = emptyBox();
    let up = 0;
    let down = 0;
    for (const { surface, by } of item.surfaces) {
      let rings = surface.rings.map((ring) => ring.map(place));
      let triangulation = triangulate(rings);
      if (triangulation === null) {
        skippedFaces += 1;
        continue;
      }
      if (isSpike(item.group, by.type, triangulation)) {
        skippedFaces += 1;
        continue;
      }
      if (isUpsideDown(item.group, surface.semantic, triangulation.normal[2])) {
        rings = rings.map((ring) => [...ring].reverse());
        triangulation = triangulate(rings);
        if (triangulation === null) {
          skippedFaces += 1;
          continue;
        }
      }
      if (lift > 0) {
        rings = rings.map((ring) => ring.map(([x, y, z]) => [x, y, z + lift] as const));
        triangulation = {
          ...triangulation,
          points: triangulation.points.map(([x, y, z]) => [x, y, z + lift] as const),
        };
      }
      const seen = triangulation.area * triangulation.normal[2];
      if (seen > 0) up += seen;
      else down -= seen;
      for (const [x, y, z] of triangulation.points) growBox(box, x, y, z);
      polygons.push({ triangulation, rings, kind: kindOf(item.group, by, surface, triangulation.normal) });
    }
    if (polygons.length === 0) continue;
    objects.push({
      id: item.id,
      group: item.group,
      source: item.source,
      polygons,
      box: box.map(centimetres) as Box,
      footprint: down > 1 ? down : up,
    });
  }
  return { origin: used, objects, skippedFaces };
}

/** Vegetation points in laser scans pull ground and low walls up into shards, which are no surface of anything. */
function isSpike(group: ObjectGroup, type: string, { points, normal }: Triangulation): boolean {
  const up = Math.abs(normal[2]);
  const shard =
    group === "plants" ? up < 0.5 : type === "GenericCityObject" && points.length === 3 && up > 0.02 && up < 0.9;
  if (!shard) return false;
  const heights = points.map((point) => point[2]);
  return Math.max(...heights) - Math.min(...heights) > 1.5;
}

/** Ground lies face up, whatever the file says; so do roofs, and floors face down. */
function isUpsideDown(group: ObjectGroup, semantic: string | null, up: number): boolean {
  if (group === "road" || group === "railway" || group === "plants" || group === "land" || group === "water")
    return up < -0.01;
  if (semantic === "RoofSurface") return up < -0.2;
  if (semantic === "GroundSurface") return up > 0.2;
  return false;
}

function gather(model: CityModel, where: string): Gathered[] {
  const byRoot = new Map<string, Gathered>();
  let corners = 0;
  for (const [id, object] of model.objects) {
    const group = groupOf(object.type);
    if (group === "none") continue;
    const geometry = bestGeometry(object);
    if (geometry === null) continue;
    let surfaces = surfacesOf(model, geometry);
    // A building's faces enclose it, whatever they are listed as; walls along water or under bridges enclose nothing.
    if (group === "building" && geometry.type.endsWith("Surface") && volume(surfaces) < 0)
      surfaces = surfaces.map(flipped);
    if (surfaces.length === 0) continue;
    // Templates are small in the file and large when they are placed, so what counts is what has been placed.
    for (const { rings } of surfaces) for (const ring of rings) corners += ring.length;
    if (corners > cornersMax)
      throw new WorldError(`${where}: more than ${cornersMax} corner points; cut the model into smaller files`);
    const rootId = rootOf(model, id);
    const root = model.objects.get(rootId)!;
    let item = byRoot.get(rootId);
    if (item === undefined) {
      const rootGroup = groupOf(root.type);
      item = { id: rootId, group: rootGroup === "none" ? group : rootGroup, source: root, surfaces: [] };
      byRoot.set(rootId, item);
    }
    for (const surface of surfaces) item.surfaces.push({ surface, by: object });
  }
  return [...byRoot.values()];
}

/** The topmost parent that is no group; at most eight steps, so that loops end. */
function rootOf(model: CityModel, id: string): string {
  let here = id;
  for (let step = 0; step < 8; step += 1) {
    const parent = model.objects.get(here)?.parents?.find((name) => {
      const type = model.objects.get(name)?.type;
      return type !== undefined && type !== "CityObjectGroup";
    });
    if (parent === undefined) break;
    here = parent;
  }
  return here;
}

function boxOf(items: readonly Gathered[]): Box {
  const box = emptyBox();
  for (const item of items)
    for (const { surface } of item.surfaces)
      for (const ring of surface.rings) for (const [x, y, z] of ring) growBox(box, x, y, z);
  return box;
}

function findOrigin(
  items: readonly Gathered[],
  box: Box,
  system: ReturnType<typeof referenceSystem>,
  log: (line: string) => void,
): WorldOrigin {
  const digits = system.inDegrees ? 1e5 : 1;
  const x = Math.round(((box[0] + box[3]) / 2) * digits) / digits;
  const y = Math.round(((box[1] + box[4]) / 2) * digits) / digits;
  // Ground level of the city: the middle one of the buildings' lowest points.
  const bases = items
    .filter((item) => item.group === "building")
    .map((item) => {
      let low = Infinity;
      for (const { surface } of item.surfaces)
        for (const ring of surface.rings) for (const point of ring) low = Math.min(low, point[2]);
      return low;
    })
    .sort((a, b) => a - b);
  const z = Math.round((bases[Math.floor(bases.length / 2)] ?? box[2]) * 100) / 100;
  const degrees = system.toDegrees?.(x, y) ?? null;
  if (degrees === null || !Number.isFinite(degrees[0]) || !Number.isFinite(degrees[1])) {
    log(
      `reference system ${system.name} is not known: placing the city at 52.0° N, 5.0° E (sun and weather follow that)`,
    );
    return { latitude: 52, longitude: 5, crs: system.name, x, y, z };
  }
  const round = (value: number): number => Math.round(value * 1e6) / 1e6;
  return { latitude: round(degrees[1]), longitude: round(degrees[0]), crs: system.name, x, y, z };
}

/** Metres per degree of longitude and latitude at the box's middle. */
function degreesToMetres(box: Box): readonly [number, number] {
  const latitude = ((box[1] + box[4]) / 2) * (Math.PI / 180);
  return [111_320 * Math.cos(latitude), 110_574];
}
