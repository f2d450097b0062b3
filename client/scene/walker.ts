// One's own walking: speeds within what the room allows, sliding along walls, walking to where one clicked.

import { speedMax } from "../../world-server/protocol/city-room.ts";
import type { Wishes } from "./controls.ts";
import { headingTo, turnBetween, wrapHeading } from "./frame.ts";
import type { WalkGrid } from "./walk-grid.ts";

/** A little under the room's limits, so that clocks may differ. */
const walkSpeed = speedMax.walk * 0.86;
const runSpeed = speedMax.run * 0.86;
const flySpeed = speedMax.fly * 0.9;
/** Seconds without progress after which a walk to a clicked place is given up. */
const patience = 0.9;

export class Walker {
  x = 0;
  y = 0;
  height = 0;
  heading = 0;
  gait: 0 | 1 | 2 | 3 = 0;
  /** m/s, eased, for the legs. */
  speed = 0;
  #goal: { x: number; y: number; run: boolean; best: number; waited: number } | null = null;
  readonly grid: WalkGrid;

  constructor(grid: WalkGrid) {
    this.grid = grid;
  }

  place(x: number, y: number, heading: number): void {
    const free = this.grid.nearestFree(x, y);
    this.x = free.x;
    this.y = free.y;
    this.heading = wrapHeading(heading);
    this.height = this.grid.heightAt(free.x, free.y);
    this.#goal = null;
  }

  goTo(x: number, y: number, run = false): void {
    this.#goal = { x, y, run, best: Number.POSITIVE_INFINITY, waited: 0 };
  }
  get walksTo(): { readonly x: number; readonly y: number } | null {
    return this.#goal;
  }
  halt(): void {
    this.#goal = null;
  }

  /** `yaw` is the camera's compass direction in radians. */
  update(wishes: Wishes, yaw: number, flying: boolean, altitude: number, seconds: number): void {
    let forward = wishes.forward;
    let right = wishes.right;
    const length = Math.hypot(forward, right);
    if (length > 1) {
      forward /= length;
      right /= length;
    }
    if (length > 0.01) this.#goal = null;
    let east = Math.sin(yaw) * forward + Math.cos(yaw) * right;
    let north = Math.cos(yaw) * forward - Math.sin(yaw) * right;
    let run = wishes.run;
    const goal = this.#goal;
    if (goal && length <= 0.01) {
      const dx = goal.x - this.x;
      const dy = goal.y - this.y;
      const distance = Math.hypot(dx, dy);
      if (distance < 0.25) this.#goal = null;
      else {
        if (distance < goal.best - 0.02) {
          goal.best = distance;
          goal.waited = 0;
        } else {
          goal.waited += seconds;
          if (goal.waited > patience) this.#goal = null;
        }
        const k = Math.min(1, distance / 0.5) / distance;
        east = dx * k;
        north = dy * k;
        run = goal.run || distance > 18;
      }
    }
    const wish = Math.hypot(east, north);
    // Higher up one flies faster, as on a map.
    const top = flying ? flySpeed * Math.min(1, 0.35 + altitude / 180) * (run ? 1 : 0.75) : run ? runSpeed : walkSpeed;
    const oldX = this.x;
    const oldY = this.y;
    if (wish > 0.01) {
      const step = top * Math.min(1, wish) * seconds;
      const dx = (east / wish) * step;
      const dy = (north / wish) * step;
      if (flying) {
        if (this.grid.inside(this.x + dx, this.y)) this.x += dx;
        if (this.grid.inside(this.x, this.y + dy)) this.y += dy;
      } else {
        const moved = this.grid.move(this.x, this.y, this.height, dx, dy);
        this.x = moved.x;
        this.y = moved.y;
      }
      const turn = turnBetween(this.heading, headingTo(east, north));
      this.heading = wrapHeading(this.heading + turn * (1 - Math.exp(-seconds * 12)));
    }
    const travelled = Math.hypot(this.x - oldX, this.y - oldY) / Math.max(seconds, 1e-3);
    const target = this.grid.heightAt(this.x, this.y, flying ? Number.POSITIVE_INFINITY : this.height);
    // Kerbs and stairs are taken softly.
    this.height += (target - this.height) * (1 - Math.exp(-seconds * (flying ? 3 : 14)));
    this.speed += (travelled - this.speed) * (1 - Math.exp(-seconds * 10));
    this.gait = flying ? 3 : travelled < 0.15 ? 0 : travelled > speedMax.walk ? 2 : 1;
  }
}
