// Street lamps: pole, arm towards the carriageway, and a head that glows by the lamp's power.

import type { StreetGraph, WorldDevice } from "../../../worlds/format/world.ts";
import { headingTo } from "../../scene/frame.ts";
import { PropSet } from "../../scene/prop-set.ts";
import { lampHeadHeight, lampShape } from "../../scene/shapes/street.ts";
import type { DevicePost, Layer } from "../layer.ts";

const fullW = 60;

/** Compass direction from a point to the nearest street's middle line; 0 without streets. */
export function headingToStreet(graph: StreetGraph, x: number, y: number): number {
  let best = Number.POSITIVE_INFINITY;
  let heading = 0;
  for (const edge of graph.edges) {
    const a = graph.nodes[edge.a];
    const b = graph.nodes[edge.b];
    if (!a || !b || edge.carriageway <= 0) continue;
    const points = [a, ...(edge.via ?? []), b];
    for (let i = 0; i + 1 < points.length; i++) {
      const [px, py] = points[i]!;
      const [qx, qy] = points[i + 1]!;
      const dx = qx - px;
      const dy = qy - py;
      const t = Math.min(1, Math.max(0, ((x - px) * dx + (y - py) * dy) / (dx * dx + dy * dy || 1)));
      const ex = px + dx * t - x;
      const ey = py + dy * t - y;
      const distance = ex * ex + ey * ey;
      if (distance < best) {
        best = distance;
        heading = headingTo(ex, ey);
      }
    }
  }
  return heading;
}

export const lampsLayer: Layer = {
  name: "lamps",
  open({ scene, materials, devices, streets, heightAt }) {
    const set = new PropSet("lamps", scene, materials, lampShape(), "still", { moving: true });
    const index = new Map<string, number>();
    const reported = new Map<number, number>();
    const posts: DevicePost[] = [];
    for (const device of devices) {
      if (device.kind !== "lamp") continue;
      const ground = heightAt(device.x, device.y);
      index.set(
        device.id,
        set.add(device.x, ground - 0.03, device.y, headingToStreet(streets, device.x, device.y), 1, [1, 1, 1], 0),
      );
      posts.push({ device, x: device.x, y: device.y, bottom: ground, top: ground + lampHeadHeight + 0.4, radius: 0.3 });
    }
    set.upload();
    let shownNight = -1;
    let changed = true;
    return {
      casters: [set],
      posts,
      setValue(device: WorldDevice, stream: string, value: number): void {
        const at = index.get(device.id);
        if (at === undefined || stream !== "power") return;
        reported.set(at, Math.min(1, Math.max(0, value / fullW)));
        changed = true;
      },
      update(night: number): void {
        if (!changed && Math.abs(night - shownNight) < 0.01) return;
        changed = false;
        shownNight = night;
        const dusk = Math.min(1, night * 2.2);
        for (let i = 0; i < set.count; i++) {
          // By day a burning lamp is seen as such, but does not outshine the sun.
          const level = reported.get(i);
          set.tints[i * 4 + 3] = level === undefined ? dusk : level * (0.25 + 0.75 * dusk);
        }
        set.uploadTints();
      },
    };
  },
};
