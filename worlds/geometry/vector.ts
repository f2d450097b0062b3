// Plain vectors and rings. Metres; x east, y north, z up.

export type Point2 = readonly [number, number];
export type Point3 = readonly [number, number, number];
export type Box = [number, number, number, number, number, number];

/** Newell's normal of a ring, not normalised: its length is twice the ring's area. */
export function newellNormal(ring: readonly Point3[]): Point3 {
  let x = 0;
  let y = 0;
  let z = 0;
  // Coordinates are taken relative to the first point, so that large map coordinates do not eat the precision.
  const [ox, oy, oz] = ring[0] ?? [0, 0, 0];
  for (let index = 0; index < ring.length; index += 1) {
    const a = ring[index]!;
    const b = ring[(index + 1) % ring.length]!;
    x += (a[1] - b[1]) * (a[2] + b[2] - 2 * oz);
    y += (a[2] - b[2]) * (a[0] + b[0] - 2 * ox);
    z += (a[0] - b[0]) * (a[1] + b[1] - 2 * oy);
  }
  return [x, y, z];
}

/** Signed area of a ring seen from above; positive when counter-clockwise. */
export function signedArea(ring: readonly (Point2 | Point3)[]): number {
  let area = 0;
  const [ox, oy] = ring[0] ?? [0, 0];
  for (let index = 0; index < ring.length; index += 1) {
    const a = ring[index]!;
    const b = ring[(index + 1) % ring.length]!;
    area += (a[0] - ox) * (b[1] - oy) - (b[0] - ox) * (a[1] - oy);
  }
  return area / 2;
}

/** Even-odd test of a point against a ring seen from above. */
export function insideRing(x: number, y: number, ring: readonly (Point2 | Point3)[]): boolean {
  let inside = false;
  for (let index = 0, before = ring.length - 1; index < ring.length; before = index, index += 1) {
    const a = ring[index]!;
    const b = ring[before]!;
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
  }
  return inside;
}

/** Even-odd test against an outer ring and its holes. */
export function insidePolygon(x: number, y: number, rings: readonly (readonly (Point2 | Point3)[])[]): boolean {
  let inside = false;
  for (const ring of rings) if (insideRing(x, y, ring)) inside = !inside;
  return inside;
}

export function distance2(a: Point2 | Point3, b: Point2 | Point3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** Nearest point of a segment: its distance and its place from 0 (a) to 1 (b). */
export function nearestOnSegment(
  x: number,
  y: number,
  a: Point2 | Point3,
  b: Point2 | Point3,
): { readonly distance: number; readonly at: number; readonly x: number; readonly y: number } {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const square = dx * dx + dy * dy;
  const at = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / square));
  const px = a[0] + dx * at;
  const py = a[1] + dy * at;
  return { distance: Math.hypot(x - px, y - py), at, x: px, y: py };
}

export function emptyBox(): Box {
  return [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
}

export function growBox(box: Box, x: number, y: number, z: number): void {
  if (x < box[0]) box[0] = x;
  if (y < box[1]) box[1] = y;
  if (z < box[2]) box[2] = z;
  if (x > box[3]) box[3] = x;
  if (y > box[4]) box[4] = y;
  if (z > box[5]) box[5] = z;
}

/** Rounds to millimetres, so that files are short and the same on every machine. */
export const centimetres = (value: number): number => Math.round(value * 100) / 100;
