// Where trams and buses are: a pure function of line, vehicle and time. Vehicles are spread evenly over the round trip,
// run to the end and back on the right-hand track, stop everywhere, and speed up and slow down at 0.9 m/s².

import type { TransitLine } from "../../worlds/format/world.ts";
import { distance, headingOf, type Point, rightMitres } from "./geometry.ts";

export interface TransitPosition {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Degrees, 0 north, 90 east: the way the vehicle travels. */
  readonly heading: number;
  /** m/s */
  readonly speed: number;
  /** Name of the stop it stands at. */
  readonly atStop: string | null;
  /** 1 along the path, -1 back. */
  readonly direction: 1 | -1;
}

/**
 * Metres between a line's path and the track or lane of either direction. Within `taperMetres` of either end both
 * directions share the middle, so that a vehicle turns back without jumping aside.
 */
const trackOffsetMetres = { tram: 1.75, bus: 1.9 } as const;
const taperMetres = 22;

const accelerationMetres = 0.9;
/** Half the distance of a vehicle's bogies or axles: what gives it its heading in a curve. */
const halfBaseMetres = 4;

interface Leg {
  /** Start of the leg in ms from the trip's start; stands at `from` for `dwellMs`, then runs. */
  readonly startMs: number;
  readonly dwellMs: number;
  readonly runMs: number;
  readonly from: number;
  readonly to: number;
  readonly peak: number;
  readonly stop: string | null;
}

interface Timetable {
  readonly points: readonly (readonly [number, number, number])[];
  readonly mitres: readonly Point[];
  /** Distance of each point along the path. */
  readonly along: readonly number[];
  readonly length: number;
  readonly legs: readonly Leg[];
  readonly periodMs: number;
}

const timetables = new WeakMap<TransitLine, Timetable>();

/** Length of a line's path in metres, seen from above: what `stops[].at` is measured in. */
export function transitLength(line: TransitLine): number {
  return timetableOf(line).length;
}

/** Duration of the round trip in ms. */
export function transitPeriodMs(line: TransitLine): number {
  return timetableOf(line).periodMs;
}

/** Where a line's vehicle is at a time (UNIX ms, the server's clock). */
export function transitAt(line: TransitLine, vehicleIndex: number, timeMs: number): TransitPosition {
  const timetable = timetableOf(line);
  const { legs, periodMs, length } = timetable;
  const vehicles = Math.max(1, line.vehicles.length);
  const phase = Math.floor((periodMs * (vehicleIndex % vehicles)) / vehicles);
  const time = (((timeMs + phase) % periodMs) + periodMs) % periodMs;
  let low = 0;
  let high = legs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (legs[middle]!.startMs <= time) low = middle;
    else high = middle - 1;
  }
  const leg = legs[low];
  if (leg === undefined) {
    const point = timetable.points[0] ?? [0, 0, 0];
    return { x: point[0], y: point[1], z: point[2], heading: 0, speed: 0, atStop: null, direction: 1 };
  }
  const direction = leg.to >= leg.from ? 1 : -1;
  const running = time - leg.startMs - leg.dwellMs;
  const stands = running <= 0;
  const run = stands ? { travelled: 0, speed: 0 } : runAt(leg, running / 1000);
  const at = leg.from + direction * run.travelled;
  const [x, y, z] = pointAt(timetable, line.kind, at, direction);
  const half = Math.min(halfBaseMetres, length / 4);
  const rear = pointAt(timetable, line.kind, clamp(at - direction * half, length), direction);
  const front = pointAt(timetable, line.kind, clamp(at + direction * half, length), direction);
  return {
    x,
    y,
    z,
    heading: headingOf(front[0] - rear[0], front[1] - rear[1]),
    speed: run.speed,
    atStop: stands ? leg.stop : null,
    direction,
  };
}

const clamp = (value: number, length: number): number => Math.min(length, Math.max(0, value));

/** Trapezoid: speed up, cruise, slow down. */
function runAt(leg: Leg, seconds: number): { travelled: number; speed: number } {
  const length = Math.abs(leg.to - leg.from);
  const total = leg.runMs / 1000;
  const ramp = leg.peak / accelerationMetres;
  if (seconds < ramp) {
    return { travelled: (accelerationMetres * seconds * seconds) / 2, speed: accelerationMetres * seconds };
  }
  const left = Math.max(0, total - seconds);
  if (left < ramp) {
    return { travelled: length - (accelerationMetres * left * left) / 2, speed: accelerationMetres * left };
  }
  return { travelled: (leg.peak * ramp) / 2 + leg.peak * (seconds - ramp), speed: leg.peak };
}

function pointAt(
  timetable: Timetable,
  kind: TransitLine["kind"],
  at: number,
  direction: 1 | -1,
): readonly [number, number, number] {
  const { points, along, mitres, length } = timetable;
  let low = 0;
  let high = points.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (along[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  const a = points[low]!;
  const b = points[low + 1]!;
  const m = mitres[low]!;
  const n = mitres[low + 1]!;
  const span = along[low + 1]! - along[low]!;
  const f = span > 0 ? Math.min(1, (at - along[low]!) / span) : 0;
  const taper = Math.max(0, Math.min(1, at / taperMetres, (length - at) / taperMetres));
  const offset = direction * trackOffsetMetres[kind] * taper * taper * (3 - 2 * taper);
  return [
    a[0] + m[0] * offset + (b[0] + n[0] * offset - a[0] - m[0] * offset) * f,
    a[1] + m[1] * offset + (b[1] + n[1] * offset - a[1] - m[1] * offset) * f,
    a[2] + (b[2] - a[2]) * f,
  ];
}

function timetableOf(line: TransitLine): Timetable {
  let timetable = timetables.get(line);
  if (timetable === undefined) {
    timetable = makeTimetable(line);
    timetables.set(line, timetable);
  }
  return timetable;
}

function makeTimetable(line: TransitLine): Timetable {
  const points: (readonly [number, number, number])[] = [];
  const along: number[] = [];
  let length = 0;
  for (const point of line.path) {
    const last = points.at(-1);
    const step = last === undefined ? 0 : distance([last[0], last[1]], [point[0], point[1]]);
    if (last !== undefined && step < 0.01) continue;
    length += step;
    points.push(point);
    along.push(length);
  }
  const mitres = rightMitres(points.map(([x, y]): Point => [x, y]));
  if (points.length < 2) return { points, mitres, along, length: 0, legs: [], periodMs: 1000 };
  const halts = haltsOf(line, length);
  const dwellMs = Math.max(1000, Math.round(line.dwell * 1000));
  const legs: Leg[] = [];
  let startMs = 0;
  const run = (from: { at: number; name: string | null }, to: { at: number }): void => {
    const span = Math.abs(to.at - from.at);
    // The peak is reached only if there is room to speed up and to slow down again.
    const peak = Math.min(Math.max(0.5, line.speed), Math.sqrt(span * accelerationMetres));
    const seconds = (2 * peak) / accelerationMetres + (span - (peak * peak) / accelerationMetres) / peak;
    const runMs = Math.max(1, Math.ceil(seconds * 1000));
    legs.push({ startMs, dwellMs, runMs, from: from.at, to: to.at, peak, stop: from.name });
    startMs += dwellMs + runMs;
  };
  for (let i = 0; i + 1 < halts.length; i++) run(halts[i]!, halts[i + 1]!);
  for (let i = halts.length - 1; i > 0; i--) run(halts[i]!, halts[i - 1]!);
  return { points, mitres, along, length, legs, periodMs: startMs };
}

/** Stops in order, and the two ends of the path, where vehicles turn. */
function haltsOf(line: TransitLine, length: number): { at: number; name: string | null }[] {
  const stops = line.stops
    .map((stop) => ({ at: clamp(stop.at, length), name: stop.name as string | null }))
    .sort((a, b) => a.at - b.at);
  const halts: { at: number; name: string | null }[] = [];
  for (const stop of stops) if (halts.length === 0 || stop.at - halts.at(-1)!.at > 1) halts.push(stop);
  if (halts.length === 0 || halts[0]!.at > 1) halts.unshift({ at: 0, name: null });
  if (length - halts.at(-1)!.at > 1) halts.push({ at: length, name: null });
  return halts;
}
