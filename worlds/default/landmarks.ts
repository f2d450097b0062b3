// The buildings that a citizen remembers: town hall, minster, station, palm house, shell, observatory, campus, harbour.

import type { ObjectUse } from "../format/world.ts";
import type { Point2, Point3 } from "../geometry/vector.ts";
import {
  box,
  cornice,
  counterClockwise,
  type Face,
  flatRoof,
  gableAlong,
  hipRoof,
  spire,
  wallBand,
  walls,
} from "./building-shapes.ts";
import { circle, rectangle } from "./curves.ts";
import { hill, hillHeight } from "./districts.ts";
import { type House, shed, slab } from "./houses.ts";

export interface Landmark extends House {
  readonly id: string;
  readonly name: string;
  /** Ground height. */
  readonly base: number;
  /** Ground that no ordinary block may use. */
  readonly keep: readonly Point2[] | null;
  readonly construction?: boolean;
}

function made(
  id: string,
  name: string,
  use: ObjectUse,
  faces: Face[],
  storeys: number,
  storeyHeight: number,
  year: number,
  keep: readonly Point2[] | null,
  base = 0,
): Landmark {
  return { id, name, use, faces, storeys, storeyHeight, year, roof: "various", slopes: [], door: [0, 0], keep, base };
}

/** Gabled hall: two chains from a rectangle, ridge along its depth. */
function hall(
  faces: Face[],
  x: number,
  y: number,
  width: number,
  depth: number,
  heading: number,
  eaves: number,
  rise: number,
  base = 0,
): void {
  const [a, b, c, d] = rectangle(x, y, width, depth, heading) as [Point2, Point2, Point2, Point2];
  walls(faces, [a, b, c, d], base, eaves);
  cornice(faces, [a, b, c, d], eaves - 0.45, (edge) => edge === 1 || edge === 3, 0.3, 0.4);
  gableAlong(faces, [b, c], [a, d], eaves, rise);
}

/** Half barrel along the depth. */
function barrel(
  faces: Face[],
  x: number,
  y: number,
  width: number,
  depth: number,
  heading: number,
  spring: number,
  rise: number,
  parts = 12,
): void {
  const angle = (heading * Math.PI) / 180;
  const [fx, fy] = [Math.sin(angle), Math.cos(angle)];
  const at = (k: number, end: number): Point3 => {
    const turn = Math.PI - (k / parts) * Math.PI;
    const across = (Math.cos(turn) * width) / 2;
    return [
      x + fy * across + (fx * depth * end) / 2,
      y - fx * across + (fy * depth * end) / 2,
      spring + Math.sin(turn) * rise,
    ];
  };
  for (let k = 0; k < parts; k += 1)
    faces.push({ kind: "roof", rings: [[at(k, -1), at(k + 1, -1), at(k + 1, 1), at(k, 1)]] });
  faces.push({ kind: "wall", rings: [Array.from({ length: parts + 1 }, (_, k) => at(parts - k, -1))] });
  faces.push({ kind: "wall", rings: [Array.from({ length: parts + 1 }, (_, k) => at(k, 1))] });
}

function dome(
  faces: Face[],
  x: number,
  y: number,
  radius: number,
  low: number,
  rise: number,
  parts = 20,
  rings = 5,
): void {
  const at = (k: number, r: number): Point3 => {
    const turn = (k / parts) * Math.PI * 2;
    const up = (r / rings) * (Math.PI / 2);
    return [
      x + Math.cos(turn) * radius * Math.cos(up),
      y + Math.sin(turn) * radius * Math.cos(up),
      low + Math.sin(up) * rise,
    ];
  };
  for (let r = 0; r < rings; r += 1)
    for (let k = 0; k < parts; k += 1) {
      const quad =
        r === rings - 1
          ? [at(k, r), at(k + 1, r), at(k, rings)]
          : [at(k, r), at(k + 1, r), at(k + 1, r + 1), at(k, r + 1)];
      faces.push({ kind: "roof", rings: [quad] });
    }
}

function townHall(): Landmark {
  const faces: Face[] = [];
  const [x, y, heading] = [15, 186, -5];
  const ring = counterClockwise(rectangle(x, y, 50, 17, heading));
  walls(faces, ring, 0, 15.5, 1.1);
  cornice(faces, ring, 5.2, () => true, 0.25, 0.35);
  cornice(faces, ring, 15, () => true, 0.5, 0.6);
  hipRoof(faces, ring, 15.6, 6.5, 0.3);
  for (const side of [-1, 1]) {
    const [wx, wy] = [
      x + Math.cos((heading * Math.PI) / 180) * 21 * side,
      y - Math.sin((heading * Math.PI) / 180) * 21 * side - 4,
    ];
    const wing = counterClockwise(rectangle(wx, wy, 9, 14, heading));
    walls(faces, wing, 0, 17, 1.1);
    cornice(faces, wing, 16.6, () => true, 0.4, 0.5);
    hipRoof(faces, wing, 17.1, 4.5, 0.2);
  }
  const tx = x - 0.5;
  const ty = y - 8.5;
  const shaft = counterClockwise(rectangle(tx, ty, 8.4, 8.4, heading));
  walls(faces, shaft, 0, 36, 1.4);
  for (const z of [15, 26, 35.6]) cornice(faces, shaft, z, () => true, 0.45, 0.5);
  const lantern = counterClockwise(rectangle(tx, ty, 6.4, 6.4, heading));
  faces.push({ kind: "roofFlat", rings: [shaft.map(([px, py]) => [px, py, 36.1] as const)] });
  wallBand(faces, lantern, 36.1, 43, "wall");
  cornice(faces, lantern, 42.6, () => true, 0.35, 0.4);
  spire(faces, lantern, 43, 58, tx, ty);
  return made("town-hall", "Town Hall", "civic", faces, 4, 3.8, 1742, null);
}

function minster(): Landmark {
  const faces: Face[] = [];
  const [x, y, heading] = [140, 236, 75];
  const a = (heading * Math.PI) / 180;
  const along = (far: number): Point2 => [x + Math.sin(a) * far, y + Math.cos(a) * far];
  hall(faces, x, y, 13, 46, heading, 17, 9);
  const [cx, cy] = along(8);
  hall(faces, cx, cy, 11, 32, heading + 90, 16.5, 8);
  for (const side of [-1, 1]) {
    const aisle = counterClockwise(
      rectangle(
        x + Math.cos(a) * 9 * side - Math.sin(a) * 6,
        y - Math.sin(a) * 9 * side - Math.cos(a) * 6,
        5,
        30,
        heading,
      ),
    );
    walls(faces, aisle, 0, 8, 0.8);
    flatRoof(faces, aisle, 8, 0.4);
  }
  const [tx, ty] = along(-27);
  const shaft = counterClockwise(rectangle(tx, ty, 11, 11, heading));
  walls(faces, shaft, 0, 42, 1.4);
  for (const z of [14, 28, 41.5]) cornice(faces, shaft, z, () => true, 0.4, 0.5);
  spire(faces, shaft, 42.1, 74, tx, ty);
  const [ax, ay] = along(24);
  const apse = counterClockwise(circle(ax, ay, 6.4, 12));
  walls(faces, apse, 0, 14);
  spire(faces, apse, 14, 20, ax, ay);
  return made("minster", "Minster", "culture", faces, 3, 5.6, 1412, null);
}

function station(): Landmark {
  const faces: Face[] = [];
  const front = counterClockwise(rectangle(2, 541, 92, 13, 0));
  walls(faces, front, 0, 12, 1);
  cornice(faces, front, 11.6, () => true, 0.4, 0.5);
  flatRoof(faces, front, 12, 1);
  const middle = counterClockwise(rectangle(2, 537, 24, 16, 0));
  walls(faces, middle, 0, 17, 1);
  cornice(faces, middle, 16.5, () => true, 0.5, 0.6);
  hipRoof(faces, middle, 17.1, 5);
  // Train shed over the platforms: a barrel on low walls.
  const low = counterClockwise(rectangle(2, 566, 150, 34, 0));
  wallBand(faces, low, 0, 7, "wall", (edge) => edge === 1 || edge === 3);
  barrel(faces, 2, 566, 34, 150, 90, 7, 11, 14);
  return made("central-station", "Central Station", "civic", faces, 3, 4, 1889, [
    [-100, 530],
    [104, 530],
    [104, 590],
    [-100, 590],
  ]);
}

function palmHouse(): Landmark {
  const faces: Face[] = [];
  const ring = counterClockwise(rectangle(-352, 250, 18, 58, 20));
  walls(faces, ring, 0, 5, 0.8);
  barrel(faces, -352, 250, 18, 58, 20, 5, 7);
  const cross = counterClockwise(circle(-352, 250, 13, 20));
  walls(faces, cross, 0, 9, 0.8);
  dome(faces, -352, 250, 13, 9, 9);
  return made("palm-house", "Palm House", "culture", faces, 2, 4.5, 1871, null);
}

function shell(): Landmark {
  const faces: Face[] = [];
  const [x, y] = [372, 18];
  const radius = 21;
  const stage = counterClockwise(circle(x, y, radius * 0.86, 24));
  wallBand(faces, stage, 0, 1.1, "plinth");
  faces.push({ kind: "roofFlat", rings: [stage.map(([px, py]) => [px, py, 1.1] as const)] });
  // A quarter sphere that opens to the north-west, where people sit on the lawn; seen from both sides.
  const turn0 = -Math.PI * 0.8;
  const at = (k: number, r: number): Point3 => {
    const turn = turn0 + (k / 18) * Math.PI * 1.1;
    const up = (r / 8) * Math.PI * 0.52;
    return [
      x + Math.cos(turn) * radius * Math.cos(up),
      y + Math.sin(turn) * radius * Math.cos(up),
      Math.sin(up) * radius * 0.82,
    ];
  };
  for (let r = 0; r < 8; r += 1)
    for (let k = 0; k < 18; k += 1) {
      const quad = [at(k, r), at(k + 1, r), at(k + 1, r + 1), at(k, r + 1)];
      faces.push(
        { kind: "roof", rings: [quad.slice(0, 3)] },
        { kind: "roof", rings: [[quad[0]!, quad[2]!, quad[3]!]] },
      );
      const inside = quad
        .map(([px, py, pz]) => [x + (px - x) * 0.97, y + (py - y) * 0.97, pz * 0.97] as Point3)
        .reverse();
      faces.push(
        { kind: "wall", rings: [inside.slice(0, 3)] },
        { kind: "wall", rings: [[inside[0]!, inside[2]!, inside[3]!]] },
      );
    }
  return made("concert-shell", "Concert Shell", "culture", faces, 1, 6, 1958, null);
}

function observatory(): Landmark {
  const faces: Face[] = [];
  const base = hillHeight(hill.x, hill.y) - 0.4;
  const drum = counterClockwise(circle(hill.x, hill.y, 7, 24));
  walls(faces, drum, base, base + 9, 1);
  cornice(faces, drum, base + 8.6, () => true, 0.35, 0.4);
  dome(faces, hill.x, hill.y, 6.6, base + 9, 6.4, 24, 6);
  const wing = counterClockwise(rectangle(hill.x - 13, hill.y - 2, 16, 8, 0));
  walls(faces, wing, base - 1.5, base + 4.5, 1);
  hipRoof(faces, wing, base + 4.5, 2.6);
  return made("observatory", "Observatory", "culture", faces, 2, 4, 1861, null, base);
}

function campus(): Landmark[] {
  const hall_ = (
    id: string,
    name: string,
    x: number,
    y: number,
    width: number,
    depth: number,
    heading: number,
    storeys: number,
  ): Landmark => ({
    ...slab(
      counterClockwise(rectangle(x, y, width, depth, heading)),
      storeys,
      "school",
      1968 + (Math.round(x) % 40),
      name,
      3.9,
    ),
    id,
    name,
    base: 0,
    keep: null,
  });
  const library: Face[] = [];
  const ring = counterClockwise(circle(412, -236, 19, 28));
  walls(library, ring, 0, 15, 0.8);
  cornice(library, ring, 14.6, () => true, 0.5, 0.5);
  flatRoof(library, ring, 15, 0.8);
  dome(library, 412, -236, 12, 15, 6, 24, 4);
  return [
    made("campus-library", "University Library", "school", library, 4, 3.7, 1974, null),
    hall_("campus-1", "Faculty of Water and Land", 322, -208, 16, 54, 8, 5),
    hall_("campus-2", "Faculty of Sciences", 350, -286, 58, 16, -2, 6),
    hall_("campus-3", "Lecture Halls", 366, -226, 26, 30, 8, 3),
    hall_("campus-4", "Faculty of Engineering", 470, -196, 60, 17, 4, 6),
    hall_("campus-5", "Institute of Light", 476, -258, 44, 15, -18, 5),
    hall_("campus-6", "Students' House", 530, -226, 15, 42, -14, 8),
    hall_("campus-7", "Refectory", 552, -176, 30, 20, 10, 2),
    hall_("campus-8", "Computing Centre", 420, -292, 40, 15, -8, 4),
  ];
}

export const basins: readonly (readonly Point2[])[] = [
  rectangle(-628, -150, 44, 160, 24),
  rectangle(-730, -180, 40, 150, 18),
];

function harbour(): Landmark[] {
  const list: Landmark[] = [];
  const add = (
    id: string,
    name: string,
    x: number,
    y: number,
    width: number,
    depth: number,
    heading: number,
    height: number,
  ): void => {
    list.push({ ...shed(x, y, width, depth, heading, height, 1928, name), id, name, base: 0, keep: null });
  };
  add("harbour-shed-1", "Granary", -672, -132, 26, 92, 22, 13);
  add("harbour-shed-2", "Cold Store", -774, -128, 24, 80, 17, 11);
  add("harbour-shed-3", "Boatyard", -690, -30, 84, 26, 4, 9);
  add("harbour-shed-4", "Sail Loft", -590, -64, 22, 40, 24, 8);
  for (let index = 0; index < 6; index += 1) {
    const faces: Face[] = [];
    const [x, y] = [-704 + (index % 3) * 9.6 - (index > 2 ? 4 : 0), -70 + (index > 2 ? 9.4 : 0)];
    const ring = counterClockwise(circle(x, y, 4.5, 16));
    walls(faces, ring, 0, 24, 0.6);
    spire(faces, ring, 24, 26.6, x, y);
    list.push(made(`harbour-silo-${index + 1}`, `Silo ${index + 1}`, "industry", faces, 1, 24, 1931, null));
  }
  for (const [index, [x, y, heading]] of (
    [
      [-672.4, -179.5, 24],
      [-650, -129.3, 24],
      [-761.9, -190.7, 18],
    ] as const
  ).entries()) {
    const faces: Face[] = [];
    const a = (heading * Math.PI) / 180;
    const at = (across: number, along: number): Point2 => [
      x + Math.cos(a) * across + Math.sin(a) * along,
      y - Math.sin(a) * across + Math.cos(a) * along,
    ];
    const beam = (across: number, along: number, wide: number, deep: number, low: number, high: number): void => {
      const [bx, by] = at(across, along);
      box(faces, counterClockwise(rectangle(bx, by, wide, deep, heading)), low, high, "rail", "rail");
    };
    for (const across of [-5, 5]) for (const along of [-4, 4]) beam(across, along, 0.8, 0.8, 0, 17);
    for (const along of [-4, 4]) beam(0, along, 11, 0.9, 16.2, 17.4);
    beam(0, 0, 3.4, 8.8, 17.4, 20.4);
    beam(13, 0, 34, 1.2, 20.4, 21.8);
    beam(-3, 0, 1, 1, 20.4, 29);
    list.push({
      ...made(`harbour-crane-${index + 1}`, `Crane ${index + 1}`, "industry", faces, 1, 20, 1936, null),
      construction: true,
    });
  }
  return list;
}

export function landmarks(): Landmark[] {
  return [townHall(), minster(), station(), palmHouse(), shell(), observatory(), ...campus(), ...harbour()];
}
