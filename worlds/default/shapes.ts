// Polygon arithmetic for the city plan: Clipper2 on whole millimetres, so results are the same on every machine.

import { Clipper, ClipType, EndType, FillRule, JoinType, type Path64, type PolyPath64, PolyTree64 } from "clipper2-ts";
import type { Point2 } from "../geometry/vector.ts";

/** A set of areas: outer rings counter-clockwise, holes clockwise, millimetres. */
export type Shape = Path64[];

const scale = 1000;

const toPath = (points: readonly Point2[]): Path64 =>
  points.map(([x, y]) => ({ x: Math.round(x * scale), y: Math.round(y * scale) }));
export const fromPath = (path: Path64): Point2[] => path.map(({ x, y }) => [x / scale, y / scale] as const);

export const shapeOf = (...rings: (readonly Point2[])[]): Shape => Clipper.union(rings.map(toPath), FillRule.NonZero);
export const unite = (...shapes: Shape[]): Shape => Clipper.union(shapes.flat(), FillRule.NonZero);
export const subtract = (from: Shape, what: Shape): Shape =>
  from.length === 0 || what.length === 0 ? from : Clipper.difference(from, what, FillRule.NonZero);
export const overlap = (a: Shape, b: Shape): Shape =>
  a.length === 0 || b.length === 0 ? [] : Clipper.intersect(a, b, FillRule.NonZero);

/** Grows areas (negative shrinks), in metres. */
export function grow(shape: Shape, metres: number, join: "round" | "mitre" = "round"): Shape {
  const type = join === "round" ? JoinType.Round : JoinType.Miter;
  return Clipper.inflatePaths(shape, metres * scale, type, EndType.Polygon, 3, 0.06 * scale);
}

/** The band around lines, `half` metres to each side. */
export function band(lines: readonly (readonly Point2[])[], half: number, cap: "round" | "flat" = "round"): Shape {
  const end = cap === "round" ? EndType.Round : EndType.Butt;
  const grown = Clipper.inflatePaths(lines.map(toPath), half * scale, JoinType.Round, end, 3, 0.06 * scale);
  return Clipper.union(grown, FillRule.NonZero);
}

export function clipBox(shape: Shape, west: number, south: number, east: number, north: number): Shape {
  return Clipper.rectClip(
    { left: west * scale, top: south * scale, right: east * scale, bottom: north * scale } as Parameters<
      typeof Clipper.rectClip
    >[0] as never,
    shape,
  ) as Shape;
}

export interface ShapePolygon {
  readonly outer: Point2[];
  readonly holes: Point2[][];
}

/** Separate polygons with their holes; slivers below `areaMin` m² are dropped. */
export function polygonsOf(shape: Shape, areaMin = 0.05): ShapePolygon[] {
  const tree = new PolyTree64();
  Clipper.booleanOpWithPolyTree(ClipType.Union, shape, null, tree, FillRule.NonZero);
  const result: ShapePolygon[] = [];
  const visit = (node: PolyPath64): void => {
    for (let index = 0; index < node.count; index += 1) {
      const outer = node.child(index);
      const holes: Point2[][] = [];
      for (let inner = 0; inner < outer.count; inner += 1) {
        holes.push(fromPath(outer.child(inner).poly ?? []));
        visit(outer.child(inner));
      }
      const ring = fromPath(outer.poly ?? []);
      if (ring.length >= 3 && Math.abs(Clipper.area(outer.poly ?? [])) / scale ** 2 >= areaMin)
        result.push({ outer: ring, holes });
    }
  };
  visit(tree);
  return result;
}

export const shapeArea = (shape: Shape): number => Math.abs(Clipper.areaPaths(shape)) / scale ** 2;

/** Removes points that hardly bend the outline. */
export const simplify = (shape: Shape, metres: number): Shape => Clipper.simplifyPaths(shape, metres * scale, true);
