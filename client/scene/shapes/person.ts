// One stylised person, 1.72 m, like the figures in an architect's model but friendlier. Coat by tint; limbs swing in the shader.

import { limbs, partKinds } from "../shaders/prop.ts";
import { type Look, linear, Shape, type ShapeData } from "./shape.ts";

export interface PersonLook {
  readonly skin: string;
  readonly hair: string;
  readonly trousers: string;
  readonly skirt: boolean;
  readonly longHair: boolean;
}

/** Variants of the crowd; citizens pick one by their account's hash. */
export const personLooks: readonly PersonLook[] = [
  { skin: "#d9ab8a", hair: "#4a3728", trousers: "#3d4552", skirt: false, longHair: false },
  { skin: "#8a5a3c", hair: "#1f1a18", trousers: "#5a5348", skirt: false, longHair: true },
  { skin: "#e3bd9d", hair: "#8c6a3f", trousers: "#39414d", skirt: true, longHair: true },
  { skin: "#c08a63", hair: "#241d1a", trousers: "#6b6256", skirt: false, longHair: false },
];

/** `paper` for simulated people: everything of pale paper but the coat. */
export function personShape(look: PersonLook, paper: boolean, detail = 1): ShapeData {
  const shape = new Shape();
  const tone = (hex: string): Look["colour"] => {
    const c = linear(hex);
    if (!paper) return c;
    const p = linear("#ded8cc");
    return [c[0] * 0.32 + p[0] * 0.62, c[1] * 0.32 + p[1] * 0.62, c[2] * 0.32 + p[2] * 0.62];
  };
  const coat = (motion: number = limbs.none, pivot = 0): Look => ({
    colour: [1, 1, 1],
    kind: partKinds.tinted,
    motion,
    pivot,
  });
  const sides = detail > 0 ? 8 : 6;
  for (const [s, limb] of [
    [-1, limbs.leftLeg],
    [1, limbs.rightLeg],
  ] as const) {
    const leg: Look = { colour: tone(look.trousers), motion: limb, pivot: 0.88 };
    shape.lathe(
      s * 0.095,
      0,
      [
        [0.06, 0.055],
        [0.45, 0.068],
        [0.9, 0.078],
      ],
      sides,
      leg,
    );
    shape.box(s * 0.095, 0, 0.045, 0.1, 0.085, 0.25, { colour: tone("#3a3230"), motion: limb, pivot: 0.88 });
  }
  for (const [s, limb] of [
    [-1, limbs.leftArm],
    [1, limbs.rightArm],
  ] as const) {
    shape.tube([s * 0.215, 1.38, 0], [s * 0.262, 0.86, 0.02], 0.062, 0.047, sides, coat(limb, 1.38));
    shape.sphere(s * 0.208, 1.375, 0, 0.07, 0.072, 0.07, 1, coat(limb, 1.38));
    shape.sphere(s * 0.266, 0.82, 0.025, 0.045, 0.06, 0.045, 0, { colour: tone(look.skin), motion: limb, pivot: 1.38 });
  }
  if (look.skirt)
    shape.lathe(
      0,
      0,
      [
        [0.5, 0.24],
        [0.52, 0.25],
        [0.95, 0.165],
      ],
      10,
      coat(),
      0.8,
    );
  shape.lathe(
    0,
    0,
    [
      [0.76, 0.178],
      [0.82, 0.192],
      [1.02, 0.165],
      [1.28, 0.205],
      [1.4, 0.2],
      [1.46, 0.13],
      [1.48, 0.05],
    ],
    10,
    coat(),
    0.66,
  );
  const skin: Look = { colour: tone(look.skin), motion: limbs.head, pivot: 1.45 };
  shape.lathe(
    0,
    0,
    [
      [1.44, 0.058],
      [1.53, 0.052],
    ],
    6,
    skin,
  );
  shape.sphere(0, 1.615, 0.008, 0.102, 0.128, 0.112, Math.max(1, detail), skin);
  const hair: Look = { colour: tone(look.hair), motion: limbs.head, pivot: 1.45 };
  shape.ball(Math.max(1, detail), (d) => {
    // Hair covers top and back; in front it retreats inside the head.
    const face = d[2] > 0.25 && d[1] < 0.55;
    const r = face ? 0.7 : 1;
    const drop = look.longHair && d[2] < 0.1 && d[1] < 0 ? 1.75 : 1;
    return { at: [d[0] * 0.116 * r, 1.64 + d[1] * 0.125 * r * drop, -0.012 + d[2] * 0.122 * r], look: hair };
  });
  // The mark of simulated people: a small slate diamond above the head.
  if (paper) {
    const mark: Look = { colour: linear("#5B6470"), motion: limbs.head, pivot: 1.45 };
    shape.lathe(
      0,
      0,
      [
        [1.84, 0.002],
        [1.89, 0.035],
        [1.94, 0.002],
      ],
      4,
      mark,
    );
  }
  return shape.data();
}

/** Coats: quiet wools, a few brighter ones. */
export const coatColours: readonly (readonly [number, number, number])[] = [
  "#8a4b3c",
  "#5d6b73",
  "#a4875c",
  "#6f7f63",
  "#74617d",
  "#b9a684",
  "#465a78",
  "#93908a",
  "#7a5560",
  "#3f6b68",
].map((hex) => {
  const [r, g, b] = linear(hex);
  return [r * 0.6 + 0.24, g * 0.6 + 0.225, b * 0.6 + 0.2] as const;
});
/** Citizens are real people: Okabe-Ito hues, so that one can tell friends apart. */
export const citizenColours: readonly (readonly [number, number, number])[] = [
  "#E69F00",
  "#56B4E9",
  "#009E73",
  "#F0E442",
  "#0072B2",
  "#D55E00",
  "#CC79A7",
].map((hex) => {
  // Woven rather than printed: towards paper, so that a coat does not shout over the city.
  const [r, g, b] = linear(hex);
  return [r * 0.42 + 0.2, g * 0.42 + 0.19, b * 0.42 + 0.165] as const;
});
