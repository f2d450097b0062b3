// Whether a citizen may move as reported. Every metre costs time at the fastest legal speed of its gait, and time is
// earned by the server's clock: speed is judged on average, so a late or bunched report is no offence.

import { speedMax } from "../protocol/city-room.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Seconds of movement that may be saved up, and how much faster than the clock they are earned: clocks differ. */
const savedSecondsMax = 1.5;
const earnedPerSecond = 1.1;
/** Reports a second and at once; the client sends ten, and one more when coming to rest. */
const reportsPerSecond = 12;
const reportsAtOnce = 12;

export interface MoveReport {
  /** Centimetres. */
  readonly x: number;
  readonly y: number;
  readonly gait: number;
  /** Metres above ground. */
  readonly altitude: number;
}

export type MoveRefusal = "speed" | "bounds" | "rate";

/** West, south, east, north in metres. */
export type Bounds = readonly [number, number, number, number];

/** One citizen's movement as the room accepts it. */
export class Movement {
  #x: number;
  #y: number;
  #altitude = 0;
  readonly #seconds: TokenBucket;
  readonly #reports: TokenBucket;
  readonly #bounds: Bounds;

  /** Starts at a place, in centimetres. */
  constructor(x: number, y: number, bounds: Bounds, nowMs: number) {
    this.#x = x;
    this.#y = y;
    this.#bounds = bounds;
    this.#seconds = new TokenBucket(savedSecondsMax, earnedPerSecond, nowMs);
    this.#reports = new TokenBucket(reportsAtOnce, reportsPerSecond, nowMs);
  }

  /** Takes a report over, or says why not; after a refusal the citizen stands where the last accepted report put them. */
  accept(report: MoveReport, nowMs: number): MoveRefusal | null {
    if (!this.#reports.take(nowMs)) return "rate";
    const [west, south, east, north] = this.#bounds;
    const { x, y } = report;
    if (x < west * 100 || x > east * 100 || y < south * 100 || y > north * 100) return "bounds";
    const speed = report.gait === 3 ? speedMax.fly : report.gait === 2 ? speedMax.run : speedMax.walk;
    const flies = report.gait === 3 && this.#altitude > 0;
    // Taking off and landing are a change of camera, not a way: only height gained or lost in flight is counted.
    const height = flies ? (report.altitude - this.#altitude) * 100 : 0;
    const metres = Math.hypot(x - this.#x, y - this.#y, height) / 100;
    if (!this.#seconds.take(nowMs, metres / speed)) return "speed";
    this.#x = x;
    this.#y = y;
    this.#altitude = report.gait === 3 ? report.altitude : 0;
    return null;
  }
}
