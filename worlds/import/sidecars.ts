// What a world has beside its model. A generator hands these in; for foreign models they are derived.

import type { FeederNetwork, Scenery, StreetGraph, Terrain, TransitNetwork, WorldDevice } from "../format/world.ts";

export interface Sidecars {
  readonly streets: StreetGraph;
  readonly transit: TransitNetwork;
  readonly scenery: Scenery;
  readonly devices: readonly WorldDevice[];
  readonly feeders: FeederNetwork;
  readonly terrain: Terrain;
  readonly spawn: { readonly x: number; readonly y: number; readonly heading: number };
  readonly bounds: readonly [number, number, number, number];
}
