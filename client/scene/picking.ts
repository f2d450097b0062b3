// What lies under a pointer: exact triangles for the city, upright lines for devices and people, boxes for vehicles.
// World frame in and out; the rays run in Babylon's frame, where tiles are kept.

import type { WorldObject } from "../../worlds/format/world.ts";
import type { Picked } from "../core/scene-port.ts";
import type { DevicePost } from "../layers/layer.ts";
import type { LoadedTile } from "../workers/city-messages.ts";
import type { Standing } from "./people.ts";
import { castRay, type RayHit } from "./ray-tree.ts";
import type { Driving } from "./vehicles.ts";

export interface Ray {
  /** Babylon's frame; direction of length one. */
  readonly origin: readonly [number, number, number];
  readonly direction: readonly [number, number, number];
}

const reachMax = 4000;
/** Small things are easier to hit: a share of their distance is added to their radius. */
const ease = 0.009;

/** Distance along the ray to an upright line, if it passes within `radius`; Infinity if not. */
export function meetPost(ray: Ray, x: number, z: number, bottom: number, top: number, radius: number): number {
  const [ox, oy, oz] = ray.origin;
  const [dx, dy, dz] = ray.direction;
  const flat = dx * dx + dz * dz;
  // Nearest approach seen from above; from straight above any height counts.
  const along = flat > 1e-9 ? ((x - ox) * dx + (z - oz) * dz) / flat : 0;
  const reach = flat > 1e-9 ? along : dy < 0 ? (oy - top) / -dy : (bottom - oy) / dy;
  if (!(reach > 0)) return Number.POSITIVE_INFINITY;
  const aside = Math.hypot(ox + dx * reach - x, oz + dz * reach - z);
  const height = oy + dy * reach;
  const above = Math.max(bottom - height, 0, height - top);
  // Looking steeply down, the height at nearest approach says little: slack in proportion.
  const slack = radius + reach * ease;
  return Math.hypot(aside, above * Math.sqrt(Math.max(flat, 0.02))) <= slack ? reach : Number.POSITIVE_INFINITY;
}

export class Picking {
  readonly #tiles: readonly LoadedTile[];
  readonly #objects: readonly WorldObject[];
  readonly #posts: readonly DevicePost[];
  readonly #hit: RayHit = { distance: 0, object: -1 };

  constructor(tiles: readonly LoadedTile[], objects: readonly WorldObject[], posts: readonly DevicePost[]) {
    this.#tiles = tiles;
    this.#objects = objects;
    this.#posts = posts;
  }

  /** Nearest surface within `reach` metres: distance and object index, or null. */
  surface(ray: Ray, reach = reachMax): { readonly distance: number; readonly object: number } | null {
    const hit = this.#hit;
    hit.distance = reach;
    hit.object = -1;
    const [ox, oy, oz] = ray.origin;
    const [dx, dy, dz] = ray.direction;
    for (const tile of this.#tiles) {
      const [tx, ty, tz] = tile.origin;
      castRay(tile.rays, ox - tx, oy - ty, oz - tz, dx, dy, dz, hit);
    }
    return hit.object >= 0 ? { distance: hit.distance, object: hit.object } : null;
  }

  /** `at` is where the ray ends on the ground or a wall, world frame. */
  pick(
    ray: Ray,
    people: readonly Standing[],
    vehicles: readonly Driving[],
  ): { readonly picked: Picked; readonly at: { x: number; y: number; z: number } } | null {
    const surface = this.surface(ray);
    const wall = surface?.distance ?? Number.POSITIVE_INFINITY;
    // Things stand in front of walls and on the ground: a hand's breadth of tolerance.
    let best = wall + 0.6;
    let picked: Picked | null = null;
    const offer = (distance: number, thing: Picked): void => {
      if (distance < best) {
        best = distance;
        picked = thing;
      }
    };
    for (const post of this.#posts)
      offer(meetPost(ray, post.x, post.y, post.bottom, post.top, post.radius), {
        kind: "device",
        device: post.device.id,
      });
    for (const one of people)
      offer(
        meetPost(ray, one.x, one.y, one.z, one.z + 1.75, 0.3),
        one.kind === "citizen" ? { kind: "citizen", session: one.session } : { kind: "walker", number: one.number },
      );
    for (const one of vehicles) {
      const yaw = (one.heading * Math.PI) / 180;
      for (let step = -1; step <= 1; step += 0.25) {
        const x = one.x + Math.sin(yaw) * one.halfLength * step;
        const y = one.y + Math.cos(yaw) * one.halfLength * step;
        offer(meetPost(ray, x, y, one.z, one.z + 3.2, 1.4), { kind: "vehicle", device: one.device });
      }
    }
    if (!picked && surface) {
      const object = this.#objects[surface.object];
      if (object) {
        best = surface.distance;
        picked = {
          kind: "object",
          object,
          x: ray.origin[0] + ray.direction[0] * best,
          y: ray.origin[2] + ray.direction[2] * best,
        };
      }
    }
    if (!picked) return null;
    return {
      picked,
      at: {
        x: ray.origin[0] + ray.direction[0] * best,
        y: ray.origin[2] + ray.direction[2] * best,
        z: ray.origin[1] + ray.direction[1] * best,
      },
    };
  }

  post(device: string): DevicePost | null {
    return this.#posts.find((post) => post.device.id === device) ?? null;
  }
}
