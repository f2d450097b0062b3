// Devices of the default city: meters in homes, lamps along streets, stations, counters, levels, vehicles.

import type { StreetGraph, TransitNetwork, WorldDevice } from "../format/world.ts";
import type { Random } from "../geometry/random.ts";
import { centimetres, distance2, type Point2 } from "../geometry/vector.ts";
import { meterStreams, streamsOf } from "../sidecars/streams.ts";
import { alongLine, edgePoints, lineLength } from "../sidecars/street-graph.ts";
import { hillHeight } from "./districts.ts";
import { waterLevel } from "./plan.ts";

export interface Home {
  readonly object: string;
  readonly address: string;
  readonly x: number;
  readonly y: number;
  readonly solarW: number;
  readonly use: "house" | "apartments";
}

export function meterDevices(
  homes: readonly Home[],
  feederOf: ReadonlyMap<string, string>,
  random: Random,
): WorldDevice[] {
  return homes.map((home, index) => {
    const id = meterId(index);
    const feeder = feederOf.get(id);
    return {
      id,
      kind: "meter",
      name: `Smart meter, ${home.address}`,
      x: centimetres(home.x),
      y: centimetres(home.y),
      z: 1.5,
      cityObject: home.object,
      address: home.address,
      ...(home.solarW > 0 ? { solarW: home.solarW } : {}),
      yearlyKwh: Math.round(home.use === "house" ? random.between(2600, 4900) : random.between(1500, 3100)),
      ...(feeder === undefined ? {} : { feeder }),
      streams: meterStreams(home.solarW > 0),
    };
  });
}

export const meterId = (index: number): string => `meter-${String(index + 1).padStart(4, "0")}`;

const lampsMax = 520;
const rank: Readonly<Record<string, number>> = { boulevard: 0, square: 1, street: 2, lane: 3, path: 4 };

/** Lamps about every 28 m, on alternating sides, main streets first. */
export function lampDevices(graph: StreetGraph, blocked: (x: number, y: number) => boolean): WorldDevice[] {
  const lamps: WorldDevice[] = [];
  const placed: Point2[] = [];
  const score = (edge: StreetGraph["edges"][number]): number => {
    const [x, y] = graph.nodes[edge.a]!;
    return rank[edge.class]! * 160 + Math.hypot(x - 10, y - 120) - (edge.tram === true ? 200 : 0);
  };
  for (const edge of [...graph.edges].sort((a, b) => score(a) - score(b))) {
    if (edge.name === "" || edge.bridge !== undefined) continue;
    const points = edgePoints(graph, edge);
    const length = lineLength(points);
    let side = 1;
    for (let at = Math.min(14, length / 2); at < length - 6 && lamps.length < lampsMax; at += 28) {
      const { x, y, dx, dy } = alongLine(points, at);
      const off = edge.carriageway / 2 + (edge.class === "lane" ? 0.5 : 0.75);
      const [lx, ly] = [x - dy * off * side, y + dx * off * side];
      side = -side;
      if (
        Math.abs(lx) > 800 ||
        Math.abs(ly) > 680 ||
        blocked(lx, ly) ||
        placed.some((other) => distance2(other, [lx, ly]) < 15)
      )
        continue;
      placed.push([lx, ly]);
      const number = lamps.length + 1;
      lamps.push(
        device(
          "lamp",
          `lamp-${String(number).padStart(3, "0")}`,
          `Street lamp ${number}, ${edge.name}`,
          lx,
          ly,
          edge.class === "lane" ? 3.8 : 5.2,
        ),
      );
    }
  }
  return lamps;
}

function device(
  kind: Exclude<WorldDevice["kind"], "meter">,
  id: string,
  name: string,
  x: number,
  y: number,
  up: number,
  cityObject?: string,
): WorldDevice {
  return {
    id,
    kind,
    name,
    x: centimetres(x),
    y: centimetres(y),
    z: centimetres(hillHeight(x, y) + up),
    ...(cityObject === undefined ? {} : { cityObject }),
    streams: streamsOf[kind],
  };
}

const airPlaces: readonly (readonly [string, number, number])[] = [
  ["Town Hall Square", 52, 132],
  ["Station Square", 44, 512],
  ["Concert Shell", 340, 62],
  ["Hill Park", 500, 268],
  ["University", 392, -262],
  ["Harbour", -604, -40],
  ["Southern Road", 34, -344],
  ["Palm House Garden", -318, 214],
];

export function stationDevices(graph: StreetGraph, river: string): WorldDevice[] {
  const devices: WorldDevice[] = airPlaces.map(([name, x, y], index) =>
    device("air", `air-${String(index + 1).padStart(2, "0")}`, `Air station, ${name}`, x, y, 2.6),
  );
  const weight = new Float64Array(graph.nodes.length);
  const names: Set<string>[] = graph.nodes.map(() => new Set());
  for (const edge of graph.edges)
    for (const node of [edge.a, edge.b]) {
      weight[node]! += edge.carriageway;
      if (edge.name !== "") names[node]!.add(edge.name);
    }
  const chosen: number[] = [];
  for (const node of [...weight.keys()].sort((a, b) => weight[b]! - weight[a]! || a - b)) {
    if (chosen.length === 16) break;
    const point = graph.nodes[node]!;
    if (
      Math.hypot(point[0], point[1]) > 760 ||
      names[node]!.size < 2 ||
      chosen.some((other) => distance2(graph.nodes[other]!, point) < 130)
    )
      continue;
    chosen.push(node);
  }
  chosen.forEach((node, index) => {
    const edge = graph.edges.find((item) => item.a === node || item.b === node)!;
    const points = edgePoints(graph, edge);
    const place = alongLine(edge.a === node ? points : [...points].reverse(), 14);
    const off = edge.carriageway / 2 + 0.8;
    devices.push(
      device(
        "traffic",
        `traffic-${String(index + 1).padStart(2, "0")}`,
        `Traffic counter, ${[...names[node]!].slice(0, 2).join(" and ")}`,
        place.x - place.dy * off,
        place.y + place.dx * off,
        4.6,
      ),
    );
  });
  const level = (id: string, name: string, x: number, y: number): WorldDevice => ({
    ...device("river", id, name, x, y, 0, river),
    z: waterLevel + 1.2,
  });
  devices.push(
    level("river-1", "River level, Old Bridge", 4, -66),
    level("river-2", "River level, Harbour", -585, -212),
  );
  devices.push(device("weather", "weather-1", "Weather station, Observatory", 556, 296, 3));
  return devices;
}

/** Vehicles stand at their line's start until they report. */
export function vehicleDevices(transit: TransitNetwork): WorldDevice[] {
  return transit.lines.flatMap((line) =>
    line.vehicles.map((id) => {
      const [x, y, z] = line.path[0] ?? [0, 0, 0];
      return {
        id,
        kind: line.kind,
        name: `${line.kind === "tram" ? "Tram" : "Bus"} ${id.split("-")[1]}, ${line.name.split(",")[0]}`,
        x,
        y,
        z,
        streams: streamsOf[line.kind],
      };
    }),
  );
}
