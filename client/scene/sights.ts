// From the city to the screen and back: projecting places, casting rays from pixels, and what is really in sight.

import { Matrix, Vector3 } from "@babylonjs/core/Maths/math.vector.js";
import type { WorldObject } from "../../worlds/format/world.ts";
import type { Picked } from "../core/scene-port.ts";
import type { People } from "./people.ts";
import type { Picking, Ray } from "./picking.ts";
import type { Stage } from "./stage.ts";
import type { Vehicles } from "./vehicles.ts";

export class Sights {
  readonly #stage: Stage;
  readonly #picking: Picking;
  readonly #people: People;
  readonly #vehicles: Vehicles;
  readonly #matrix = Matrix.Identity();
  #width = 1;
  #height = 1;

  constructor(stage: Stage, picking: Picking, people: People, vehicles: Vehicles) {
    this.#stage = stage;
    this.#picking = picking;
    this.#people = people;
    this.#vehicles = vehicles;
  }

  /** Once a frame, after the camera has moved. */
  prepare(): void {
    const { camera } = this.#stage.eye;
    camera.getViewMatrix(true).multiplyToRef(camera.getProjectionMatrix(true), this.#matrix);
    this.#width = this.#stage.canvas.clientWidth;
    this.#height = this.#stage.canvas.clientHeight;
  }

  /** World frame to CSS pixels from the canvas's corner; null behind the eye or off the screen. */
  readonly project = (x: number, y: number, z: number): { x: number; y: number; distance: number } | null => {
    const m = this.#matrix.m;
    // Babylon's frame: X east, Y up, Z north; row vectors.
    const w = x * m[3]! + z * m[7]! + y * m[11]! + m[15]!;
    if (w < 0.1) return null;
    const px = (x * m[0]! + z * m[4]! + y * m[8]! + m[12]!) / w;
    const py = (x * m[1]! + z * m[5]! + y * m[9]! + m[13]!) / w;
    if (px < -1 || px > 1 || py < -1 || py > 1) return null;
    return { x: (px * 0.5 + 0.5) * this.#width, y: (0.5 - py * 0.5) * this.#height, distance: w };
  };

  ray(x: number, y: number): Ray {
    const { camera } = this.#stage.eye;
    const tan = Math.tan(camera.fov / 2);
    const right = camera.getDirection(Vector3.Right()).scale(((x / this.#width) * 2 - 1) * tan * this.#stage.aspect);
    const up = camera.getDirection(Vector3.Up()).scale((1 - (y / this.#height) * 2) * tan);
    const d = camera.getDirection(Vector3.Forward()).add(right).add(up).normalize();
    const o = camera.position;
    return { origin: [o.x, o.y, o.z], direction: [d.x, d.y, d.z] };
  }

  pick(x: number, y: number): { readonly picked: Picked; readonly at: { x: number; y: number; z: number } } | null {
    return this.#picking.pick(this.ray(x, y), this.#people.standing, this.#vehicles.driving);
  }

  /** The first of some places that a ray from the eye reaches, as `accept` sees it; client coordinates. */
  #firstSeen(
    places: readonly (readonly [number, number, number])[],
    accept: (picked: Picked) => boolean,
  ): { x: number; y: number } | null {
    for (const [x, y, z] of places) {
      const spot = this.project(x, y, z);
      if (!spot) continue;
      const found = this.pick(spot.x, spot.y);
      if (!found || !accept(found.picked)) continue;
      const box = this.#stage.canvas.getBoundingClientRect();
      return { x: box.left + spot.x, y: box.top + spot.y };
    }
    return null;
  }

  ofDevice(device: string): { x: number; y: number } | null {
    const post = this.#picking.post(device);
    if (post) {
      const span = post.top - post.bottom;
      return this.#firstSeen(
        [0.5, 0.85, 0.7, 0.3, 0.98, 0.15].map((f) => [post.x, post.y, post.bottom + span * f]),
        (picked) => picked.kind === "device" && picked.device === device,
      );
    }
    const driving = this.#vehicles.placeOf(device);
    if (!driving) return null;
    return this.#firstSeen(
      [1.6, 2.4, 0.8].map((up) => [driving.x, driving.y, driving.z + up]),
      (picked) => picked.kind === "vehicle" && picked.device === device,
    );
  }

  ofCitizen(session: string): { x: number; y: number } | null {
    const place = this.#people.placeOf(session);
    if (!place) return null;
    return this.#firstSeen(
      [1.1, 1.5, 0.6].map((up) => [place.x, place.y, place.z + up]),
      (picked) => picked.kind === "citizen" && picked.session === session,
    );
  }

  ofObject(object: WorldObject): { x: number; y: number } | null {
    const [x0, y0, z0, x1, y1, z1] = object.box;
    const places: [number, number, number][] = [];
    for (const fz of [0.5, 0.8, 0.3, 1, 0])
      for (const fx of [0.5, 0.2, 0.8, 0.02, 0.98])
        for (const fy of [0.5, 0.2, 0.8, 0.02, 0.98])
          places.push([x0 + (x1 - x0) * fx, y0 + (y1 - y0) * fy, z0 + (z1 - z0) * fz]);
    return this.#firstSeen(places, (picked) => picked.kind === "object" && picked.object.id === object.id);
  }
}
