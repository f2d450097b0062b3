// What a twin layer is: a folder that shows some devices' values on the city, and one line in `enabled.ts`.

import type { Scene } from "@babylonjs/core/scene.js";
import type { StreetGraph, WorldDevice, WorldObject } from "../../worlds/format/world.ts";
import type { CityMeshes } from "../scene/city-meshes.ts";
import type { Materials } from "../scene/materials.ts";
import type { PropSet } from "../scene/prop-set.ts";

export interface LayerContext {
  readonly scene: Scene;
  readonly materials: Materials;
  readonly meshes: CityMeshes;
  readonly devices: readonly WorldDevice[];
  readonly objects: readonly WorldObject[];
  /** Index into `objects` by CityJSON id. */
  readonly objectIndex: ReadonlyMap<string, number>;
  readonly streets: StreetGraph;
  /** Height one stands at, world frame. */
  readonly heightAt: (x: number, y: number) => number;
}

/** An upright line that stands for a device when someone points at it: world frame, metres. */
export interface DevicePost {
  readonly device: WorldDevice;
  readonly x: number;
  readonly y: number;
  readonly bottom: number;
  readonly top: number;
  readonly radius: number;
}

export interface OpenLayer {
  /** Things that throw shadows. */
  readonly casters: readonly PropSet[];
  readonly posts: readonly DevicePost[];
  /** A device's newest value; layers take what concerns them. */
  setValue(device: WorldDevice, stream: string, value: number): void;
  /** Once a frame, before drawing; `night` is 0 by day and 1 at night; the eye in the world's frame. */
  update(night: number, eye: { readonly x: number; readonly y: number; readonly z: number }): void;
}

export interface Layer {
  readonly name: string;
  open(context: LayerContext): OpenLayer;
}
