// Simulated cars and bicycles: closed routes on the right-hand lane, slower at junctions, a pure function of graph,
// count, seed and time. All rounds divide one common period, and a vehicle is placed only where it meets no other
// during the whole of it. Limits: 200 vehicles; nobody moves faster than `trafficSpeedMax`.

import type { StreetEdge, StreetGraph } from "../../worlds/format/world.ts";
import { type RandomStream, randomStream } from "./random.ts";
import { StreetRouter } from "./street-router.ts";
import { trackOf } from "./street-track.ts";
import {
  emptyTrafficPosition,
  makeRound,
  periodsMs,
  type TrafficPosition,
  type TrafficRound,
} from "./traffic-round.ts";

export type { TrafficPosition } from "./traffic-round.ts";

export interface Traffic {
  /** Vehicles that found a place: at most `count`. */
  readonly length: number;
  /** Where a vehicle is at a time (UNIX ms, the server's clock). `into` is filled and returned if given. */
  at(index: number, timeMs: number, into?: TrafficPosition): TrafficPosition;
}

/** m/s */
export const trafficSpeedMax = 12;
const countMax = 200;
const hubs = 24;
const slotMs = 500;
const slots = periodsMs[0] / slotMs;
/** Side of the squares in which vehicles are looked for, metres: more than any two need to keep apart. */
const nearMetres = 9;
const hashSize = 1 << 19;
/** Coprime to the number of slots, so that every slot is visited. */
const slotStride = 367;
/** Starting times that are tried for a route. */
const phaseDraws = 12;

/** How one kind of vehicle drives. */
interface Manner {
  readonly kind: TrafficPosition["kind"];
  /** Weighs an edge's length in route finding; Infinity closes it. */
  readonly cost: (edge: StreetEdge) => number;
  readonly weight: (edge: StreetEdge) => number;
  /** Metres to the right of the middle line. */
  readonly offset: (edge: StreetEdge) => number;
  /** m/s */
  readonly limit: (edge: StreetEdge) => number;
  readonly acceleration: number;
  readonly halfLength: number;
  readonly halfWidth: number;
}

const car: Manner = {
  kind: "car",
  // A tram needs the middle of the street, so cars only pass where there is a lane beside it.
  cost: (edge) =>
    edge.carriageway >= (edge.tram === true ? 10 : 5) && edge.class !== "path" && edge.class !== "square"
      ? 1
      : Number.POSITIVE_INFINITY,
  weight: (edge) => (edge.class === "boulevard" ? 3 : 1),
  offset: (edge) => {
    const lane = edge.carriageway / Math.max(2, edge.lanes);
    return edge.carriageway / 2 - Math.max(lane / 2, edge.carriageway >= 9 ? 2.2 : 1.3);
  },
  limit: (edge) => (edge.class === "boulevard" ? 11 : edge.class === "street" ? 8 : 5),
  acceleration: 1.6,
  halfLength: 3.2,
  halfWidth: 1,
};

const bicycle: Manner = {
  kind: "bicycle",
  cost: (edge) =>
    edge.class === "square" ? Number.POSITIVE_INFINITY : edge.class === "lane" || edge.class === "path" ? 1 : 2,
  weight: (edge) => (edge.class === "lane" || edge.class === "path" ? 3 : 1),
  offset: (edge) => (edge.carriageway > 0 ? Math.max(0.5, edge.carriageway / 2 - 0.7) : 0.5),
  limit: (edge) => (edge.class === "path" ? 3.6 : 4.6),
  acceleration: 1,
  halfLength: 1.4,
  halfWidth: 0.4,
};

/** Makes the traffic of a street graph, about two cars to one bicycle. Costs some tens of milliseconds for a hundred. */
export function createTraffic(graph: StreetGraph, count: number, seed: number): Traffic {
  const wanted = Math.min(countMax, Math.max(0, Math.floor(count)));
  const rounds: TrafficRound[] = [];
  const occupancy = new Occupancy(wanted);
  const routers = [car, bicycle].map((manner, number) => {
    const router = new StreetRouter(graph, manner.cost);
    if (!router.empty) router.chooseHubs(hubs, randomStream(seed, -3 - number), manner.weight);
    return router;
  });
  for (let vehicle = 0; vehicle < wanted; vehicle++) {
    const cycles = vehicle % 3 === 2;
    const router = routers[cycles ? 1 : 0]!;
    if (router.empty) continue;
    const round = placed(router, cycles ? bicycle : car, occupancy, randomStream(seed, 0x10000 + vehicle));
    if (round !== null) rounds.push(round);
  }
  return {
    length: rounds.length,
    at: (index, timeMs, into = emptyTrafficPosition()) => rounds[index]?.positionAt(timeMs, into) ?? into,
  };
}

/** A round that meets no vehicle placed before, or null after a bounded number of tries. */
function placed(router: StreetRouter, manner: Manner, occupancy: Occupancy, random: RandomStream): TrafficRound | null {
  for (let attempt = 0; attempt < 2; attempt++) {
    // Of a few routes the one whose natural duration fits the common period best: it has to be slowed least.
    let best: TrafficRound | null = null;
    for (let draw = 0; draw < 2; draw++) {
      const route = router.loop(random);
      const variant = random.below(256);
      if (route.length === 0) continue;
      const track = trackOf(router, route, manner.offset, 6);
      const round = makeRound(track, router.graph, manner, variant);
      if (round !== null && (best === null || round.stretch < best.stretch)) best = round;
    }
    if (best === null) continue;
    if (occupancy.take(best, manner, random)) return best;
  }
  return null;
}

/**
 * Where every placed vehicle is in every half second of the common period: x, y and direction. Found through a hash of
 * slot and square, so that a candidate is compared with those beside it and not with everyone.
 */
class Occupancy {
  readonly #heads = new Int32Array(hashSize).fill(-1);
  readonly #next: Int32Array;
  readonly #poses: Float32Array;
  readonly #manners: Manner[] = [];

  constructor(vehicles: number) {
    this.#next = new Int32Array(vehicles * slots);
    this.#poses = new Float32Array(vehicles * slots * 4);
  }

  /** Gives the round a phase at which it meets none that was taken before, if one is found in a few draws. */
  take(round: TrafficRound, manner: Manner, random: RandomStream): boolean {
    const own = sampled(round);
    const size = round.periodMs / slotMs;
    for (let draw = 0; draw < phaseDraws; draw++) {
      const phase = random.below(size);
      if (this.#meetsSomeone(own, size, phase, manner)) continue;
      this.#add(own, size, phase, manner);
      round.phaseMs = phase * slotMs;
      return true;
    }
    return false;
  }

  #add(own: Float32Array, size: number, phase: number, manner: Manner): void {
    const first = this.#manners.length * slots;
    this.#manners.push(manner);
    for (let slot = 0; slot < slots; slot++) {
      const from = ((slot + phase) % size) * 4;
      const entry = first + slot;
      for (let i = 0; i < 4; i++) this.#poses[entry * 4 + i] = own[from + i]!;
      const square = squareOf(slot, Math.floor(own[from]! / nearMetres), Math.floor(own[from + 1]! / nearMetres));
      this.#next[entry] = this.#heads[square]!;
      this.#heads[square] = entry;
    }
  }

  #meetsSomeone(own: Float32Array, size: number, phase: number, manner: Manner): boolean {
    if (this.#manners.length === 0) return false;
    for (let step = 0; step < slots; step++) {
      // In strides, because a meeting lasts several slots: one that exists is found sooner.
      const slot = (step * slotStride) % slots;
      const at = ((slot + phase) % size) * 4;
      const column = Math.floor(own[at]! / nearMetres);
      const row = Math.floor(own[at + 1]! / nearMetres);
      for (let square = 0; square < 9; square++) {
        let entry = this.#heads[squareOf(slot, column + (square % 3) - 1, row + Math.floor(square / 3) - 1)]!;
        for (; entry >= 0; entry = this.#next[entry]!) {
          if (entry % slots !== slot) continue;
          const other = this.#manners[Math.floor(entry / slots)]!;
          if (overlap(own, at, manner, this.#poses, entry * 4, other)) return true;
        }
      }
    }
    return false;
  }
}

function squareOf(slot: number, column: number, row: number): number {
  const mixed = Math.imul(slot, 0x9e3779b1) ^ Math.imul(column, 0x85ebca6b) ^ Math.imul(row, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) & (hashSize - 1);
}

function sampled(round: TrafficRound): Float32Array {
  const size = round.periodMs / slotMs;
  const poses = new Float32Array(size * 4);
  const at = emptyTrafficPosition();
  for (let slot = 0; slot < size; slot++) {
    round.positionAt(slot * slotMs, at);
    poses.set([at.x, at.y, ...round.lastDirection], slot * 4);
  }
  return poses;
}

/** True when two vehicles, each with the room that it keeps around itself, would stand in one another. */
function overlap(
  own: Float32Array,
  at: number,
  manner: Manner,
  others: Float32Array,
  there: number,
  other: Manner,
): boolean {
  const lengths = manner.halfLength + other.halfLength;
  const widths = manner.halfWidth + other.halfWidth;
  const x = others[there]! - own[at]!;
  const y = others[there + 1]! - own[at + 1]!;
  const meets = (u: number, v: number): boolean =>
    Math.abs(x * u + y * v) < lengths && Math.abs(x * v - y * u) < widths;
  return meets(own[at + 2]!, own[at + 3]!) || meets(others[there + 2]!, others[there + 3]!);
}
