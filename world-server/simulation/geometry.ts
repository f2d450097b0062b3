// Plane geometry of simulated life. Only + - * / and sqrt decide where things are, because IEEE 754 rounds those the
// same everywhere; atan2, which engines round differently, is used for headings that are only looked at.

export type Point = readonly [number, number];

/** Distance of two points, metres. */
export function distance(a: Point, b: Point): number {
  const x = b[0] - a[0];
  const y = b[1] - a[1];
  return Math.sqrt(x * x + y * y);
}

/** Compass heading from a to b: degrees, 0 north, 90 east, in [0, 360). */
export function headingOf(x: number, y: number): number {
  const degrees = (Math.atan2(x, y) * 180) / Math.PI;
  return degrees < 0 ? degrees + 360 : degrees;
}

/** The heading a fraction of the short way round from one heading to another. */
export function turned(from: number, to: number, fraction: number): number {
  const difference = ((((to - from) % 360) + 540) % 360) - 180;
  return (((from + difference * fraction) % 360) + 360) % 360;
}

/** Points at least 1 cm apart; the first stays. */
export function withoutDoubles(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    if (last === undefined || distance(last, point) > 0.01) kept.push(point);
  }
  return kept;
}

/** Mitre normals to the right of a polyline: add `offset` times them to its points to get the parallel line. */
export function rightMitres(points: readonly Point[]): Point[] {
  const normals: Point[] = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const a = points[i]!;
    const b = points[i + 1]!;
    const length = distance(a, b) || 1;
    normals.push([(b[1] - a[1]) / length, -(b[0] - a[0]) / length]);
  }
  if (normals.length === 0) return points.map(() => [0, 0]);
  return points.map((_, i): Point => {
    const before = normals[i - 1] ?? normals[0]!;
    const after = normals[i] ?? normals.at(-1)!;
    const x = before[0] + after[0];
    const y = before[1] + after[1];
    const square = x * x + y * y;
    // In hairpins the mitre would run away; 0.8 caps it at about one and a half times the offset.
    if (square < 0.01) return after;
    const scale = 2 / Math.max(square, 0.8 * 2);
    return [x * scale, y * scale];
  });
}

/** Where two lines (a point and a direction each) meet, or null when they are nearly parallel. */
export function meeting(a: Point, u: Point, b: Point, v: Point): Point | null {
  const cross = u[0] * v[1] - u[1] * v[0];
  if (Math.abs(cross) < 0.17) return null;
  const t = ((b[0] - a[0]) * v[1] - (b[1] - a[1]) * v[0]) / cross;
  return [a[0] + u[0] * t, a[1] + u[1] * t];
}
