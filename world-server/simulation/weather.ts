// Weather of the simulated city: a pure function of place, seed and time. Plausible, not a forecast.

import { localClock, noiseAt } from "./environment-noise.ts";

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly seed: number;
}

export interface Weather {
  /** Degrees Celsius. */
  readonly temperature: number;
  /** Share of the sky covered, 0 to 1. */
  readonly cloud: number;
  /** m/s */
  readonly wind: number;
  /** mm/h */
  readonly rain: number;
}

const hourMs = 3_600_000;

export function weatherAt(place: Place, timeMs: number): Weather {
  const { seed, latitude, longitude } = place;
  const clock = localClock(longitude, timeMs);
  const front = noiseAt(seed, 1, timeMs, 30 * hourMs);
  const drift = noiseAt(seed, 2, timeMs, 4 * hourMs);
  const patch = noiseAt(seed, 3, timeMs, 0.4 * hourMs);
  // Fronts bring closed cover or clear sky; patches only tear at its edges.
  const cloud = clamp(3 * (0.55 * front + 0.3 * drift + 0.15 * patch) - 0.75, 0, 1);
  const wet = clamp((cloud - 0.8) / 0.2, 0, 1) * clamp(2.6 * noiseAt(seed, 4, timeMs, 1.5 * hourMs) - 1.75, 0, 1);
  const yearly = clamp(27 - 0.32 * Math.abs(latitude), -10, 27);
  const seasonal = clamp(0.21 * Math.abs(latitude), 0, 14) * Math.sign(latitude || 1);
  const daily = (3 + 4 * (1 - cloud)) * Math.cos(((clock.hour - 15) / 24) * 2 * Math.PI);
  const temperature =
    yearly -
    seasonal * Math.cos((clock.season - 0.055) * 2 * Math.PI) +
    daily +
    9 * (noiseAt(seed, 5, timeMs, 70 * hourMs) - 0.5) -
    1.5 * wet;
  const gust = noiseAt(seed, 7, timeMs, 0.05 * hourMs);
  const wind = 1 + 9 * noiseAt(seed, 6, timeMs, 14 * hourMs) ** 2 + 2 * gust;
  return { temperature, cloud, wind, rain: 2.7 * wet };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
