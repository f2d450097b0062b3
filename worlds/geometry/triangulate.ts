// Triangulates a planar polygon with holes in its own plane (Newell normal, earcut).

import earcut from "earcut";
import { newellNormal, type Point3 } from "./vector.ts";

export interface Triangulation {
  /** Points of all rings in order. */
  readonly points: readonly Point3[];
  /** Unit normal by the outer ring's winding. */
  readonly normal: Point3;
  /** Triangles wound like the outer ring. */
  readonly triangles: readonly number[];
  /** Square metres. */
  readonly area: number;
}

const areaMin = 1e-5;
/** Points of a polygon, holes included: the time that earcut takes may grow with their square. */
const pointsMax = 20_000;

/** Drops points that repeat their predecessor, and a closing point. */
function cleanRing(ring: readonly Point3[]): Point3[] {
  const result: Point3[] = [];
  for (const point of ring) {
    const last = result.at(-1);
    if (last === undefined || last[0] !== point[0] || last[1] !== point[1] || last[2] !== point[2]) result.push(point);
  }
  while (result.length > 1) {
    const first = result[0]!;
    const last = result.at(-1)!;
    if (first[0] !== last[0] || first[1] !== last[1] || first[2] !== last[2]) break;
    result.pop();
  }
  return result;
}

/** Null when the polygon is degenerate: fewer than three points, hardly any area, or more points than any surface needs. */
export function triangulate(rings: readonly (readonly Point3[])[]): Triangulation | null {
  if (rings.reduce((sum, ring) => sum + ring.length, 0) > pointsMax) return null;
  const outer = cleanRing(rings[0] ?? []);
  if (outer.length < 3) return null;
  const newell = newellNormal(outer);
  const length = Math.hypot(...newell);
  if (!(length / 2 > areaMin)) return null;
  const normal: Point3 = [newell[0] / length, newell[1] / length, newell[2] / length];
  if (rings.length === 1 && outer.length === 3)
    return { points: outer, normal, triangles: [0, 1, 2], area: length / 2 };
  // An orthonormal basis (u, v) of the plane with u × v = normal.
  const seed: Point3 = Math.abs(normal[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0];
  const u = unit(cross(seed, normal));
  const v = cross(normal, u);
  const points: Point3[] = [...outer];
  const holes: number[] = [];
  let holeArea = 0;
  for (const ring of rings.slice(1)) {
    const hole = cleanRing(ring);
    if (hole.length < 3) continue;
    holes.push(points.length);
    points.push(...hole);
    holeArea += Math.hypot(...newellNormal(hole)) / 2;
  }
  const origin = outer[0]!;
  const flat = new Float64Array(points.length * 2);
  points.forEach((point, index) => {
    const dx = point[0] - origin[0];
    const dy = point[1] - origin[1];
    const dz = point[2] - origin[2];
    flat[index * 2] = dx * u[0] + dy * u[1] + dz * u[2];
    flat[index * 2 + 1] = dx * v[0] + dy * v[1] + dz * v[2];
  });
  const triangles = earcut(flat, holes.length === 0 ? undefined : holes, 2);
  if (triangles.length === 0) return null;
  // earcut promises no winding; every triangle is turned to the outer ring's side.
  for (let index = 0; index < triangles.length; index += 3) {
    const a = triangles[index]!;
    const b = triangles[index + 1]!;
    const c = triangles[index + 2]!;
    const turn =
      (flat[b * 2]! - flat[a * 2]!) * (flat[c * 2 + 1]! - flat[a * 2 + 1]!) -
      (flat[b * 2 + 1]! - flat[a * 2 + 1]!) * (flat[c * 2]! - flat[a * 2]!);
    if (turn < 0) {
      triangles[index + 1] = c;
      triangles[index + 2] = b;
    }
  }
  return { points, normal, triangles, area: Math.max(0, length / 2 - holeArea) };
}

function cross(a: Point3, b: Point3): Point3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: Point3): Point3 {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}
