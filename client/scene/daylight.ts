// Where sun and moon stand, and what light they make: palettes in linear RGB, tuned by eye against a physical sky's order
// of colours, blended by the sun's altitude. Pure: the clock is handed in.

import { getMoonIllumination, getMoonPosition, getPosition } from "suncalc";
import type { LightMode } from "../core/scene-port.ts";

export type Rgb = readonly [number, number, number];

export interface Bodies {
  /** Degrees; azimuth from north over east. */
  readonly sun: { readonly azimuth: number; readonly altitude: number };
  readonly moon: { readonly azimuth: number; readonly altitude: number };
  /** Lit share of the moon, 0 to 1. */
  readonly moonFraction: number;
}

/** The real sky for `live`; composed ones for looking and for pictures. */
export function bodiesAt(mode: LightMode, timeMs: number, latitude: number, longitude: number): Bodies {
  // South of the equator the sun culminates in the north.
  const noon = latitude < 0 ? 0 : 180;
  const west = latitude < 0 ? -1 : 1;
  if (mode === "golden")
    return {
      sun: { azimuth: (noon + 62 * west + 360) % 360, altitude: 18 },
      moon: { azimuth: 80, altitude: -20 },
      moonFraction: 0.3,
    };
  if (mode === "noon")
    return {
      sun: { azimuth: (noon - 28 * west + 360) % 360, altitude: 48 },
      moon: { azimuth: 80, altitude: -20 },
      moonFraction: 0.3,
    };
  if (mode === "night")
    return {
      sun: { azimuth: (noon + 150 * west + 360) % 360, altitude: -24 },
      moon: { azimuth: (noon - 38 * west + 360) % 360, altitude: 34 },
      moonFraction: 0.86,
    };
  const date = new Date(timeMs);
  const sun = getPosition(date, latitude, longitude);
  const moon = getMoonPosition(date, latitude, longitude);
  return {
    sun: { azimuth: sun.azimuth, altitude: sun.altitude },
    moon: { azimuth: moon.azimuth, altitude: moon.altitude },
    moonFraction: getMoonIllumination(date).fraction,
  };
}

/** Unit vector in Babylon's frame. */
export function directionOf(azimuth: number, altitude: number): Rgb {
  const a = (azimuth * Math.PI) / 180;
  const h = (altitude * Math.PI) / 180;
  return [Math.sin(a) * Math.cos(h), Math.sin(h), Math.cos(a) * Math.cos(h)];
}

export interface Palette {
  readonly zenith: Rgb;
  /** Horizon below the sun, and opposite. */
  readonly near: Rgb;
  readonly far: Rgb;
  readonly sun: Rgb;
  readonly glow: Rgb;
  readonly up: Rgb;
  readonly down: Rgb;
  readonly exposure: number;
  readonly fog: number;
  /** 0 by day, 1 at night. */
  readonly night: number;
}

const palettes: readonly (readonly [number, Palette])[] = [
  [
    -16,
    {
      zenith: [0.0105, 0.018, 0.042],
      near: [0.034, 0.046, 0.082],
      far: [0.03, 0.043, 0.078],
      sun: [0, 0, 0],
      glow: [0, 0, 0],
      up: [0.03, 0.043, 0.082],
      down: [0.02, 0.021, 0.027],
      exposure: 2.3,
      fog: 0.0007,
      night: 1,
    },
  ],
  [
    -7,
    {
      zenith: [0.035, 0.062, 0.15],
      near: [0.27, 0.17, 0.16],
      far: [0.075, 0.09, 0.16],
      sun: [0, 0, 0],
      glow: [0.1, 0.045, 0.02],
      up: [0.09, 0.11, 0.19],
      down: [0.05, 0.047, 0.055],
      exposure: 1.5,
      fog: 0.0007,
      night: 0.85,
    },
  ],
  [
    -1,
    {
      zenith: [0.11, 0.18, 0.35],
      near: [0.86, 0.42, 0.21],
      far: [0.31, 0.28, 0.36],
      sun: [0.35, 0.12, 0.04],
      glow: [0.85, 0.32, 0.1],
      up: [0.27, 0.29, 0.4],
      down: [0.15, 0.125, 0.125],
      exposure: 1.05,
      fog: 0.0007,
      night: 0.42,
    },
  ],
  [
    5,
    {
      zenith: [0.16, 0.27, 0.5],
      near: [1.08, 0.7, 0.41],
      far: [0.56, 0.53, 0.55],
      sun: [2.15, 1.12, 0.5],
      glow: [1.25, 0.62, 0.24],
      up: [0.44, 0.45, 0.52],
      down: [0.3, 0.24, 0.2],
      exposure: 0.9,
      fog: 0.00068,
      night: 0.08,
    },
  ],
  [
    18,
    {
      zenith: [0.19, 0.35, 0.64],
      near: [1.04, 0.86, 0.64],
      far: [0.66, 0.7, 0.76],
      sun: [2.85, 1.95, 1.14],
      glow: [1.0, 0.66, 0.36],
      up: [0.52, 0.545, 0.61],
      down: [0.39, 0.335, 0.28],
      exposure: 0.9,
      fog: 0.00062,
      night: 0,
    },
  ],
  [
    32,
    {
      zenith: [0.15, 0.31, 0.64],
      near: [0.82, 0.86, 0.9],
      far: [0.64, 0.75, 0.88],
      sun: [2.75, 2.32, 1.78],
      glow: [0.55, 0.46, 0.34],
      up: [0.5, 0.56, 0.66],
      down: [0.4, 0.365, 0.32],
      exposure: 0.66,
      fog: 0.0005,
      night: 0,
    },
  ],
  [
    60,
    {
      zenith: [0.14, 0.3, 0.66],
      near: [0.72, 0.82, 0.93],
      far: [0.62, 0.75, 0.9],
      sun: [2.8, 2.5, 2.1],
      glow: [0.4, 0.38, 0.32],
      up: [0.5, 0.58, 0.69],
      down: [0.42, 0.39, 0.35],
      exposure: 0.62,
      fog: 0.00046,
      night: 0,
    },
  ],
];

const mix = (a: number, b: number, f: number): number => a + (b - a) * f;
const mixRgb = (a: Rgb, b: Rgb, f: number): Rgb => [mix(a[0], b[0], f), mix(a[1], b[1], f), mix(a[2], b[2], f)];

/** The light under a sun this high, in degrees. */
export function paletteAt(altitude: number): Palette {
  let upper = palettes.findIndex(([at]) => at >= altitude);
  if (upper < 0) upper = palettes.length - 1;
  const [highAt, high] = palettes[upper]!;
  const [lowAt, low] = palettes[Math.max(0, upper - 1)]!;
  const f = highAt > lowAt ? Math.min(1, Math.max(0, (altitude - lowAt) / (highAt - lowAt))) : 1;
  return {
    zenith: mixRgb(low.zenith, high.zenith, f),
    near: mixRgb(low.near, high.near, f),
    far: mixRgb(low.far, high.far, f),
    sun: mixRgb(low.sun, high.sun, f),
    glow: mixRgb(low.glow, high.glow, f),
    up: mixRgb(low.up, high.up, f),
    down: mixRgb(low.down, high.down, f),
    exposure: mix(low.exposure, high.exposure, f),
    fog: mix(low.fog, high.fog, f),
    night: mix(low.night, high.night, f),
  };
}

/** Light of the full moon when it stands well above the horizon. */
export const moonLight: Rgb = [0.085, 0.11, 0.17];
