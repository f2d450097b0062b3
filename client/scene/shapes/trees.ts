// Four species, ten metres tall before scaling, each in a near and a far version.

import type { Scenery } from "../../../worlds/format/world.ts";
import { hashOf } from "../frame.ts";
import { partKinds } from "../shaders/prop.ts";
import { type Look, linear, Shape, type ShapeData } from "./shape.ts";

export type Species = Scenery["trees"][number]["species"];
export const speciesList: readonly Species[] = ["broadleaf", "conifer", "poplar", "willow"];

const bark: Look = { colour: linear("#86776a") };
const white = [1, 1, 1] as const;

/** How the crowns of a species are coloured; each tree varies a little. */
export const crownColours: Record<Species, readonly [number, number, number]> = {
  broadleaf: linear("#7f9b72"),
  conifer: linear("#64836a"),
  poplar: linear("#8ba57c"),
  willow: linear("#9db18a"),
};

const wave = (x: number, y: number, z: number, seed: number): number =>
  Math.sin(x * 5.1 + seed) * Math.sin(y * 4.7 + seed * 1.7) * Math.sin(z * 5.3 + seed * 2.3) * 0.5 +
  Math.sin(x * 11.3 + seed * 3) * Math.sin(y * 10.1) * Math.sin(z * 12.7 + seed) * 0.3;

/** A cloud of leaves: a ball with bumps, darker inside and below. */
function crown(
  shape: Shape,
  x: number,
  y: number,
  z: number,
  rx: number,
  ry: number,
  rz: number,
  detail: number,
  seed: number,
  bumps = 0.16,
): void {
  shape.ball(detail, (d) => {
    const r = 1 + bumps * wave(d[0], d[1], d[2], seed) * 2;
    const at = [x + d[0] * rx * r, y + d[1] * ry * r, z + d[2] * rz * r] as const;
    const outside = Math.min(1, Math.max(0.12, 0.58 + d[1] * 0.42 + (r - 1) * 1.2));
    return { at, look: { colour: white, kind: partKinds.leaf, motion: Math.max(0, at[1] - 2) / 10, pivot: outside } };
  });
}

function broadleaf(near: boolean): Shape {
  const shape = new Shape();
  shape.lathe(
    0,
    0,
    [
      [0, 0.34],
      [0.4, 0.24],
      [2.4, 0.19],
      [4.6, 0.13],
    ],
    near ? 7 : 4,
    bark,
  );
  const detail = near ? 2 : 1;
  if (near) {
    shape.tube([0, 2.6, 0], [1.5, 4.8, 0.5], 0.12, 0.05, 5, bark);
    shape.tube([0, 2.9, 0], [-1.2, 5.0, -0.9], 0.12, 0.05, 5, bark);
    crown(shape, 0.1, 7.1, 0, 2.55, 2.55, 2.5, detail, 1.3);
    crown(shape, 1.55, 5.5, 0.6, 1.9, 1.65, 1.9, detail, 4.1);
    crown(shape, -1.4, 5.6, -0.75, 1.95, 1.7, 1.85, detail, 7.7);
    crown(shape, -0.3, 5.2, 1.5, 1.7, 1.5, 1.6, detail, 2.9);
    crown(shape, 0.4, 5.4, -1.6, 1.6, 1.5, 1.6, detail, 9.2);
  } else {
    crown(shape, 0, 6.3, 0, 3.0, 3.2, 3.0, detail, 1.3, 0.2);
  }
  return shape;
}

function conifer(near: boolean): Shape {
  const shape = new Shape();
  shape.lathe(
    0,
    0,
    [
      [0, 0.26],
      [1.6, 0.2],
    ],
    near ? 6 : 4,
    bark,
  );
  const layers = near ? 6 : 3;
  const sides = near ? 13 : 7;
  for (let layer = 0; layer < layers; layer++) {
    const f = layer / layers;
    const bottom = 1.1 + f * 7.4;
    const top = Math.min(10, bottom + (near ? 2.9 : 4.6) * (1 - f * 0.35));
    const radius = 2.2 * (1 - f) ** 0.9 + 0.35;
    const at = (s: number): readonly [number, number, number] => {
      const angle = ((s + layer * 0.5) / sides) * 2 * Math.PI;
      const r = radius * (s % 2 === 0 ? 1 : 0.8) * (0.92 + 0.16 * hashOf(layer * 31 + s));
      return [Math.cos(angle) * r, bottom + (s % 2 === 0 ? -0.22 : 0.12), Math.sin(angle) * r];
    };
    for (let s = 0; s < sides; s++) {
      const a = at(s);
      const b = at((s + 1) % sides);
      const middle = [(a[0] + b[0]) / 2, 0, (a[2] + b[2]) / 2] as const;
      const slope = [middle[0], radius * 0.55, middle[2]] as const;
      const length = Math.hypot(...slope);
      const n = [slope[0] / length, slope[1] / length, slope[2] / length] as const;
      const look = (outside: number, y: number): Look => ({
        colour: white,
        kind: partKinds.leaf,
        motion: y / 14,
        pivot: outside,
      });
      const i = shape.vertex(a, n, look(0.85, a[1]));
      const j = shape.vertex(b, n, look(0.85, b[1]));
      const k = shape.vertex([0, top, 0], n, look(0.5, top));
      shape.triangle(i, j, k, n);
    }
  }
  return shape;
}

function poplar(near: boolean): Shape {
  const shape = new Shape();
  shape.lathe(
    0,
    0,
    [
      [0, 0.24],
      [0.4, 0.18],
      [3, 0.12],
    ],
    near ? 6 : 4,
    bark,
  );
  if (near) {
    crown(shape, 0, 6.0, 0, 1.15, 4.0, 1.15, 2, 3.3, 0.18);
    crown(shape, 0.35, 4.3, 0.2, 1.0, 2.5, 0.95, 2, 5.3, 0.18);
    crown(shape, -0.3, 4.9, -0.2, 0.95, 2.7, 1.0, 2, 8.1, 0.18);
  } else crown(shape, 0, 5.7, 0, 1.25, 4.2, 1.25, 1, 3.3, 0.14);
  return shape;
}

function willow(near: boolean): Shape {
  const shape = new Shape();
  shape.lathe(
    0,
    0,
    [
      [0, 0.42],
      [0.5, 0.3],
      [3.4, 0.2],
    ],
    near ? 7 : 4,
    bark,
  );
  crown(shape, 0, 7.0, 0, 3.1, 2.4, 3.1, near ? 2 : 1, 6.1, 0.12);
  const strands = near ? 26 : 10;
  for (let s = 0; s < strands; s++) {
    const angle = ((s + hashOf(s) * 0.7) / strands) * 2 * Math.PI;
    const c = Math.cos(angle);
    const n = Math.sin(angle);
    const reach = 2.4 + hashOf(s + 70) * 0.9;
    const low = 1.3 + hashOf(s + 140) * 1.6;
    const half = near ? 0.5 : 1.0;
    const out = [c, 0.25, n] as const;
    const row = (y: number, r: number, w: number): [number, number] => {
      const look: Look = { colour: white, kind: partKinds.leaf, motion: 0.5 + (7 - y) * 0.09, pivot: 0.4 + 0.08 * y };
      return [
        shape.vertex([c * r - n * w, y, n * r + c * w], out, look),
        shape.vertex([c * r + n * w, y, n * r - c * w], out, look),
      ];
    };
    const rows = [
      row(7.4, reach * 0.75, half * 0.8),
      row(5.2, reach + 0.25, half),
      row(low + 1, reach + 0.15, half * 0.75),
      row(low, reach + 0.05, 0.12),
    ];
    for (let r = 0; r + 1 < rows.length; r++) {
      shape.triangle(rows[r]![0], rows[r]![1], rows[r + 1]![1], out);
      shape.triangle(rows[r]![0], rows[r + 1]![1], rows[r + 1]![0], out);
    }
  }
  return shape;
}

const makers: Record<Species, (near: boolean) => Shape> = { broadleaf, conifer, poplar, willow };

export function treeShape(species: Species, near: boolean): ShapeData {
  return makers[species](near).data();
}
