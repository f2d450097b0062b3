// Ways through the street graph, and where one may stand: what walking on the map needs. Pure; metres in the world's local frame.
// Dijkstra with a plain list: city graphs of some thousand nodes take milliseconds. Graphs beyond 20,000 nodes get a straight line.

import type { StreetEdge, StreetGraph } from "../../worlds/format/world.ts";

export type Point = readonly [x: number, y: number];

const nodesMax = 20_000;

const apart = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** The points of an edge from `a` to `b`; empty when the graph lacks an end. */
export function edgeLine(graph: StreetGraph, edge: StreetEdge): readonly Point[] {
  const a = graph.nodes[edge.a];
  const b = graph.nodes[edge.b];
  return a === undefined || b === undefined ? [] : [a, ...(edge.via ?? []), b];
}

/** The point of a segment nearest to `p`. */
function nearestOnSegment(a: Point, b: Point, p: Point): Point {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length));
  return [a[0] + along * dx, a[1] + along * dy];
}

interface OnStreet {
  readonly edge: StreetEdge;
  readonly line: readonly Point[];
  /** Index of the segment's first point in `line`. */
  readonly segment: number;
  readonly point: Point;
  readonly distance: number;
}

/** The nearest point on any street. */
export function nearestStreet(graph: StreetGraph, p: Point): OnStreet | null {
  let best: OnStreet | null = null;
  for (const edge of graph.edges) {
    const line = edgeLine(graph, edge);
    for (let segment = 0; segment + 1 < line.length; segment++) {
      const point = nearestOnSegment(line[segment] as Point, line[segment + 1] as Point, p);
      const distance = apart(point, p);
      if (best === null || distance < best.distance) best = { edge, line, segment, point, distance };
    }
  }
  return best;
}

/** Half the width of a street with its pavements. */
export const halfWidth = (edge: StreetEdge): number => Math.max(2, edge.carriageway / 2 + edge.pavement);

interface Link {
  readonly to: number;
  readonly cost: number;
  readonly line: readonly Point[];
}

/** The way from one point to another along the streets, without its first point. Always ends at `to`. */
export function route(graph: StreetGraph, from: Point, to: Point): readonly Point[] {
  const start = nearestStreet(graph, from);
  const end = nearestStreet(graph, to);
  if (start === null || end === null || graph.nodes.length > nodesMax || apart(from, to) < 25) return [to];
  const links = new Map<number, Link[]>();
  const link = (a: number, b: number, line: readonly Point[]): void => {
    let cost = 0;
    for (let i = 0; i + 1 < line.length; i++) cost += apart(line[i] as Point, line[i + 1] as Point);
    links.set(a, [...(links.get(a) ?? []), { to: b, cost, line }]);
    links.set(b, [...(links.get(b) ?? []), { to: a, cost, line: line.toReversed() }]);
  };
  for (const edge of graph.edges) {
    const line = edgeLine(graph, edge);
    if (line.length > 0) link(edge.a, edge.b, line);
  }
  // Where the way enters and leaves the streets are nodes of their own.
  const [source, goal] = [-1, -2];
  const attach = (node: number, { edge, line, segment, point }: OnStreet): void => {
    link(node, edge.a, [point, ...line.slice(0, segment + 1).toReversed()]);
    link(node, edge.b, [point, ...line.slice(segment + 1)]);
  };
  attach(source, start);
  attach(goal, end);
  if (start.edge === end.edge) link(source, goal, between(start, end));

  const cost = new Map<number, number>([[source, 0]]);
  const cameBy = new Map<number, { readonly from: number; readonly line: readonly Point[] }>();
  const open = new Set<number>([source]);
  while (open.size > 0) {
    let node = source;
    let least = Number.POSITIVE_INFINITY;
    for (const one of open) {
      const value = cost.get(one) ?? Number.POSITIVE_INFINITY;
      if (value < least) [node, least] = [one, value];
    }
    open.delete(node);
    if (node === goal) break;
    for (const { to: next, cost: length, line } of links.get(node) ?? []) {
      const total = least + length;
      if (total >= (cost.get(next) ?? Number.POSITIVE_INFINITY)) continue;
      cost.set(next, total);
      cameBy.set(next, { from: node, line });
      open.add(next);
    }
  }
  if (!cameBy.has(goal)) return [to];
  const legs: (readonly Point[])[] = [];
  for (let node = goal; node !== source; ) {
    const leg = cameBy.get(node);
    if (leg === undefined) return [to];
    legs.unshift(leg.line);
    node = leg.from;
  }
  const way = [start.point, ...legs.flatMap((line) => line.slice(1)), to];
  return way.filter((point, number) => number === way.length - 1 || apart(point, way[number + 1] as Point) > 0.01);
}

function between(start: OnStreet, end: OnStreet): readonly Point[] {
  const { line } = start;
  if (start.segment <= end.segment) return [start.point, ...line.slice(start.segment + 1, end.segment + 1), end.point];
  return [start.point, ...line.slice(end.segment + 1, start.segment + 1).toReversed(), end.point];
}

/** Goes `metres` along a way; says where that ends, which way one looks (degrees, 0 north) and what is left of the way. */
export function advance(
  from: Point,
  way: readonly Point[],
  metres: number,
): { readonly at: Point; readonly heading: number | null; readonly left: readonly Point[] } {
  let at = from;
  let left = way;
  let budget = metres;
  let heading: number | null = null;
  while (left.length > 0 && budget > 0) {
    const next = left[0] as Point;
    const distance = apart(at, next);
    if (distance > 1e-6) heading = headingOf(next[0] - at[0], next[1] - at[1]);
    if (distance > budget) {
      const part = budget / distance;
      return { at: [at[0] + (next[0] - at[0]) * part, at[1] + (next[1] - at[1]) * part], heading, left };
    }
    at = next;
    left = left.slice(1);
    budget -= distance;
  }
  return { at, heading, left };
}

/** Compass heading of a direction, 0 to 360. */
export const headingOf = (dx: number, dy: number): number => ((Math.atan2(dx, dy) * 180) / Math.PI + 360) % 360;
