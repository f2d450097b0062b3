// Districts of the default city, its hill, and how heights fall from the middle.

import { insideRing, type Point2 } from "../geometry/vector.ts";
import { circle, rectangle } from "./curves.ts";
import { core, coreCentre } from "./plan.ts";

export const hill = { x: 545, y: 318, radius: 100, height: 30 };
/** The hill's height; flat everywhere else. */
export function hillHeight(x: number, y: number): number {
  const main = bump(Math.hypot((x - hill.x) / 1.0, (y - hill.y) / 0.92), hill.radius) * hill.height;
  const shoulder = bump(Math.hypot(x - 500, y - 262), 62) * 9;
  return main + shoulder;
}
const bump = (far: number, radius: number): number =>
  far >= radius ? 0 : (0.5 + 0.5 * Math.cos((Math.PI * far) / radius)) ** 1.15;

export type District =
  | "core"
  | "midtown"
  | "rows"
  | "villas"
  | "towers"
  | "campus"
  | "harbour"
  | "hill"
  | "riverpark"
  | "garden";

const districts: readonly { readonly name: District; readonly ring: readonly Point2[] }[] = [
  { name: "hill", ring: circle(540, 310, 88) },
  { name: "garden", ring: circle(-345, 232, 90) },
  { name: "riverpark", ring: circle(374, 30, 90) },
  { name: "towers", ring: rectangle(20, 440, 470, 170) },
  { name: "campus", ring: rectangle(430, -225, 330, 190, -10) },
  {
    name: "harbour",
    ring: [
      [-900, -330],
      [-556, -330],
      [-556, -30],
      [-900, 0],
    ],
  },
  { name: "rows", ring: rectangle(-60, -560, 1000, 190) },
  { name: "rows", ring: rectangle(-600, 260, 280, 330) },
  { name: "rows", ring: rectangle(620, 40, 270, 250) },
  { name: "villas", ring: rectangle(720, 330, 160, 330) },
  { name: "villas", ring: rectangle(500, -470, 400, 300) },
];

export function districtAt(x: number, y: number): District {
  if (insideRing(x, y, core)) return "core";
  for (const district of districts) if (insideRing(x, y, district.ring)) return district.name;
  return "midtown";
}

/** Metres that eaves fall with the distance from the middle. */
export function centrality(x: number, y: number): number {
  return Math.max(0, 1 - Math.hypot(x - coreCentre[0], (y - coreCentre[1]) * 1.1) / 760);
}
