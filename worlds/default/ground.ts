// Everything one walks on: carriageways, kerbs, pavements, markings, rails, plazas, parks, fields and water.
// The plan is cut into areas that do not overlap, so nothing flickers; only heights differ (carriageways lie a kerb lower).

import type { SurfaceKind } from "../format/tile.ts";
import type { StreetGraph } from "../format/world.ts";
import { triangulate } from "../geometry/triangulate.ts";
import { distance2, type Point2, type Point3 } from "../geometry/vector.ts";
import { alongLine, edgePoints, lineLength } from "../sidecars/street-graph.ts";
import type { CityWriter, WrittenObject } from "./city-writer.ts";
import { parallel, rectangle } from "./curves.ts";
import { waterLevel } from "./plan.ts";
import { band, clipBox, grow, overlap, polygonsOf, type Shape, shapeOf, subtract, unite } from "./shapes.ts";

export const kerbHeight = 0.08;
const chunk = 128;

export interface StreetAreas {
  /** By street name. */
  readonly carriageways: ReadonlyMap<string, Shape>;
  readonly pavements: ReadonlyMap<string, Shape>;
  readonly carriageway: Shape;
  /** Carriageways and pavements: where no block can be. */
  readonly all: Shape;
  readonly markings: Shape;
  readonly rails: Shape;
}

const half = 2000;
/** Cuts a shape into pieces of at most `size` metres, so that tiles stay local and triangulation quick. */
export function chunks(shape: Shape, size = chunk): Shape[] {
  const result: Shape[] = [];
  let [west, south, east, north] = [half, half, -half, -half];
  for (const path of shape)
    for (const { x, y } of path) {
      west = Math.min(west, x / 1000);
      south = Math.min(south, y / 1000);
      east = Math.max(east, x / 1000);
      north = Math.max(north, y / 1000);
    }
  for (let y = Math.floor(south / size) * size; y < north; y += size)
    for (let x = Math.floor(west / size) * size; x < east; x += size) {
      const piece = clipBox(shape, x, y, x + size, y + size);
      if (piece.length > 0) result.push(piece);
    }
  return result;
}

/** Areas of all streets; those of the first names win where they overlap. */
export function streetAreas(graph: StreetGraph, keepOut: Shape): StreetAreas {
  const byName = new Map<string, number[]>();
  graph.edges.forEach((edge, index) => {
    if (edge.bridge !== undefined || edge.class === "path") return;
    byName.set(edge.name, [...(byName.get(edge.name) ?? []), index]);
  });
  const bandOf = (indices: readonly number[], width: (edge: StreetGraph["edges"][number]) => number): Shape => {
    const groups = new Map<number, Point2[][]>();
    for (const index of indices) {
      const edge = graph.edges[index]!;
      const w = width(edge);
      if (w > 0) groups.set(w, [...(groups.get(w) ?? []), edgePoints(graph, edge)]);
    }
    return unite(...[...groups].map(([w, lines]) => band(lines, w)));
  };
  const roads = unite(...[...byName.values()].map((indices) => bandOf(indices, (edge) => edge.carriageway / 2)));
  // Corners get a kerb radius: grown and shrunk again, sharp inner corners fill up.
  const carriageway = subtract(grow(grow(roads, 3.5), -3.5), keepOut);
  const outer = unite(
    ...[...byName.values()].map((indices) => bandOf(indices, (edge) => edge.carriageway / 2 + edge.pavement)),
  );
  const all = subtract(unite(outer, grow(carriageway, 1.2)), keepOut);
  const carriageways = new Map<string, Shape>();
  const pavements = new Map<string, Shape>();
  const sides = subtract(all, carriageway);
  const taken: { box: readonly [number, number, number, number]; near: Shape }[] = [];
  for (const [name, indices] of byName) {
    const near = grow(
      bandOf(indices, (edge) => edge.carriageway / 2 + edge.pavement),
      3,
    );
    const box = boundsOf(near);
    const earlier = taken.filter(({ box: b }) => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3]);
    const mine = subtract(near, unite(...earlier.map((item) => item.near)));
    carriageways.set(name, overlap(clipBox(carriageway, ...box), mine));
    pavements.set(name, overlap(clipBox(sides, ...box), mine));
    taken.push({ box, near });
  }
  const { markings, rails } = paint(graph);
  const railShape = unite(...rails);
  return {
    carriageways,
    pavements,
    carriageway,
    all,
    rails: railShape,
    markings: subtract(unite(...markings), railShape),
  };
}

export function boundsOf(shape: Shape): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of shape)
    for (const { x, y } of path) {
      box[0] = Math.min(box[0], x / 1000);
      box[1] = Math.min(box[1], y / 1000);
      box[2] = Math.max(box[2], x / 1000);
      box[3] = Math.max(box[3], y / 1000);
    }
  return box;
}

/** Lane lines, zebra crossings and tram rails. */
function paint(graph: StreetGraph): { markings: Shape[]; rails: Shape[] } {
  const markings: Shape[] = [];
  const rails: Shape[] = [];
  const degree = new Uint8Array(graph.nodes.length);
  const widest = new Float64Array(graph.nodes.length);
  for (const edge of graph.edges)
    for (const node of [edge.a, edge.b]) {
      degree[node]! += 1;
      widest[node] = Math.max(widest[node]!, edge.carriageway / 2);
    }
  for (const edge of graph.edges) {
    if (edge.carriageway === 0) continue;
    const points = edgePoints(graph, edge);
    const length = lineLength(points);
    if (edge.tram === true && edge.bridge === undefined)
      for (const side of [-2.47, -1.03, 1.03, 2.47]) rails.push(band([parallel(points, side)], 0.06, "flat"));
    if (edge.bridge !== undefined || edge.carriageway < 6) continue;
    const clearA = degree[edge.a]! > 2 ? widest[edge.a]! + 9 : 1;
    const clearB = degree[edge.b]! > 2 ? widest[edge.b]! + 9 : 1;
    const offsets =
      edge.lanes === 4 ? [-edge.carriageway / 4 - 0.6, edge.carriageway / 4 + 0.6] : edge.tram === true ? [] : [0];
    for (let at = clearA; at + 3 < length - clearB; at += 9)
      for (const offset of offsets) markings.push(strip(points, at + 1.5, 3, offset, 0.09));
    if (edge.lanes === 4 && edge.tram !== true)
      for (let at = clearA; at + 6 < length - clearB; at += 6)
        for (const offset of [-0.16, 0.16]) markings.push(strip(points, at + 3, 6.02, offset, 0.06));
    const zebra = (at: number): void => {
      const count = Math.floor((edge.carriageway - 0.8) / 1.0);
      for (let index = 0; index < count; index += 1)
        markings.push(strip(points, at, 3.2, (index - (count - 1) / 2) * 1.0, 0.25));
    };
    if (length < clearA + clearB + 8) continue;
    if (degree[edge.a]! > 2 && edge.carriageway >= 6.5) zebra(widest[edge.a]! + 5.5);
    if (degree[edge.b]! > 2 && edge.carriageway >= 6.5) zebra(length - widest[edge.b]! - 5.5);
  }
  return { markings, rails };
}

function strip(points: readonly Point2[], at: number, length: number, offset: number, halfWidth: number): Shape {
  const { x, y, dx, dy } = alongLine(points, at);
  const heading = (Math.atan2(dx, dy) * 180) / Math.PI;
  return shapeOf(rectangle(x - dy * offset, y + dx * offset, halfWidth * 2, length, heading));
}

/** Writes flat areas at a height. */
export function writeFlat(
  city: CityWriter,
  to: WrittenObject,
  kind: SurfaceKind,
  shape: Shape,
  z: number,
  areaMin = 0.02,
): void {
  for (const piece of chunks(shape))
    for (const { outer, holes } of polygonsOf(piece, areaMin))
      city.face(
        to,
        kind,
        [outer, ...holes].map((ring) => ring.map(([x, y]) => [x, y, z] as const)),
      );
}

/** Writes areas draped over a height function, cut along a grid so that they follow it. */
export function writeDraped(
  city: CityWriter,
  to: WrittenObject,
  kind: SurfaceKind,
  shape: Shape,
  height: (x: number, y: number) => number,
  grid: number,
): void {
  for (const piece of chunks(shape, grid))
    for (const { outer, holes } of polygonsOf(piece, 0.01)) {
      const rings = [outer, ...holes].map((ring) => ring.map(([x, y]) => [x, y, 0] as const));
      const zs = rings.flat().map(([x, y]) => height(x, y));
      if (Math.max(...zs) - Math.min(...zs) < 0.001) {
        city.face(
          to,
          kind,
          rings.map((ring) => ring.map(([x, y]) => [x, y, zs[0]!] as const)),
        );
        continue;
      }
      const cut = triangulate(rings);
      if (cut === null) continue;
      const at = (index: number): Point3 => {
        const [x, y] = cut.points[index]!;
        return [x, y, height(x, y)];
      };
      for (let index = 0; index < cut.triangles.length; index += 3)
        city.face(to, kind, [
          [at(cut.triangles[index]!), at(cut.triangles[index + 1]!), at(cut.triangles[index + 2]!)],
        ]);
    }
}

/** Upright faces along the rim of an area, seen from inside the area. */
function writeRim(
  city: CityWriter,
  to: WrittenObject,
  kind: SurfaceKind,
  shape: Shape,
  low: number,
  high: number,
  skip: (x: number, y: number) => boolean,
): void {
  for (const { outer, holes } of polygonsOf(shape))
    for (const ring of [outer, ...holes])
      ring.forEach((a, index) => {
        const b = ring[(index + 1) % ring.length]!;
        if (distance2(a, b) < 0.01 || skip((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)) return;
        city.face(to, kind, [
          [
            [b[0], b[1], low],
            [a[0], a[1], low],
            [a[0], a[1], high],
            [b[0], b[1], high],
          ],
        ]);
      });
}

/** All streets with their kerbs, paint and rails. */
export function writeStreets(city: CityWriter, areas: StreetAreas): void {
  const kerbShape = subtract(grow(areas.carriageway, 0.28), areas.carriageway);
  const roadLevel = -kerbHeight;
  for (const [name, shape] of areas.carriageways) {
    const road = city.object({ id: `street-${slug(name)}`, type: "Road", use: "road", name });
    for (const piece of chunks(shape)) {
      const box = boundsOf(piece);
      const rails = clipBox(areas.rails, ...box);
      const marks = clipBox(areas.markings, ...box);
      const plain = subtract(subtract(piece, rails), marks);
      writeFlat(city, road, "road", plain, roadLevel);
      writeFlat(city, road, "marking", subtract(piece, subtract(piece, marks)), roadLevel, 0.01);
      writeFlat(city, road, "rail", subtract(piece, subtract(piece, rails)), roadLevel, 0.01);
    }
  }
  for (const [name, shape] of areas.pavements) {
    const road = city.object({ id: `street-${slug(name)}`, type: "Road", use: "road", name });
    const box = boundsOf(shape);
    const kerb = clipBox(kerbShape, ...box);
    writeFlat(city, road, "pavement", subtract(shape, kerb), 0);
    writeFlat(city, road, "kerb", subtract(shape, subtract(shape, kerb)), 0, 0.005);
  }
  const kerbs = city.object({ id: "kerbs", type: "Road", use: "road", name: "Kerbs" });
  writeRim(city, kerbs, "kerb", areas.carriageway, roadLevel, 0, () => false);
}

export function writeWater(city: CityWriter, id: string, name: string, shape: Shape, walled: boolean): void {
  const water = city.object({ id, type: "WaterBody", use: "water", name });
  writeFlat(city, water, "water", shape, walled ? waterLevel : -0.35);
  const wall = city.object({ id: `${id}-banks`, type: "OtherConstruction", use: "other", name: `Banks of ${name}` });
  writeRim(
    city,
    wall,
    walled ? "bridge" : "kerb",
    shape,
    (walled ? waterLevel : -0.35) - 0.6,
    0,
    (x) => Math.abs(x) > 1395,
  );
}

export const slug = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
