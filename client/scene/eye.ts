// The camera: behind one's shoulder, through one's own eyes, or a bird's. It eases between them and never sits in a wall.

import { FreeCamera } from "@babylonjs/core/Cameras/freeCamera.js";
import { Vector3 } from "@babylonjs/core/Maths/math.vector.js";
import type { Scene } from "@babylonjs/core/scene.js";

export type View = "third" | "first" | "fly";

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export class Eye {
  readonly camera: FreeCamera;
  view: View = "third";
  /** Radians: compass direction that the camera looks to, and how far down. */
  yaw = 0;
  pitch = 0.16;
  /** Metres behind the shoulder. */
  distance = 5.2;
  /** Bird's eye: height above ground. */
  altitude = 90;
  /** Free distance from a point along a unit direction, for walls: Babylon's frame. */
  freeDistance: (from: Vector3, direction: Vector3, max: number) => number = (_from, _direction, max) => max;
  /** Metres at which a walker's view ends; a bird sees further. */
  drawReach = 0;
  /** For those who want less motion: no easing. */
  instant = false;
  /** A bird's place apart from the avatar's, for pictures: the room would send the avatar back. */
  #lookout: { readonly x: number; readonly y: number } | null = null;
  readonly #position = new Vector3();
  readonly #target = new Vector3();
  #settled = false;
  #held = 5.2;

  constructor(scene: Scene) {
    this.camera = new FreeCamera("eye", Vector3.Zero(), scene);
    this.camera.inputs.clear();
    this.camera.minZ = 0.25;
    this.camera.maxZ = 9000;
    this.camera.fov = 0.92;
  }

  turn(dx: number, dy: number): void {
    this.yaw += dx;
    const [low, high] = this.view === "fly" ? [0.02, 1.45] : [-0.9, 1.25];
    this.pitch = clamp(this.pitch + dy, low, high);
  }

  /** Factor above 1 goes away. */
  zoom(factor: number): void {
    if (this.view === "fly") this.altitude = clamp(this.altitude * factor, 12, 400);
    else {
      this.distance = clamp(this.distance * factor, 0.9, 16);
      if (this.distance <= 1 && factor < 1) this.view = "first";
      else if (this.view === "first" && factor > 1) {
        this.view = "third";
        this.distance = 2.4;
      }
    }
  }

  /** Looks as told, at once: for pictures. */
  place(camera: {
    readonly heading: number;
    readonly pitch: number;
    readonly altitude?: number;
    readonly distance?: number;
    readonly from?: { readonly x: number; readonly y: number };
  }): void {
    this.#lookout = camera.from ?? null;
    this.yaw = (camera.heading * Math.PI) / 180;
    this.pitch = 0;
    this.turn(0, (camera.pitch * Math.PI) / 180);
    if (camera.altitude !== undefined) this.altitude = clamp(camera.altitude, 12, 400);
    if (camera.distance !== undefined) this.distance = clamp(camera.distance, 0.9, 16);
    this.settle();
  }

  /** Jumps instead of easing: after a spawn. */
  settle(): void {
    this.#settled = false;
  }

  /** Metres at which the view ends now; 0 for no end. */
  get reach(): number {
    return this.drawReach > 0 && this.view === "fly" ? Math.max(this.drawReach, this.altitude * 9) : this.drawReach;
  }

  /** Metres before the eye within which trees and poles would hide one's own avatar. */
  get fadeReach(): number {
    return this.view === "third" ? this.#held + 0.6 : 0;
  }

  /** `x, y, z` are one's own feet in Babylon's frame. */
  update(x: number, y: number, z: number, seconds: number, aspect: number): void {
    const forwardX = Math.sin(this.yaw);
    const forwardZ = Math.cos(this.yaw);
    const cosPitch = Math.cos(this.pitch);
    const look = new Vector3(forwardX * cosPitch, -Math.sin(this.pitch), forwardZ * cosPitch);
    let position: Vector3;
    if (this.view !== "fly") this.#lookout = null;
    if (this.view === "fly") {
      position = new Vector3(this.#lookout?.x ?? x, y + this.altitude, this.#lookout?.y ?? z);
    } else if (this.view === "first") {
      position = new Vector3(x + forwardX * 0.08, y + 1.62, z + forwardZ * 0.08);
    } else {
      // A little to the right, so that one does not stand in front of what one looks at.
      const aside = Math.min(0.45, this.distance * 0.09);
      const shoulder = new Vector3(x + forwardZ * aside, y + 1.55, z - forwardX * aside);
      const back = look.scale(-1);
      const free = this.freeDistance(shoulder, back, this.distance + 0.3) - 0.3;
      const wanted = clamp(Math.min(free, this.distance), 0.5, this.distance);
      // In at once, out gently.
      this.#held = wanted < this.#held ? wanted : this.#held + (wanted - this.#held) * Math.min(1, seconds * 3);
      position = shoulder.add(back.scale(this.#held));
      position.y = Math.max(position.y, y + 0.25);
    }
    const target = position.add(look);
    const ease = this.#settled && !this.instant ? 1 - Math.exp(-seconds * (this.view === "fly" ? 5 : 16)) : 1;
    this.#settled = true;
    this.#position.addInPlace(position.subtract(this.#position).scale(ease));
    this.#target.copyFrom(this.#position.add(target.subtract(position)));
    this.camera.position.copyFrom(this.#position);
    this.camera.setTarget(this.#target);
    this.camera.minZ = this.view === "fly" ? clamp(this.altitude * 0.04, 0.3, 4) : 0.25;
    this.camera.maxZ = this.reach > 0 ? this.reach : 9000;
    // A portrait phone keeps a useful width of view.
    this.camera.fov = aspect < 1 ? Math.min(1.25, 2 * Math.atan(Math.tan(0.46) / Math.max(0.6, aspect))) : 0.92;
  }
}
