// Arched stone bridges with thickness: deck, kerbs, parapets, three arches with piers, soffit.
// The deck rises as a parabola from bank to bank: rise · 4t(1 − t), the form that the street graph's `bridge` promises.

import type { SurfaceKind } from "../format/tile.ts";
import type { Point3 } from "../geometry/vector.ts";
import type { CityWriter } from "./city-writer.ts";
import { kerbHeight } from "./ground.ts";
import { bridges, waterLevel } from "./plan.ts";

const parts = 24;
const arches = 3;

export function writeBridges(city: CityWriter): void {
  for (const bridge of bridges) {
    const to = city.object({
      id: `bridge-${bridge.name.toLowerCase().replaceAll(" ", "-")}`,
      type: "Bridge",
      use: "bridge",
      name: bridge.name,
    });
    const [ax, ay] = bridge.from;
    const length = Math.hypot(bridge.to[0] - ax, bridge.to[1] - ay);
    const dx = (bridge.to[0] - ax) / length;
    const dy = (bridge.to[1] - ay) / length;
    /** `side` metres to the left of the way. */
    const at = (t: number, side: number, z: number): Point3 => [
      ax + dx * length * t - dy * side,
      ay + dy * length * t + dx * side,
      z,
    ];
    const deck = (t: number): number => bridge.rise * 4 * t * (1 - t);
    /** Underside: arches between piers that stand in the water. */
    const under = (t: number): number => {
      const local = (t * arches) % 1;
      const pier = 0.1;
      if (t > 0.999 || local < pier / 2 || local > 1 - pier / 2) return waterLevel - 0.6;
      const u = (local - pier / 2) / (1 - pier);
      return Math.min(
        deck(t) - 0.75,
        waterLevel + 0.2 + (deck(t) - 0.9 - waterLevel - 0.2) * Math.sqrt(Math.max(0, 1 - (2 * u - 1) ** 2)),
      );
    };
    const wide = bridge.width / 2;
    const lane = wide - bridge.pavement;
    const strip = (kind: SurfaceKind, left: number, right: number, dz: number): void => {
      for (let part = 0; part < parts; part += 1) {
        const [t, u] = [part / parts, (part + 1) / parts];
        city.face(to, kind, [
          [
            at(t, right, deck(t) + dz),
            at(u, right, deck(u) + dz),
            at(u, left, deck(u) + dz),
            at(t, left, deck(t) + dz),
          ],
        ]);
      }
    };
    /** Upright strip facing left (`sign` 1) or right. */
    const upright = (
      kind: SurfaceKind,
      side: number,
      sign: number,
      low: (t: number) => number,
      high: (t: number) => number,
      steps: number,
    ): void => {
      for (let part = 0; part < steps; part += 1) {
        const [t, u] = sign > 0 ? [(part + 1) / steps, part / steps] : [part / steps, (part + 1) / steps];
        const ring = [at(t, side, low(t)), at(u, side, low(u)), at(u, side, high(u)), at(t, side, high(t))];
        city.face(to, kind, [ring]);
      }
    };
    const rails = bridge.tram ? [-2.47, -1.03, 1.03, 2.47] : [];
    const edges = [-lane, ...rails.flatMap((rail) => [rail - 0.06, rail + 0.06]), lane];
    for (let index = 0; index + 1 < edges.length; index += 1)
      strip(index % 2 === 1 ? "rail" : "road", edges[index + 1]!, edges[index]!, -kerbHeight);
    for (const sign of [1, -1]) {
      const inner = sign * lane;
      const outer = sign * (wide - 0.35);
      strip("pavement", Math.max(inner, outer), Math.min(inner, outer), 0);
      upright("kerb", inner, -sign, (t) => deck(t) - kerbHeight, deck, parts);
      upright("bridge", outer, -sign, deck, (t) => deck(t) + 1, parts);
      strip("bridge", Math.max(outer, sign * wide), Math.min(outer, sign * wide), 1);
      upright("bridge", sign * wide, sign, under, (t) => deck(t) + 1, parts * 3);
      // A string course makes the thickness readable.
      upright(
        "kerb",
        sign * (wide + 0.15),
        sign,
        (t) => deck(t) - 0.55,
        (t) => deck(t) - 0.2,
        parts,
      );
    }
    for (let part = 0; part < parts * 3; part += 1) {
      const [t, u] = [part / (parts * 3), (part + 1) / (parts * 3)];
      city.face(to, "bridge", [
        [at(t, wide, under(t)), at(u, wide, under(u)), at(u, -wide, under(u)), at(t, -wide, under(t))],
      ]);
    }
  }
}
