// Lines of the city plan: smooth curves through points, parallels, crossings.

import { distance2, type Point2 } from "../geometry/vector.ts";

/** Catmull-Rom through the points, one point about every `step` metres. */
export function smooth(points: readonly Point2[], step = 14): Point2[] {
  const result: Point2[] = [];
  for (let index = 0; index + 1 < points.length; index += 1) {
    const p0 = points[Math.max(0, index - 1)]!;
    const p1 = points[index]!;
    const p2 = points[index + 1]!;
    const p3 = points[Math.min(points.length - 1, index + 2)]!;
    const parts = Math.max(1, Math.round(distance2(p1, p2) / step));
    for (let part = 0; part < parts; part += 1) {
      const t = part / parts;
      const at = (k: 0 | 1): number =>
        0.5 *
        (2 * p1[k] +
          (p2[k] - p0[k]) * t +
          (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k]) * t * t +
          (3 * p1[k] - p0[k] - 3 * p2[k] + p3[k]) * t * t * t);
      result.push([at(0), at(1)]);
    }
  }
  result.push(points.at(-1)!);
  return result;
}

/** Parallel line; positive to the left. */
export function parallel(line: readonly Point2[], metres: number): Point2[] {
  return line.map((point, index) => {
    const before = line[Math.max(0, index - 1)]!;
    const after = line[Math.min(line.length - 1, index + 1)]!;
    const length = distance2(before, after) || 1;
    return [
      point[0] - ((after[1] - before[1]) / length) * metres,
      point[1] + ((after[0] - before[0]) / length) * metres,
    ] as const;
  });
}

export function circle(x: number, y: number, radius: number, parts = 24, turn = 0): Point2[] {
  return Array.from({ length: parts }, (_, index) => {
    const angle = turn + (index / parts) * Math.PI * 2;
    return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius] as const;
  });
}

/** Rectangle around a centre: `width` along the heading's right side, `depth` along the heading (degrees, 0 north). */
export function rectangle(x: number, y: number, width: number, depth: number, heading = 0): Point2[] {
  const angle = (heading * Math.PI) / 180;
  const [fx, fy] = [Math.sin(angle), Math.cos(angle)];
  const [rx, ry] = [fy, -fx];
  const corner = (a: number, b: number): Point2 => [
    x + (rx * width * a) / 2 + (fx * depth * b) / 2,
    y + (ry * width * a) / 2 + (fy * depth * b) / 2,
  ];
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}

/** Where two segments cross: places on both from 0 to 1, or null. */
export function crossing(a: Point2, b: Point2, c: Point2, d: Point2): readonly [number, number] | null {
  const rx = b[0] - a[0];
  const ry = b[1] - a[1];
  const sx = d[0] - c[0];
  const sy = d[1] - c[1];
  const bottom = rx * sy - ry * sx;
  if (Math.abs(bottom) < 1e-9) return null;
  const t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / bottom;
  const u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / bottom;
  return t < 0 || t > 1 || u < 0 || u > 1 ? null : [t, u];
}
