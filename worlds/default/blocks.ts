// Fills every block by its district: closed street fronts with yards, rows, villas, towers; parks where a block stays open.

import type { ObjectUse } from "../format/world.ts";
import type { Random } from "../geometry/random.ts";
import { distance2, type Point2, signedArea } from "../geometry/vector.ts";
import { centrality, type District } from "./districts.ts";
import { boundsOf } from "./ground.ts";
import { type House, perimeterHouse, rowHouse, slab, tower, villa } from "./houses.ts";
import { blockOutline, type Lot, lotRing, ringLots, shrunkOutline } from "./lots.ts";

import { clipBox, overlap, type Shape, shapeArea, shapeOf, subtract } from "./shapes.ts";
import { type Face, longBox, middle } from "./street-plan.ts";

export interface Block {
  readonly id: string;
  readonly district: District;
  readonly shape: Shape;
  readonly outline: readonly Point2[];
  readonly houses: readonly House[];
  /** Green inside: yards, gardens, lawns. */
  readonly ground: "paved" | "yard" | "gardens" | "park";
  /** The yard, for trees. */
  readonly yard: readonly Point2[] | null;
}

const towerNames = [
  "Meridian Tower",
  "North Light",
  "Junction House",
  "Aurora Tower",
  "Station Tower",
  "Gable Tower",
  "Exchange",
  "Spindle",
  "Terminus House",
  "Lighthouse",
  "Arcade Tower",
  "Beacon",
];

export function fillBlocks(faces: readonly Face[], keepOut: Shape, random: Random): Block[] {
  const blocks: Block[] = [];
  let towers = 0;
  let schools = 0;
  let pockets = 0;
  faces.forEach((face, number) => {
    const whole = shapeOf(face.ring);
    const shape = subtract(whole, clipBox(keepOut, ...boundsOf(whole)));
    const outline = blockOutline(shape);
    if (outline === null || shapeArea(shape) < 90) return;
    const id = `block-${String(number + 1).padStart(3, "0")}`;
    const [x, y] = middle(outline);
    const area = Math.abs(signedArea(outline));
    const central = centrality(x, y);
    const base = { id, district: face.district, shape, outline };
    const put = (houses: House[], ground: Block["ground"], yard: readonly Point2[] | null): void => {
      blocks.push({ ...base, houses: houses.filter((house) => fits(house, shape)), ground, yard });
    };
    switch (face.district) {
      case "hill":
      case "garden":
      case "riverpark":
      case "campus":
        put([], "park", outline);
        return;
      case "harbour":
        put([], "paved", null);
        return;
      case "villas": {
        const ring = ringLots(outline, 20, [17, 23], random) ?? ringLots(outline, 14, [17, 23], random);
        const houses = (ring?.lots ?? [])
          .filter((lot) => !lot.corner)
          .map((lot) => villa(lot, random))
          .filter((house) => house !== null);
        put(houses, houses.length === 0 ? "park" : "gardens", shrunkOutline(outline, 22) ?? outline);
        return;
      }
      case "rows": {
        const ring = ringLots(shrunkOutline(outline, 3) ?? outline, 9.2, [6.8, 8.2], random);
        const tone = {
          rise: random.between(3.4, 4.4),
          eaves: random.between(5.9, 6.4),
          year: random.whole(1955, 2012),
        };
        const houses = (ring?.lots ?? [])
          .filter((lot) => !lot.corner && distance2(lot.outer[0]!, lot.outer.at(-1)!) > 4.8)
          .map((lot) => rowHouse(lot, tone, random));
        put(houses, "gardens", shrunkOutline(outline, 14));
        return;
      }
      case "towers": {
        const podium = shrunkOutline(outline, 9);
        if (podium === null || area < 1500) {
          put([], "paved", null);
          return;
        }
        const box = longBox(podium);
        const size = Math.min(30, box.short * 0.55);
        const heading = 90 - (box.angle * 180) / Math.PI;
        const storeys = Math.round(12 + random.between(0, 15) * (0.5 + central));
        const shift = random.between(-0.16, 0.16) * box.long;
        const tx = middle(podium)[0] + Math.cos(box.angle) * shift;
        const ty = middle(podium)[1] + Math.sin(box.angle) * shift;
        const name = towerNames[towers % towerNames.length]!;
        towers += 1;
        put([tower(podium, tx, ty, size, heading, storeys, name, random)], "paved", null);
        return;
      }
      default: {
        if (face.district === "midtown" && area > 3000 && pockets < 5 && random.chance(0.09)) {
          pockets += 1;
          put([], "park", outline);
          return;
        }
        if (face.district === "midtown" && area > 4200 && schools < 4 && random.chance(0.12)) {
          schools += 1;
          const box = longBox(outline);
          const inner = shrunkOutline(outline, box.short * 0.3);
          if (inner !== null) {
            put([slab(inner, 3, "school", 1931 + schools * 9, `School ${schools}`)], "park", outline);
            return;
          }
        }
        const old = face.district === "core";
        const ring = ringLots(
          outline,
          old ? random.between(9.5, 11.5) : random.between(11.5, 13.5),
          old ? [10.5, 15] : [17, 23],
          random,
        );
        if (ring === null) {
          const solid = shrunkOutline(outline, 0.4);
          const storeys = old ? 3 : 4;
          put(solid === null ? [] : [slab(solid, storeys, "retail", 1925, undefined, 3.4)], "paved", null);
          return;
        }
        const mean = old ? 2.7 + central * 1.2 : 2.4 + central * 3.6;
        const houses = ring.lots.map((lot) =>
          perimeterHouse(
            lot,
            Math.max(2, Math.round(mean + random.between(-0.8, 0.8))),
            old ? "old" : "block",
            useOf(lot, old, random),
            random,
          ),
        );
        put(houses, "yard", shrunkOutline(outline, old ? 12 : 15));
      }
    }
  });
  return blocks;
}

function useOf(lot: Lot, old: boolean, random: Random): ObjectUse {
  const area = Math.abs(signedArea(lotRing(lot)));
  if (lot.corner && random.chance(0.5)) return "retail";
  if (old) return random.chance(0.24) ? "retail" : area < 130 ? "house" : "apartments";
  return random.chance(0.12) ? "office" : random.chance(0.1) ? "retail" : "apartments";
}

/** Landmarks and squares take their ground out of blocks; houses that would stand in them are not built. */
function fits(house: House, shape: Shape): boolean {
  const foot = house.faces.find((face) => face.kind === "ground");
  if (foot === undefined) return true;
  const ring = shapeOf(foot.rings[0]!.map(([x, y]) => [x, y] as const).reverse());
  return shapeArea(overlap(ring, shape)) > shapeArea(ring) * 0.97;
}
