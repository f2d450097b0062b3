// Lays the ground of the default city: squares, blocks, parks, river, railway and fields, without gaps or overlaps.

import type { Terrain } from "../format/world.ts";
import { Random } from "../geometry/random.ts";
import type { Point2 } from "../geometry/vector.ts";
import { heightAt } from "../sidecars/terrain-grid.ts";
import type { Block } from "./blocks.ts";
import type { CityWriter } from "./city-writer.ts";
import { rectangle, smooth } from "./curves.ts";
import { chunks, type StreetAreas, writeDraped, writeFlat, writeStreets, writeWater } from "./ground.ts";
import { cityLimit, parkPaths, river, riverHalf } from "./plan.ts";
import { band, clipBox, grow, overlap, type Shape, shapeOf, subtract, unite } from "./shapes.ts";

/** The model reaches this far from the middle, beyond where citizens can go. */
export const edge = 1400;
export const railwayLine = smooth([
  [-edge, 540],
  [-760, 592],
  [-240, 566],
  [2, 566],
  [240, 566],
  [760, 604],
  [edge, 640],
]);

export interface GroundPlan {
  readonly areas: StreetAreas;
  readonly blocks: readonly Block[];
  readonly plaza: Shape;
  readonly water: Shape;
  readonly ponds: Shape;
  readonly railway: Shape;
  readonly keeps: Shape;
  readonly terrain: Terrain;
}

const parkNames: Readonly<Record<string, string>> = {
  hill: "Observatory Hill",
  garden: "Palm House Garden",
  riverpark: "Shell Meadow",
  campus: "University Grounds",
};

export function writeGround(city: CityWriter, plan: GroundPlan): void {
  const { areas, blocks, terrain } = plan;
  writeStreets(city, areas);
  writeFlat(city, city.object({ id: "squares", type: "Road", use: "road", name: "Squares" }), "plaza", plan.plaza, 0);
  const world = shapeOf(rectangle(0, 0, edge * 2, edge * 2));
  const box = clipBox(plan.water, -edge, -edge, edge, edge);
  writeWater(city, "river-glass", "River Glass", box, true);
  writeWater(city, "ponds", "Park Ponds", plan.ponds, false);
  const rim = subtract(subtract(grow(box, 0.6), plan.water), areas.all);
  writeFlat(
    city,
    city.object({ id: "quay-coping", type: "OtherConstruction", use: "other", name: "Quay coping" }),
    "kerb",
    clipBox(rim, -edge, -edge, edge, edge),
    0,
  );
  const ways = subtract(
    band(
      parkPaths().map((path) => path.points),
      1.5,
    ),
    unite(areas.all, grow(plan.water, 0.6), plan.ponds),
  );
  const height = (x: number, y: number): number => heightAt(terrain, x, y);
  let used = unite(areas.all, plan.plaza, grow(box, 0.6));
  for (const block of blocks) {
    const name = parkNames[block.district];
    const isPark = block.ground === "park";
    const to = city.object({
      id: isPark ? `park-${block.id}` : block.id,
      type: isPark ? "PlantCover" : "LandUse",
      use: isPark ? "park" : "land",
      ...(name === undefined ? {} : { name }),
    });
    const dry = subtract(block.shape, plan.ponds);
    if (isPark) {
      const paths = overlap(dry, ways);
      const rest = subtract(dry, paths);
      const hilly = block.district === "hill";
      if (hilly) {
        writeDraped(city, to, "park", rest, height, 10);
        writeDraped(city, to, "pavement", paths, height, 10);
      } else {
        writeFlat(city, to, "park", rest, 0);
        writeFlat(city, to, "pavement", paths, 0);
      }
    } else if (block.ground === "yard" && block.yard !== null) {
      const yard = overlap(dry, shapeOf(block.yard));
      writeFlat(city, to, "park", yard, 0);
      writeFlat(city, to, "land", subtract(dry, yard), 0);
    } else writeFlat(city, to, block.ground === "gardens" ? "park" : "plaza", dry, 0);
  }
  used = unite(used, ...blocks.map((block) => block.shape));
  const rail = city.object({ id: "railway", type: "Railway", use: "road", name: "Northern Railway" });
  const ballast = subtract(plan.railway, used);
  const tracks = overlap(ballast, unite(...[-4.9, -3.46, 3.46, 4.9].map((side) => railStrip(side))));
  writeFlat(city, rail, "kerb", subtract(ballast, tracks), 0.02);
  writeFlat(city, rail, "rail", tracks, 0.02, 0.005);
  used = unite(used, plan.railway);
  const forecourt = subtract(plan.keeps, used);
  writeFlat(city, city.object({ id: "squares", type: "Road", use: "road" }), "plaza", forecourt, 0);
  const harbourRiver = river.filter(([x]) => x > -830 && x < -546);
  const quayside = overlap(
    band([river], riverHalf + 11, "flat"),
    shapeOf([...harbourRiver, [-548, -110], [-790, -110]]),
  );
  const apron = subtract(quayside, used);
  writeFlat(city, city.object({ id: "squares", type: "Road", use: "road" }), "plaza", apron, 0);
  used = unite(used, forecourt, apron, plan.ponds);
  writeFields(city, subtract(world, used));
}

function railStrip(side: number): Shape {
  return band([railwayLine.map(([x, y]) => [x, y + side] as const)], 0.09, "flat");
}

/** Open country around the city: long fields in strips that lie askew, in two tones. */
function writeFields(city: CityWriter, open: Shape): void {
  const fields = city.object({ id: "fields", type: "LandUse", use: "land", name: "Fields" });
  const random = new Random("fields");
  const angle = 0.42;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const at = (u: number, v: number): Point2 => [u * cos - v * sin, u * sin + v * cos];
  const strips: { shape: Shape; x: number; y: number }[] = [];
  const reach = edge * 1.45;
  for (let v = -reach; v < reach; ) {
    const deep = random.between(60, 150);
    for (let u = -reach; u < reach; ) {
      const long = random.between(180, 420);
      const [x, y] = at(u + long / 2, v + deep / 2);
      if (random.chance(0.45))
        strips.push({ shape: shapeOf([at(u, v), at(u + long, v), at(u + long, v + deep), at(u, v + deep)]), x, y });
      u += long;
    }
    v += deep;
  }
  const limit = shapeOf(cityLimit);
  for (const piece of chunks(open, 140)) {
    const { x, y } = piece[0]?.[0] ?? { x: 0, y: 0 };
    const near = strips
      .filter((strip) => Math.hypot(strip.x - x / 1000, strip.y - y / 1000) < 470)
      .map((strip) => strip.shape);
    // Leftovers between the blocks are lawn.
    const meadow = overlap(piece, unite(...near, limit));
    writeFlat(city, fields, "park", meadow, 0, 0.1);
    writeFlat(city, fields, "land", subtract(piece, meadow), 0, 0.1);
  }
}
