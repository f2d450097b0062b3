// One tram line down the main axis and two bus lines over the boulevards; their paths follow the street graph.

import type { StreetGraph, TransitLine, TransitNetwork } from "../format/world.ts";
import { centimetres, distance2, nearestOnSegment, type Point2, type Point3 } from "../geometry/vector.ts";
import { edgePoints, lineLength } from "../sidecars/street-graph.ts";
import { kerbHeight } from "./ground.ts";

/** Height of a street's middle line: flat but for bridges. */
function edgeHeights(points: readonly Point2[], bridge: number | undefined): Point3[] {
  const total = lineLength(points);
  if (bridge === undefined) return points.map(([x, y]) => [x, y, -kerbHeight]);
  const parts = 12;
  return Array.from({ length: parts + 1 }, (_, index) => {
    const t = index / parts;
    const [a, b] = [points[0]!, points.at(-1)!];
    return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, bridge * 4 * t * (1 - t) - kerbHeight] as Point3;
  }).filter(() => total > 0);
}

/** Cheapest way over the graph; `cost` above one keeps lines on their streets. */
function route(
  graph: StreetGraph,
  places: readonly Point2[],
  cost: (edge: StreetGraph["edges"][number]) => number,
): Point3[] {
  const nearest = (place: Point2): number => {
    let best = 0;
    graph.nodes.forEach((node, index) => {
      if (distance2(node, place) < distance2(graph.nodes[best]!, place)) best = index;
    });
    return best;
  };
  const path: Point3[] = [];
  for (let leg = 0; leg + 1 < places.length; leg += 1) {
    const [from, to] = [nearest(places[leg]!), nearest(places[leg + 1]!)];
    const far = new Float64Array(graph.nodes.length).fill(Infinity);
    const before: ({ edge: number; node: number } | undefined)[] = [];
    const open = new Set([from]);
    far[from] = 0;
    while (open.size > 0) {
      let here = -1;
      for (const node of open) if (here < 0 || far[node]! < far[here]!) here = node;
      open.delete(here);
      if (here === to) break;
      graph.edges.forEach((edge, number) => {
        const other = edge.a === here ? edge.b : edge.b === here ? edge.a : -1;
        if (other < 0) return;
        const next = far[here]! + lineLength(edgePoints(graph, edge)) * cost(edge);
        if (next < far[other]!) {
          far[other] = next;
          before[other] = { edge: number, node: here };
          open.add(other);
        }
      });
    }
    const pieces: Point3[][] = [];
    for (let here = to; here !== from; ) {
      const step = before[here];
      if (step === undefined) break;
      const edge = graph.edges[step.edge]!;
      const heights = edgeHeights(edgePoints(graph, edge), edge.bridge);
      pieces.unshift(edge.b === here ? heights : heights.reverse());
      here = step.node;
    }
    for (const piece of pieces)
      for (const point of piece) if (path.length === 0 || distance2(path.at(-1)!, point) > 0.3) path.push(point);
  }
  return path.map(([x, y, z]) => [centimetres(x), centimetres(y), centimetres(z)] as const);
}

/** Distance along the path of the place nearest to a point. */
function placeOn(path: readonly Point3[], [x, y]: Point2): number {
  let best = { distance: Infinity, at: 0 };
  let sum = 0;
  for (let index = 1; index < path.length; index += 1) {
    const [a, b] = [path[index - 1]!, path[index]!];
    const near = nearestOnSegment(x, y, a, b);
    const length = distance2(a, b);
    if (near.distance < best.distance) best = { distance: near.distance, at: sum + near.at * length };
    sum += length;
  }
  return centimetres(Math.max(4, Math.min(sum - 4, best.at)));
}

type Stop = readonly [name: string, x: number, y: number];

export function planTransit(graph: StreetGraph): TransitNetwork {
  const make = (
    id: string,
    kind: "tram" | "bus",
    name: string,
    colour: string,
    stops: readonly Stop[],
    vehicles: number,
    first: number,
    speed: number,
  ): TransitLine => {
    const cost = (edge: StreetGraph["edges"][number]): number =>
      kind === "tram"
        ? edge.tram === true
          ? 1
          : 8
        : edge.class === "boulevard"
          ? 1
          : edge.carriageway >= 6.5
            ? 1.25
            : 5;
    const path = route(
      graph,
      stops.map(([, x, y]) => [x, y] as const),
      cost,
    );
    return {
      id,
      kind,
      name,
      colour,
      path,
      stops: stops.map(([stop, x, y]) => ({ name: stop, at: placeOn(path, [x, y]) })).sort((a, b) => a.at - b.at),
      vehicles: Array.from({ length: vehicles }, (_, index) => `${kind}-${first + index}`),
      speed,
      dwell: kind === "tram" ? 18 : 14,
    };
  };
  return {
    lines: [
      make(
        "line-1",
        "tram",
        "Tram 1, Station to South Gardens",
        "#D55E00",
        [
          ["Central Station", 2, 505],
          ["Northern Gate", 4, 392],
          ["Minster Street", -12, 300],
          ["Town Hall", -33, 158],
          ["Quayside", -14, 12],
          ["South Bank", 4, -150],
          ["Southern Road", 20, -332],
          ["Meadow Road", 10, -478],
          ["South Gardens", -3, -610],
        ],
        4,
        1,
        8,
      ),
      make(
        "line-10",
        "bus",
        "Bus 10, Western Avenue to Observatory",
        "#0072B2",
        [
          ["Western Gate", -720, 92],
          ["Sluice Street", -580, 101],
          ["Palm House", -440, 127],
          ["West Ring", -240, 180],
          ["Northern Gate", 4, 388],
          ["East Ring", 270, 140],
          ["Concert Shell", 460, 150],
          ["Hill Park", 640, 190],
        ],
        3,
        1,
        7.5,
      ),
      make(
        "line-20",
        "bus",
        "Bus 20, Harbour to College",
        "#009E73",
        [
          ["Dock Road", -700, 8],
          ["Sluice Street", -580, 40],
          ["Harbour Bridge", -262, -28],
          ["Harbour Road", -348, -345],
          ["Southern Road", 20, -330],
          ["College Road", 272, -340],
          ["University", 560, -258],
          ["Faculty Road", 600, -150],
        ],
        3,
        4,
        7.5,
      ),
    ],
  };
}
