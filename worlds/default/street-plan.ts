// From drawn lines to a street network: faces between main streets are split into blocks, lines are cut at every crossing.

import type { StreetEdge, StreetGraph } from "../format/world.ts";
import type { Random } from "../geometry/random.ts";
import { centimetres, distance2, insideRing, nearestOnSegment, type Point2, signedArea } from "../geometry/vector.ts";
import { largestPart } from "../sidecars/street-graph.ts";
import { crossing } from "./curves.ts";
import { type District, districtAt } from "./districts.ts";
import { streetNames } from "./names.ts";
import {
  cityLimit,
  majorStreets,
  minsterClose,
  parkPaths,
  river,
  riverHalf,
  type StreetLine,
  streetKinds,
  townSquare,
} from "./plan.ts";
import { band, overlap, polygonsOf, type Shape, shapeOf, subtract, unite } from "./shapes.ts";

export interface Face {
  readonly ring: readonly Point2[];
  readonly district: District;
}

/** Districts that stay whole: they are laid out by hand. */
const whole: ReadonlySet<District> = new Set(["hill", "riverpark", "garden", "campus", "harbour"]);

const split: Readonly<Record<string, { area: number; jitter: number; bend: number; kind: "lane" | "street" }>> = {
  core: { area: 4700, jitter: 0.28, bend: 5, kind: "lane" },
  midtown: { area: 8800, jitter: 0.06, bend: 0, kind: "street" },
  towers: { area: 6200, jitter: 0.03, bend: 0, kind: "street" },
  rows: { area: 7600, jitter: 0.04, bend: 0, kind: "street" },
  villas: { area: 9800, jitter: 0.1, bend: 3, kind: "street" },
};

/** Streets of the whole city and the faces between them. */
export function planStreets(random: Random): { lines: StreetLine[]; faces: Face[] } {
  const majors = majorStreets();
  const lines = [...majors, ...parkPaths()];
  const names = [...streetNames];
  const land = subtract(
    subtract(shapeOf(cityLimit), band([river], riverHalf + 10, "flat")),
    unite(shapeOf(townSquare), shapeOf(minsterClose)),
  );
  const cut = subtract(
    land,
    band(
      majors.map((street) => street.points),
      0.3,
    ),
  );
  const faces: Face[] = [];
  for (const { outer } of polygonsOf(cut, 300)) {
    const [x, y] = middle(outer);
    const district = districtAt(x, y);
    if (whole.has(district)) faces.push({ ring: outer, district });
    else splitFace(outer, district, random, lines, names, faces, 0);
  }
  return { lines, faces };
}

function splitFace(
  ring: readonly Point2[],
  outerDistrict: District,
  random: Random,
  lines: StreetLine[],
  names: string[],
  faces: Face[],
  depth: number,
): void {
  const area = Math.abs(signedArea(ring));
  const [mx, my] = middle(ring);
  const here = districtAt(mx, my);
  const district = whole.has(here) ? outerDistrict : here;
  const rule = split[district] ?? split["midtown"]!;
  const box = longBox(ring);
  if (area < rule.area * 1.55 || depth > 9 || box.short < 40) {
    if (area > 250) faces.push({ ring, district });
    return;
  }
  const turn = rule.jitter * random.between(-1, 1);
  // The middle of a bent face may lie outside it; then another place along it is tried.
  const wanted = random.between(0.44, 0.56);
  const spot = (share: number): Point2 => [
    box.x + Math.cos(box.angle) * (share - 0.5) * box.long,
    box.y + Math.sin(box.angle) * (share - 0.5) * box.long,
  ];
  const at = [wanted, 0.36, 0.64, 0.28, 0.72].find((share) => insideRing(...spot(share), ring)) ?? wanted;
  const cos = Math.cos(box.angle);
  const sin = Math.sin(box.angle);
  const x = box.x + cos * (at - 0.5) * box.long;
  const y = box.y + sin * (at - 0.5) * box.long;
  const dx = -Math.sin(box.angle + turn);
  const dy = Math.cos(box.angle + turn);
  const far = 3000;
  const bend = rule.bend * random.between(-1, 1);
  const knee: Point2 = [x + cos * bend, y + sin * bend];
  const cutLine: Point2[] = [[x - dx * far, y - dy * far], knee, [x + dx * far, y + dy * far]];
  const sideShape = (sign: number): Shape =>
    shapeOf([
      cutLine[0]!,
      knee,
      cutLine[2]!,
      [x + dx * far + cos * sign * far, y + dy * far + sin * sign * far],
      [x - dx * far + cos * sign * far, y - dy * far + sin * sign * far],
    ]);
  const hits: Point2[] = [];
  for (const [from, to] of [
    [knee, cutLine[2]!],
    [knee, cutLine[0]!],
  ] as const) {
    let best: { t: number; point: Point2 } | null = null;
    for (let index = 0; index < ring.length; index += 1) {
      const hit = crossing(from, to, ring[index]!, ring[(index + 1) % ring.length]!);
      if (hit === null || (best !== null && hit[0] >= best.t)) continue;
      best = { t: hit[0], point: [from[0] + (to[0] - from[0]) * hit[0], from[1] + (to[1] - from[1]) * hit[0]] };
    }
    if (best !== null) hits.push(best.point);
  }
  if (hits.length < 2) {
    faces.push({ ring, district });
    return;
  }
  const points = Math.abs(bend) > 0.5 ? [hits[1]!, knee, hits[0]!] : [hits[1]!, hits[0]!];
  const kind = rule.kind === "lane" && box.short > 110 && depth < 2 ? streetKinds.street : streetKinds[rule.kind];
  const number = lines.length;
  const name = names.shift() ?? `${["East", "West", "North", "South"][number % 4]} ${number} Street`;
  lines.push({ name, ...kind, points });
  const shape = shapeOf(ring);
  for (const sign of [-1, 1])
    for (const { outer } of polygonsOf(overlap(shape, sideShape(sign)), 120))
      splitFace(outer, district, random, lines, names, faces, depth + 1);
}

/** Rectangle of least area around a ring: middle, angle of the long side, lengths. */
export function longBox(ring: readonly Point2[]): { x: number; y: number; angle: number; long: number; short: number } {
  let best = { area: Infinity, x: 0, y: 0, angle: 0, long: 0, short: 0 };
  for (let index = 0; index < ring.length; index += 1) {
    const a = ring[index]!;
    const b = ring[(index + 1) % ring.length]!;
    if (distance2(a, b) < 3) continue;
    const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    let [u0, u1, v0, v1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [x, y] of ring) {
      const u = x * cos + y * sin;
      const v = -x * sin + y * cos;
      u0 = Math.min(u0, u);
      u1 = Math.max(u1, u);
      v0 = Math.min(v0, v);
      v1 = Math.max(v1, v);
    }
    const area = (u1 - u0) * (v1 - v0);
    if (area >= best.area) continue;
    const u = (u0 + u1) / 2;
    const v = (v0 + v1) / 2;
    const wide = u1 - u0 >= v1 - v0;
    best = {
      area,
      x: u * cos - v * sin,
      y: u * sin + v * cos,
      angle: wide ? angle : angle + Math.PI / 2,
      long: Math.max(u1 - u0, v1 - v0),
      short: Math.min(u1 - u0, v1 - v0),
    };
  }
  return best;
}

export function middle(ring: readonly Point2[]): Point2 {
  let area = 0;
  let x = 0;
  let y = 0;
  const [ox, oy] = ring[0]!;
  for (let index = 0; index < ring.length; index += 1) {
    const a = ring[index]!;
    const b = ring[(index + 1) % ring.length]!;
    const part = (a[0] - ox) * (b[1] - oy) - (b[0] - ox) * (a[1] - oy);
    area += part;
    x += (a[0] + b[0] - 2 * ox) * part;
    y += (a[1] + b[1] - 2 * oy) * part;
  }
  return area === 0 ? [ox, oy] : [ox + x / (3 * area), oy + y / (3 * area)];
}

const touch = 1.6;

/** Cuts all lines where they cross or touch, joins ends that meet, and keeps the connected part. */
export function networkOf(lines: readonly StreetLine[]): { graph: StreetGraph; lineOf: number[] } {
  const cuts = lines.map((line) => {
    const lengths = [0];
    for (let index = 1; index < line.points.length; index += 1)
      lengths.push(lengths[index - 1]! + distance2(line.points[index - 1]!, line.points[index]!));
    return { lengths, at: new Set<number>([0, lengths.at(-1)!]) };
  });
  const boxes = lines.map(({ points }) => {
    const xs = points.map((point) => point[0]);
    const ys = points.map((point) => point[1]);
    return [Math.min(...xs) - 2, Math.min(...ys) - 2, Math.max(...xs) + 2, Math.max(...ys) + 2] as const;
  });
  lines.forEach((line, i) => {
    lines.forEach((other, j) => {
      const [a, b] = [boxes[i]!, boxes[j]!];
      if (i === j || a[0] > b[2] || b[0] > a[2] || a[1] > b[3] || b[1] > a[3]) return;
      for (let s = 1; s < line.points.length; s += 1) {
        const p = line.points[s - 1]!;
        const q = line.points[s]!;
        for (let o = 1; o < other.points.length; o += 1) {
          const c = other.points[o - 1]!;
          const d = other.points[o]!;
          const hit = crossing(p, q, c, d);
          if (hit !== null) cuts[i]!.at.add(cuts[i]!.lengths[s - 1]! + hit[0] * distance2(p, q));
          // The other line's ends may stop just short of this one.
          for (const [end, is] of [
            [c, o === 1],
            [d, o === other.points.length - 1],
          ] as const) {
            if (!is) continue;
            const near = nearestOnSegment(end[0], end[1], p, q);
            if (near.distance < touch) cuts[i]!.at.add(cuts[i]!.lengths[s - 1]! + near.at * distance2(p, q));
          }
        }
      }
    });
  });
  const nodes: Point2[] = [];
  const nodeAt = (point: Point2): number => {
    const found = nodes.findIndex((node) => distance2(node, point) < 3.2);
    if (found >= 0) return found;
    nodes.push([centimetres(point[0]), centimetres(point[1])]);
    return nodes.length - 1;
  };
  const edges: (StreetEdge & { line: number })[] = [];
  lines.forEach((line, number) => {
    const { lengths, at } = cuts[number]!;
    const places = [...at].sort((a, b) => a - b);
    for (let index = 1; index < places.length; index += 1) {
      const [from, to] = [places[index - 1]!, places[index]!];
      const a = nodeAt(pointAt(line.points, lengths, from));
      const b = nodeAt(pointAt(line.points, lengths, to));
      if (a === b) continue;
      const via = line.points.filter((_, k) => lengths[k]! > from + 0.5 && lengths[k]! < to - 0.5);
      edges.push({
        a,
        b,
        name: line.name,
        class: line.class,
        carriageway: line.carriageway,
        pavement: line.pavement,
        lanes: line.lanes,
        ...(line.bridge === undefined ? {} : { bridge: line.bridge }),
        ...(line.tram === true ? { tram: true } : {}),
        ...(via.length === 0 ? {} : { via: via.map(([x, y]) => [centimetres(x), centimetres(y)] as const) }),
        line: number,
      });
    }
  });
  const kept = largestPart({ nodes, edges: withoutSpurs(edges, nodes) });
  const lineOf = kept.edges.map((edge) => (edge as StreetEdge & { line: number }).line);
  const plain = kept.edges.map((edge) => {
    const { line: _, ...rest } = edge as StreetEdge & { line: number };
    return rest;
  });
  return { graph: { nodes: kept.nodes, edges: plain }, lineOf };
}

/** Ends that reach just past a crossing are an accident of drawing. */
function withoutSpurs<T extends StreetEdge>(edges: readonly T[], nodes: readonly Point2[]): T[] {
  const degree = new Map<number, number>();
  for (const { a, b } of edges) for (const node of [a, b]) degree.set(node, (degree.get(node) ?? 0) + 1);
  return edges.filter(
    ({ a, b, bridge }) =>
      bridge !== undefined || (degree.get(a)! > 1 && degree.get(b)! > 1) || distance2(nodes[a]!, nodes[b]!) > 24,
  );
}

function pointAt(points: readonly Point2[], lengths: readonly number[], at: number): Point2 {
  let index = 1;
  while (index < points.length - 1 && lengths[index]! < at) index += 1;
  const [a, b] = [points[index - 1]!, points[index]!];
  const span = lengths[index]! - lengths[index - 1]!;
  const t = span === 0 ? 0 : Math.max(0, Math.min(1, (at - lengths[index - 1]!) / span));
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
}
