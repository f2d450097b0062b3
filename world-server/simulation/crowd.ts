// The simulated crowd: people who walk on pavements along closed routes of the street graph and sometimes stand.
// A pure function of graph, count, seed and time, so that every client sees the same people at the same places.
// Limits: 2,000 people; nobody moves faster than `crowdSpeedMax`.

import type { StreetEdge, StreetGraph } from "../../worlds/format/world.ts";
import { headingOf, turned } from "./geometry.ts";
import { type RandomStream, randomStream } from "./random.ts";
import { StreetRouter } from "./street-router.ts";
import { type TrackVertex, trackOf } from "./street-track.ts";

export interface CrowdPosition {
  x: number;
  y: number;
  /** Degrees, 0 north, 90 east. */
  heading: number;
  /** As in the city room: 0 stands, 1 walks, 2 runs. */
  gait: 0 | 1 | 2;
  /** 0 to 255: what the person looks like. */
  variant: number;
  /** m/s */
  speed: number;
  /** Index into `StreetGraph.edges` and where on it (0 at a, 1 at b): the way to find a bridge's height. */
  edge: number;
  fraction: number;
}

export interface Crowd {
  /** People there are: `count`, or 0 when the graph has nowhere to walk. */
  readonly length: number;
  /** Where a person is at a time (UNIX ms, the server's clock). `into` is filled and returned if given. */
  at(index: number, timeMs: number, into?: CrowdPosition): CrowdPosition;
}

/** m/s */
export const crowdSpeedMax = 3;
const countMax = 2000;
const hubs = 40;
/** Time in which a person turns at a corner, ms. */
const turnMs = 450;

/** One person's round, one entry a vertex of the track. */
interface Round {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly arrive: Float64Array;
  /** Later than `arrive` where the person stands. */
  readonly leave: Float64Array;
  readonly heading: Float32Array;
  readonly edge: Int32Array;
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly periodMs: number;
  readonly phaseMs: number;
  readonly speed: number;
  readonly variant: number;
}

/** Makes the crowd of a street graph. Costs some milliseconds for a hundred people. */
export function createCrowd(graph: StreetGraph, count: number, seed: number): Crowd {
  const people = Math.min(countMax, Math.max(0, Math.floor(count)));
  const rounds = people > 0 ? roundsOf(graph, people, seed) : [];
  return {
    length: rounds.length,
    at: (index, timeMs, into = emptyPosition()) => {
      const round = rounds[index];
      return round === undefined ? into : positionAt(round, timeMs, into);
    },
  };
}

const emptyPosition = (): CrowdPosition => ({
  x: 0,
  y: 0,
  heading: 0,
  gait: 0,
  variant: 0,
  speed: 0,
  edge: 0,
  fraction: 0,
});

function walkable(edge: StreetEdge): boolean {
  return edge.pavement > 0 || edge.class === "path" || edge.class === "square" || edge.class === "lane";
}

function roundsOf(graph: StreetGraph, count: number, seed: number): Round[] {
  const walking = graph.edges.some(walkable);
  const router = new StreetRouter(graph, (edge) => (!walking || walkable(edge) ? 1 : Number.POSITIVE_INFINITY));
  if (router.empty) return [];
  const liveliness = { square: 6, boulevard: 3, path: 1.5, street: 2, lane: 1 } as const;
  const busy = busyness(graph);
  router.chooseHubs(hubs, randomStream(seed, -2), (edge) => (liveliness[edge.class] ?? 1) * busy(edge));
  const rounds: Round[] = [];
  for (let person = 0; person < count; person++) {
    const random = randomStream(seed, person);
    let track: TrackVertex[] = [];
    for (let attempt = 0; attempt < 8 && track.length < 3; attempt++) {
      const route = router.loop(random);
      if (route.length > 0) track = trackOf(router, route, pavementOffset(random), 1);
    }
    const round = track.length < 3 ? null : roundOf(track, random);
    if (round !== null) rounds.push(round);
  }
  return rounds;
}

/**
 * How much goes on around a street: the square of the junctions in its 120 m cell and the eight around it. An old core has many
 * corners to the hectare, so that is where most people walk.
 */
function busyness(graph: StreetGraph): (edge: StreetEdge) => number {
  const cellOf = (metres: number): number => Math.floor(metres / 120);
  const degree = new Map<number, number>();
  for (const { a, b } of graph.edges) for (const node of [a, b]) degree.set(node, (degree.get(node) ?? 0) + 1);
  const junctions = new Map<string, number>();
  for (const [node, streets] of degree) {
    const at = graph.nodes[node];
    if (at === undefined || streets < 3) continue;
    const cell = `${cellOf(at[0])} ${cellOf(at[1])}`;
    junctions.set(cell, (junctions.get(cell) ?? 0) + 1);
  }
  return (edge) => {
    const a = graph.nodes[edge.a];
    const b = graph.nodes[edge.b];
    if (a === undefined || b === undefined) return 1;
    const column = cellOf((a[0] + b[0]) / 2);
    const row = cellOf((a[1] + b[1]) / 2);
    let near = 1;
    for (let x = column - 1; x <= column + 1; x++)
      for (let y = row - 1; y <= row + 1; y++) near += junctions.get(`${x} ${y}`) ?? 0;
    return near * near;
  };
}

/** Where on the pavement someone walks: each keeps to a line of their own, some on the left side of the street. */
function pavementOffset(random: RandomStream): (edge: StreetEdge) => number {
  const side = random.next() < 0.5 ? -1 : 1;
  const share = random.between(0.25, 0.75);
  return (edge) =>
    side *
    (edge.pavement > 0 ? edge.carriageway / 2 + edge.pavement * share : (edge.carriageway / 2) * (0.5 + share / 2));
}

function roundOf(track: readonly TrackVertex[], random: RandomStream): Round | null {
  const jogs = random.next() < 0.04;
  const speed = jogs ? random.between(2.4, 2.9) : random.between(1.05, 1.55);
  const size = track.length;
  const round = {
    x: Float32Array.from(track, (vertex) => vertex.x),
    y: Float32Array.from(track, (vertex) => vertex.y),
    arrive: new Float64Array(size + 1),
    leave: new Float64Array(size + 1),
    heading: new Float32Array(size),
    edge: Int32Array.from(track, (vertex) => vertex.edge),
    from: Float32Array.from(track, (vertex) => vertex.from),
    to: Float32Array.from(track, (vertex) => vertex.to),
  };
  let timeMs = 0;
  let heading = 0;
  for (let i = 0; i < size; i++) {
    round.arrive[i] = timeMs;
    if (!jogs) timeMs += standingMs(track[i]!, random);
    round.leave[i] = timeMs;
    const next = (i + 1) % size;
    const x = round.x[next]! - round.x[i]!;
    const y = round.y[next]! - round.y[i]!;
    const length = Math.sqrt(x * x + y * y);
    if (length > 0.01) heading = headingOf(x, y);
    round.heading[i] = heading;
    // Every stretch is kept a whole number of ms, rounded up: no engine and no rounding makes anyone faster.
    timeMs += Math.max(1, Math.ceil((length / speed) * 1000));
  }
  round.arrive[size] = timeMs;
  round.leave[size] = timeMs;
  return { ...round, periodMs: timeMs, phaseMs: random.below(timeMs), speed, variant: random.below(256) };
}

/** People wait at kerbs and stand about half-way along a street. */
function standingMs(vertex: TrackVertex, random: RandomStream): number {
  const chance = random.next();
  const share = random.next();
  if (vertex.kind === "kerb" && chance < 0.12) return 1500 + Math.floor(share * 6000);
  if (vertex.kind === "middle" && chance < 0.1) return 8000 + Math.floor(share * 50_000);
  return 0;
}

function positionAt(round: Round, timeMs: number, into: CrowdPosition): CrowdPosition {
  const { arrive, leave, periodMs } = round;
  const size = round.x.length;
  const time = (((timeMs + round.phaseMs) % periodMs) + periodMs) % periodMs;
  let low = 0;
  let high = size - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (arrive[middle]! <= time) low = middle;
    else high = middle - 1;
  }
  const next = (low + 1) % size;
  const leaves = leave[low]!;
  const stands = time < leaves;
  const runMs = arrive[low + 1]! - leaves;
  const f = stands ? 0 : (time - leaves) / runMs;
  into.x = round.x[low]! + (round.x[next]! - round.x[low]!) * f;
  into.y = round.y[low]! + (round.y[next]! - round.y[low]!) * f;
  into.edge = round.edge[low]!;
  into.fraction = round.from[low]! + (round.to[low]! - round.from[low]!) * f;
  into.variant = round.variant;
  into.speed = stands ? 0 : round.speed;
  into.gait = stands ? 0 : round.speed > 2 ? 2 : 1;
  into.heading = headingAt(round, low, time, stands);
  return into;
}

/** Heading of the segment, blended with its neighbours' around the corners. */
function headingAt(round: Round, index: number, time: number, stands: boolean): number {
  const size = round.x.length;
  const own = round.heading[index]!;
  const before = round.heading[(index + size - 1) % size]!;
  const leaves = round.leave[index]!;
  const waits = leaves > round.arrive[index]!;
  const window = Math.min(turnMs, (round.arrive[index + 1]! - leaves) / 2);
  // Someone who stands looks on in the direction they came from, and turns just before leaving.
  if (stands) return turned(before, own, Math.max(0, 1 - (leaves - time) / turnMs));
  const since = time - leaves;
  if (since < window && !waits) return turned(before, own, 0.5 + since / window / 2);
  const left = round.arrive[index + 1]! - time;
  const nextIndex = (index + 1) % size;
  const nextWaits = round.leave[nextIndex]! > round.arrive[nextIndex]!;
  if (left < window && !nextWaits) return turned(own, round.heading[nextIndex]!, (0.5 * (window - left)) / window);
  return own;
}
