// Shows what is chosen: tints an object, or puts a ring at the foot of a device, a vehicle or a person.

import type { Scene } from "@babylonjs/core/scene.js";
import type { Picked } from "../core/scene-port.ts";
import type { Air } from "./air.ts";
import type { Materials } from "./materials.ts";
import type { People } from "./people.ts";
import type { Picking } from "./picking.ts";
import { PropSet } from "./prop-set.ts";
import { ringShape } from "./shapes/street.ts";
import type { Vehicles } from "./vehicles.ts";

export class Chosen {
  readonly #air: Air;
  readonly #people: People;
  readonly #vehicles: Vehicles;
  readonly #picking: Picking;
  readonly #heightAt: (x: number, y: number, near?: number) => number;
  readonly #objectIndex: ReadonlyMap<string, number>;
  readonly #ring: PropSet;
  #picked: Picked | null = null;

  constructor(
    scene: Scene,
    materials: Materials,
    air: Air,
    people: People,
    vehicles: Vehicles,
    picking: Picking,
    heightAt: (x: number, y: number, near?: number) => number,
    objectIndex: ReadonlyMap<string, number>,
  ) {
    this.#air = air;
    this.#people = people;
    this.#vehicles = vehicles;
    this.#picking = picking;
    this.#heightAt = heightAt;
    this.#objectIndex = objectIndex;
    this.#ring = new PropSet("ring", scene, materials, ringShape(), "still", { moving: true, twoSided: true });
  }

  choose(picked: Picked | null): void {
    this.#picked = picked;
    this.#air.setHighlight(picked?.kind === "object" ? (this.#objectIndex.get(picked.object.id) ?? -1) : -1);
    this.#vehicles.highlight(picked?.kind === "vehicle" ? picked.device : null);
    this.#people.highlight(
      picked?.kind === "citizen"
        ? `citizen-${picked.session}`
        : picked?.kind === "walker"
          ? `walker-${picked.number}`
          : null,
    );
  }

  update(): void {
    const foot = this.#foot();
    this.#ring.clear();
    if (foot) this.#ring.add(foot.x, foot.z, foot.y, 0, [foot.radius, 1, foot.radius], [1, 1, 1], 0.55);
    this.#ring.upload();
  }

  #foot(): { x: number; y: number; z: number; radius: number } | null {
    const picked = this.#picked;
    if (!picked || picked.kind === "object") return null;
    if (picked.kind === "device") {
      const post = this.#picking.post(picked.device);
      if (!post) return null;
      // A meter hangs on a wall: its ring lies on the ground in front.
      return { x: post.x, y: post.y, z: this.#heightAt(post.x, post.y, post.bottom) + 0.04, radius: 0.7 };
    }
    const place =
      picked.kind === "vehicle"
        ? this.#vehicles.placeOf(picked.device)
        : picked.kind === "citizen"
          ? this.#people.placeOf(picked.session)
          : this.#people.walker(picked.number);
    return place ? { x: place.x, y: place.y, z: place.z + 0.04, radius: picked.kind === "vehicle" ? 3 : 0.6 } : null;
  }
}
