// A built world folder, as the server serves it under /city and the client loads it.
// Local frame everywhere: metres from the world's origin, x east, y north, z up.

import type { DeviceKind } from "../../ledger/protocol/telemetry.ts";

/** `world.json`: the manifest. All other names are relative to it. */
export interface WorldManifest {
  readonly format: "glasstown-world/1";
  readonly name: string;
  /** Shown on screen wherever the model is shown, such as "© 3DBAG, CC BY 4.0". */
  readonly attribution: string;
  /** sha256 over all other files' hashes, hex: the cache key of clients. */
  readonly hash: string;
  readonly origin: {
    readonly latitude: number;
    readonly longitude: number;
    readonly crs: string;
    readonly x: number;
    readonly y: number;
    readonly z: number;
  };
  /** Local metres: [west, south, east, north]. Citizens cannot leave it. */
  readonly bounds: readonly [number, number, number, number];
  /** Where citizens arrive, local metres, and the compass heading they look to (degrees, 0 north, 90 east). */
  readonly spawn: { readonly x: number; readonly y: number; readonly heading: number };
  readonly tileSize: number;
  readonly tiles: readonly TileEntry[];
  readonly files: {
    /** CityJSON 2.0 source. */
    readonly model: string;
    readonly objects: string;
    readonly streets: string;
    readonly transit: string;
    readonly scenery: string;
    readonly devices: string;
    readonly feeders: string;
    readonly terrain: string;
  };
}

export interface TileEntry {
  readonly file: string;
  /** Column and row. */
  readonly column: number;
  readonly row: number;
  /** Local metres: [minX, minY, minZ, maxX, maxY, maxZ]. */
  readonly box: readonly [number, number, number, number, number, number];
  readonly bytes: number;
}

/** What an object is used for. */
export const objectUses = [
  "house",
  "apartments",
  "office",
  "retail",
  "civic",
  "school",
  "industry",
  "tower",
  "culture",
  "bridge",
  "road",
  "water",
  "park",
  "land",
  "other",
] as const;
export type ObjectUse = (typeof objectUses)[number];

/** `objects.json`: every pickable city object; a tile's `object` attribute is an index into this list. */
export interface WorldObject {
  /** CityJSON id. */
  readonly id: string;
  readonly use: ObjectUse;
  readonly name?: string;
  readonly address?: string;
  readonly box: readonly [number, number, number, number, number, number];
  /** Height of the eaves or roof above ground, metres; buildings only. */
  readonly height?: number;
  readonly storeys?: number;
  readonly storeyHeight?: number;
  readonly yearBuilt?: number;
  /** Peak power of the roof's panels in W; absent for none. */
  readonly solarW?: number;
  /** Device ids on or in the object. */
  readonly devices?: readonly string[];
  /** Low-voltage feeder that supplies it. */
  readonly feeder?: string;
}

/** `streets.json`: the street graph. */
export interface StreetGraph {
  readonly nodes: readonly (readonly [number, number])[];
  readonly edges: readonly StreetEdge[];
}
export interface StreetEdge {
  readonly a: number;
  readonly b: number;
  readonly name: string;
  readonly class: "boulevard" | "street" | "lane" | "path" | "square";
  /** Kerb to kerb, metres; 0 where there is no carriageway. */
  readonly carriageway: number;
  /** Width of the pavement on each side, metres. */
  readonly pavement: number;
  readonly lanes: number;
  /** Height above ground where the edge is a bridge, at its middle. */
  readonly bridge?: number;
  readonly tram?: boolean;
  /** Points between a and b, local metres. */
  readonly via?: readonly (readonly [number, number])[];
}

/** `transit.json`: lines with their path and stops. */
export interface TransitNetwork {
  readonly lines: readonly TransitLine[];
}
export interface TransitLine {
  readonly id: string;
  readonly kind: "tram" | "bus";
  readonly name: string;
  readonly colour: string;
  /** Local metres [x, y, z]; vehicles run to the end and back. */
  readonly path: readonly (readonly [number, number, number])[];
  /** Distance along the path in metres. */
  readonly stops: readonly { readonly name: string; readonly at: number }[];
  /** Device ids of the vehicles on the line. */
  readonly vehicles: readonly string[];
  /** Cruising speed, m/s, and dwell at stops, s. */
  readonly speed: number;
  readonly dwell: number;
}

/** `scenery.json`: instanced things. */
export interface Scenery {
  readonly trees: readonly {
    readonly x: number;
    readonly y: number;
    readonly z: number;
    readonly species: "broadleaf" | "conifer" | "poplar" | "willow";
    readonly height: number;
  }[];
  readonly furniture: readonly {
    readonly kind: "bench" | "bollard" | "fountain" | "kiosk" | "stop" | "bicycle-stand" | "boat";
    readonly x: number;
    readonly y: number;
    readonly z: number;
    readonly heading: number;
  }[];
  /** Solar panels on roofs: centre, size in metres, heading and tilt in degrees. */
  readonly panels: readonly {
    readonly x: number;
    readonly y: number;
    readonly z: number;
    readonly width: number;
    readonly depth: number;
    readonly heading: number;
    readonly tilt: number;
    readonly object: string;
  }[];
}

/** `devices.json`: what the twin simulates (or real devices replace) and where it stands. */
export interface WorldDevice {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly cityObject?: string;
  readonly address?: string;
  readonly solarW?: number;
  /** Yearly use of the home in kWh; meters only. */
  readonly yearlyKwh?: number;
  readonly feeder?: string;
  readonly streams: readonly DeviceStream[];
}
export interface DeviceStream {
  readonly stream: string;
  readonly name: string;
  readonly unit: { readonly name: string; readonly symbol: string; readonly definition: string };
  readonly observedProperty: { readonly name: string; readonly definition: string };
  /** Seconds between two readings at normal rate. */
  readonly period: number;
}

/** `feeders.json`: the synthetic low-voltage network. */
export interface FeederNetwork {
  readonly feeders: readonly {
    readonly id: string;
    readonly name: string;
    readonly transformer: { readonly x: number; readonly y: number; readonly ratedKva: number };
    /** Cable segments: from and to are node indices; metres. */
    readonly nodes: readonly (readonly [number, number])[];
    readonly cables: readonly { readonly from: number; readonly to: number; readonly length: number }[];
    readonly connections: readonly { readonly meter: string; readonly node: number; readonly phase: 1 | 2 | 3 }[];
  }[];
}

/** `terrain.json`: regular heights over the bounds, row by row from the south-west corner. */
export interface Terrain {
  readonly columns: number;
  readonly rows: number;
  readonly spacing: number;
  readonly west: number;
  readonly south: number;
  /** Metres, rounded to centimetres. */
  readonly heights: readonly number[];
}
