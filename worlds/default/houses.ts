// Ordinary buildings: perimeter houses, row houses, villas, office blocks and towers, each from its lot.

import type { ObjectUse } from "../format/world.ts";
import type { Random } from "../geometry/random.ts";
import { distance2, type Point2, type Point3 } from "../geometry/vector.ts";
import {
  box,
  cornice,
  counterClockwise,
  type Face,
  flatRoof,
  gableAlong,
  hipRoof,
  inset,
  mansard,
  wallBand,
  walls,
} from "./building-shapes.ts";
import { circle, rectangle } from "./curves.ts";
import { type Lot, lotRing } from "./lots.ts";

export interface House {
  readonly faces: Face[];
  readonly use: ObjectUse;
  readonly storeys: number;
  readonly storeyHeight: number;
  readonly year: number;
  readonly roof: string;
  /** Where panels may lie. */
  readonly slopes: readonly (readonly Point3[])[];
  /** Front door, on the street side. */
  readonly door: Point2;
  readonly name?: string;
}

const frontMiddle = (lot: Lot): Point2 => {
  const middle = Math.floor((lot.outer.length - 1) / 2);
  const [a, b] = [lot.outer[middle]!, lot.outer[middle + 1]!];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
};

function chimney(faces: Face[], lot: Lot, eaves: number, rise: number, random: Random): void {
  const [o, i] = [lot.outer[0]!, lot.inner[0]!];
  const next = lot.outer[1]!;
  const length = distance2(o, next) || 1;
  const share = random.between(0.55, 0.68);
  const x = o[0] + (i[0] - o[0]) * share + ((next[0] - o[0]) / length) * 0.8;
  const y = o[1] + (i[1] - o[1]) * share + ((next[1] - o[1]) / length) * 0.8;
  const heading = (Math.atan2(next[0] - o[0], next[1] - o[1]) * 180) / Math.PI;
  box(
    faces,
    counterClockwise(rectangle(x, y, 0.75, 0.95, heading)),
    eaves + rise * 0.4,
    eaves + rise + 0.9,
    "plinth",
    "roofFlat",
  );
}

/** A house in a closed street front. */
export function perimeterHouse(
  lot: Lot,
  storeys: number,
  style: "old" | "block",
  use: ObjectUse,
  random: Random,
): House {
  const faces: Face[] = [];
  const storeyHeight = style === "old" ? 3.1 : 3.25;
  const ring = lotRing(lot);
  const eaves = storeys * storeyHeight + (style === "old" ? 0.5 : 0.8);
  const depth = distance2(lot.outer[0]!, lot.inner[0]!);
  walls(faces, ring, 0, eaves);
  const streetEdges = lot.outer.length - 1;
  const slopes: (readonly Point3[])[] = [];
  const kind =
    style === "old"
      ? random.chance(0.8)
        ? "gabled"
        : "flat"
      : random.chance(0.42)
        ? "flat"
        : random.chance(0.5)
          ? "mansard"
          : "gabled";
  if (kind === "gabled") {
    cornice(faces, ring, eaves - 0.42, (edge) => edge < streetEdges, 0.22, 0.34);
    const rise = (depth / 2) * random.between(style === "old" ? 0.78 : 0.6, style === "old" ? 1.05 : 0.8);
    slopes.push(...gableAlong(faces, lot.outer, lot.inner, eaves, rise));
    if (random.chance(0.7)) chimney(faces, lot, eaves, rise, random);
  } else if (kind === "mansard") {
    cornice(faces, ring, eaves - 0.1, (edge) => edge < streetEdges, 0.32, 0.3);
    slopes.push(mansard(faces, ring, eaves, 2.9, 1.2).map(([x, y]) => [x, y, eaves + 2.9] as const));
    rooftop(faces, lot, eaves + 2.9, random);
  } else {
    cornice(faces, ring, eaves - 0.1, (edge) => edge < streetEdges, 0.3, 0.34);
    slopes.push(flatRoof(faces, ring, eaves).map(([x, y]) => [x, y, eaves] as const));
    rooftop(faces, lot, eaves, random);
  }
  const year = style === "old" ? random.whole(1640, 1890) : random.whole(1885, 1985);
  return { faces, use, storeys, storeyHeight, year, roof: kind, slopes, door: frontMiddle(lot) };
}

/** Stair head or plant on a flat roof. */
function rooftop(faces: Face[], lot: Lot, z: number, random: Random): void {
  if (!random.chance(0.75)) return;
  const middle = Math.floor((lot.outer.length - 1) / 2);
  const [a, b] = [lot.outer[middle]!, lot.outer[middle + 1]!];
  const [c, d] = [lot.inner[middle]!, lot.inner[middle + 1]!];
  const width = distance2(a, b);
  if (width < 5) return;
  const share = random.between(0.6, 0.68);
  const x = ((a[0] + b[0]) / 2) * (1 - share) + ((c[0] + d[0]) / 2) * share;
  const y = ((a[1] + b[1]) / 2) * (1 - share) + ((c[1] + d[1]) / 2) * share;
  const heading = (Math.atan2(b[0] - a[0], b[1] - a[1]) * 180) / Math.PI;
  box(faces, counterClockwise(rectangle(x, y, 2.4, Math.min(4.4, width * 0.4), heading)), z, z + 2.4);
}

/** Two storeys and a gable, one of a row. */
export function rowHouse(lot: Lot, tone: { rise: number; eaves: number; year: number }, random: Random): House {
  const faces: Face[] = [];
  walls(faces, lotRing(lot), 0, tone.eaves, 0.4);
  const slopes = gableAlong(faces, lot.outer, lot.inner, tone.eaves, tone.rise, 0.4);
  chimney(faces, lot, tone.eaves, tone.rise, random);
  return {
    faces,
    use: "house",
    storeys: 2,
    storeyHeight: 2.8,
    year: tone.year,
    roof: "gabled",
    slopes,
    door: frontMiddle(lot),
  };
}

/** A house of its own in a garden; null where the lot is too small. */
export function villa(lot: Lot, random: Random): House | null {
  const [a, b] = [lot.outer[0]!, lot.outer.at(-1)!];
  const width = distance2(a, b);
  if (width < 11) return null;
  const dx = (b[0] - a[0]) / width;
  const dy = (b[1] - a[1]) / width;
  const back = random.between(10, 12.5);
  const x = (a[0] + b[0]) / 2 - dy * back;
  const y = (a[1] + b[1]) / 2 + dx * back;
  const heading = (Math.atan2(-dy, dx) * 180) / Math.PI;
  const wide = Math.min(width - 5, random.between(9, 13));
  const deep = random.between(8.5, 10.5);
  const ring = counterClockwise(rectangle(x, y, wide, deep, heading));
  const faces: Face[] = [];
  const storeys = random.chance(0.75) ? 2 : 1;
  const eaves = storeys * 2.9 + 0.5;
  walls(faces, ring, 0, eaves);
  const slopes = hipRoof(faces, ring, eaves, random.between(2.6, 3.6));
  // A low wing on one side.
  if (random.chance(0.6)) {
    const side = random.chance(0.5) ? 1 : -1;
    const wing = counterClockwise(
      rectangle(x + dx * side * (wide / 2 + 2.0), y + dy * side * (wide / 2 + 2.0), 4, deep * 0.7, heading),
    );
    walls(faces, wing, 0, 3);
    flatRoof(faces, wing, 3, 0.3);
  }
  return {
    faces,
    use: "house",
    storeys,
    storeyHeight: 2.9,
    year: random.whole(1905, 2015),
    roof: "hipped",
    slopes,
    door: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
  };
}

/** A slab with flat roof, parapet and plant. */
export function slab(
  ring: readonly Point2[],
  storeys: number,
  use: ObjectUse,
  year: number,
  name?: string,
  storeyHeight = 3.6,
): House {
  const faces: Face[] = [];
  const top = storeys * storeyHeight + 0.8;
  walls(faces, ring, 0, top);
  cornice(faces, ring, top - 0.05, () => true, 0.25, 0.3);
  const inner = flatRoof(faces, ring, top, 0.9);
  const plant = inset(ring, Math.min(5, Math.sqrt(Math.abs(distance2(ring[0]!, ring[2] ?? ring[1]!))) * 0.9));
  if (plant.length === 4) box(faces, plant, top, top + 2.6, "plinth", "roofFlat");
  return {
    faces,
    use,
    storeys,
    storeyHeight,
    year,
    roof: "flat",
    slopes: plant.length === 4 ? [] : [inner.map(([x, y]) => [x, y, top] as const)],
    door: ring[0]!,
    ...(name === undefined ? {} : { name }),
  };
}

/** Podium and a tall shaft with setbacks. */
export function tower(
  podium: readonly Point2[],
  x: number,
  y: number,
  size: number,
  heading: number,
  storeys: number,
  name: string,
  random: Random,
): House {
  const faces: Face[] = [];
  const storeyHeight = 3.7;
  const podiumTop = 2 * 4.4;
  walls(faces, podium, 0, podiumTop);
  cornice(faces, podium, podiumTop - 0.1, () => true, 0.3, 0.4);
  flatRoof(faces, podium, podiumTop, 0.9);
  const round = random.chance(0.25);
  const section = (scale: number): Point2[] =>
    counterClockwise(
      round ? circle(x, y, (size / 2) * scale * 1.05, 20) : rectangle(x, y, size * scale, size * 0.82 * scale, heading),
    );
  const total = storeys * storeyHeight;
  const steps: readonly (readonly [number, number])[] = random.chance(0.5)
    ? [
        [1, 0.62],
        [0.84, 0.88],
        [0.66, 1],
      ]
    : [
        [1, 0.86],
        [0.8, 1],
      ];
  let low = podiumTop;
  for (const [scale, share] of steps) {
    const high = Math.max(low + 4, total * share);
    const ring = section(scale);
    wallBand(faces, ring, low, high, "wall");
    cornice(faces, ring, high - 0.2, () => !round, 0.2, 0.3);
    flatRoof(faces, ring, high, 1.1);
    low = high;
  }
  box(faces, section(0.3), low, low + 4.5, "plinth", "roofFlat");
  if (random.chance(0.6))
    box(faces, counterClockwise(circle(x, y, 0.35, 6)), low + 4.5, low + 18, "plinth", "roofFlat");
  return {
    faces,
    use: "tower",
    storeys,
    storeyHeight,
    year: random.whole(1998, 2024),
    roof: "flat",
    slopes: [],
    door: podium[0]!,
    name,
  };
}

/** A long industrial hall with saw-tooth roofs. */
export function shed(
  x: number,
  y: number,
  width: number,
  depth: number,
  heading: number,
  height: number,
  year: number,
  name: string,
): House {
  const faces: Face[] = [];
  const ring = counterClockwise(rectangle(x, y, width, depth, heading));
  walls(faces, ring, 0, height, 1);
  const teeth = Math.max(2, Math.round(width / 14));
  const angle = (heading * Math.PI) / 180;
  const [fx, fy] = [Math.sin(angle), Math.cos(angle)];
  const [rx, ry] = [fy, -fx];
  const at = (across: number, along: number, z: number): Point3 => [
    x + rx * across + fx * along,
    y + ry * across + fy * along,
    z,
  ];
  const slopes: Point3[][] = [];
  for (let tooth = 0; tooth < teeth; tooth += 1) {
    const from = -width / 2 + (tooth * width) / teeth;
    const to = from + width / teeth;
    const top = height + 3.2;
    const slope = [
      at(from, -depth / 2, height),
      at(to, -depth / 2, top),
      at(to, depth / 2, top),
      at(from, depth / 2, height),
    ];
    slopes.push(slope);
    faces.push({ kind: "roof", rings: [slope] });
    faces.push({
      kind: "wall",
      rings: [[at(to, -depth / 2, height), at(to, depth / 2, height), at(to, depth / 2, top), at(to, -depth / 2, top)]],
    });
    faces.push({
      kind: "wall",
      rings: [[at(from, -depth / 2, height), at(to, -depth / 2, height), at(to, -depth / 2, top)]],
    });
    faces.push({
      kind: "wall",
      rings: [[at(to, depth / 2, height), at(from, depth / 2, height), at(to, depth / 2, top)]],
    });
  }
  return {
    faces,
    use: "industry",
    storeys: Math.max(1, Math.round(height / 5)),
    storeyHeight: 5,
    year,
    roof: "sawtooth",
    slopes,
    door: ring[0]!,
    name,
  };
}
