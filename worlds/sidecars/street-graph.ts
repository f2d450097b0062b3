// Street graphs: built from traced lines, made connected, measured and searched. At most 60,000 edges.

import type { StreetEdge, StreetGraph } from "../format/world.ts";
import { centimetres, distance2, nearestOnSegment, type Point2 } from "../geometry/vector.ts";
import type { TracedLine } from "./street-raster.ts";

/** All points of an edge in order. */
export function edgePoints(graph: StreetGraph, edge: StreetEdge): Point2[] {
  return [graph.nodes[edge.a]!, ...(edge.via ?? []), graph.nodes[edge.b]!];
}

export function lineLength(points: readonly Point2[]): number {
  let sum = 0;
  for (let index = 1; index < points.length; index += 1) sum += distance2(points[index - 1]!, points[index]!);
  return sum;
}

/** Point and direction at a distance along a line. */
export function alongLine(points: readonly Point2[], at: number): { x: number; y: number; dx: number; dy: number } {
  let rest = Math.max(0, at);
  for (let index = 1; index < points.length; index += 1) {
    const a = points[index - 1]!;
    const b = points[index]!;
    const length = distance2(a, b);
    if ((rest <= length || index === points.length - 1) && length > 0) {
      const share = Math.min(1, rest / length);
      const dx = (b[0] - a[0]) / length;
      const dy = (b[1] - a[1]) / length;
      return { x: a[0] + (b[0] - a[0]) * share, y: a[1] + (b[1] - a[1]) * share, dx, dy };
    }
    rest -= length;
  }
  const [x, y] = points[0] ?? [0, 0];
  return { x, y, dx: 1, dy: 0 };
}

/** Douglas and Peucker's simplification. */
function simplifyLine(points: readonly Point2[], tolerance: number): Point2[] {
  if (points.length < 3) return [...points];
  const first = points[0]!;
  const last = points.at(-1)!;
  let worst = 0;
  let at = 0;
  for (let index = 1; index < points.length - 1; index += 1) {
    const away = nearestOnSegment(points[index]![0], points[index]![1], first, last).distance;
    if (away > worst) {
      worst = away;
      at = index;
    }
  }
  if (worst <= tolerance) return [first, last];
  return [
    ...simplifyLine(points.slice(0, at + 1), tolerance).slice(0, -1),
    ...simplifyLine(points.slice(at), tolerance),
  ];
}

/** Component number of each node. */
export function componentsOf(graph: StreetGraph): Int32Array {
  const parent = Int32Array.from(graph.nodes, (_, index) => index);
  const root = (node: number): number => {
    let here = node;
    while (parent[here] !== here) {
      parent[here] = parent[parent[here]!]!;
      here = parent[here]!;
    }
    return here;
  };
  for (const edge of graph.edges) parent[root(edge.a)] = root(edge.b);
  return parent.map((_, index) => root(index));
}

/** Makes a graph of traced lines: short spurs go, ends that nearly touch are joined, the largest connected part stays. */
export function graphFromLines(lines: readonly TracedLine[], roads: boolean): StreetGraph {
  const spur = roads ? 4 : 10;
  const degree = new Map<number, number>();
  for (const line of lines) {
    degree.set(line.from, (degree.get(line.from) ?? 0) + 1);
    degree.set(line.to, (degree.get(line.to) ?? 0) + 1);
  }
  const nodes: Point2[] = [];
  const known = new Map<number, number>();
  const node = (cell: number, point: Point2): number => {
    let index = known.get(cell);
    if (index === undefined) {
      index = nodes.length;
      nodes.push([centimetres(point[0]), centimetres(point[1])]);
      known.set(cell, index);
    }
    return index;
  };
  const edges: StreetEdge[] = [];
  for (const line of lines) {
    const length = lineLength(line.points);
    const loose = degree.get(line.from) === 1 || degree.get(line.to) === 1;
    if (line.from === line.to || (loose && length < Math.max(spur, line.clearance * 1.5))) continue;
    const simple = simplifyLine(line.points, 0.8);
    const width = line.clearance * 2;
    const carriageway = roads && width >= 4.5 ? centimetres(Math.min(14, width)) : 0;
    edges.push({
      a: node(line.from, simple[0]!),
      b: node(line.to, simple.at(-1)!),
      name: "",
      class: carriageway >= 9 ? "street" : carriageway > 0 ? "lane" : "path",
      carriageway,
      pavement: carriageway > 0 ? 0 : centimetres(Math.min(3, width / 2)),
      lanes: carriageway >= 9 ? 2 : carriageway > 0 ? 1 : 0,
      ...(simple.length > 2
        ? { via: simple.slice(1, -1).map(([x, y]) => [centimetres(x), centimetres(y)] as const) }
        : {}),
    });
    if (edges.length >= 60_000) break;
  }
  return largestPart(joinParts({ nodes, edges }, 30));
}

/** Links separate parts by their nearest nodes, as far as `reach` metres. */
function joinParts(graph: StreetGraph, reach: number): StreetGraph {
  const edges = [...graph.edges];
  for (let round = 0; round < 400; round += 1) {
    const part = componentsOf({ nodes: graph.nodes, edges });
    const sizes = new Map<number, number>();
    for (const p of part) sizes.set(p, (sizes.get(p) ?? 0) + 1);
    if (sizes.size < 2) break;
    const main = [...sizes].sort((a, b) => b[1] - a[1])[0]![0];
    let best: { a: number; b: number; distance: number } | null = null;
    const buckets = new Map<string, number[]>();
    const key = (x: number, y: number): string => `${Math.floor(x / reach)},${Math.floor(y / reach)}`;
    graph.nodes.forEach(([x, y], index) => {
      if (part[index] !== main) return;
      const list = buckets.get(key(x, y));
      if (list === undefined) buckets.set(key(x, y), [index]);
      else list.push(index);
    });
    graph.nodes.forEach((point, index) => {
      if (part[index] === main) return;
      for (let dx = -1; dx <= 1; dx += 1)
        for (let dy = -1; dy <= 1; dy += 1)
          for (const other of buckets.get(key(point[0] + dx * reach, point[1] + dy * reach)) ?? []) {
            const away = distance2(point, graph.nodes[other]!);
            if (away <= reach && (best === null || away < best.distance)) best = { a: index, b: other, distance: away };
          }
    });
    if (best === null) break;
    const { a, b } = best as { a: number; b: number };
    edges.push({ a, b, name: "", class: "path", carriageway: 0, pavement: 1, lanes: 0 });
  }
  return { nodes: graph.nodes, edges };
}

/** Keeps the part with the most street length. */
export function largestPart(graph: StreetGraph): StreetGraph {
  const part = componentsOf(graph);
  const length = new Map<number, number>();
  for (const edge of graph.edges) {
    const p = part[edge.a]!;
    length.set(p, (length.get(p) ?? 0) + lineLength(edgePoints(graph, edge)));
  }
  const main = [...length].sort((a, b) => b[1] - a[1])[0]?.[0];
  const renumber = new Map<number, number>();
  const nodes: Point2[] = [];
  graph.nodes.forEach((point, index) => {
    if (part[index] !== main) return;
    renumber.set(index, nodes.length);
    nodes.push([point[0], point[1]]);
  });
  const edges = graph.edges
    .filter((edge) => part[edge.a] === main)
    .map((edge) => ({ ...edge, a: renumber.get(edge.a)!, b: renumber.get(edge.b)! }));
  return { nodes, edges };
}

/** Finds the nearest edge quickly. */
export class StreetIndex {
  private readonly cells = new Map<string, { edge: number; segment: number; a: Point2; b: Point2 }[]>();
  private readonly size = 40;
  readonly graph: StreetGraph;

  constructor(graph: StreetGraph) {
    this.graph = graph;
    graph.edges.forEach((edge, number) => {
      const points = edgePoints(graph, edge);
      for (let index = 1; index < points.length; index += 1) {
        const a = points[index - 1]!;
        const b = points[index]!;
        for (
          let x = Math.floor(Math.min(a[0], b[0]) / this.size);
          x <= Math.floor(Math.max(a[0], b[0]) / this.size);
          x += 1
        )
          for (
            let y = Math.floor(Math.min(a[1], b[1]) / this.size);
            y <= Math.floor(Math.max(a[1], b[1]) / this.size);
            y += 1
          ) {
            const key = `${x},${y}`;
            const list = this.cells.get(key) ?? [];
            if (list.length === 0) this.cells.set(key, list);
            list.push({ edge: number, segment: index - 1, a, b });
          }
      }
    });
  }

  /** Nearest point on an edge that passes the test, within about 400 m; `along` is metres from the edge's start. */
  nearest(
    x: number,
    y: number,
    accept: (edge: StreetEdge) => boolean = () => true,
  ): { edge: number; distance: number; x: number; y: number; along: number } | null {
    const column = Math.floor(x / this.size);
    const row = Math.floor(y / this.size);
    let best: { edge: number; segment: number; distance: number; x: number; y: number } | null = null;
    for (let ring = 0; ring <= 10; ring += 1) {
      if (best !== null && best.distance < (ring - 1) * this.size) break;
      for (let cx = column - ring; cx <= column + ring; cx += 1)
        for (let cy = row - ring; cy <= row + ring; cy += 1) {
          if (Math.max(Math.abs(cx - column), Math.abs(cy - row)) !== ring) continue;
          for (const item of this.cells.get(`${cx},${cy}`) ?? []) {
            if (!accept(this.graph.edges[item.edge]!)) continue;
            const near = nearestOnSegment(x, y, item.a, item.b);
            if (best === null || near.distance < best.distance)
              best = { edge: item.edge, segment: item.segment, distance: near.distance, x: near.x, y: near.y };
          }
        }
    }
    if (best === null) return null;
    const points = edgePoints(this.graph, this.graph.edges[best.edge]!);
    const along = lineLength(points.slice(0, best.segment + 1)) + distance2(points[best.segment]!, [best.x, best.y]);
    return { edge: best.edge, distance: best.distance, x: best.x, y: best.y, along };
  }
}
