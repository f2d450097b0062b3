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
/** Distance in metres within which two vehicles are looked at more closely. */
const nearMetres = 9;

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
  const occupancy = new Occupancy();
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
  for (let attempt = 0; attempt < 3; attempt++) {
    // Of a few routes the one whose natural duration fits the common period best: it has to be slowed least.
    let best: TrafficRound | null = null;
    for (let draw = 0; draw < 3; draw++) {
      const route = router.loop(random);
      const variant = random.below(256);
      if (route.length === 0) continue;
      const track = trackOf(router, route, manner.offset, 6);
      const round = makeRound(track, router.graph, manner, variant);
      if (round !== null && (best === null || round.stretch < best.stretch)) best = round;
    }
    if (best === null) continue;
    for (let phase = 0; phase < 10; phase++) {
      best.phaseMs = random.below(best.periodMs);
      if (occupancy.take(best, manner)) return best;
    }
  }
  return null;
}

/** Where every placed vehicle is in every half second of the common period. */
class Occupancy {
  readonly #vehicles: { readonly poses: Float32Array; readonly manner: Manner }[] = [];

  /** Takes the round in unless it meets one that was taken before. */
  take(round: TrafficRound, manner: Manner): boolean {
    const poses = new Float32Array(slots * 4);
    const at = emptyTrafficPosition();
    for (let slot = 0; slot < slots; slot++) {
      round.positionAt(slot * slotMs, at);
      poses[slot * 4] = at.x;
      poses[slot * 4 + 1] = at.y;
      poses[slot * 4 + 2] = round.lastDirection[0];
      poses[slot * 4 + 3] = round.lastDirection[1];
    }
    for (const other of this.#vehicles) if (meets(poses, manner, other.poses, other.manner)) return false;
    this.#vehicles.push({ poses, manner });
    return true;
  }
}

function meets(own: Float32Array, ownManner: Manner, other: Float32Array, otherManner: Manner): boolean {
  const lengths = ownManner.halfLength + otherManner.halfLength;
  const widths = ownManner.halfWidth + otherManner.halfWidth;
  for (let i = 0; i < slots * 4; i += 4) {
    const x = other[i]! - own[i]!;
    const y = other[i + 1]! - own[i + 1]!;
    if (x > nearMetres || x < -nearMetres || y > nearMetres || y < -nearMetres) continue;
    for (const poses of [own, other]) {
      const along = x * poses[i + 2]! + y * poses[i + 3]!;
      const aside = x * poses[i + 3]! - y * poses[i + 2]!;
      if (Math.abs(along) < lengths && Math.abs(aside) < widths) return true;
    }
  }
  return false;
}
