// Cuts a block into lots along its street front: a ring of houses with a yard inside, corners turned by one house.

import type { Random } from "../geometry/random.ts";
import { distance2, type Point2, signedArea } from "../geometry/vector.ts";
import { counterClockwise, inset } from "./building-shapes.ts";
import { fromPath, grow, polygonsOf, type Shape, shapeArea, simplify } from "./shapes.ts";

export interface Lot {
  /** Street side, in the block's counter-clockwise direction. */
  readonly outer: readonly Point2[];
  /** Yard side, same direction and number. */
  readonly inner: readonly Point2[];
  readonly corner: boolean;
}

/** The lot's outline, counter-clockwise: street side, then yard side back. */
export const lotRing = (lot: Lot): Point2[] => {
  const ring = [...lot.outer, ...[...lot.inner].reverse()];
  return ring.filter((point, index) => distance2(point, ring[(index + 1) % ring.length]!) > 0.05);
};

export interface Ringed {
  readonly outline: readonly Point2[];
  readonly lots: readonly Lot[];
}

/** Outline of a block: the largest piece, its curves reduced to few points. */
export function blockOutline(block: Shape): Point2[] | null {
  const pieces = polygonsOf(simplify(block, 0.7), 60).sort(
    (a, b) => Math.abs(signedArea(b.outer)) - Math.abs(signedArea(a.outer)),
  );
  const first = pieces[0];
  if (first === undefined) return null;
  const ring = counterClockwise(first.outer);
  return ring.filter((point, index) => distance2(point, ring[(index + 1) % ring.length]!) > 0.8);
}

/** Houses around the block; null when it is too narrow for a yard. */
export function ringLots(
  outline: readonly Point2[],
  depthWanted: number,
  width: readonly [number, number],
  random: Random,
): Ringed | null {
  for (const depth of [depthWanted, depthWanted * 0.85, depthWanted * 0.7]) {
    const shrunk = grow([pathOf(outline)], -(depth + 2.2), "mitre");
    if (shrunk.length !== 1 || shapeArea(shrunk) < 30) continue;
    const lots = cut(outline, depth, width, random);
    if (lots !== null) return { outline, lots };
  }
  return null;
}

const pathOf = (ring: readonly Point2[]) =>
  ring.map(([x, y]) => ({ x: Math.round(x * 1000), y: Math.round(y * 1000) }));

function cut(
  outline: readonly Point2[],
  depth: number,
  width: readonly [number, number],
  random: Random,
): Lot[] | null {
  const inner = inset(outline, depth);
  const count = outline.length;
  const cuts: { edge: number; at: number; outer: Point2; inner: Point2 }[] = [];
  for (let edge = 0; edge < count; edge += 1) {
    const a = outline[edge]!;
    const b = outline[(edge + 1) % count]!;
    const length = distance2(a, b);
    const dx = (b[0] - a[0]) / length;
    const dy = (b[1] - a[1]) / length;
    const along = (point: Point2): number => (point[0] - a[0]) * dx + (point[1] - a[1]) * dy;
    const low = Math.max(0, along(inner[edge]!));
    const high = Math.min(length, along(inner[(edge + 1) % count]!));
    const turnLow = low > depth * 0.5 ? random.between(0.5, 3) : 0.2;
    const turnHigh = length - high > depth * 0.5 ? random.between(0.5, 3) : 0.2;
    const from = low + turnLow;
    const to = high - turnHigh;
    if (to - from < 1) continue;
    const lots = Math.max(1, Math.round((to - from) / random.between(width[0], width[1])));
    for (let index = 0; index <= lots; index += 1) {
      const wobble = index > 0 && index < lots ? random.between(-0.12, 0.12) * ((to - from) / lots) : 0;
      const at = from + ((to - from) * index) / lots + wobble;
      const point: Point2 = [a[0] + dx * at, a[1] + dy * at];
      cuts.push({ edge, at, outer: point, inner: [point[0] - dy * depth, point[1] + dx * depth] });
    }
  }
  if (cuts.length < 4) return null;
  const lots: Lot[] = [];
  cuts.forEach((start, index) => {
    const end = cuts[(index + 1) % cuts.length]!;
    const outerChain: Point2[] = [start.outer];
    const innerChain: Point2[] = [start.inner];
    let edge = start.edge;
    let corner = false;
    for (
      let guard = 0;
      guard <= count &&
      (edge !== end.edge || (index === cuts.length - 1 && guard === 0 && edge === end.edge && end.at <= start.at));
      guard += 1
    ) {
      edge = (edge + 1) % count;
      outerChain.push(outline[edge]!);
      innerChain.push(inner[edge]!);
      corner ||= bends(outline, edge);
    }
    outerChain.push(end.outer);
    innerChain.push(end.inner);
    lots.push({ outer: outerChain, inner: innerChain, corner });
  });
  return lots.filter((lot) => Math.abs(signedArea(lotRing(lot))) > 12 && signedArea(lotRing(lot)) > 0);
}

function bends(ring: readonly Point2[], index: number): boolean {
  const a = ring[(index + ring.length - 1) % ring.length]!;
  const b = ring[index]!;
  const c = ring[(index + 1) % ring.length]!;
  const turn = Math.atan2(
    (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]),
    (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]),
  );
  return Math.abs(turn) > 0.45;
}

/** Whole outline, shrunk from the street: for blocks with one building. */
export function shrunkOutline(outline: readonly Point2[], metres: number): Point2[] | null {
  const shape = simplify(grow([pathOf(outline)], -metres, "mitre"), 0.5);
  const pieces = shape.map(fromPath).sort((a, b) => Math.abs(signedArea(b)) - Math.abs(signedArea(a)));
  const first = pieces[0];
  return first === undefined || Math.abs(signedArea(first)) < 40 ? null : counterClockwise(first);
}
