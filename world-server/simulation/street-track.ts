// A closed polyline beside the streets' middle lines: the pavement or lane on which someone goes round a route.

import type { StreetEdge } from "../../worlds/format/world.ts";
import { distance, meeting, type Point, rightMitres } from "./geometry.ts";
import { centreLine, endOf, type StreetRouter } from "./street-router.ts";

/** What a vertex is: matters for waiting and for speed. */
type VertexKind = "way" | "middle" | "kerb" | "crossing";

/** Vertex i, and the segment from it to vertex i + 1; after the last comes the first. */
export interface TrackVertex {
  readonly x: number;
  readonly y: number;
  readonly kind: VertexKind;
  /** The segment's street edge and where on it (0 at a, 1 at b) it begins and ends. */
  readonly edge: number;
  readonly from: number;
  readonly to: number;
  /** Cosine of the turn at a junction of three or more streets; 1 elsewhere. */
  readonly turn: number;
}

interface Leg {
  readonly directed: number;
  readonly vertices: { readonly x: number; readonly y: number; readonly fraction: number; readonly middle: boolean }[];
  readonly first: Point;
  readonly last: Point;
}

/**
 * The track of a closed route. `offset` is metres to the right of the middle line; `pieces` is into how many parts a
 * turn is rounded (1: straight over the corner point).
 */
export function trackOf(
  router: StreetRouter,
  route: readonly number[],
  offset: (edge: StreetEdge) => number,
  pieces: number,
): TrackVertex[] {
  const legs = route.map((directed) => legOf(router, directed, offset(router.graph.edges[directed >> 1]!)));
  const track: TrackVertex[] = [];
  legs.forEach((leg, number) => {
    const next = legs[(number + 1) % legs.length]!;
    const edge = leg.directed >> 1;
    leg.vertices.forEach((vertex, i) => {
      const to = leg.vertices[i + 1];
      if (to === undefined) return;
      const kind = vertex.middle ? "middle" : "way";
      track.push({ x: vertex.x, y: vertex.y, kind, edge, from: vertex.fraction, to: to.fraction, turn: 1 });
    });
    track.push(...connection(router, leg, next, pieces));
  });
  return track;
}

/** The part of an edge between its two junctions, moved aside. */
function legOf(router: StreetRouter, directed: number, offset: number): Leg {
  const centre = centreLine(router.graph, directed);
  const mitres = rightMitres(centre);
  const length = router.lengths[directed >> 1]!;
  const cut = (node: number): number => Math.min(length * 0.4, router.nodeRadius[node]! + 0.5);
  const start = cut(endOf(router.graph, directed ^ 1));
  const end = length - cut(endOf(router.graph, directed));
  const moved = centre.map(([x, y], i): Point => [x + mitres[i]![0] * offset, y + mitres[i]![1] * offset]);
  const vertices: Leg["vertices"] = [];
  const wanted = [start, (start + end) / 2, end];
  let along = 0;
  let next = 0;
  for (let i = 0; i + 1 < centre.length; i++) {
    const span = distance(centre[i]!, centre[i + 1]!);
    const add = (at: number, middle: boolean): void => {
      const f = span > 0 ? (at - along) / span : 0;
      const fraction = directed & 1 ? 1 - at / length : at / length;
      vertices.push({
        x: moved[i]![0] + (moved[i + 1]![0] - moved[i]![0]) * f,
        y: moved[i]![1] + (moved[i + 1]![1] - moved[i]![1]) * f,
        fraction,
        middle,
      });
    };
    if (along > start && along < end) add(along, false);
    const last = i + 2 === centre.length;
    while (next < 3 && (wanted[next]! < along + span || last)) add(wanted[next]!, next++ === 1);
    along += span;
  }
  const direction = (a: Point, b: Point): Point => {
    const span = distance(a, b) || 1;
    return [(b[0] - a[0]) / span, (b[1] - a[1]) / span];
  };
  return {
    directed,
    vertices,
    first: direction(centre[0]!, centre[1]!),
    last: direction(centre.at(-2)!, centre.at(-1)!),
  };
}

/** From the end of a leg over the junction to, but without, the start of the next. */
function connection(router: StreetRouter, leg: Leg, next: Leg, pieces: number): TrackVertex[] {
  const a = leg.vertices.at(-1)!;
  const b = next.vertices[0]!;
  const from: Point = [a.x, a.y];
  const to: Point = [b.x, b.y];
  const span = distance(from, to);
  const node = endOf(router.graph, leg.directed);
  const cosine = leg.last[0] * next.first[0] + leg.last[1] * next.first[1];
  const turn = router.degree[node]! > 2 || cosine < 0.5 ? cosine : 1;
  let corner = meeting(from, leg.last, to, next.first);
  if (corner !== null) {
    const ahead = (corner[0] - from[0]) * leg.last[0] + (corner[1] - from[1]) * leg.last[1];
    const behind = (to[0] - corner[0]) * next.first[0] + (to[1] - corner[1]) * next.first[1];
    if (ahead < 0 || behind < 0 || ahead + behind > 3 * span + 1) corner = null;
  }
  // Without a corner the two lines run alongside or back: bend through points straight ahead of either end.
  const reach = cosine < -0.5 ? span * 0.7 : span / 3;
  const c1: Point = corner ?? [from[0] + leg.last[0] * reach, from[1] + leg.last[1] * reach];
  const c2: Point = corner ?? [to[0] - next.first[0] * reach, to[1] - next.first[1] * reach];
  const points: Point[] = [from];
  if (pieces === 1) points.push(corner ?? [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
  else for (let i = 1; i < pieces; i++) points.push(cubic(from, c1, c2, to, i / pieces));
  const half = points.length / 2;
  const endFraction = leg.directed & 1 ? 0 : 1;
  const startFraction = next.directed & 1 ? 1 : 0;
  return points.map(([x, y], i): TrackVertex => {
    const share = (number: number): number => Math.min(1, Math.abs(number - half) / half);
    const onLeg = i < half;
    const edgeEnd = onLeg ? endFraction : startFraction;
    const edgeCut = onLeg ? a.fraction : b.fraction;
    const at = (number: number): number => edgeEnd + (edgeCut - edgeEnd) * share(number);
    const kind = i === 0 ? "kerb" : "crossing";
    return { x, y, kind, edge: (onLeg ? leg.directed : next.directed) >> 1, from: at(i), to: at(i + 1), turn };
  });
}

function cubic(a: Point, b: Point, c: Point, d: Point, t: number): Point {
  const s = 1 - t;
  const p = s * s * s;
  const q = 3 * s * s * t;
  const r = 3 * s * t * t;
  const u = t * t * t;
  return [p * a[0] + q * b[0] + r * c[0] + u * d[0], p * a[1] + q * b[1] + r * c[1] + u * d[1]];
}
