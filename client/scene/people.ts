// Everyone on foot: oneself, other citizens, and the simulated crowd, drawn by a handful of instanced sets.

import type { Scene } from "@babylonjs/core/scene.js";
import { type Crowd, type CrowdPosition, createCrowd } from "../../world-server/simulation/crowd.ts";
import type { StreetGraph } from "../../worlds/format/world.ts";
import type { Pose } from "../core/scene-port.ts";
import { hashOf, hashOfText } from "./frame.ts";
import { PoseTrack } from "./interpolation.ts";
import type { Labels } from "./labels.ts";
import type { Materials } from "./materials.ts";
import { PropSet } from "./prop-set.ts";
import type { Quality } from "./quality.ts";
import { citizenColours, coatColours, personLooks, personShape } from "./shapes/person.ts";
import { birdShape } from "./shapes/vehicles.ts";

export type Gesture = "wave" | "nod" | "clap";
const gestureCodes: Record<Gesture, number> = { wave: 1, nod: 2, clap: 3 };
const gestureSeconds: Record<Gesture, number> = { wave: 2.4, nod: 1.4, clap: 2.2 };
/** Metres within which names are readable. */
const nameReach = 60;
const citizensMax = 400;

/** Someone drawn this frame: where a ray may meet them. */
export interface Standing {
  readonly kind: "citizen" | "walker";
  readonly session: string;
  readonly number: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

interface Citizen {
  readonly track: PoseTrack;
  readonly name: string;
  readonly look: number;
  readonly colour: readonly [number, number, number];
  gesture: Gesture | null;
  gestureSince: number;
  /** Steps walked, for the legs. */
  phase: number;
  swing: number;
}

export interface SelfView {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly heading: number;
  readonly speed: number;
  readonly altitude: number;
  /** False in first person and when flying high. */
  readonly visible: boolean;
}

export class People {
  readonly casters: readonly PropSet[];
  /** Rebuilt every frame. */
  readonly standing: Standing[] = [];
  readonly #paper: readonly PropSet[];
  readonly #real: readonly PropSet[];
  readonly #birds: PropSet;
  readonly #citizens = new Map<string, Citizen>();
  readonly #labels: Labels;
  readonly #quality: Quality;
  readonly #streets: StreetGraph;
  readonly #heightAt: (x: number, y: number, near?: number) => number;
  #self: Citizen;
  #crowd: Crowd | null = null;
  #highlight: string | null = null;
  readonly #spot: CrowdPosition = { x: 0, y: 0, heading: 0, gait: 0, variant: 0, speed: 0, edge: 0, fraction: 0 };

  constructor(
    scene: Scene,
    materials: Materials,
    labels: Labels,
    quality: Quality,
    streets: StreetGraph,
    heightAt: (x: number, y: number, near?: number) => number,
  ) {
    this.#labels = labels;
    this.#quality = quality;
    this.#streets = streets;
    this.#heightAt = heightAt;
    const detail = quality.simpleShaders ? 0 : 1;
    this.#paper = personLooks.map(
      (look, i) =>
        new PropSet(`walkers-${i}`, scene, materials, personShape(look, true, 0), "people", { moving: true }),
    );
    this.#real = personLooks.map(
      (look, i) =>
        new PropSet(`citizens-${i}`, scene, materials, personShape(look, false, detail + 1), "people", {
          moving: true,
        }),
    );
    this.#birds = new PropSet("paper-birds", scene, materials, birdShape(), "birds", { moving: true, twoSided: true });
    this.casters = [...this.#paper, ...this.#real];
    this.#self = this.#make("self", "");
    labels.set("self", null);
  }

  #make(session: string, name: string): Citizen {
    const hash = hashOfText(name || session);
    return {
      track: new PoseTrack(),
      name,
      look: hash % personLooks.length,
      colour: citizenColours[(hash >>> 8) % citizenColours.length]!,
      gesture: null,
      gestureSince: 0,
      phase: 0,
      swing: 0,
    };
  }

  setSelf(name: string): void {
    this.#self = this.#make("self", name);
  }

  setCrowd(count: number, seed: number): void {
    this.#crowd = count > 0 ? createCrowd(this.#streets, Math.min(count, this.#quality.walkersMax), seed) : null;
  }

  upsert(session: string, name: string, pose: Pose, nowMs: number): void {
    let citizen = this.#citizens.get(session);
    if (!citizen || citizen.name !== name) {
      if (!citizen && this.#citizens.size >= citizensMax) return;
      const made = this.#make(session, name);
      citizen = citizen ? { ...made, track: citizen.track } : made;
      this.#citizens.set(session, citizen);
      this.#labels.set(`citizen-${session}`, name);
    }
    citizen.track.push(pose, nowMs);
  }

  remove(session: string): void {
    this.#citizens.delete(session);
    this.#labels.remove(`citizen-${session}`);
  }

  say(session: string | null, text: string, nowMs: number): void {
    this.#labels.say(session === null ? "self" : `citizen-${session}`, text, nowMs);
  }

  gesture(session: string | null, gesture: Gesture, seconds: number): void {
    const citizen = session === null ? this.#self : this.#citizens.get(session);
    if (!citizen) return;
    citizen.gesture = gesture;
    citizen.gestureSince = seconds;
  }

  /** `citizen-<session>`, `walker-<number>` or null. */
  highlight(key: string | null): void {
    this.#highlight = key;
  }

  placeOf(session: string): { x: number; y: number; z: number } | null {
    const found = this.standing.find((one) => one.kind === "citizen" && one.session === session);
    return found ?? null;
  }
  walker(number: number): { x: number; y: number; z: number } | null {
    return this.standing.find((one) => one.kind === "walker" && one.number === number) ?? null;
  }

  update(
    self: SelfView,
    eye: { readonly x: number; readonly y: number },
    nowMs: number,
    serverMs: number,
    seconds: number,
    step: number,
    project: (x: number, y: number, z: number) => { x: number; y: number; distance: number } | null,
  ): void {
    for (const set of [...this.#paper, ...this.#real, this.#birds]) set.clear();
    this.standing.length = 0;
    this.#labels.begin(nowMs);
    this.#drawSelf(self, seconds, step, project);
    for (const [session, citizen] of this.#citizens) {
      const pose = citizen.track.at(nowMs);
      if (!pose) continue;
      const ground = this.#heightAt(pose.x, pose.y);
      const flying = pose.gait === 3;
      const z = ground + (flying ? Math.max(2, pose.altitude) : 0);
      if (flying) this.#drawBird(pose.x, pose.y, z, pose.heading, citizen.colour, session);
      else this.#drawCitizen(citizen, pose.x, pose.y, z, pose.heading, pose.speed, seconds, step, session);
      this.standing.push({ kind: "citizen", session, number: -1, x: pose.x, y: pose.y, z });
      const spot = project(pose.x, pose.y, z + (flying ? 0.7 : 1.98));
      if (spot) this.#labels.place(`citizen-${session}`, spot.x, spot.y, spot.distance < nameReach);
    }
    this.#drawCrowd(eye, serverMs);
    this.#labels.end();
    for (const set of [...this.#paper, ...this.#real, this.#birds]) set.upload();
  }

  #drawSelf(
    self: SelfView,
    seconds: number,
    step: number,
    project: (x: number, y: number, z: number) => { x: number; y: number; distance: number } | null,
  ): void {
    if (self.visible)
      this.#drawCitizen(this.#self, self.x, self.y, self.height, self.heading, self.speed, seconds, step, null);
    const spot = project(self.x, self.y, self.height + 2.02);
    if (spot && self.visible) this.#labels.place("self", spot.x, spot.y, false);
  }

  #drawCitizen(
    citizen: Citizen,
    x: number,
    y: number,
    z: number,
    heading: number,
    speed: number,
    seconds: number,
    step: number,
    session: string | null,
  ): void {
    const stride = speed > 2.4 ? 1.25 : 0.72;
    citizen.phase = (citizen.phase + (Math.min(speed, 8) * step) / stride) % 2;
    const swing = speed < 0.1 ? 0 : Math.min(1.25, 0.55 + speed * 0.22);
    citizen.swing += (swing - citizen.swing) * Math.min(1, step * 9);
    const set = this.#real[citizen.look]!;
    const chosen = session !== null && this.#highlight === `citizen-${session}`;
    const index = set.add(x, z, y, heading, 1, citizen.colour, chosen ? 1 : 0);
    let code = 0;
    let progress = 0;
    if (citizen.gesture) {
      progress = (seconds - citizen.gestureSince) / gestureSeconds[citizen.gesture];
      if (progress < 0 || progress > 1) citizen.gesture = null;
      else code = gestureCodes[citizen.gesture];
    }
    set.setMotion(index, citizen.phase, citizen.swing, code, progress);
  }

  #drawBird(
    x: number,
    y: number,
    z: number,
    heading: number,
    colour: readonly [number, number, number],
    session: string,
  ): void {
    this.#birds.add(x, z, y, heading, 1.5, colour, (hashOfText(session) % 100) / 100);
  }

  #drawCrowd(eye: { readonly x: number; readonly y: number }, serverMs: number): void {
    const crowd = this.#crowd;
    if (!crowd) return;
    const reach = this.#quality.lifeReach;
    for (let i = 0; i < crowd.length; i++) {
      const spot = crowd.at(i, serverMs, this.#spot);
      if (Math.abs(spot.x - eye.x) > reach || Math.abs(spot.y - eye.y) > reach) continue;
      const z = this.#heightAt(spot.x, spot.y);
      const set = this.#paper[spot.variant % this.#paper.length]!;
      const coat = coatColours[(spot.variant >> 2) % coatColours.length]!;
      const index = set.add(
        spot.x,
        z,
        spot.y,
        spot.heading,
        0.93 + 0.12 * hashOf(i),
        coat,
        this.#highlight === `walker-${i}` ? 1 : 0,
      );
      // Steps counted from the clock: the same legs on every screen. Kept small for the shader's precision.
      const phase = ((serverMs / 1000) * (spot.speed / (spot.gait === 2 ? 1.1 : 0.7)) + i * 0.37) % 2;
      set.setMotion(index, phase, spot.gait === 0 ? 0 : spot.gait === 2 ? 1.2 : 0.85, 0, 0);
      this.standing.push({ kind: "walker", session: "", number: i, x: spot.x, y: spot.y, z });
    }
  }
}
