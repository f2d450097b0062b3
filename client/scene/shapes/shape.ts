// Builds small coloured meshes by hand: boxes, tubes, blobs and lofts. Babylon's frame, front towards +Z, metres.
// Faces are wound by themselves so that they look outward.

import type { Rgb } from "../daylight.ts";
import { limbs, partKinds } from "../shaders/prop.ts";

type Point = readonly [number, number, number];

export interface Look {
  readonly colour: Rgb;
  readonly kind?: number;
  /** A limb, or the wind's weight. */
  readonly motion?: number;
  /** Height of the limb's pivot, or for leaves how far outside the crown. */
  readonly pivot?: number;
}

export interface ShapeData {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  readonly colours: Float32Array<ArrayBuffer>;
  readonly parts: Float32Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
}

/** An sRGB hex colour in linear light. */
export function linear(hex: string): Rgb {
  const part = (from: number): number => {
    const value = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return Number.isNaN(value) ? 0.5 : value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (a: Point): Point => {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
};

export class Shape {
  readonly #positions: number[] = [];
  readonly #normals: number[] = [];
  readonly #colours: number[] = [];
  readonly #parts: number[] = [];
  readonly #indices: number[] = [];

  vertex(at: Point, normal: Point, look: Look): number {
    this.#positions.push(...at);
    this.#normals.push(...normal);
    this.#colours.push(...look.colour);
    this.#parts.push(look.kind ?? partKinds.plain, look.motion ?? limbs.none, look.pivot ?? 0);
    return this.#positions.length / 3 - 1;
  }

  /** Emits the triangle so that its outer side is the one that `outward` points to. */
  triangle(a: number, b: number, c: number, outward: Point): void {
    const p = (i: number): Point => [this.#positions[i * 3]!, this.#positions[i * 3 + 1]!, this.#positions[i * 3 + 2]!];
    const n = cross(minus(p(b), p(a)), minus(p(c), p(a)));
    // Counter-clockwise seen from outside; in a left-handed frame the product of the edges then points inward.
    if (dot(n, outward) > 0) this.#indices.push(a, c, b);
    else this.#indices.push(a, b, c);
  }

  /** A flat convex polygon facing `outward`. */
  face(points: readonly Point[], outward: Point, look: Look): this {
    if (points.length < 3) return this;
    let n = unit(cross(minus(points[1]!, points[0]!), minus(points[2]!, points[0]!)));
    if (dot(n, outward) < 0) n = [-n[0], -n[1], -n[2]];
    const first = points.map((point) => this.vertex(point, n, look))[0]!;
    for (let i = 1; i + 1 < points.length; i++) this.triangle(first, first + i, first + i + 1, n);
    return this;
  }

  /** Centre of the bottom, and size. */
  box(x: number, y: number, z: number, width: number, height: number, depth: number, look: Look): this {
    const w = width / 2;
    const d = depth / 2;
    const p = (sx: number, sy: number, sz: number): Point => [x + sx * w, y + sy * height, z + sz * d];
    this.face([p(-1, 1, -1), p(1, 1, -1), p(1, 1, 1), p(-1, 1, 1)], [0, 1, 0], look);
    this.face([p(-1, 0, -1), p(1, 0, -1), p(1, 0, 1), p(-1, 0, 1)], [0, -1, 0], look);
    for (const s of [-1, 1]) {
      this.face([p(s, 0, -1), p(s, 0, 1), p(s, 1, 1), p(s, 1, -1)], [s, 0, 0], look);
      this.face([p(-1, 0, s), p(1, 0, s), p(1, 1, s), p(-1, 1, s)], [0, 0, s], look);
    }
    return this;
  }

  /** A turned thing about the Y axis through x, z: rings of height and radius, smooth around. */
  lathe(
    x: number,
    z: number,
    rings: readonly (readonly [number, number])[],
    sides: number,
    look: Look,
    squash = 1,
  ): this {
    const start: number[] = [];
    rings.forEach(([y, radius], r) => {
      const before = rings[Math.max(0, r - 1)]!;
      const after = rings[Math.min(rings.length - 1, r + 1)]!;
      const slope = unit([after[0] - before[0], before[1] - after[1], 0]);
      for (let s = 0; s <= sides; s++) {
        const angle = (s / sides) * 2 * Math.PI;
        const c = Math.cos(angle);
        const n = Math.sin(angle);
        const at = this.vertex(
          [x + c * radius, y, z + n * radius * squash],
          unit([c * slope[0] || c * 1e-3, slope[1], n * slope[0] || n * 1e-3]),
          look,
        );
        if (s === 0) start.push(at);
      }
    });
    for (let r = 0; r + 1 < rings.length; r++)
      for (let s = 0; s < sides; s++) {
        const a = start[r]! + s;
        const b = start[r + 1]! + s;
        const angle = ((s + 0.5) / sides) * 2 * Math.PI;
        const rise = rings[r + 1]![0] - rings[r]![0];
        const shrink = rings[r]![1] - rings[r + 1]![1];
        const outward: Point = [Math.cos(angle) * rise, shrink, Math.sin(angle) * rise];
        this.triangle(a, a + 1, b + 1, outward);
        this.triangle(a, b + 1, b, outward);
      }
    return this;
  }

  /** A straight tube from a to b. */
  tube(a: Point, b: Point, radiusA: number, radiusB: number, sides: number, look: Look): this {
    const along = unit(minus(b, a));
    const side = unit(cross(along, Math.abs(along[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0]));
    const up = cross(along, side);
    const start = [a, b].map((end, e) => {
      const radius = e === 0 ? radiusA : radiusB;
      let first = -1;
      for (let s = 0; s <= sides; s++) {
        const angle = (s / sides) * 2 * Math.PI;
        const n: Point = [
          side[0] * Math.cos(angle) + up[0] * Math.sin(angle),
          side[1] * Math.cos(angle) + up[1] * Math.sin(angle),
          side[2] * Math.cos(angle) + up[2] * Math.sin(angle),
        ];
        const at = this.vertex([end[0] + n[0] * radius, end[1] + n[1] * radius, end[2] + n[2] * radius], n, look);
        if (s === 0) first = at;
      }
      return first;
    });
    for (let s = 0; s < sides; s++) {
      const angle = ((s + 0.5) / sides) * 2 * Math.PI;
      const n: Point = [
        side[0] * Math.cos(angle) + up[0] * Math.sin(angle),
        side[1] * Math.cos(angle) + up[1] * Math.sin(angle),
        side[2] * Math.cos(angle) + up[2] * Math.sin(angle),
      ];
      const i = start[0]! + s;
      const j = start[1]! + s;
      this.triangle(i, i + 1, j + 1, n);
      this.triangle(i, j + 1, j, n);
    }
    return this;
  }

  /** A ball of `detail` subdivisions, bent by `bend` (unit direction → point and how it looks). */
  ball(detail: number, bend: (direction: Point) => { at: Point; look: Look }): this {
    const { points, faces } = icosphere(detail);
    const bent = points.map((point) => bend(point));
    const normals = points.map((): [number, number, number] => [0, 0, 0]);
    for (const [a, b, c] of faces) {
      let n = cross(minus(bent[b]!.at, bent[a]!.at), minus(bent[c]!.at, bent[a]!.at));
      const middle: Point = [
        points[a]![0] + points[b]![0] + points[c]![0],
        points[a]![1] + points[b]![1] + points[c]![1],
        points[a]![2] + points[b]![2] + points[c]![2],
      ];
      if (dot(n, middle) < 0) n = [-n[0], -n[1], -n[2]];
      for (const i of [a, b, c]) for (let k = 0; k < 3; k++) normals[i]![k]! += n[k as 0 | 1 | 2];
    }
    const first = bent.map(({ at, look }, i) => this.vertex(at, unit(normals[i]!), look))[0]!;
    for (const [a, b, c] of faces)
      this.triangle(first + a, first + b, first + c, [
        points[a]![0] + points[b]![0] + points[c]![0],
        points[a]![1] + points[b]![1] + points[c]![1],
        points[a]![2] + points[b]![2] + points[c]![2],
      ]);
    return this;
  }

  sphere(x: number, y: number, z: number, rx: number, ry: number, rz: number, detail: number, look: Look): this {
    return this.ball(detail, (d) => ({ at: [x + d[0] * rx, y + d[1] * ry, z + d[2] * rz], look }));
  }

  /** A side view (z, y), convex or nearly, drawn across a width; flat faces all round. */
  slab(side: readonly (readonly [number, number])[], x0: number, x1: number, look: Look, inset = 0): this {
    const middleZ = side.reduce((sum, [z]) => sum + z, 0) / side.length;
    const middleY = side.reduce((sum, [, y]) => sum + y, 0) / side.length;
    side.forEach(([z, y], i) => {
      const [z2, y2] = side[(i + 1) % side.length]!;
      const outward: Point = [0, (y + y2) / 2 - middleY, (z + z2) / 2 - middleZ];
      this.face(
        [
          [x0, y, z],
          [x1, y, z],
          [x1, y2, z2],
          [x0, y2, z2],
        ],
        outward,
        look,
      );
    });
    for (const [x, s] of [
      [x0, -1],
      [x1, 1],
    ] as const)
      this.face(
        side.map(([z, y]): Point => [x - s * inset, y, z]),
        [s, 0, 0],
        look,
      );
    return this;
  }

  /** Cross-sections (x, y) along z, each a scaled copy of `profile`: bodies of trams and buses. */
  loft(
    profile: readonly (readonly [number, number])[],
    stations: readonly { readonly z: number; readonly scaleX: number; readonly scaleY: number; readonly y?: number }[],
    look: (edge: number) => Look,
  ): this {
    const ring = (station: number): Point[] => {
      const { z, scaleX, scaleY, y } = stations[station]!;
      return profile.map(([px, py]) => [px * scaleX, py * scaleY + (y ?? 0), z]);
    };
    const middleY = profile.reduce((sum, [, y]) => sum + y, 0) / profile.length;
    for (let s = 0; s + 1 < stations.length; s++) {
      const a = ring(s);
      const b = ring(s + 1);
      for (let e = 0; e < profile.length; e++) {
        const f = (e + 1) % profile.length;
        const outward: Point = [
          (profile[e]![0] + profile[f]![0]) / 2,
          (profile[e]![1] + profile[f]![1]) / 2 - middleY,
          0,
        ];
        this.face([a[e]!, a[f]!, b[f]!, b[e]!], outward, look(e));
      }
    }
    this.face(ring(0), [0, 0, stations[0]!.z - stations.at(-1)!.z], look(-1));
    this.face(ring(stations.length - 1), [0, 0, stations.at(-1)!.z - stations[0]!.z], look(-1));
    return this;
  }

  data(): ShapeData {
    return {
      positions: new Float32Array(this.#positions),
      normals: new Float32Array(this.#normals),
      colours: new Float32Array(this.#colours),
      parts: new Float32Array(this.#parts),
      indices: new Uint32Array(this.#indices),
    };
  }
}

const spheres = new Map<number, { points: Point[]; faces: [number, number, number][] }>();

function icosphere(detail: number): { points: Point[]; faces: [number, number, number][] } {
  const known = spheres.get(detail);
  if (known) return known;
  const g = (1 + Math.sqrt(5)) / 2;
  let points: Point[] = [
    [-1, g, 0],
    [1, g, 0],
    [-1, -g, 0],
    [1, -g, 0],
    [0, -1, g],
    [0, 1, g],
    [0, -1, -g],
    [0, 1, -g],
    [g, 0, -1],
    [g, 0, 1],
    [-g, 0, -1],
    [-g, 0, 1],
  ];
  points = points.map(unit);
  let faces: [number, number, number][] = [
    [0, 11, 5],
    [0, 5, 1],
    [0, 1, 7],
    [0, 7, 10],
    [0, 10, 11],
    [1, 5, 9],
    [5, 11, 4],
    [11, 10, 2],
    [10, 7, 6],
    [7, 1, 8],
    [3, 9, 4],
    [3, 4, 2],
    [3, 2, 6],
    [3, 6, 8],
    [3, 8, 9],
    [4, 9, 5],
    [2, 4, 11],
    [6, 2, 10],
    [8, 6, 7],
    [9, 8, 1],
  ];
  for (let step = 0; step < detail; step++) {
    const middles = new Map<string, number>();
    const middle = (a: number, b: number): number => {
      const key = a < b ? `${a},${b}` : `${b},${a}`;
      let at = middles.get(key);
      if (at === undefined) {
        const p = points[a]!;
        const q = points[b]!;
        at = points.push(unit([p[0] + q[0], p[1] + q[1], p[2] + q[2]])) - 1;
        middles.set(key, at);
      }
      return at;
    };
    faces = faces.flatMap(([a, b, c]): [number, number, number][] => {
      const ab = middle(a, b);
      const bc = middle(b, c);
      const ca = middle(c, a);
      return [
        [a, ab, ca],
        [b, bc, ab],
        [c, ca, bc],
        [ab, bc, ca],
      ];
    });
  }
  const sphere = { points, faces };
  spheres.set(detail, sphere);
  return sphere;
}
