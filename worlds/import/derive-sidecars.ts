// Streets, trees, panels, devices and feeders for a model that has none of its own. Deterministic: by object ids only.

import type { Scenery, StreetGraph, WorldDevice } from "../format/world.ts";
import { shareOf } from "../geometry/random.ts";
import { centimetres, type Point3 } from "../geometry/vector.ts";
import { type FeederHome, planFeeders } from "../sidecars/feeders.ts";
import { type Panel, placePanels, type RoofFace } from "../sidecars/solar-panels.ts";
import { meterStreams, streamsOf } from "../sidecars/streams.ts";
import { alongLine, edgePoints, graphFromLines, lineLength, StreetIndex } from "../sidecars/street-graph.ts";
import { Raster, traceLines } from "../sidecars/street-raster.ts";
import { estimateTerrain, heightAt } from "../sidecars/terrain-grid.ts";
import { scatterTrees, type Tree } from "../sidecars/trees.ts";
import type { DraftObject } from "./describe-objects.ts";
import type { LocalModel, LocalObject } from "./local-model.ts";
import type { Sidecars } from "./sidecars.ts";

const treesMax = 4000;
const lampsMax = 600;
const metersMax = 800;
const meterShare = 0.6;
/** Not every roof has room, so that about three houses in ten end up with panels. */
const solarShare = 0.45;
const lampSpacing = 28;
/** Flat enough for panels on stands. */
const flatNormalMin = 0.985;

export function deriveSidecars(model: LocalModel, drafts: DraftObject[], log: (line: string) => void): Sidecars {
  const bounds = boundsOf(model.objects);
  const terrain = estimateTerrain(groundPoints(model.objects), bounds);
  const ground = (x: number, y: number): number => heightAt(terrain, x, y);
  const streets = deriveStreets(model.objects, bounds);
  log(`streets: ${streets.nodes.length} junctions, ${streets.edges.length} edges`);
  const index = new StreetIndex(streets);
  const trees = deriveTrees(model.objects, ground);
  const { homes, meters, panels } = deriveMeters(model.objects, drafts, ground);
  const { network, feederOf } = planFeeders(homes, streets, index, 20);
  const devices: WorldDevice[] = meters.map((meter) => {
    const feeder = feederOf.get(meter.id);
    return feeder === undefined ? meter : { ...meter, feeder };
  });
  for (const draft of drafts) {
    const feeder = feederOf.get(draft.devices?.find((id) => id.startsWith("meter-")) ?? "");
    if (feeder !== undefined) draft.feeder = feeder;
  }
  devices.push(...placeStreetDevices(streets, ground), ...placeWaterDevices(model.objects, ground, drafts));
  const scenery: Scenery = { trees, furniture: [], panels };
  return {
    streets,
    transit: { lines: [] },
    scenery,
    devices,
    feeders: network,
    terrain,
    spawn: findSpawn(streets, model.objects),
    bounds,
  };
}

function boundsOf(objects: readonly LocalObject[]): [number, number, number, number] {
  let west = Infinity;
  let south = Infinity;
  let east = -Infinity;
  let north = -Infinity;
  for (const { box } of objects) {
    west = Math.min(west, box[0]);
    south = Math.min(south, box[1]);
    east = Math.max(east, box[3]);
    north = Math.max(north, box[4]);
  }
  return [Math.floor(west) - 20, Math.floor(south) - 20, Math.ceil(east) + 20, Math.ceil(north) + 20];
}

/** Points of ground polygons, and the feet of buildings, which stand on it. */
function groundPoints(objects: readonly LocalObject[]): Point3[] {
  const points: Point3[] = [];
  for (const object of objects) {
    if (["road", "railway", "land", "plants"].includes(object.group)) {
      for (const { triangulation } of object.polygons)
        if (triangulation.normal[2] > 0.8) points.push(...triangulation.points);
    } else if (object.group === "building") {
      for (const { triangulation } of object.polygons)
        for (const [x, y, z] of triangulation.points) if (z < object.box[2] + 0.3) points.push([x, y, object.box[2]]);
    }
  }
  return points;
}

function deriveStreets(
  objects: readonly LocalObject[],
  bounds: readonly [number, number, number, number],
): StreetGraph {
  let roadArea = 0;
  for (const object of objects)
    if (object.group === "road") for (const p of object.polygons) roadArea += p.triangulation.area;
  const roads = roadArea > 500;
  const raster = new Raster(bounds, roads ? 0 : 1);
  for (const object of objects) {
    const walkable = object.group === "road" || (object.group === "bridge" && roads);
    for (const polygon of object.polygons) {
      const flat = Math.abs(polygon.triangulation.normal[2]) > 0.3;
      if (roads && walkable && flat) raster.paint(polygon.rings, 1);
      else if (!roads && flat && (object.group === "building" || object.group === "water"))
        raster.paint(polygon.rings, 0);
    }
  }
  // Buildings stand in the way even where a road polygon runs under them.
  if (roads)
    for (const object of objects)
      if (object.group === "building")
        for (const polygon of object.polygons)
          if (polygon.triangulation.normal[2] > 0.3) raster.paint(polygon.rings, 0);
  raster.clearEdge();
  const clearance = raster.clearance();
  // Without roads, ways keep two metres from walls.
  if (!roads) for (let at = 0; at < clearance.length; at += 1) if (clearance[at]! < 2) raster.bits[at] = 0;
  raster.thin();
  return graphFromLines(traceLines(raster, clearance), roads);
}

function deriveTrees(objects: readonly LocalObject[], ground: (x: number, y: number) => number): Tree[] {
  const trees: Tree[] = [];
  for (const object of objects) {
    const room = treesMax - trees.length;
    if (room <= 0) break;
    if (object.group === "plants")
      trees.push(
        ...scatterTrees(
          object.id,
          object.polygons.map((polygon) => polygon.rings),
          7.5,
          room,
          ground,
        ),
      );
    else if (object.group === "tree") {
      const { box } = object;
      const height = Math.max(2.5, Math.min(35, box[5] - box[2]));
      const species = shareOf(object.id) < 0.85 ? "broadleaf" : "conifer";
      trees.push({
        x: centimetres((box[0] + box[3]) / 2),
        y: centimetres((box[1] + box[4]) / 2),
        z: centimetres(box[2]),
        species,
        height: centimetres(height),
      });
    }
  }
  return trees;
}

function deriveMeters(
  objects: readonly LocalObject[],
  drafts: readonly DraftObject[],
  ground: (x: number, y: number) => number,
): { homes: FeederHome[]; meters: WorldDevice[]; panels: Panel[] } {
  const homes: FeederHome[] = [];
  const meters: WorldDevice[] = [];
  const panels: Panel[] = [];
  objects.forEach((object, number) => {
    const draft = drafts[number]!;
    if (object.group !== "building" || (draft.use !== "house" && draft.use !== "apartments")) return;
    if (object.footprint < 25 || meters.length >= metersMax || shareOf(`meter ${object.id}`) > meterShare) return;
    const id = `meter-${String(meters.length + 1).padStart(4, "0")}`;
    const x = centimetres((object.box[0] + object.box[3]) / 2);
    const y = centimetres((object.box[1] + object.box[4]) / 2);
    let solarW = 0;
    if (shareOf(`solar ${object.id}`) < solarShare) {
      const placed = placePanels(object.id, roofFaces(object), draft.use === "house" ? 14 : 40);
      panels.push(...placed.panels);
      solarW = placed.solarW;
    }
    if (solarW > 0) draft.solarW = solarW;
    draft.devices = [id];
    const place = draft.address ?? draft.name ?? `building ${object.id.slice(-8)}`;
    homes.push({ meter: id, x, y });
    meters.push({
      id,
      kind: "meter",
      name: `Smart meter, ${place}`,
      x,
      y,
      z: centimetres(Math.max(object.box[2], ground(x, y)) + 1.4),
      cityObject: object.id,
      ...(draft.address === undefined ? {} : { address: draft.address }),
      ...(solarW > 0 ? { solarW } : {}),
      yearlyKwh: Math.round(2100 + shareOf(`use ${object.id}`) * 2600),
      streams: meterStreams(solarW > 0),
    });
  });
  return { homes, meters, panels };
}

/** Sloping faces as they are; flat ones of one height together, because block models cut them into triangles. */
function roofFaces({ polygons }: LocalObject): RoofFace[] {
  const faces: RoofFace[] = polygons.filter((polygon) => polygon.kind === "roof");
  const flat = polygons.filter(
    ({ kind, triangulation }) => kind === "roofFlat" && triangulation.normal[2] > flatNormalMin,
  );
  const levels = Map.groupBy(flat, ({ triangulation }) => Math.round(triangulation.points[0]![2] * 5));
  for (const level of levels.values()) {
    const area = level.reduce((sum, { triangulation }) => sum + triangulation.area, 0);
    const rings = level.flatMap((polygon) => polygon.rings);
    faces.push({ rings, normal: [0, 0, area * 2], down: southAlongWalls(rings) });
  }
  return faces;
}

/** The walls' direction that is nearest to south: rows of panels stand along the house. Walls count by their length. */
function southAlongWalls(rings: readonly (readonly Point3[])[]): readonly [number, number] {
  const edges = new Map<string, Point3 | null>();
  for (const ring of rings)
    ring.forEach((a, at) => {
      const b = ring[(at + 1) % ring.length]!;
      const [p, q] = [`${a[0].toFixed(2)},${a[1].toFixed(2)}`, `${b[0].toFixed(2)},${b[1].toFixed(2)}`];
      const key = p < q ? `${p} ${q}` : `${q} ${p}`;
      // An edge that two faces share is no wall.
      edges.set(key, edges.has(key) ? null : [b[0] - a[0], b[1] - a[1], 0]);
    });
  let x = 0;
  let y = 0;
  for (const edge of edges.values()) {
    if (edge === null) continue;
    // Four times the angle makes right-angled walls agree.
    const angle = 4 * Math.atan2(edge[1], edge[0]);
    const length = Math.hypot(edge[0], edge[1]);
    x += length * Math.cos(angle);
    y += length * Math.sin(angle);
  }
  const turn = Math.atan2(y, x) / 4;
  return [Math.sin(turn), -Math.cos(turn)];
}

/** Lamps along streets, counters and air stations at the busiest junctions, a weather station in the middle. */
function placeStreetDevices(streets: StreetGraph, ground: (x: number, y: number) => number): WorldDevice[] {
  const devices: WorldDevice[] = [];
  const put = (
    kind: "lamp" | "traffic" | "air" | "weather",
    number: number,
    digits: number,
    name: string,
    x: number,
    y: number,
    up: number,
  ): void => {
    devices.push({
      id: `${kind}-${String(number).padStart(digits, "0")}`,
      kind,
      name,
      x: centimetres(x),
      y: centimetres(y),
      z: centimetres(ground(x, y) + up),
      streams: streamsOf[kind],
    });
  };
  let lamps = 0;
  for (const edge of streets.edges) {
    if (edge.class === "path" && edge.pavement < 0.8) continue;
    const points = edgePoints(streets, edge);
    const length = lineLength(points);
    for (let at = lampSpacing / 2; at < length && lamps < lampsMax; at += lampSpacing) {
      const { x, y, dx, dy } = alongLine(points, at);
      const side = edge.carriageway > 0 ? edge.carriageway / 2 - 0.4 : 0.8;
      lamps += 1;
      put(
        "lamp",
        lamps,
        3,
        `Street lamp ${lamps}${edge.name === "" ? "" : `, ${edge.name}`}`,
        x - dy * side,
        y + dx * side,
        4.6,
      );
    }
  }
  const weight = new Float64Array(streets.nodes.length);
  for (const edge of streets.edges) {
    weight[edge.a]! += edge.carriageway + 0.1;
    weight[edge.b]! += edge.carriageway + 0.1;
  }
  const order = [...weight.keys()].sort((a, b) => weight[b]! - weight[a]! || a - b);
  const far: number[] = [];
  for (const node of order) {
    if (far.length >= 16) break;
    const [x, y] = streets.nodes[node]!;
    if (far.every((other) => Math.hypot(streets.nodes[other]![0] - x, streets.nodes[other]![1] - y) > 60))
      far.push(node);
  }
  far.slice(0, 10).forEach((node, number) => {
    const [x, y] = streets.nodes[node]!;
    put("traffic", number + 1, 2, `Traffic counter ${number + 1}`, x + 3, y + 3, 4);
  });
  far
    .filter((_, at) => at % 2 === 1)
    .slice(0, 6)
    .forEach((node, number) => {
      const [x, y] = streets.nodes[node]!;
      put("air", number + 1, 2, `Air station ${number + 1}`, x - 4, y + 2, 2.6);
    });
  const first = far[0];
  if (first !== undefined) {
    const [x, y] = streets.nodes[first]!;
    put("weather", 1, 1, "Weather station", x + 5, y - 4, 6);
    if (far.length < 2) put("air", 1, 2, "Air station 1", x - 4, y + 2, 2.6);
  }
  return devices;
}

function placeWaterDevices(
  objects: readonly LocalObject[],
  ground: (x: number, y: number) => number,
  drafts: readonly DraftObject[],
): WorldDevice[] {
  let best = -1;
  objects.forEach((object, number) => {
    if (object.group === "water" && (best < 0 || object.footprint > objects[best]!.footprint)) best = number;
  });
  const water = objects[best];
  if (water === undefined || water.footprint < 50) return [];
  const largest = [...water.polygons].sort((a, b) => b.triangulation.area - a.triangulation.area)[0]!;
  const [x, y] = largest.triangulation.points[0]!;
  drafts[best]!.devices = ["river-1"];
  return [
    {
      id: "river-1",
      kind: "river",
      name: `River level, ${drafts[best]!.name ?? "main water"}`,
      x: centimetres(x),
      y: centimetres(y),
      z: centimetres(Math.max(water.box[2], ground(x, y)) + 1.2),
      cityObject: water.id,
      streams: streamsOf.river,
    },
  ];
}

/** Arrival: on the widest street near the middle of the buildings, looking towards that middle. */
function findSpawn(streets: StreetGraph, objects: readonly LocalObject[]): { x: number; y: number; heading: number } {
  const buildings = objects.filter((object) => object.group === "building");
  const cx = buildings.reduce((sum, { box }) => sum + (box[0] + box[3]) / 2, 0) / Math.max(1, buildings.length);
  const cy = buildings.reduce((sum, { box }) => sum + (box[1] + box[4]) / 2, 0) / Math.max(1, buildings.length);
  let best = { score: -Infinity, x: cx, y: cy, dx: 0, dy: 1 };
  for (const edge of streets.edges) {
    const points = edgePoints(streets, edge);
    const length = lineLength(points);
    const place = alongLine(points, length / 2);
    const score =
      Math.min(length, 80) + Math.min(edge.carriageway, 12) * 6 - Math.hypot(place.x - cx, place.y - cy) * 0.6;
    if (score > best.score) best = { score, ...alongLine(points, Math.min(6, length / 2)) };
  }
  const heading = ((Math.atan2(best.dx, best.dy) * 180) / Math.PI + 360) % 360;
  return { x: centimetres(best.x), y: centimetres(best.y), heading: Math.round(heading) };
}
