// One vehicle's round: a closed track with a speed at every vertex and constant acceleration between two of them.
// Its duration is stretched to a divisor of twenty minutes, the common period of all traffic.

import type { StreetEdge, StreetGraph } from "../../worlds/format/world.ts";
import { headingOf, turned } from "./geometry.ts";
import type { TrackVertex } from "./street-track.ts";

export interface TrafficPosition {
  kind: "car" | "bicycle";
  x: number;
  y: number;
  /** Degrees, 0 north, 90 east. */
  heading: number;
  /** m/s */
  speed: number;
  /** 0 to 255: what the vehicle looks like. */
  variant: number;
  /** Index into `StreetGraph.edges` and where on it (0 at a, 1 at b): the way to find a bridge's height. */
  edge: number;
  fraction: number;
}

/** Durations that a round may have, ms, longest first: each divides the first. */
export const periodsMs = [
  1_200_000, 600_000, 400_000, 300_000, 240_000, 200_000, 150_000, 120_000, 100_000, 80_000, 60_000,
] as const;

/** Straights are cut into pieces of this many metres, so that speed can rise and fall along them. */
const pieceMetres = 8;
/** m/s */
const turnSpeed = 3.5;
const uTurnSpeed = 2;

export const emptyTrafficPosition = (): TrafficPosition => ({
  kind: "car",
  x: 0,
  y: 0,
  heading: 0,
  speed: 0,
  variant: 0,
  edge: 0,
  fraction: 0,
});

interface Driving {
  readonly kind: TrafficPosition["kind"];
  readonly limit: (edge: StreetEdge) => number;
  readonly acceleration: number;
}

interface Piece {
  readonly x: number;
  readonly y: number;
  readonly edge: number;
  readonly from: number;
  readonly to: number;
  readonly length: number;
  /** Unit direction of the segment. */
  readonly direction: readonly [number, number];
  limit: number;
}

export class TrafficRound {
  phaseMs = 0;
  readonly periodMs: number;
  /** How many times slower than natural the round is driven to fit the period; at least 1. */
  readonly stretch: number;
  readonly variant: number;
  /** Unit direction of travel of the last `positionAt`. */
  lastDirection: readonly [number, number] = [0, 1];
  readonly #kind: TrafficPosition["kind"];
  readonly #pieces: readonly Piece[];
  readonly #headings: Float32Array;
  /** ms since the round's start at each vertex, and the whole round's. */
  readonly #times: Float64Array;
  /** m/s at each vertex. */
  readonly #speeds: Float64Array;

  constructor(
    kind: TrafficPosition["kind"],
    pieces: readonly Piece[],
    speeds: Float64Array,
    period: number,
    variant: number,
  ) {
    const size = pieces.length;
    let natural = 0;
    const durations = pieces.map((piece, i) => (2000 * piece.length) / (speeds[i]! + speeds[(i + 1) % size]!));
    for (const duration of durations) natural += duration;
    this.#kind = kind;
    this.#pieces = pieces;
    this.#headings = Float32Array.from(pieces, ({ direction }) => headingOf(direction[0], direction[1]));
    this.periodMs = period;
    this.stretch = period / natural;
    this.variant = variant;
    this.#times = new Float64Array(size + 1);
    durations.forEach((duration, i) => {
      this.#times[i + 1] = this.#times[i]! + duration * this.stretch;
    });
    this.#times[size] = period;
    this.#speeds = speeds.map((speed) => speed / this.stretch);
  }

  positionAt(timeMs: number, into: TrafficPosition): TrafficPosition {
    const times = this.#times;
    const size = this.#pieces.length;
    const time = (((timeMs + this.phaseMs) % this.periodMs) + this.periodMs) % this.periodMs;
    let low = 0;
    let high = size - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle]! <= time) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[low]!;
    const next = (low + 1) % size;
    const duration = (times[low + 1]! - times[low]!) / 1000;
    const seconds = (time - times[low]!) / 1000;
    const v = this.#speeds[low]!;
    const w = this.#speeds[next]!;
    const share = duration > 0 ? seconds / duration : 0;
    const f = Math.min(1, ((2 * v + (w - v) * share) * share) / (v + w));
    const to = this.#pieces[next]!;
    into.kind = this.#kind;
    into.x = piece.x + (to.x - piece.x) * f;
    into.y = piece.y + (to.y - piece.y) * f;
    into.speed = v + (w - v) * share;
    into.variant = this.variant;
    into.edge = piece.edge;
    into.fraction = piece.from + (piece.to - piece.from) * f;
    into.heading = this.#headingAt(low, f * piece.length);
    this.lastDirection = piece.direction;
    return into;
  }

  /** The segment's heading, blended with its neighbours' over the last and first two metres. */
  #headingAt(index: number, metres: number): number {
    const size = this.#pieces.length;
    const own = this.#headings[index]!;
    const length = this.#pieces[index]!.length;
    const window = Math.min(2, length / 2);
    if (metres < window) return turned(this.#headings[(index + size - 1) % size]!, own, 0.5 + metres / window / 2);
    const left = length - metres;
    if (left < window) return turned(own, this.#headings[(index + 1) % size]!, (0.5 * (window - left)) / window);
    return own;
  }
}

/** The round of a track, or null when it is too short, or longer than the common period. */
export function makeRound(
  track: readonly TrackVertex[],
  graph: StreetGraph,
  driving: Driving,
  variant: number,
): TrafficRound | null {
  const pieces = piecesOf(track, graph, driving);
  if (pieces.length < 4) return null;
  const speeds = speedsOf(pieces, driving.acceleration);
  let natural = 0;
  for (let i = 0; i < pieces.length; i++)
    natural += (2000 * pieces[i]!.length) / (speeds[i]! + speeds[(i + 1) % pieces.length]!);
  const period = periodsMs.findLast((candidate) => candidate >= natural);
  return period === undefined ? null : new TrafficRound(driving.kind, pieces, speeds, period, variant);
}

function piecesOf(track: readonly TrackVertex[], graph: StreetGraph, driving: Driving): Piece[] {
  const pieces: Piece[] = [];
  track.forEach((vertex, i) => {
    const next = track[(i + 1) % track.length]!;
    const x = next.x - vertex.x;
    const y = next.y - vertex.y;
    const length = Math.sqrt(x * x + y * y);
    if (length < 0.02) return;
    const edge = graph.edges[vertex.edge]!;
    const street = driving.limit(edge);
    const junction = vertex.turn > 0.94 ? street * 0.8 : vertex.turn < -0.5 ? uTurnSpeed : turnSpeed;
    const limit = vertex.turn === 1 ? street : Math.min(street, junction);
    const parts = Math.max(1, Math.ceil(length / pieceMetres));
    for (let part = 0; part < parts; part++) {
      const f = part / parts;
      pieces.push({
        x: vertex.x + x * f,
        y: vertex.y + y * f,
        edge: vertex.edge,
        from: vertex.from + (vertex.to - vertex.from) * f,
        to: vertex.from + ((vertex.to - vertex.from) * (part + 1)) / parts,
        length: length / parts,
        direction: [x / length, y / length],
        limit,
      });
    }
  });
  return pieces;
}

/** The fastest speed at each vertex that keeps every limit and never needs more than the given acceleration. */
function speedsOf(pieces: readonly Piece[], acceleration: number): Float64Array {
  const size = pieces.length;
  const speeds = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const before = pieces[(i + size - 1) % size]!;
    const bend = before.direction[0] * pieces[i]!.direction[0] + before.direction[1] * pieces[i]!.direction[1];
    const limit = Math.min(before.limit, pieces[i]!.limit);
    speeds[i] = bend < 0.9 ? Math.min(limit, turnSpeed) : limit;
  }
  // Twice round, because the end of the round runs into its start.
  for (let i = 0; i < 2 * size; i++) {
    const next = (i + 1) % size;
    const v = speeds[i % size]!;
    speeds[next] = Math.min(speeds[next]!, Math.sqrt(v * v + 2 * acceleration * pieces[i % size]!.length));
  }
  for (let i = 2 * size; i > 0; i--) {
    const at = (i - 1) % size;
    const v = speeds[i % size]!;
    speeds[at] = Math.min(speeds[at]!, Math.sqrt(v * v + 2 * acceleration * pieces[at]!.length));
  }
  return speeds;
}
