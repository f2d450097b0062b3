// Trams, buses, cars and bicycles as lofted bodies; fronts look to +Z, wheels on the ground.

import { limbs, partKinds } from "../shaders/prop.ts";
import { type Look, linear, Shape, type ShapeData } from "./shape.ts";
import { wheel } from "./street.ts";

const dark: Look = { colour: linear("#34383d") };
const rubber: Look = { colour: linear("#26282b") };
const pale: Look = { colour: linear("#d9d6cd") };
const glass: Look = { colour: [1, 1, 1], kind: partKinds.glass };
const darkGlass: Look = { colour: [0, 0, 0], kind: partKinds.glass };
const tinted: Look = { colour: [1, 1, 1], kind: partKinds.tinted };
const headlight: Look = { colour: linear("#fff4dc"), kind: partKinds.light };
const taillight: Look = { colour: linear("#e2402e"), kind: partKinds.light };

/** Length of one tram or bus section between joints, metres. */
export const tramSectionLength = 9.2;
export const busLength = 11.8;

function sides(shape: Shape, half: number, y0: number, y1: number, from: number, to: number, panes: number): void {
  const pitch = (to - from) / panes;
  for (let i = 0; i < panes; i++)
    for (const s of [-1, 1])
      shape.face(
        [
          [s * (half + 0.012), y0, from + i * pitch + 0.05],
          [s * (half + 0.012), y0, from + (i + 1) * pitch - 0.05],
          [s * (half - 0.03), y1, from + (i + 1) * pitch - 0.05],
          [s * (half - 0.03), y1, from + i * pitch + 0.05],
        ],
        [s, 0, 0],
        glass,
      );
}

const tramProfile: readonly (readonly [number, number])[] = [
  [-1.17, 0.38],
  [-1.24, 0.6],
  [-1.25, 1.35],
  [-1.2, 2.75],
  [-1.02, 3.12],
  [-0.55, 3.28],
  [0.55, 3.28],
  [1.02, 3.12],
  [1.2, 2.75],
  [1.25, 1.35],
  [1.24, 0.6],
  [1.17, 0.38],
];
/** Lower flanks carry the line's colour, the rest is pale. */
const livery = (edge: number): Look =>
  edge === 0 || edge === 1 || edge === 9 || edge === 10 ? tinted : edge === 11 ? dark : pale;

function doors(shape: Shape, half: number, z: number): void {
  for (const s of [-1, 1]) {
    shape.face(
      [
        [s * (half + 0.016), 0.42, z - 0.68],
        [s * (half + 0.016), 0.42, z + 0.68],
        [s * (half - 0.02), 2.72, z + 0.68],
        [s * (half - 0.02), 2.72, z - 0.68],
      ],
      [s, 0, 0],
      dark,
    );
    for (const side of [-0.33, 0.33])
      shape.face(
        [
          [s * (half + 0.026), 0.62, z + side - 0.27],
          [s * (half + 0.026), 0.62, z + side + 0.27],
          [s * (half - 0.006), 2.6, z + side + 0.27],
          [s * (half - 0.006), 2.6, z + side - 0.27],
        ],
        [s, 0, 0],
        glass,
      );
  }
}

/** `cab` 1 for the leading section, -1 for the trailing one, 0 between. */
export function tramSection(cab: -1 | 0 | 1): ShapeData {
  const shape = new Shape();
  const half = tramSectionLength / 2 - 0.22;
  const straight = { scaleX: 1, scaleY: 1 };
  const nose = (s: number): { z: number; scaleX: number; scaleY: number; y?: number }[] => [
    { z: s * (half - 1.5), ...straight },
    { z: s * (half - 0.5), scaleX: 0.96, scaleY: 0.985 },
    { z: s * (half + 0.12), scaleX: 0.8, scaleY: 0.86, y: 0.08 },
    { z: s * (half + 0.3), scaleX: 0.62, scaleY: 0.6, y: 0.2 },
  ];
  const flat = (s: number): { z: number; scaleX: number; scaleY: number }[] => [{ z: s * half, ...straight }];
  const back = cab === -1 ? nose(-1).reverse() : flat(-1);
  const front = cab === 1 ? nose(1) : flat(1);
  shape.loft(tramProfile, [...back, ...front], livery);
  for (const s of [-1, 1]) if (cab !== s) shape.box(0, 0.5, s * (half + 0.16), 2.2, 2.55, 0.34, dark);
  const glassFrom = cab === -1 ? -half + 1.7 : -half + 0.15;
  const glassTo = cab === 1 ? half - 1.7 : half - 0.15;
  sides(shape, 1.235, 1.45, 2.6, glassFrom, -0.85, 3);
  sides(shape, 1.235, 1.45, 2.6, 0.85, glassTo, 3);
  doors(shape, 1.245, 0);
  if (cab !== 0) {
    const z = cab * half;
    shape.face(
      [
        [-0.93, 1.5, z + cab * 0.06],
        [0.93, 1.5, z + cab * 0.06],
        [0.86, 2.62, z - cab * 0.19],
        [-0.86, 2.62, z - cab * 0.19],
      ],
      [0, 0.3, cab],
      darkGlass,
    );
    for (const s of [-1, 1]) {
      shape.face(
        [
          [s * 1.2, 1.45, z - cab * 1.45],
          [s * 1.16, 1.45, z - cab * 0.55],
          [s * 1.11, 2.5, z - cab * 0.6],
          [s * 1.16, 2.5, z - cab * 1.45],
        ],
        [s, 0, 0],
        darkGlass,
      );
      shape.box(s * 0.52, 0.78, z + cab * 0.27, 0.28, 0.13, 0.1, cab === 1 ? headlight : taillight);
    }
    shape.box(0, 2.72, z - cab * 0.3, 1.3, 0.2, 0.12, { colour: linear("#ffb84d"), kind: partKinds.light });
  }
  shape.box(0, 3.26, 0.4, 1.5, 0.28, 2.6, pale);
  shape.box(0, 3.26, -2.6, 1.2, 0.2, 1.6, pale);
  if (cab === 0) {
    shape.tube([-0.5, 3.5, -0.6], [-0.5, 4.5, 0.5], 0.03, 0.03, 4, dark);
    shape.tube([0.5, 3.5, -0.6], [0.5, 4.5, 0.5], 0.03, 0.03, 4, dark);
    shape.tube([-0.8, 4.52, 0.5], [0.8, 4.52, 0.5], 0.03, 0.03, 4, dark);
  }
  for (const z of cab === 0 ? [0] : [cab * 0.5]) shape.box(0, 0.08, z + (cab === 0 ? 2.2 : 1), 2, 0.36, 2.2, dark);
  shape.box(0, 0.12, 0, 2.1, 0.3, half * 1.5, dark);
  return shape.data();
}

export function busShape(): ShapeData {
  const shape = new Shape();
  const half = busLength / 2;
  const profile = tramProfile.map(([x, y]): [number, number] => [x, (y - 0.38) * 0.93 + 0.34]);
  shape.loft(
    profile,
    [
      { z: -half, scaleX: 0.95, scaleY: 0.97 },
      { z: -half + 0.25, scaleX: 1, scaleY: 1 },
      { z: half - 0.5, scaleX: 1, scaleY: 1 },
      { z: half - 0.08, scaleX: 0.95, scaleY: 0.98 },
      { z: half, scaleX: 0.88, scaleY: 0.93, y: 0.06 },
    ],
    livery,
  );
  sides(shape, 1.235, 1.32, 2.5, -half + 0.6, half - 0.9, 7);
  for (const z of [half - 1.3, 0.4]) doors(shape, 1.25, z);
  shape.face(
    [
      [-1.02, 1.15, half + 0.015],
      [1.02, 1.15, half + 0.015],
      [0.98, 2.62, half - 0.02],
      [-0.98, 2.62, half - 0.02],
    ],
    [0, 0, 1],
    darkGlass,
  );
  shape.face(
    [
      [-0.9, 1.5, -half - 0.015],
      [0.9, 1.5, -half - 0.015],
      [0.9, 2.5, -half - 0.015],
      [-0.9, 2.5, -half - 0.015],
    ],
    [0, 0, -1],
    darkGlass,
  );
  shape.box(0, 2.66, half - 0.04, 1.6, 0.24, 0.1, { colour: linear("#ffb84d"), kind: partKinds.light });
  for (const s of [-1, 1]) {
    shape.box(s * 0.85, 0.6, half - 0.02, 0.3, 0.16, 0.08, headlight);
    shape.box(s * 0.95, 0.8, -half + 0.02, 0.18, 0.3, 0.08, taillight);
    for (const z of [half - 2.7, -half + 2.9]) tyre(shape, s * 1.06, 0.48, z, 0.48, 0.3);
  }
  shape.box(0, 3.02, -1.5, 1.7, 0.24, 4.5, pale);
  return shape.data();
}

/** A solid wheel, axle across x. */
function tyre(shape: Shape, x: number, y: number, z: number, radius: number, width: number): void {
  const sides14 = 14;
  const ring: [number, number][] = [];
  for (let s = 0; s < sides14; s++) {
    const a = (s / sides14) * 2 * Math.PI;
    ring.push([z + Math.cos(a) * radius, y + Math.sin(a) * radius]);
  }
  shape.slab(ring, x - width / 2, x + width / 2, rubber);
  const hub = ring.map(([rz, ry]): [number, number] => [z + (rz - z) * 0.55, y + (ry - y) * 0.55]);
  shape.slab(hub, x - width / 2 - 0.012, x + width / 2 + 0.012, { colour: linear("#9a9da0") });
}

export type CarBody = "hatch" | "estate" | "van";
export const carBodies: readonly CarBody[] = ["hatch", "estate", "van"];

/** Side views: body, glasshouse and roof line, (z, y). */
const carSides: Record<CarBody, { body: [number, number][]; glass: [number, number][]; roof: [number, number][] }> = {
  hatch: {
    body: [
      [-1.95, 0.32],
      [-2.0, 0.62],
      [-1.92, 0.95],
      [0.85, 0.95],
      [1.75, 0.82],
      [1.98, 0.62],
      [1.98, 0.32],
    ],
    glass: [
      [-1.86, 0.93],
      [-1.5, 1.4],
      [0.05, 1.43],
      [0.92, 0.93],
    ],
    roof: [
      [-1.6, 1.37],
      [-1.45, 1.46],
      [-0.05, 1.49],
      [0.14, 1.4],
    ],
  },
  estate: {
    body: [
      [-2.3, 0.32],
      [-2.35, 0.62],
      [-2.3, 0.98],
      [0.95, 0.97],
      [1.95, 0.84],
      [2.15, 0.62],
      [2.15, 0.32],
    ],
    glass: [
      [-2.25, 0.96],
      [-2.02, 1.42],
      [0.1, 1.45],
      [1.0, 0.95],
    ],
    roof: [
      [-2.15, 1.38],
      [-2.0, 1.48],
      [0, 1.51],
      [0.2, 1.41],
    ],
  },
  van: {
    body: [
      [-2.4, 0.35],
      [-2.45, 0.7],
      [-2.42, 1.95],
      [-2.3, 2.08],
      [0.75, 2.08],
      [1.05, 1.95],
      [1.6, 1.1],
      [2.3, 0.95],
      [2.4, 0.65],
      [2.4, 0.35],
    ],
    glass: [
      [0.78, 1.2],
      [0.78, 1.86],
      [1.1, 1.86],
      [1.62, 1.18],
    ],
    roof: [
      [-2.3, 2.06],
      [-2.2, 2.11],
      [0.6, 2.11],
      [0.75, 2.06],
    ],
  },
};

export function carShape(body: CarBody): ShapeData {
  const shape = new Shape();
  const side = carSides[body];
  const long = side.body[0]![0];
  const front = side.body.at(-1)![0];
  const w = body === "van" ? 0.95 : 0.88;
  shape.slab(side.body, -w, w, tinted, 0.03);
  const inset = body === "van" ? -0.008 : 0.1;
  shape.slab(side.glass, -w + inset, w - inset, darkGlass, 0.03);
  shape.slab(side.roof, -w + inset + 0.01, w - inset - 0.01, tinted);
  for (const s of [-1, 1]) {
    shape.box(s * 0.62, 0.62, front, 0.34, 0.13, 0.05, headlight);
    shape.box(s * 0.66, 0.7, long - 0.04, 0.26, 0.15, 0.05, taillight);
    for (const z of [long + 0.75, front - 0.75]) tyre(shape, s * (w - 0.1), 0.32, z, 0.32, 0.22);
    if (body !== "van") shape.box(s * (w - inset - 0.02), 0.95, -0.62, 0.05, 0.48, 0.09, tinted);
  }
  shape.box(0, 0.2, 0, w * 1.8, 0.16, front - long - 0.3, dark);
  return shape.data();
}

/** Bicycle and rider in one. */
export function bicycleShape(): ShapeData {
  const shape = new Shape();
  const frame: Look = { colour: linear("#3f5560") };
  const coat: Look = { colour: [1, 1, 1], kind: partKinds.tinted };
  const trousers: Look = { colour: linear("#454b58") };
  const skin: Look = { colour: linear("#c79a7b") };
  for (const z of [-0.54, 0.54]) wheel(shape, 0, 0.34, z, 0.34);
  shape.tube([0, 0.34, -0.54], [0, 0.3, 0], 0.02, 0.02, 4, frame);
  shape.tube([0, 0.3, 0], [0, 0.9, -0.2], 0.02, 0.02, 4, frame);
  shape.tube([0, 0.34, -0.54], [0, 0.8, -0.18], 0.016, 0.016, 4, frame);
  shape.tube([0, 0.3, 0], [0, 0.84, 0.4], 0.022, 0.022, 4, frame);
  shape.tube([0, 0.34, 0.54], [0, 1.04, 0.38], 0.02, 0.02, 4, frame);
  shape.tube([-0.28, 1.06, 0.34], [0.28, 1.06, 0.34], 0.016, 0.016, 4, frame);
  shape.box(0, 0.9, -0.22, 0.16, 0.05, 0.28, dark);
  for (const [s, low] of [
    [-1, 0.36],
    [1, 0.24],
  ] as const) {
    shape.tube([s * 0.1, 0.98, -0.18], [s * 0.11, 0.68, 0.2], 0.085, 0.07, 6, trousers);
    shape.tube([s * 0.11, 0.68, 0.2], [s * 0.11, low, 0.03], 0.068, 0.05, 6, trousers);
    shape.tube([s * 0.2, 1.42, -0.05], [s * 0.23, 1.1, 0.3], 0.055, 0.045, 6, coat);
  }
  shape.tube([0, 0.95, -0.22], [0, 1.48, -0.04], 0.17, 0.2, 8, coat);
  shape.sphere(0, 1.5, -0.04, 0.2, 0.1, 0.15, 1, coat);
  shape.sphere(0, 1.71, 0.02, 0.115, 0.135, 0.12, 1, { ...skin, motion: limbs.none });
  shape.sphere(0, 1.755, 0.0, 0.13, 0.12, 0.14, 1, { colour: linear("#d8d3c6") });
  return shape.data();
}

/** A paper bird, one metre across. */
export function birdShape(): ShapeData {
  const shape = new Shape();
  const paper: Look = { colour: linear("#f2efe8"), kind: partKinds.tinted };
  for (const s of [-1, 1]) {
    shape.face(
      [
        [0, 0.02, 0.22],
        [s * 0.5, 0.06, -0.06],
        [0, 0.02, -0.14],
      ],
      [0, 1, 0],
      paper,
    );
  }
  shape.face(
    [
      [0, 0.03, 0.34],
      [0.05, 0, 0],
      [-0.05, 0, 0],
    ],
    [0, 1, 0],
    paper,
  );
  shape.face(
    [
      [0, 0.02, -0.1],
      [0.1, 0.02, -0.36],
      [-0.1, 0.02, -0.36],
    ],
    [0, 1, 0],
    paper,
  );
  return shape.data();
}
