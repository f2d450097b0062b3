// Fills the rows that all shaders read (`client/scene/shaders/air.ts`): light, sky, fog, shadow and baked occlusion.

import type { LightMode } from "../core/scene-port.ts";
import type { BakedSky } from "../workers/city-messages.ts";
import { bodiesAt, directionOf, moonLight, paletteAt, type Rgb } from "./daylight.ts";
import { airRows } from "./shaders/air.ts";

export class Air {
  /** Handed to every material as it is; kept, never replaced. */
  readonly rows: number[] = new Array<number>(airRows * 4).fill(0);
  /** Towards the sun, or at night the moon: what casts shadows. */
  keyDirection: Rgb = [0, 1, 0];
  /** 0 by day, 1 at night. */
  night = 0;
  /** Counts up when the light has changed enough for shadows to be drawn anew. */
  version = 0;
  #mode: LightMode = "live";
  #fogBase = 0;
  #lightAtMs = Number.NEGATIVE_INFINITY;
  readonly #latitude: number;
  readonly #longitude: number;

  constructor(latitude: number, longitude: number) {
    this.#latitude = latitude;
    this.#longitude = longitude;
    this.rows[48] = -1;
  }

  setMode(mode: LightMode): void {
    this.#mode = mode;
    this.#lightAtMs = Number.NEGATIVE_INFINITY;
  }

  setBaked(sky: BakedSky, groundHeight: number): void {
    this.#set(11, [sky.west, sky.south, 1 / (sky.width * sky.texel)], 1 / (sky.height * sky.texel));
    this.#fogBase = groundHeight;
    this.#lightAtMs = Number.NEGATIVE_INFINITY;
  }

  setShadow(cascade: 0 | 1, texel: number, worldTexel: number): void {
    if (cascade === 1) {
      this.rows[13 * 4 + 2] = texel;
      this.rows[13 * 4 + 3] = worldTexel;
      return;
    }
    this.rows[8 * 4 + 3] = texel;
    this.rows[10 * 4 + 3] = worldTexel;
  }

  /** Metres at which the city ends in fog (0: nowhere), and within which things before the eye fade. */
  setReach(draw: number, fade: number): void {
    this.rows[13 * 4] = draw;
    this.rows[13 * 4 + 1] = fade;
  }

  /** West, south, east, north: outside them lies the board that the model stands on. */
  setBounds(bounds: readonly [number, number, number, number]): void {
    bounds.forEach((value, i) => {
      this.rows[14 * 4 + i] = value;
    });
  }

  /** Index into objects.json, or -1. */
  setHighlight(object: number): void {
    this.rows[12 * 4] = object;
  }

  /** `serverMs` is the city's clock; `seconds` runs smoothly and drives waves, leaves and clouds. */
  update(serverMs: number, seconds: number, eyeX: number, eyeY: number, eyeZ: number): void {
    this.rows[2 * 4 + 3] = seconds % 3600;
    this.rows[40] = eyeX;
    this.rows[41] = eyeY;
    this.rows[42] = eyeZ;
    // The sun moves a degree in four minutes: every ten seconds is often enough.
    if (Math.abs(serverMs - this.#lightAtMs) < 10_000) return;
    this.#lightAtMs = serverMs;
    const { sun, moon, moonFraction } = bodiesAt(this.#mode, serverMs, this.#latitude, this.#longitude);
    const palette = paletteAt(sun.altitude);
    const sunDirection = directionOf(sun.azimuth, sun.altitude);
    const moonDirection = directionOf(moon.azimuth, moon.altitude);
    const bySun = sun.altitude > -1.5;
    const moonShine = Math.max(0, Math.min(1, (moon.altitude - 2) / 12)) * moonFraction * palette.night;
    this.night = palette.night;
    // A key light that grazes the ground makes shadows without end: it is kept a little above the horizon.
    const key = bySun
      ? directionOf(sun.azimuth, Math.max(sun.altitude, 3))
      : directionOf(moon.azimuth, Math.max(moon.altitude, 12));
    this.keyDirection = key;
    const fade = bySun ? Math.min(1, (sun.altitude + 1.5) / 2) : moonShine;
    const colour: Rgb = bySun ? palette.sun : moonLight;
    this.#set(0, key, palette.night);
    this.#set(1, [colour[0] * fade, colour[1] * fade, colour[2] * fade], palette.exposure);
    this.#set(2, sunDirection, this.rows[11]!);
    this.#set(3, moonDirection, moonFraction);
    this.#set(4, palette.zenith, 0.85);
    this.#set(5, palette.near, palette.fog);
    this.#set(6, palette.far, 0.006);
    this.#set(7, palette.glow, this.#fogBase);
    this.#set(8, palette.up, this.rows[35]!);
    this.#set(9, palette.down, bySun ? 1 : 0.8);
    this.version++;
  }

  #set(row: number, rgb: Rgb, w: number): void {
    this.rows[row * 4] = rgb[0];
    this.rows[row * 4 + 1] = rgb[1];
    this.rows[row * 4 + 2] = rgb[2];
    this.rows[row * 4 + 3] = w;
  }
}
