// Where citizens arrive: on a sunflower spiral around the world's spawn, so that nobody stands inside another.

import type { WorldManifest } from "../../worlds/format/world.ts";

/** Places before the spiral starts again, and the distance between two neighbours in metres, about. */
const places = 48;
const gapMetres = 1.3;
const goldenAngle = Math.PI * (3 - Math.sqrt(5));

/** The place of the nth arrival, always within the bounds. */
export function spawnPlace(
  { spawn, bounds }: Pick<WorldManifest, "spawn" | "bounds">,
  arrival: number,
): { x: number; y: number; heading: number } {
  const number = arrival % places;
  const radius = gapMetres * Math.sqrt(number);
  const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
  return {
    x: clamp(spawn.x + radius * Math.cos(number * goldenAngle), bounds[0], bounds[2]),
    y: clamp(spawn.y + radius * Math.sin(number * goldenAngle), bounds[1], bounds[3]),
    heading: spawn.heading,
  };
}
