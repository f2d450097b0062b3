// Smooth motion from poses that arrive ten times a second: one looks a little into the past and blends.

import type { Pose } from "../core/scene-port.ts";
import { turnBetween, wrapHeading } from "./frame.ts";

/** How far into the past others are shown, ms: a little more than one report's interval. */
export const delayMs = 120;
/** Poses kept; two seconds. */
const samplesMax = 20;
/** A leap longer than this is not walked but jumped, metres. */
const leapMetres = 25;

interface Sample {
  readonly timeMs: number;
  readonly pose: Pose;
}

export interface SmoothPose {
  x: number;
  y: number;
  heading: number;
  altitude: number;
  gait: 0 | 1 | 2 | 3;
  /** m/s */
  speed: number;
}

export class PoseTrack {
  readonly #samples: Sample[] = [];

  push(pose: Pose, timeMs: number): void {
    const last = this.#samples.at(-1);
    // Two reports in one tick: the later one counts.
    if (last && timeMs <= last.timeMs) this.#samples.pop();
    if (last && Math.hypot(pose.x - last.pose.x, pose.y - last.pose.y) > leapMetres) this.#samples.length = 0;
    this.#samples.push({ timeMs, pose });
    if (this.#samples.length > samplesMax) this.#samples.shift();
  }

  get last(): Pose | null {
    return this.#samples.at(-1)?.pose ?? null;
  }

  /** Where to draw at a time (local clock, ms). Null before the first report. Past the last report the pose rests there. */
  at(timeMs: number): SmoothPose | null {
    const wanted = timeMs - delayMs;
    const samples = this.#samples;
    const first = samples[0];
    if (!first) return null;
    let i = samples.length - 1;
    while (i > 0 && samples[i]!.timeMs > wanted) i--;
    const a = samples[i]!;
    const b = samples[i + 1];
    if (!b || wanted <= a.timeMs) {
      const rests = !b && wanted - a.timeMs > 350;
      return { ...pick(a.pose), gait: rests && a.pose.gait !== 3 ? 0 : a.pose.gait, speed: 0 };
    }
    const f = (wanted - a.timeMs) / (b.timeMs - a.timeMs);
    const distance = Math.hypot(b.pose.x - a.pose.x, b.pose.y - a.pose.y);
    return {
      x: a.pose.x + (b.pose.x - a.pose.x) * f,
      y: a.pose.y + (b.pose.y - a.pose.y) * f,
      heading: wrapHeading(a.pose.heading + turnBetween(a.pose.heading, b.pose.heading) * f),
      altitude: a.pose.altitude + (b.pose.altitude - a.pose.altitude) * f,
      gait: b.pose.gait,
      speed: distance / ((b.timeMs - a.timeMs) / 1000),
    };
  }
}

const pick = (pose: Pose): { x: number; y: number; heading: number; altitude: number } => ({
  x: pose.x,
  y: pose.y,
  heading: pose.heading,
  altitude: pose.altitude,
});
