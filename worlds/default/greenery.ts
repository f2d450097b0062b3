// Trees along avenues, in parks, yards and gardens; benches, stops, boats.

import type { Scenery, StreetGraph } from "../format/world.ts";
import type { Random } from "../geometry/random.ts";
import { centimetres, type Point2, signedArea } from "../geometry/vector.ts";
import { alongLine, edgePoints, lineLength } from "../sidecars/street-graph.ts";
import type { Block } from "./blocks.ts";
import { parallel } from "./curves.ts";
import { hillHeight } from "./districts.ts";
import { distanceToRiver, river, riverHalf, townSquare, waterLevel } from "./plan.ts";
import { middle } from "./street-plan.ts";

type Tree = Scenery["trees"][number];
type Furniture = Scenery["furniture"][number];
export type Blocked = (x: number, y: number) => boolean;

const treesMax = 4600;

export class Greenery {
  readonly trees: Tree[] = [];
  readonly furniture: Furniture[] = [];
  private readonly taken = new Map<string, Point2[]>();
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  tree(x: number, y: number, species: Tree["species"], height: number, apart: number): void {
    if (this.trees.length >= treesMax || !this.free(x, y, apart)) return;
    const spread = height * this.random.between(0.88, 1.15);
    this.trees.push({
      x: centimetres(x),
      y: centimetres(y),
      z: centimetres(hillHeight(x, y)),
      species,
      height: centimetres(spread),
    });
    const key = `${Math.floor(x / 10)},${Math.floor(y / 10)}`;
    this.taken.set(key, [...(this.taken.get(key) ?? []), [x, y]]);
  }

  private free(x: number, y: number, apart: number): boolean {
    for (let cx = Math.floor(x / 10) - 1; cx <= Math.floor(x / 10) + 1; cx += 1)
      for (let cy = Math.floor(y / 10) - 1; cy <= Math.floor(y / 10) + 1; cy += 1)
        for (const [tx, ty] of this.taken.get(`${cx},${cy}`) ?? [])
          if (Math.hypot(tx - x, ty - y) < apart) return false;
    return true;
  }

  put(kind: Furniture["kind"], x: number, y: number, z: number, heading: number): void {
    this.furniture.push({
      kind,
      x: centimetres(x),
      y: centimetres(y),
      z: centimetres(z),
      heading: Math.round((heading + 360) % 360),
    });
  }

  /** Both sides of streets that have trees; the quays' river side only. */
  avenues(graph: StreetGraph, withTrees: ReadonlySet<string>, blocked: Blocked): void {
    graph.edges.forEach((edge) => {
      if (!withTrees.has(edge.name) || edge.bridge !== undefined) return;
      const points = edgePoints(graph, edge);
      const length = lineLength(points);
      const off = edge.carriageway / 2 + 1.5;
      const species =
        edge.class === "boulevard" ? "broadleaf" : edge.name.endsWith("Quay") ? "broadleaf" : this.pickOf(edge.name);
      for (let at = 15; at < length - 14; at += 9.5) {
        const { x, y, dx, dy } = alongLine(points, at);
        for (const side of [-1, 1]) {
          const [tx, ty] = [x - dy * off * side, y + dx * off * side];
          if (!blocked(tx, ty)) this.tree(tx, ty, species, edge.class === "boulevard" ? 10.5 : 8.5, 5);
        }
        if (edge.name.endsWith("Quay") && Math.round(at / 9.5) % 4 === 1) {
          const side = edge.name.startsWith("North") ? -1 : 1;
          const reach = edge.carriageway / 2 + 3.2;
          this.put(
            "bench",
            x - dy * reach * side,
            y + dx * reach * side,
            0,
            (Math.atan2(dx, dy) * 180) / Math.PI + (side > 0 ? -90 : 90),
          );
        }
      }
    });
  }

  private pickOf(name: string): Tree["species"] {
    return name.length % 3 === 0 ? "poplar" : "broadleaf";
  }

  /** Groves with clearings: density follows a slow wave, so that parks have rooms. */
  parks(
    areas: readonly { ring: readonly Point2[]; density: number }[],
    inside: (x: number, y: number) => boolean,
  ): void {
    for (const { ring, density } of areas) {
      const xs = ring.map((point) => point[0]);
      const ys = ring.map((point) => point[1]);
      const step = 7;
      for (let gy = Math.min(...ys); gy < Math.max(...ys); gy += step)
        for (let gx = Math.min(...xs); gx < Math.max(...xs); gx += step) {
          const x = gx + this.random.between(0, step);
          const y = gy + this.random.between(0, step);
          const wave = Math.sin(x / 31 + Math.sin(y / 47) * 2) * Math.sin(y / 37 + Math.cos(x / 53) * 2);
          const wanted = this.random.chance(density * (wave > 0.05 ? 1 : wave > -0.35 ? 0.22 : 0.04));
          const pick = this.random.next();
          const height = this.random.between(6.5, 12);
          if (!wanted || !inside(x, y)) continue;
          const near = distanceToRiver(x, y) < riverHalf + 26;
          this.tree(
            x,
            y,
            near && pick < 0.5 ? "willow" : pick < 0.7 ? "broadleaf" : pick < 0.9 ? "conifer" : "poplar",
            height,
            4,
          );
        }
    }
  }

  yards(blocks: readonly Block[], inside: Blocked): void {
    for (const block of blocks) {
      if (block.yard === null || (block.ground !== "yard" && block.ground !== "gardens")) continue;
      const wanted = Math.min(26, Math.abs(signedArea(block.yard)) / (block.ground === "gardens" ? 85 : 110));
      const xs = block.yard.map((point) => point[0]);
      const ys = block.yard.map((point) => point[1]);
      for (let index = 0; index < wanted * 2; index += 1) {
        const x = this.random.between(Math.min(...xs), Math.max(...xs));
        const y = this.random.between(Math.min(...ys), Math.max(...ys));
        const height = this.random.between(4.5, 8);
        if (!inside(x, y) && this.random.chance(0.5)) this.tree(x, y, "broadleaf", height, 5);
      }
    }
  }

  square(): void {
    const [cx, cy] = middle(townSquare);
    this.put("fountain", cx + 2, cy - 18, 0, 0);
    for (let index = 0; index < 8; index += 1) {
      const turn = (index / 8) * Math.PI * 2;
      this.put("bench", cx + 2 + Math.cos(turn) * 9.5, cy - 18 + Math.sin(turn) * 9.5, 0, 90 - (turn * 180) / Math.PI);
    }
    this.put("kiosk", cx - 26, cy - 22, 0, 90);
    this.put("kiosk", cx + 28, cy - 26, 0, 270);
    for (let index = 0; index < 7; index += 1) this.put("bicycle-stand", cx + 34, cy - 6 + index * 1.6, 0, 90);
    for (let index = 0; index < 6; index += 1) {
      this.tree(cx - 30 + index * 12.5, cy - 33 + index * 1.4, "broadleaf", 8, 4);
    }
    for (let index = 0; index < 12; index += 1) this.put("bollard", cx - 36 + index * 0.2, cy - 34 + index * 5.4, 0, 0);
  }

  boats(): void {
    const moorings = [...parallel(river, riverHalf - 4), ...parallel(river, -(riverHalf - 4))].filter(
      ([x]) => Math.abs(x) < 780,
    );
    moorings.forEach(([x, y], index) => {
      if (index % 3 !== 0 || !this.random.chance(0.62)) return;
      const along = river.findIndex((point) => point[0] > x);
      const [a, b] = [river[along - 1] ?? [0, 0], river[along] ?? [1, 0]];
      this.put("boat", x, y, waterLevel, (Math.atan2(b[0] - a[0], b[1] - a[1]) * 180) / Math.PI);
    });
  }
}
