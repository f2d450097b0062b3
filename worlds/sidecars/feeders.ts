// A synthetic low-voltage network: homes grouped by neighbourhood, a transformer each, cables along the streets (Dijkstra).

import type { FeederNetwork, StreetGraph } from "../format/world.ts";
import { centimetres, distance2, type Point2 } from "../geometry/vector.ts";
import { alongLine, edgePoints, lineLength, type StreetIndex } from "./street-graph.ts";

export interface FeederHome {
  readonly meter: string;
  readonly x: number;
  readonly y: number;
}

type Feeder = FeederNetwork["feeders"][number];

/** @param homesPerFeeder about how many homes share a transformer. */
export function planFeeders(
  homes: readonly FeederHome[],
  streets: StreetGraph,
  index: StreetIndex,
  homesPerFeeder: number,
): { network: FeederNetwork; feederOf: ReadonlyMap<string, string> } {
  const feederOf = new Map<string, string>();
  const feeders: Feeder[] = [];
  if (streets.edges.length === 0) return { network: { feeders }, feederOf };
  const lengths = streets.edges.map((edge) => lineLength(edgePoints(streets, edge)));
  const ways: { edge: number; other: number }[][] = streets.nodes.map(() => []);
  streets.edges.forEach((edge, number) => {
    ways[edge.a]!.push({ edge: number, other: edge.b });
    ways[edge.b]!.push({ edge: number, other: edge.a });
  });
  groupHomes([...homes], homesPerFeeder).forEach((group, number) => {
    const id = `feeder-${String(number + 1).padStart(2, "0")}`;
    const feeder = planFeeder(id, group, streets, index, lengths, ways);
    if (feeder === null) return;
    feeders.push(feeder);
    for (const home of group) feederOf.set(home.meter, id);
  });
  return { network: { feeders }, feederOf };
}

/** Halves the homes at the median of the longer side until the groups are small enough. */
function groupHomes(homes: FeederHome[], size: number): FeederHome[][] {
  if (homes.length === 0) return [];
  if (homes.length <= size * 1.3) return [homes];
  const xs = homes.map((home) => home.x);
  const ys = homes.map((home) => home.y);
  const wide = Math.max(...xs) - Math.min(...xs) > Math.max(...ys) - Math.min(...ys);
  homes.sort((a, b) => (wide ? a.x - b.x : a.y - b.y) || (a.meter < b.meter ? -1 : 1));
  const parts = Math.max(2, Math.round(homes.length / size));
  const cut = Math.round((homes.length * Math.floor(parts / 2)) / parts);
  return [...groupHomes(homes.slice(0, cut), size), ...groupHomes(homes.slice(cut), size)];
}

function planFeeder(
  id: string,
  homes: readonly FeederHome[],
  streets: StreetGraph,
  index: StreetIndex,
  lengths: readonly number[],
  ways: readonly (readonly { edge: number; other: number }[])[],
): Feeder | null {
  const middle: Point2 = [mean(homes.map((home) => home.x)), mean(homes.map((home) => home.y))];
  const centre = index.nearest(middle[0], middle[1]);
  if (centre === null) return null;
  const root = streets.edges[centre.edge]!.a;
  const before = shortestPaths(root, streets, lengths, ways);
  const nodes: Point2[] = [];
  const cables: { from: number; to: number; length: number }[] = [];
  const known = new Map<string, number>();
  const node = (key: string, x: number, y: number): number => {
    let at = known.get(key);
    if (at === undefined) {
      at = nodes.length;
      nodes.push([centimetres(x), centimetres(y)]);
      known.set(key, at);
    }
    return at;
  };
  const [rootX, rootY] = streets.nodes[root]!;
  node(`n${root}`, rootX, rootY);
  /** Lays cable from the root to a street node, as far as it is not there yet. */
  const reach = (street: number): number => {
    const key = `n${street}`;
    const there = known.get(key);
    if (there !== undefined) return there;
    const step = before[street];
    const [x, y] = streets.nodes[street]!;
    if (step === undefined || step === null) return 0;
    const from = reach(step.from);
    const to = node(key, x, y);
    cables.push({ from, to, length: centimetres(lengths[step.edge]!) });
    return to;
  };
  // Homes on the same street hang on one cable, in order of their distance from its fed end.
  const perEdge = new Map<number, { home: FeederHome; along: number }[]>();
  for (const home of homes) {
    const near = index.nearest(home.x, home.y);
    if (near === null) continue;
    const list = perEdge.get(near.edge) ?? [];
    if (list.length === 0) perEdge.set(near.edge, list);
    list.push({ home, along: near.along });
  }
  const connections: Feeder["connections"][number][] = [];
  for (const [edgeNumber, list] of perEdge) {
    const edge = streets.edges[edgeNumber]!;
    const points = edgePoints(streets, edge);
    const fromB = before[edge.a]?.edge === edgeNumber;
    let here = reach(fromB ? edge.b : edge.a);
    let at = fromB ? lengths[edgeNumber]! : 0;
    for (const { home, along } of list.sort((p, q) => (fromB ? q.along - p.along : p.along - q.along))) {
      const place = alongLine(points, along);
      const joint = node(`e${edgeNumber}:${Math.round(along * 10)}`, place.x, place.y);
      if (joint !== here && !cables.some((cable) => cable.to === joint))
        cables.push({ from: here, to: joint, length: centimetres(Math.max(0.1, Math.abs(along - at))) });
      here = joint;
      at = along;
      const service = node(`h${home.meter}`, home.x, home.y);
      cables.push({
        from: joint,
        to: service,
        length: centimetres(Math.max(1, distance2([place.x, place.y], [home.x, home.y]))),
      });
      connections.push({ meter: home.meter, node: service, phase: ((connections.length % 3) + 1) as 1 | 2 | 3 });
    }
  }
  const ratedKva = [50, 100, 160, 250, 400, 630].find((kva) => kva >= connections.length * 4.2) ?? 630;
  return {
    id,
    name: `Feeder ${Number(id.slice(-2))}`,
    transformer: { x: nodes[0]![0], y: nodes[0]![1], ratedKva },
    nodes,
    cables,
    connections,
  };
}

/** Dijkstra with a binary heap: the edge by which each node is reached. */
function shortestPaths(
  root: number,
  streets: StreetGraph,
  lengths: readonly number[],
  ways: readonly (readonly { edge: number; other: number }[])[],
): ({ from: number; edge: number } | null | undefined)[] {
  const before: ({ from: number; edge: number } | null | undefined)[] = new Array(streets.nodes.length);
  const far = new Float64Array(streets.nodes.length).fill(Infinity);
  const done = new Uint8Array(streets.nodes.length);
  const heap: { node: number; far: number }[] = [{ node: root, far: 0 }];
  far[root] = 0;
  before[root] = null;
  while (heap.length > 0) {
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) sink(heap, last);
    if (done[top.node] === 1) continue;
    done[top.node] = 1;
    for (const { edge, other } of ways[top.node]!) {
      const next = top.far + lengths[edge]!;
      if (next >= far[other]!) continue;
      far[other] = next;
      before[other] = { from: top.node, edge };
      rise(heap, { node: other, far: next });
    }
  }
  return before;
}

function sink(heap: { node: number; far: number }[], item: { node: number; far: number }): void {
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.far < heap[child]!.far) child += 1;
    if (heap[child]!.far >= item.far) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = item;
}

function rise(heap: { node: number; far: number }[], item: { node: number; far: number }): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]!.far <= item.far) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = item;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
