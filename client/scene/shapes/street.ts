// Street furniture, lamps, boats and solar panels; fronts look to +Z, feet at the origin.

import { partKinds } from "../shaders/prop.ts";
import { type Look, linear, Shape, type ShapeData } from "./shape.ts";

const steel: Look = { colour: linear("#4a5057") };
const pale: Look = { colour: linear("#c9c4b8") };
const stone: Look = { colour: linear("#cfc8ba") };
const wood: Look = { colour: linear("#b39472") };
const glass: Look = { colour: [0, 0, 0], kind: partKinds.glass };
const litGlass: Look = { colour: [1, 1, 1], kind: partKinds.glass };
const tinted: Look = { colour: [1, 1, 1], kind: partKinds.tinted };

/** Height of the lamp's head, metres. */
export const lampHeadHeight = 5.2;

export function lampShape(): ShapeData {
  const shape = new Shape();
  shape.lathe(
    0,
    0,
    [
      [0, 0.13],
      [0.5, 0.11],
      [0.55, 0.065],
      [lampHeadHeight, 0.045],
    ],
    8,
    steel,
  );
  shape.tube([0, lampHeadHeight - 0.05, 0], [0, lampHeadHeight + 0.22, 0.75], 0.035, 0.03, 6, steel);
  shape.box(0, lampHeadHeight + 0.18, 0.98, 0.24, 0.07, 0.62, steel);
  shape.box(0, lampHeadHeight + 0.12, 0.98, 0.19, 0.065, 0.54, { colour: linear("#ffd9a3"), kind: partKinds.light });
  return shape.data();
}

function bench(): Shape {
  const shape = new Shape();
  for (const x of [-0.75, 0.75]) shape.box(x, 0, 0, 0.08, 0.42, 0.42, steel);
  for (let i = 0; i < 4; i++) shape.box(0, 0.42, -0.17 + i * 0.115, 1.8, 0.04, 0.095, wood);
  for (let i = 0; i < 3; i++) shape.box(0, 0.56 + i * 0.13, -0.24 - i * 0.03, 1.8, 0.1, 0.035, wood);
  return shape;
}

function bollard(): Shape {
  return new Shape().lathe(
    0,
    0,
    [
      [0, 0.1],
      [0.75, 0.09],
      [0.8, 0.11],
      [0.9, 0.1],
      [0.94, 0],
    ],
    10,
    stone,
  );
}

function fountain(): Shape {
  const shape = new Shape();
  shape.lathe(
    0,
    0,
    [
      [0, 3.3],
      [0.18, 3.3],
      [0.18, 3.0],
      [0.62, 2.95],
      [0.66, 3.1],
      [0.72, 3.1],
      [0.72, 2.7],
      [0.4, 2.65],
    ],
    28,
    stone,
  );
  shape.lathe(
    0,
    0,
    [
      [0.56, 2.7],
      [0.561, 0],
    ],
    28,
    { colour: [0, 0, 0], kind: partKinds.glass },
  );
  shape.lathe(
    0,
    0,
    [
      [0.3, 0.5],
      [0.7, 0.32],
      [1.7, 0.26],
      [1.75, 1.15],
      [1.95, 1.3],
      [1.98, 1.2],
      [1.85, 0],
    ],
    20,
    stone,
  );
  shape.lathe(
    0,
    0,
    [
      [1.85, 0.16],
      [2.6, 0.11],
      [2.63, 0.5],
      [2.75, 0.55],
      [2.72, 0],
    ],
    16,
    stone,
  );
  const water: Look = { colour: linear("#dfeaf0"), kind: partKinds.plain };
  for (let i = 0; i < 8; i++) {
    const angle = (i / 8) * 2 * Math.PI;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    shape.tube([c * 0.45, 2.74, s * 0.45], [c * 0.85, 2.45, s * 0.85], 0.025, 0.03, 4, water);
    shape.tube([c * 0.85, 2.45, s * 0.85], [c * 1.05, 1.95, s * 1.05], 0.03, 0.035, 4, water);
    shape.tube([c * 1.28, 1.93, s * 1.28], [c * 1.65, 1.5, s * 1.65], 0.03, 0.035, 4, water);
    shape.tube([c * 1.65, 1.5, s * 1.65], [c * 1.9, 0.58, s * 1.9], 0.035, 0.05, 4, water);
  }
  shape.tube([0, 2.7, 0], [0, 3.5, 0], 0.05, 0.02, 5, water);
  return shape;
}

function kiosk(): Shape {
  const shape = new Shape();
  shape.box(0, 0, 0, 2.9, 0.12, 2.3, stone);
  shape.box(0, 0.12, -0.1, 2.6, 2.35, 1.9, { colour: linear("#9fb0a6") });
  shape.box(0, 1.1, 0.86, 2.2, 1.0, 0.04, litGlass);
  shape.box(0, 1.0, 1.0, 2.4, 0.06, 0.4, wood);
  shape.slab(
    [
      [-1.25, 2.47],
      [1.35, 2.47],
      [1.2, 2.62],
      [-1.15, 2.72],
    ],
    -1.6,
    1.6,
    pale,
  );
  for (let i = 0; i < 6; i++)
    shape.slab(
      [
        [0.85, 2.44],
        [1.75, 2.12],
        [1.76, 2.16],
        [0.85, 2.5],
      ],
      -1.3 + i * 0.435,
      -1.3 + i * 0.435 + 0.435,
      i % 2 === 0 ? { colour: linear("#b65a3c") } : pale,
    );
  return shape;
}

function stop(): Shape {
  const shape = new Shape();
  for (const x of [-1.7, 1.7]) shape.box(x, 0, -0.6, 0.08, 2.4, 0.08, steel);
  shape.box(0, 0.25, -0.62, 3.3, 1.95, 0.03, glass);
  shape.box(-1.72, 0.25, -0.1, 0.03, 1.95, 0.95, glass);
  shape.slab(
    [
      [-0.8, 2.4],
      [0.85, 2.5],
      [0.85, 2.58],
      [-0.8, 2.52],
    ],
    -2,
    2,
    pale,
  );
  shape.box(0, 0.42, -0.4, 2.3, 0.05, 0.34, wood);
  shape.box(-0.9, 0, -0.4, 0.06, 0.42, 0.3, steel);
  shape.box(0.9, 0, -0.4, 0.06, 0.42, 0.3, steel);
  shape.lathe(
    2.35,
    0.6,
    [
      [0, 0.045],
      [2.9, 0.04],
    ],
    6,
    steel,
  );
  shape.box(2.35, 2.35, 0.6, 0.07, 0.55, 0.55, { colour: linear("#0072B2") });
  shape.box(2.35, 1.2, 0.6, 0.05, 0.7, 0.4, pale);
  return shape;
}

function bicycleStand(): Shape {
  const shape = new Shape();
  for (let i = 0; i < 4; i++) {
    const x = -1.2 + i * 0.8;
    shape.tube([x, 0, -0.35], [x, 0.75, -0.35], 0.025, 0.025, 5, steel);
    shape.tube([x, 0.75, -0.35], [x, 0.75, 0.35], 0.025, 0.025, 5, steel);
    shape.tube([x, 0.75, 0.35], [x, 0, 0.35], 0.025, 0.025, 5, steel);
    if (i % 2 === 0) parkedBicycle(shape, x + 0.14, i === 0 ? linear("#7b3b32") : linear("#33566b"));
  }
  return shape;
}

function parkedBicycle(shape: Shape, x: number, colour: Look["colour"]): void {
  const look: Look = { colour };
  for (const z of [-0.52, 0.52]) wheel(shape, x, 0.33, z, 0.33);
  shape.tube([x, 0.33, -0.52], [x, 0.82, -0.18], 0.018, 0.018, 4, look);
  shape.tube([x, 0.3, 0], [x, 0.85, -0.2], 0.018, 0.018, 4, look);
  shape.tube([x, 0.8, -0.15], [x, 0.82, 0.38], 0.018, 0.018, 4, look);
  shape.tube([x, 0.3, 0], [x, 0.8, 0.38], 0.018, 0.018, 4, look);
  shape.tube([x, 0.33, 0.52], [x, 1.0, 0.36], 0.018, 0.018, 4, look);
  shape.tube([x - 0.26, 1.02, 0.34], [x + 0.26, 1.02, 0.34], 0.015, 0.015, 4, steel);
  shape.box(x, 0.87, -0.22, 0.14, 0.05, 0.26, steel);
}

/** A thin ring in the plane across x, seen from both sides. */
export function wheel(shape: Shape, x: number, y: number, z: number, radius: number): void {
  const sides = 14;
  const look: Look = { colour: linear("#2c2e31") };
  for (let s = 0; s < sides; s++) {
    const a = (s / sides) * 2 * Math.PI;
    const b = ((s + 1) / sides) * 2 * Math.PI;
    shape.tube(
      [x, y + Math.sin(a) * radius, z + Math.cos(a) * radius],
      [x, y + Math.sin(b) * radius, z + Math.cos(b) * radius],
      0.022,
      0.022,
      3,
      look,
    );
  }
}

function boat(): Shape {
  const shape = new Shape();
  const hull: readonly (readonly [number, number])[] = [
    [-1.15, 0.75],
    [-0.95, -0.2],
    [0, -0.45],
    [0.95, -0.2],
    [1.15, 0.75],
  ];
  shape.loft(
    hull,
    [
      { z: -4.2, scaleX: 0.78, scaleY: 0.9 },
      { z: -2, scaleX: 1, scaleY: 0.95 },
      { z: 1.6, scaleX: 0.98, scaleY: 1 },
      { z: 3.6, scaleX: 0.55, scaleY: 1.15 },
      { z: 4.8, scaleX: 0.06, scaleY: 1.4 },
    ],
    (edge) => (edge === 4 ? wood : tinted),
  );
  shape.box(0, 0.7, -0.9, 1.7, 0.95, 2.8, pale);
  shape.box(0, 1.0, -0.9, 1.74, 0.45, 2.5, litGlass);
  shape.box(0, 1.65, -0.9, 1.9, 0.07, 3.1, wood);
  return shape;
}

/** One metre square, flat, to be scaled and tilted: cells under glass in a pale frame. */
export function solarPanelShape(): ShapeData {
  const shape = new Shape();
  shape.box(0, 0, 0, 1, 0.05, 1, pale);
  shape.box(0, 0.045, 0, 0.965, 0.012, 0.965, { colour: [0.02, 0.03, 0.08], kind: partKinds.solar });
  return shape.data();
}

export type FurnitureKind = "bench" | "bollard" | "fountain" | "kiosk" | "stop" | "bicycle-stand" | "boat";
const makers: Record<FurnitureKind, () => Shape> = {
  bench,
  bollard,
  fountain,
  kiosk,
  stop,
  "bicycle-stand": bicycleStand,
  boat,
};
export const furnitureKinds = Object.keys(makers) as readonly FurnitureKind[];

export function furnitureShape(kind: FurnitureKind): ShapeData {
  return makers[kind]().data();
}

/** Small instruments on posts, tinted by kind. */
export function instrumentShape(): ShapeData {
  const shape = new Shape();
  shape.lathe(
    0,
    0,
    [
      [0, 0.09],
      [0.06, 0.09],
      [0.08, 0.04],
      [2.6, 0.035],
    ],
    8,
    steel,
  );
  shape.box(0, 1.5, 0.03, 0.34, 0.46, 0.22, pale);
  shape.box(0, 1.72, 0.145, 0.24, 0.1, 0.01, { colour: [1, 1, 1], kind: partKinds.tinted });
  for (let i = 0; i < 4; i++)
    shape.lathe(
      0,
      0,
      [
        [2.2 + i * 0.1, 0.02],
        [2.22 + i * 0.1, 0.14],
        [2.26 + i * 0.1, 0.14],
        [2.28 + i * 0.1, 0.02],
      ],
      10,
      pale,
    );
  shape.lathe(
    0,
    0,
    [
      [2.62, 0.02],
      [2.64, 0.16],
      [2.7, 0],
    ],
    10,
    tinted,
  );
  return shape.data();
}

/** The meter's box on a house front. */
export function meterShape(): ShapeData {
  const shape = new Shape();
  shape.box(0, -0.2, 0.05, 0.3, 0.42, 0.12, pale);
  shape.box(0, -0.02, 0.115, 0.2, 0.12, 0.01, glass);
  shape.box(0, -0.13, 0.115, 0.2, 0.05, 0.01, { colour: linear("#009E73") });
  return shape.data();
}

/** A pin one metre across that points down, in the kind's hue on paper. */
export function pinShape(): ShapeData {
  const shape = new Shape();
  const paper: Look = { colour: linear("#F7F5F0") };
  const disc = (radius: number, z: number, look: Look): void => {
    const ring: (readonly [number, number, number])[] = [];
    for (let s = 0; s < 24; s++) {
      const angle = (s / 24) * 2 * Math.PI;
      ring.push([Math.cos(angle) * radius, 0.6 + Math.sin(angle) * radius, z]);
    }
    shape.face(ring, [0, 0, 1], look);
  };
  shape.lathe(
    0,
    0,
    [
      [-0.15, 0.01],
      [0.25, 0.3],
    ],
    12,
    paper,
    0.2,
  );
  disc(0.5, 0.02, paper);
  disc(0.4, 0.035, tinted);
  disc(0.14, 0.05, paper);
  return shape.data();
}

/** A thin ring on the ground around what is chosen. */
export function ringShape(): ShapeData {
  const glow: Look = { colour: linear("#56B4E9"), kind: partKinds.light };
  return new Shape()
    .lathe(
      0,
      0,
      [
        [0, 0.92],
        [0.05, 0.92],
        [0.05, 1],
        [0, 1],
      ],
      40,
      glow,
    )
    .data();
}
