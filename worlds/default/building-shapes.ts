// Building geometry: walls with plinth and cornice, flat roofs with parapet, gabled roofs along a chain, hipped and mansard roofs.
// Rings are counter-clockwise from above; faces are wound outward.

import type { SurfaceKind } from "../format/tile.ts";
import { distance2, type Point2, type Point3, signedArea } from "../geometry/vector.ts";

export interface Face {
  readonly kind: SurfaceKind;
  readonly rings: readonly (readonly Point3[])[];
}

const lift = (ring: readonly Point2[], z: number): Point3[] => ring.map(([x, y]) => [x, y, z]);
export const counterClockwise = (ring: readonly Point2[]): Point2[] =>
  signedArea(ring) < 0 ? [...ring].reverse() : [...ring];

/** Mitred inset of a ring; vertices keep their order and number. */
export function inset(ring: readonly Point2[], metres: number): Point2[] {
  return ring.map((point, index) => {
    const before = ring[(index + ring.length - 1) % ring.length]!;
    const after = ring[(index + 1) % ring.length]!;
    const n1 = leftNormal(before, point);
    const n2 = leftNormal(point, after);
    const bottom = Math.max(0.25, 1 + n1[0] * n2[0] + n1[1] * n2[1]);
    return [point[0] + ((n1[0] + n2[0]) / bottom) * metres, point[1] + ((n1[1] + n2[1]) / bottom) * metres];
  });
}

function leftNormal(a: Point2, b: Point2): Point2 {
  const length = distance2(a, b) || 1;
  return [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
}

/** Vertical band around a ring; `open` skips edges. */
export function wallBand(
  faces: Face[],
  ring: readonly Point2[],
  low: number,
  high: number,
  kind: SurfaceKind,
  skip: (edge: number) => boolean = () => false,
): void {
  ring.forEach((a, index) => {
    const b = ring[(index + 1) % ring.length]!;
    if (distance2(a, b) < 0.02 || skip(index)) return;
    faces.push({
      kind,
      rings: [
        [
          [a[0], a[1], low],
          [b[0], b[1], low],
          [b[0], b[1], high],
          [a[0], a[1], high],
        ],
      ],
    });
  });
}

/** Wall with a stone plinth at its foot. */
export function walls(faces: Face[], ring: readonly Point2[], base: number, top: number, plinth = 0.55): void {
  if (plinth > 0) wallBand(faces, ring, base, base + plinth, "plinth");
  wallBand(faces, ring, base + plinth, top, "wall");
  faces.push({ kind: "ground", rings: [lift([...ring].reverse(), base)] });
}

/** Stone band that stands out under the eaves on the given edges. */
export function cornice(
  faces: Face[],
  ring: readonly Point2[],
  z: number,
  edges: (edge: number) => boolean,
  depth = 0.28,
  height = 0.34,
): void {
  const mitred = inset(ring, -depth);
  const count = ring.length;
  ring.forEach((a, index) => {
    if (!edges(index)) return;
    const next = (index + 1) % count;
    const b = ring[next]!;
    if (distance2(a, b) < 1) return;
    const [nx, ny] = leftNormal(b, a);
    // Corners are mitred where the band turns, and square where it ends at a neighbour.
    const out = (p: Point2, corner: number, turns: boolean): Point2 =>
      turns ? mitred[corner]! : [p[0] + nx * depth, p[1] + ny * depth];
    const oa = out(a, index, edges((index + count - 1) % count));
    const ob = out(b, next, edges(next));
    const at = (p: Point2, up: number): Point3 => [p[0], p[1], z + up];
    faces.push({ kind: "plinth", rings: [[at(oa, 0), at(ob, 0), at(ob, height), at(oa, height)]] });
    faces.push({ kind: "plinth", rings: [[at(a, height), at(oa, height), at(ob, height), at(b, height)]] });
    faces.push({ kind: "plinth", rings: [[at(a, 0), at(b, 0), at(ob, 0), at(oa, 0)]] });
  });
}

/** Flat roof behind a parapet; returns the roof's ring. */
export function flatRoof(faces: Face[], ring: readonly Point2[], z: number, parapet = 0.7, thick = 0.35): Point2[] {
  const inner = inset(ring, thick);
  if (parapet > 0) {
    wallBand(faces, ring, z, z + parapet, "wall");
    wallBand(faces, [...inner].reverse(), z, z + parapet, "plinth");
    ring.forEach((a, index) => {
      const next = (index + 1) % ring.length;
      faces.push({
        kind: "plinth",
        rings: [
          [
            [a[0], a[1], z + parapet],
            [ring[next]![0], ring[next]![1], z + parapet],
            [inner[next]![0], inner[next]![1], z + parapet],
            [inner[index]![0], inner[index]![1], z + parapet],
          ],
        ],
      });
    });
  }
  faces.push({ kind: "roofFlat", rings: [lift(inner, z)] });
  return inner;
}

/** A closed box on a roof or on the ground. */
export function box(
  faces: Face[],
  ring: readonly Point2[],
  low: number,
  high: number,
  side: SurfaceKind = "wall",
  top: SurfaceKind = "roofFlat",
): void {
  wallBand(faces, ring, low, high, side);
  faces.push({ kind: top, rings: [lift(ring, high)] });
}

/**
 * Gabled roof over a strip between two chains of equal length (street side, yard side), ridge in the middle.
 * Chains run in the same direction with the street side on the right, so that the ring outer + reversed inner is counter-clockwise.
 */
export function gableAlong(
  faces: Face[],
  outer: readonly Point2[],
  inner: readonly Point2[],
  eaves: number,
  rise: number,
  overhang = 0.3,
): Point3[][] {
  const ridge = outer.map(
    (point, index) => [(point[0] + inner[index]![0]) / 2, (point[1] + inner[index]![1]) / 2, eaves + rise] as Point3,
  );
  const slopes: Point3[][] = [];
  const half = distance2(outer[0]!, inner[0]!) / 2 || 1;
  const drop = (rise * overhang) / half;
  const edge = (p: Point2, q: Point2): Point3 => {
    const length = distance2(p, q) || 1;
    return [p[0] + ((p[0] - q[0]) / length) * overhang, p[1] + ((p[1] - q[1]) / length) * overhang, eaves - drop];
  };
  for (let index = 0; index + 1 < outer.length; index += 1) {
    const [a, b] = [outer[index]!, outer[index + 1]!];
    const [c, d] = [inner[index]!, inner[index + 1]!];
    const front = [edge(a, c), edge(b, d), ridge[index + 1]!, ridge[index]!];
    const back = [edge(d, b), edge(c, a), ridge[index]!, ridge[index + 1]!];
    slopes.push(front, back);
    faces.push({ kind: "roof", rings: [front] }, { kind: "roof", rings: [back] });
  }
  const gable = (a: Point2, b: Point2, top: Point3): void => {
    faces.push({ kind: "wall", rings: [[[a[0], a[1], eaves], [b[0], b[1], eaves], top]] });
  };
  gable(inner[0]!, outer[0]!, ridge[0]!);
  gable(outer.at(-1)!, inner.at(-1)!, ridge.at(-1)!);
  return slopes;
}

/** Hipped roof over four corners; the ridge follows the longer side. */
export function hipRoof(
  faces: Face[],
  ring: readonly Point2[],
  eaves: number,
  rise: number,
  overhang = 0.35,
): Point3[][] {
  const wide = inset(ring, -overhang);
  const long = distance2(wide[0]!, wide[1]!) >= distance2(wide[1]!, wide[2]!);
  const [a, b, c, d] = (long ? wide : [wide[1]!, wide[2]!, wide[3]!, wide[0]!]) as [Point2, Point2, Point2, Point2];
  const width = distance2(b, c);
  const length = distance2(a, b);
  const run = Math.min(0.48, width / 2 / length);
  const mix = (p: Point2, q: Point2, t: number): Point2 => [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t];
  const start = mix(a, d, 0.5);
  const end = mix(b, c, 0.5);
  const z = eaves - 0.08;
  const p: Point3 = [...mix(start, end, run), eaves + rise];
  const q: Point3 = [...mix(start, end, 1 - run), eaves + rise];
  const at = (point: Point2): Point3 => [point[0], point[1], z];
  const slopes: Point3[][] = [
    [at(a), at(b), q, p],
    [at(b), at(c), q],
    [at(c), at(d), p, q],
    [at(d), at(a), p],
  ];
  for (const slope of slopes) faces.push({ kind: "roof", rings: [slope] });
  faces.push({ kind: "ground", rings: [lift([...wide].reverse(), z)] });
  return slopes;
}

/** Steep lower slope, then a flat top. */
export function mansard(faces: Face[], ring: readonly Point2[], eaves: number, rise: number, run = 1.6): Point2[] {
  const top = inset(ring, run);
  ring.forEach((a, index) => {
    const next = (index + 1) % ring.length;
    const b = ring[next]!;
    if (distance2(a, b) < 0.02) return;
    faces.push({
      kind: "roof",
      rings: [
        [
          [a[0], a[1], eaves],
          [b[0], b[1], eaves],
          [top[next]![0], top[next]![1], eaves + rise],
          [top[index]![0], top[index]![1], eaves + rise],
        ],
      ],
    });
  });
  faces.push({ kind: "roofFlat", rings: [lift(top, eaves + rise)] });
  return top;
}

/** Pyramid or cone over a ring. */
export function spire(faces: Face[], ring: readonly Point2[], low: number, high: number, x: number, y: number): void {
  ring.forEach((a, index) => {
    const b = ring[(index + 1) % ring.length]!;
    faces.push({
      kind: "roof",
      rings: [
        [
          [a[0], a[1], low],
          [b[0], b[1], low],
          [x, y, high],
        ],
      ],
    });
  });
}
