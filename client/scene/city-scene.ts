// The city on the canvas: puts the parts together, runs them every frame, and answers the page through the scene port.

import { updateRateHz } from "../../world-server/protocol/city-room.ts";
import type { WorldDevice, WorldManifest, WorldObject } from "../../worlds/format/world.ts";
import type { LightMode, Picked, Pose, SceneOptions, ScenePort } from "../core/scene-port.ts";
import { enabledLayers } from "../layers/enabled.ts";
import type { OpenLayer } from "../layers/layer.ts";
import type { BakedSky, CityBase, GroundCells, LoadedTile } from "../workers/city-messages.ts";
import { Chosen } from "./chosen.ts";
import { bakedTexture, CityMeshes } from "./city-meshes.ts";
import { Controls } from "./controls.ts";
import { Forest } from "./forest.ts";
import { headingTo, turnBetween, wrapHeading } from "./frame.ts";
import { Labels } from "./labels.ts";
import { People } from "./people.ts";
import { Picking } from "./picking.ts";
import { placeScenery } from "./scenery.ts";
import { Sights } from "./sights.ts";
import { outskirts } from "./sky.ts";
import type { Stage } from "./stage.ts";
import { Vehicles } from "./vehicles.ts";
import { WalkGrid } from "./walk-grid.ts";
import { Walker } from "./walker.ts";

const hoverIntervalMs = 90;
/** Frames drawn with everything ready before the city counts as shown. */
const framesShown = 2;
/** Metres within which `focus` only turns the head. */
const nearFocus = 30;

export class CityScene implements ScenePort {
  readonly manifest: WorldManifest;
  readonly objects: readonly WorldObject[];
  readonly shown: Promise<void>;
  readonly stage: Stage;
  readonly #options: SceneOptions;
  readonly #base: CityBase;
  readonly #tiles: LoadedTile[] = [];
  readonly #meshes: CityMeshes;
  readonly #devices: ReadonlyMap<string, WorldDevice>;
  readonly #objectIndex: ReadonlyMap<string, number>;
  #parts: Parts | null = null;
  #clockOffsetMs = 0;
  #resolveShown: () => void = () => {};
  #readyFrames = 0;
  #sentAtMs = 0;
  #sent: Pose | null = null;
  #restSent = true;
  #hover: { x: number; y: number; moved: boolean } | null = null;
  #hoverAtMs = 0;
  #hovered: string | null = null;
  #gaze: { yaw: number; pitch: number } | null = null;
  #disposed = false;

  constructor(stage: Stage, base: CityBase, options: SceneOptions) {
    this.stage = stage;
    this.manifest = base.manifest;
    this.objects = base.objects;
    this.#base = base;
    this.#options = options;
    this.shown = new Promise((resolve) => {
      this.#resolveShown = resolve;
    });
    this.#devices = new Map(base.devices.map((device) => [device.id, device]));
    this.#objectIndex = new Map(base.objects.map((object, index) => [object.id, index]));
    this.#meshes = new CityMeshes(stage.scene, stage.materials, base.objects, stage.quality.depthFirst);
  }

  addTile(tile: LoadedTile): void {
    this.#tiles.push(tile);
    this.#meshes.addTile(tile);
  }

  /** Everything is loaded: builds the rest and starts drawing. */
  begin(cells: GroundCells, sky: BakedSky): void {
    const { stage } = this;
    const { scene, materials, quality, air, eye, shadows } = stage;
    const base = this.#base;
    const grid = new WalkGrid(cells, this.manifest.bounds);
    const heightAt = (x: number, y: number, near?: number): number => grid.heightAt(x, y, near);
    materials.setBaked(bakedTexture(scene, sky));
    const walker = new Walker(grid);
    const labels = new Labels(stage.canvas);
    const layers = enabledLayers.map((layer) =>
      layer.open({
        scene,
        materials,
        meshes: this.#meshes,
        devices: base.devices,
        objects: base.objects,
        objectIndex: this.#objectIndex,
        streets: base.streets,
        heightAt,
      }),
    );
    const forest = new Forest(scene, materials, base.scenery.trees, quality);
    const scenery = placeScenery(scene, materials, base.scenery);
    const vehicles = new Vehicles(
      scene,
      materials,
      quality,
      base.streets,
      base.transit,
      this.manifest.bounds,
      heightAt,
    );
    const people = new People(scene, materials, labels, quality, base.streets, heightAt);
    const picking = new Picking(
      this.#tiles,
      base.objects,
      layers.flatMap((layer) => layer.posts),
    );
    const chosen = new Chosen(scene, materials, air, people, vehicles, picking, heightAt, this.#objectIndex);
    const sights = new Sights(stage, picking, people, vehicles);
    outskirts(scene, materials, this.manifest);
    if (shadows) {
      for (const mesh of this.#meshes.shadowCasters) shadows.add(mesh, materials.tileCaster);
      for (const set of [...forest.near, ...forest.far]) shadows.add(set.mesh, materials.propCaster("wind"));
      const still = [...scenery, ...vehicles.casters, ...layers.flatMap((layer) => layer.casters)];
      for (const set of still) shadows.add(set.mesh, materials.propCaster("still"));
      for (const set of people.casters) shadows.add(set.mesh, materials.propCaster("people"));
    }
    eye.freeDistance = (from, direction, max) =>
      picking.surface({ origin: [from.x, from.y, from.z], direction: [direction.x, direction.y, direction.z] }, max)
        ?.distance ?? max;
    const controls = new Controls(stage.canvas, {
      onTurn: (dx, dy) => {
        this.#gaze = null;
        labels.point(null, 0, 0);
        eye.turn(dx, dy);
      },
      onZoom: (factor) => eye.zoom(factor),
      onTap: (x, y) => this.#tap(x, y),
      onHover: (x, y) => {
        this.#hover = { x, y, moved: true };
      },
      onLeave: () => {
        this.#hover = null;
        labels.point(null, 0, 0);
        this.#tellHover(null);
      },
      onKey: (key) => {
        if (key === "pick") this.#tap(stage.canvas.clientWidth / 2, stage.canvas.clientHeight / 2);
        else if (key === "fly") this.setView(eye.view === "fly" ? "walk" : "fly");
        else if (eye.view !== "fly") eye.view = eye.view === "first" ? "third" : "first";
      },
    });
    if (stage.farShadows) {
      for (const mesh of this.#meshes.shadowCasters) stage.farShadows.add(mesh, materials.tileCaster);
      for (const set of forest.far) stage.farShadows.add(set.mesh, materials.propCaster("wind"));
    }
    air.setBounds(this.manifest.bounds);
    eye.drawReach = quality.drawReach;
    eye.instant = this.#options.reducedMotion;
    this.#parts = { walker, labels, layers, forest, vehicles, people, picking, chosen, sights, controls };
    const { spawn } = this.manifest;
    this.spawn(spawn.x, spawn.y, spawn.heading);
    air.setBaked(sky, walker.height);
    stage.start((seconds) => this.#step(seconds));
  }

  #step(seconds: number): void {
    const parts = this.#parts;
    if (!parts) return;
    const { stage } = this;
    const { eye, air } = stage;
    const { walker, people, vehicles } = parts;
    const nowMs = performance.now();
    const serverMs = Date.now() + this.#clockOffsetMs;
    const flying = eye.view === "fly";
    this.#turnGaze(seconds);
    walker.update(parts.controls.wishes, eye.yaw, flying, eye.altitude, seconds);
    if (flying && parts.controls.wishes.rise !== 0) eye.zoom(1 + parts.controls.wishes.rise * seconds);
    eye.update(walker.x, walker.height, walker.y, seconds, stage.aspect);
    const at = eye.camera.position;
    air.update(serverMs, stage.seconds, at.x, at.y, at.z);
    air.setReach(eye.reach, eye.fadeReach);
    parts.forest.update(at.x, at.z);
    const place = { x: at.x, y: at.z, z: at.y };
    for (const layer of parts.layers) layer.update(air.night, place);
    vehicles.update(place, serverMs, air.night);
    parts.sights.prepare();
    const self = {
      x: walker.x,
      y: walker.y,
      height: walker.height,
      heading: walker.heading,
      speed: flying ? 0 : walker.speed,
      altitude: flying ? eye.altitude : 0,
      visible: eye.view === "third",
    };
    people.update(self, place, nowMs, serverMs, stage.seconds, seconds, parts.sights.project);
    parts.chosen.update();
    const ahead = flying ? eye.altitude * 1.1 : 45;
    const { shadows, quality } = stage;
    if (shadows) {
      shadows.setReach(flying ? Math.max(quality.shadowReach, eye.altitude * 3.2) : quality.shadowReach);
      shadows.update(
        walker.x + Math.sin(eye.yaw) * ahead,
        walker.height,
        walker.y + Math.cos(eye.yaw) * ahead,
        flying ? 6 : quality.softShadows ? 2 : 3,
      );
    }
    stage.farShadows?.update(walker.x, walker.height, walker.y, 0);
    stage.sky.update(eye.camera, stage.aspect);
    stage.materials.update();
    this.#report(nowMs);
    this.#pointAt(nowMs);
    // What has once been complete stays so: asking every mesh every frame would cost more than it tells.
    if (this.#readyFrames >= framesShown || stage.scene.isReady(true)) {
      this.#readyFrames++;
      // Resolved after this frame has been drawn.
      if (this.#readyFrames === framesShown) requestAnimationFrame(() => this.#resolveShown());
    }
  }

  hold(held: boolean): void {
    if (held) this.stage.pause();
    else this.stage.resume();
  }

  get frames(): number {
    return this.#readyFrames;
  }

  setCamera(camera: {
    readonly heading: number;
    readonly pitch: number;
    readonly altitude?: number;
    readonly distance?: number;
    readonly from?: { readonly x: number; readonly y: number };
  }): void {
    const { eye } = this.stage;
    this.#gaze = null;
    eye.place(camera);
  }

  #report(nowMs: number): void {
    const pose = this.pose();
    const last = this.#sent;
    const moved =
      !last ||
      Math.abs(pose.x - last.x) > 0.01 ||
      Math.abs(pose.y - last.y) > 0.01 ||
      Math.abs(turnBetween(pose.heading, last.heading)) > 0.5 ||
      pose.gait !== last.gait ||
      Math.abs(pose.altitude - last.altitude) > 0.5;
    if (nowMs - this.#sentAtMs < 1000 / updateRateHz) return;
    if (moved) this.#restSent = false;
    else if (this.#restSent) return;
    else this.#restSent = true;
    this.#sentAtMs = nowMs;
    this.#sent = pose;
    this.#options.onMove(pose);
  }

  /** Looks under the pointer when it has moved, and now and then because the city moves. */
  #pointAt(nowMs: number): void {
    const parts = this.#parts;
    const hover = this.#hover;
    if (!parts || !hover || nowMs - this.#hoverAtMs < (hover.moved ? hoverIntervalMs : hoverIntervalMs * 4)) return;
    hover.moved = false;
    this.#hoverAtMs = nowMs;
    const found = parts.sights.pick(hover.x, hover.y);
    const ground = found !== null && this.stage.eye.view !== "fly" && this.#isGround(found);
    const picked = ground ? null : (found?.picked ?? null);
    this.stage.canvas.style.cursor = picked ? "pointer" : "grab";
    parts.labels.point(picked ? this.#nameOf(picked) : null, hover.x, hover.y);
    this.#tellHover(picked);
  }

  #tellHover(picked: Picked | null): void {
    const key = picked ? JSON.stringify(picked.kind === "object" ? picked.object.id : picked) : null;
    if (key === this.#hovered) return;
    this.#hovered = key;
    this.#options.onHover(picked);
  }

  /** What a thing is called, for the pointer; null for what has no name or shows it already. */
  #nameOf(picked: Picked): string | null {
    if (picked.kind === "object") return picked.object.name ?? picked.object.address ?? null;
    if (picked.kind === "device" || picked.kind === "vehicle") return this.#devices.get(picked.device)?.name ?? null;
    return null;
  }

  #isGround(found: { readonly picked: Picked; readonly at: { x: number; y: number; z: number } }): boolean {
    const grid = this.#parts?.walker.grid;
    if (!grid || found.picked.kind !== "object") return false;
    const { x, y, z } = found.at;
    return Math.abs(grid.heightAt(x, y, z) - z) < 0.6 && grid.canStand(x, y, grid.heightAt(x, y, z));
  }

  #tap(x: number, y: number): void {
    const parts = this.#parts;
    if (!parts) return;
    const found = parts.sights.pick(x, y);
    if (found && this.stage.eye.view !== "fly" && this.#isGround(found)) {
      parts.walker.goTo(found.at.x, found.at.y);
      return;
    }
    this.#options.onPick(found?.picked ?? null);
  }

  #turnGaze(seconds: number): void {
    const gaze = this.#gaze;
    if (!gaze) return;
    const { eye } = this.stage;
    const turn = (turnBetween((eye.yaw * 180) / Math.PI, (gaze.yaw * 180) / Math.PI) * Math.PI) / 180;
    const share = eye.instant ? 1 : 1 - Math.exp(-seconds * 6);
    eye.yaw += turn * share;
    eye.pitch += (gaze.pitch - eye.pitch) * share;
    if (Math.abs(turn) < 0.01 && Math.abs(gaze.pitch - eye.pitch) < 0.01) this.#gaze = null;
  }

  spawn(x: number, y: number, heading: number): void {
    const parts = this.#parts;
    if (!parts) return;
    parts.walker.place(x, y, heading);
    this.stage.eye.yaw = (heading * Math.PI) / 180;
    this.stage.eye.settle();
  }

  correct(x: number, y: number): void {
    const walker = this.#parts?.walker;
    if (!walker) return;
    // The room's word, even where the grid would not let one stand.
    walker.x = x;
    walker.y = y;
    walker.height = walker.grid.heightAt(x, y, walker.height);
    walker.halt();
  }

  pose(): Pose {
    const walker = this.#parts?.walker;
    if (!walker) return { ...this.manifest.spawn, gait: 0, altitude: 0 };
    const { eye } = this.stage;
    const flying = eye.view === "fly";
    return {
      x: walker.x,
      y: walker.y,
      heading: flying ? wrapHeading((eye.yaw * 180) / Math.PI) : walker.heading,
      gait: walker.gait,
      altitude: flying ? Math.round(eye.altitude) : 0,
    };
  }

  setSelf(name: string): void {
    this.#parts?.people.setSelf(name);
  }
  upsertCitizen(session: string, name: string, pose: Pose): void {
    this.#parts?.people.upsert(session, name, pose, performance.now());
  }
  removeCitizen(session: string): void {
    this.#parts?.people.remove(session);
  }
  say(session: string | null, text: string): void {
    this.#parts?.people.say(session, text, performance.now());
  }
  gesture(session: string | null, gesture: "wave" | "nod" | "clap"): void {
    this.#parts?.people.gesture(session, gesture, this.stage.seconds);
  }
  setCrowd(count: number, seed: number): void {
    this.#parts?.people.setCrowd(count, seed);
  }
  setClockOffset(ms: number): void {
    if (Number.isFinite(ms)) this.#clockOffsetMs = ms;
  }
  setLight(mode: LightMode): void {
    this.stage.air.setMode(mode);
  }

  setDeviceValue(device: string, stream: string, value: number): void {
    const known = this.#devices.get(device);
    if (!known || !Number.isFinite(value)) return;
    for (const layer of this.#parts?.layers ?? []) layer.setValue(known, stream, value);
  }

  highlight(picked: Picked | null): void {
    this.#parts?.chosen.choose(picked);
  }

  focus(
    target: { readonly x: number; readonly y: number } | { readonly device: string } | { readonly object: string },
  ): void {
    const parts = this.#parts;
    const place = parts ? this.#placeOf(target) : null;
    if (!parts || !place) return;
    const { walker } = parts;
    const { eye } = this.stage;
    const dx = place.x - walker.x;
    const dy = place.y - walker.y;
    const distance = Math.hypot(dx, dy);
    const yaw = (headingTo(dx, dy) * Math.PI) / 180;
    if (distance <= nearFocus && eye.view !== "fly") {
      // Tall things are looked at level: from below one would see the ground more than them.
      const pitch = Math.atan2(walker.height + 1.6 - place.z, Math.max(2, distance));
      this.#gaze = { yaw, pitch: Math.min(0.7, Math.max(-0.12, pitch)) };
      return;
    }
    // Too far to see from here: one flies, as fast as the room allows, and looks down on it.
    this.setView("fly");
    eye.altitude = Math.min(eye.altitude, 70);
    const back = Math.min(distance, eye.altitude * 1.15);
    walker.goTo(place.x - (dx / (distance || 1)) * back, place.y - (dy / (distance || 1)) * back, true);
    this.#gaze = { yaw, pitch: Math.atan2(eye.altitude, Math.max(10, back)) };
  }

  #placeOf(
    target: { readonly x: number; readonly y: number } | { readonly device: string } | { readonly object: string },
  ): { x: number; y: number; z: number } | null {
    const parts = this.#parts;
    if (!parts) return null;
    if ("x" in target) return { x: target.x, y: target.y, z: parts.walker.grid.heightAt(target.x, target.y) };
    if ("object" in target) {
      const object = this.objects[this.#objectIndex.get(target.object) ?? -1];
      if (!object) return null;
      const [x0, y0, z0, x1, y1, z1] = object.box;
      return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, z: (z0 + z1) / 2 };
    }
    const driving = parts.vehicles.placeOf(target.device);
    if (driving) return driving;
    const device = this.#devices.get(target.device);
    return device ? { x: device.x, y: device.y, z: device.z } : null;
  }

  setView(view: "walk" | "fly"): void {
    const parts = this.#parts;
    if (!parts) return;
    const { eye } = this.stage;
    this.#gaze = null;
    if (view === "fly" && eye.view !== "fly") {
      eye.view = "fly";
      eye.altitude = 70;
      this.#gaze = { yaw: eye.yaw, pitch: 0.55 };
    } else if (view === "walk" && eye.view === "fly") {
      eye.view = "third";
      this.#gaze = { yaw: eye.yaw, pitch: 0.16 };
      parts.walker.place(parts.walker.x, parts.walker.y, (eye.yaw * 180) / Math.PI);
    }
  }

  screenPositionOf(
    target: { readonly device: string } | { readonly object: string } | { readonly session: string },
  ): { readonly x: number; readonly y: number } | null {
    const sights = this.#parts?.sights;
    if (!sights) return null;
    if ("session" in target) return sights.ofCitizen(target.session);
    if ("device" in target) return sights.ofDevice(target.device);
    const object = this.objects[this.#objectIndex.get(target.object) ?? -1];
    return object ? sights.ofObject(object) : null;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#parts?.controls.dispose();
    this.#parts?.labels.dispose();
    this.#parts = null;
    this.stage.dispose();
    this.#tiles.length = 0;
  }
}

interface Parts {
  readonly walker: Walker;
  readonly labels: Labels;
  readonly layers: readonly OpenLayer[];
  readonly forest: Forest;
  readonly vehicles: Vehicles;
  readonly people: People;
  readonly picking: Picking;
  readonly chosen: Chosen;
  readonly sights: Sights;
  readonly controls: Controls;
}
