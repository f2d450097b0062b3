// Trams, buses, cars, bicycles and birds: pure functions of the server's clock, the same on every screen.

import type { Scene } from "@babylonjs/core/scene.js";
import { createTraffic, type Traffic, type TrafficPosition } from "../../world-server/simulation/traffic.ts";
import { transitAt } from "../../world-server/simulation/transit.ts";
import type { StreetGraph, TransitLine, TransitNetwork } from "../../worlds/format/world.ts";
import { hashOf, headingTo } from "./frame.ts";
import { LinePath } from "./line-path.ts";
import type { Materials } from "./materials.ts";
import { PropSet } from "./prop-set.ts";
import type { Quality } from "./quality.ts";
import { linear } from "./shapes/shape.ts";
import {
  bicycleShape,
  birdShape,
  busShape,
  carBodies,
  carShape,
  tramSection,
  tramSectionLength,
} from "./shapes/vehicles.ts";

/** Paints of cars: a quiet car park. */
const paints = [
  "#e8e6df",
  "#c9ccce",
  "#8d949a",
  "#3d444c",
  "#5c7286",
  "#7c3f38",
  "#a58f6b",
  "#4f6357",
  "#d9d2c3",
  "#2f3f55",
].map(linear);
const coats = ["#8a4b3c", "#5d6b73", "#a4875c", "#6f7f63", "#465a78", "#7a5560"].map(linear);

/** A vehicle drawn this frame; `device` is null for simulated private ones. */
export interface Driving {
  readonly device: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly heading: number;
  readonly halfLength: number;
}

export class Vehicles {
  readonly casters: readonly PropSet[];
  readonly driving: Driving[] = [];
  readonly #lines: readonly {
    readonly line: TransitLine;
    readonly path: LinePath;
    readonly colour: readonly [number, number, number];
  }[];
  readonly #tram: readonly PropSet[];
  readonly #bus: PropSet;
  readonly #cars: readonly PropSet[];
  readonly #bicycles: PropSet;
  readonly #birds: PropSet;
  readonly #traffic: Traffic;
  readonly #quality: Quality;
  readonly #heightAt: (x: number, y: number, near?: number) => number;
  readonly #flocks: readonly { x: number; y: number; radius: number; height: number; size: number }[];
  readonly #spot: TrafficPosition = { kind: "car", x: 0, y: 0, heading: 0, speed: 0, variant: 0, edge: 0, fraction: 0 };
  #highlight: string | null = null;

  constructor(
    scene: Scene,
    materials: Materials,
    quality: Quality,
    streets: StreetGraph,
    transit: TransitNetwork,
    bounds: readonly [number, number, number, number],
    heightAt: (x: number, y: number, near?: number) => number,
  ) {
    this.#quality = quality;
    this.#heightAt = heightAt;
    const set = (name: string, shape: ReturnType<typeof busShape>): PropSet =>
      new PropSet(name, scene, materials, shape, "still", { moving: true, twoSided: false });
    this.#tram = ([1, 0, -1] as const).map((cab) => set(`tram-${cab}`, tramSection(cab)));
    this.#bus = set("buses", busShape());
    this.#cars = carBodies.map((body) => set(`cars-${body}`, carShape(body)));
    this.#bicycles = set("bicycles", bicycleShape());
    this.#birds = new PropSet("birds", scene, materials, birdShape(), "birds", { moving: true, twoSided: true });
    this.casters = [...this.#tram, this.#bus, ...this.#cars, this.#bicycles];
    this.#lines = transit.lines.map((line) => ({ line, path: new LinePath(line.path), colour: linear(line.colour) }));
    // The server announces no number: one vehicle for about 90 m of street, the same for everyone.
    const metres = streets.edges.reduce((sum, edge) => {
      const a = streets.nodes[edge.a];
      const b = streets.nodes[edge.b];
      return edge.carriageway > 0 && a && b ? sum + Math.hypot(a[0] - b[0], a[1] - b[1]) : sum;
    }, 0);
    this.#traffic = createTraffic(streets, Math.min(140, Math.round(metres / 90)), 7);
    const [west, south, east, north] = bounds;
    this.#flocks = [0, 1, 2].map((i) => ({
      x: west + (east - west) * (0.25 + 0.5 * hashOf(i + 3)),
      y: south + (north - south) * (0.25 + 0.5 * hashOf(i + 13)),
      radius: 45 + 60 * hashOf(i + 23),
      height: 38 + 30 * hashOf(i + 33),
      size: 9 + Math.floor(8 * hashOf(i + 43)),
    }));
  }

  highlight(device: string | null): void {
    this.#highlight = device;
  }

  placeOf(device: string): Driving | null {
    return this.driving.find((one) => one.device === device) ?? null;
  }

  update(eye: { readonly x: number; readonly y: number }, serverMs: number, night: number): void {
    const all = [...this.#tram, this.#bus, ...this.#cars, this.#bicycles, this.#birds];
    for (const set of all) set.clear();
    this.driving.length = 0;
    // Head and tail lights burn a little by day and fully at night.
    const light = 0.25 + 0.9 * night;
    for (const { line, path, colour } of this.#lines)
      for (let i = 0; i < line.vehicles.length; i++) this.#drawTransit(line, i, path, colour, serverMs, light);
    this.#drawTraffic(eye, serverMs, light);
    this.#drawBirds(serverMs, night);
    for (const set of all) set.upload();
  }

  #drawTransit(
    line: TransitLine,
    index: number,
    path: LinePath,
    colour: readonly [number, number, number],
    serverMs: number,
    light: number,
  ): void {
    const at = transitAt(line, index, serverMs);
    const device = line.vehicles[index]!;
    const tint: readonly [number, number, number] =
      this.#highlight === device ? [colour[0] + 0.25, colour[1] + 0.35, colour[2] + 0.45] : colour;
    const ground = (x: number, y: number): number => {
      const height = this.#heightAt(x, y, at.z);
      return Math.abs(height - at.z) < 3 ? height : at.z;
    };
    if (line.kind === "bus") {
      this.#bus.add(at.x, ground(at.x, at.y), at.y, at.heading, 1, tint, light);
      this.driving.push({ device, x: at.x, y: at.y, z: at.z, heading: at.heading, halfLength: 5.9 });
      return;
    }
    // Each section hangs between two points of the track, so the tram bends where the rails do.
    const along = path.nearest(at.x, at.y);
    const side = path.sideOf(at.x, at.y, along);
    const joint = (metres: number): readonly [number, number, number] =>
      path.pointAt(along + metres * at.direction, side);
    const half = tramSectionLength / 2;
    const joints = [half * 3, half, -half, -half * 3].map(joint);
    this.#tram.forEach((set, s) => {
      const front = joints[s]!;
      const back = joints[s + 1]!;
      const x = (front[0] + back[0]) / 2;
      const y = (front[1] + back[1]) / 2;
      const zf = ground(front[0], front[1]);
      const zb = ground(back[0], back[1]);
      const flat = Math.hypot(front[0] - back[0], front[1] - back[1]);
      const heading = flat > 0.5 ? headingTo(front[0] - back[0], front[1] - back[1]) : at.heading;
      set.add(x, (zf + zb) / 2, y, heading, 1, tint, light, Math.atan2(zf - zb, Math.max(flat, 1)));
    });
    this.driving.push({ device, x: at.x, y: at.y, z: at.z, heading: at.heading, halfLength: half * 3 });
  }

  #drawTraffic(eye: { readonly x: number; readonly y: number }, serverMs: number, light: number): void {
    const reach = this.#quality.lifeReach * 1.6;
    for (let i = 0; i < this.#traffic.length; i++) {
      const spot = this.#traffic.at(i, serverMs, this.#spot);
      if (Math.abs(spot.x - eye.x) > reach || Math.abs(spot.y - eye.y) > reach) continue;
      const z = this.#heightAt(spot.x, spot.y);
      let pitch = 0;
      if (spot.kind === "car") {
        const yaw = (spot.heading * Math.PI) / 180;
        const ahead = this.#heightAt(spot.x + Math.sin(yaw) * 1.3, spot.y + Math.cos(yaw) * 1.3, z);
        const behind = this.#heightAt(spot.x - Math.sin(yaw) * 1.3, spot.y - Math.cos(yaw) * 1.3, z);
        pitch = Math.max(-0.2, Math.min(0.2, Math.atan2(ahead - behind, 2.6)));
        const body = spot.variant % 10;
        const set = this.#cars[body < 6 ? 0 : body < 9 ? 1 : 2]!;
        set.add(spot.x, z, spot.y, spot.heading, 1, paints[(spot.variant >> 3) % paints.length]!, light, pitch);
      } else {
        this.#bicycles.add(spot.x, z, spot.y, spot.heading, 1, coats[spot.variant % coats.length]!, light);
      }
    }
  }

  /** Birds circle in loose flocks; they sleep at night. */
  #drawBirds(serverMs: number, night: number): void {
    if (night > 0.6) return;
    const t = (serverMs % 3_600_000) / 1000;
    this.#flocks.forEach((flock, f) => {
      for (let i = 0; i < flock.size; i++) {
        const own = hashOf(f * 100 + i);
        const angle = t * (0.11 + 0.012 * own) + f * 2 + own * 0.9;
        const radius = flock.radius * (0.8 + 0.35 * own);
        const x = flock.x + Math.cos(angle) * radius + Math.sin(t * 0.7 + i) * 2;
        const y = flock.y + Math.sin(angle) * radius * 0.8 + Math.cos(t * 0.6 + i * 2) * 2;
        const z = flock.height + Math.sin(t * 0.4 + i * 1.7) * 3 + own * 5;
        const heading = headingTo(-Math.sin(angle), Math.cos(angle) * 0.8);
        this.#birds.add(x, z, y, heading, 0.85, [0.9, 0.9, 0.88], own);
      }
    });
  }
}
