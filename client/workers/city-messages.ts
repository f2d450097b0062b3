// What the city loader (a worker) and the scene say to each other. Arrays cross as transferables.
// Positions are already in Babylon's frame: X east, Y up, Z north.

import type { MeshLayer } from "../../worlds/format/tile.ts";
import type {
  Scenery,
  StreetGraph,
  Terrain,
  TransitNetwork,
  WorldDevice,
  WorldManifest,
  WorldObject,
} from "../../worlds/format/world.ts";

export interface LoadRequest {
  /** Absolute base URL of the built world, ending in `/`. */
  readonly url: string;
}

export interface LoadedMesh {
  readonly layer: MeshLayer;
  readonly positions: Float32Array<ArrayBuffer>;
  /** Normal × 127 in three bytes, the surface kind in the fourth. */
  readonly normals: Int8Array<ArrayBuffer>;
  /** Per vertex: metres along its wall, metres above the building's ground, the wall's width, the wall's top. */
  readonly walls: Float32Array<ArrayBuffer>;
  readonly objects: Float32Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
}

/** A bounding volume hierarchy over all triangles of a tile, see `client/scene/ray-tree.ts`. */
export interface RayTree {
  /** Eight a node: box minimum, box maximum, first (leaf: triangle, else: left child), count (0: inner node). */
  readonly nodes: Float32Array<ArrayBuffer>;
  /** Triangles in leaf order: nine coordinates each. */
  readonly corners: Float32Array<ArrayBuffer>;
  /** Object index of each triangle, in leaf order. */
  readonly objects: Uint32Array<ArrayBuffer>;
}

export interface LoadedTile {
  readonly column: number;
  readonly row: number;
  /** Babylon frame. */
  readonly origin: readonly [number, number, number];
  readonly meshes: readonly LoadedMesh[];
  readonly rays: RayTree;
}

/** Where one can walk: regular cells over the bounds, row by row from the south-west. */
export interface GroundCells {
  readonly west: number;
  readonly south: number;
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  /** Bits of `cellFlags`. */
  readonly flags: Uint8Array<ArrayBuffer>;
  /** Ground height in metres. */
  readonly ground: Float32Array<ArrayBuffer>;
  /** Height of a bridge deck in metres, NaN where there is none. */
  readonly deck: Float32Array<ArrayBuffer>;
}
export const cellFlags = { building: 1, water: 2 } as const;

/** Baked light: three bytes a texel: openness near the ground, mean height of what stands around (quarter metres), lamplight. */
export interface BakedSky {
  readonly west: number;
  readonly south: number;
  readonly width: number;
  readonly height: number;
  readonly texel: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface CityBase {
  readonly manifest: WorldManifest;
  readonly objects: readonly WorldObject[];
  readonly streets: StreetGraph;
  readonly transit: TransitNetwork;
  readonly scenery: Scenery;
  readonly devices: readonly WorldDevice[];
  readonly terrain: Terrain;
}

export type LoadFailure = "world-unreachable" | "world-damaged";

export type LoaderMessage =
  | { readonly kind: "progress"; readonly fraction: number; readonly stage: string }
  | { readonly kind: "base"; readonly base: CityBase }
  | { readonly kind: "tile"; readonly tile: LoadedTile }
  /** All tiles are here. */
  | { readonly kind: "ground"; readonly cells: GroundCells; readonly sky: BakedSky }
  | { readonly kind: "failure"; readonly reason: LoadFailure; readonly detail: string };
