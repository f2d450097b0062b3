// Writes CityJSON 2.0: objects as MultiSurfaces with semantics, vertices as whole millimetres, shared between faces.

import type { SurfaceKind } from "../format/tile.ts";
import type { ObjectUse } from "../format/world.ts";
import type { Point3 } from "../geometry/vector.ts";

/** Rijksdriehoek and NAP: where the fictional city lies, 52.0° N 5.0° E. */
export const cityReference = {
  system: "https://www.opengis.net/def/crs/EPSG/0/7415",
  x: 128_410,
  y: 445_800,
  z: 0,
} as const;

type SemanticType =
  | "RoofSurface"
  | "WallSurface"
  | "GroundSurface"
  | "TrafficArea"
  | "AuxiliaryTrafficArea"
  | "TransportationMarking"
  | "WaterSurface";

const semanticOf: Partial<Record<SurfaceKind, SemanticType>> = {
  road: "TrafficArea",
  pavement: "AuxiliaryTrafficArea",
  kerb: "AuxiliaryTrafficArea",
  marking: "TransportationMarking",
  rail: "TrafficArea",
  plaza: "TrafficArea",
  water: "WaterSurface",
};

export interface ObjectDraft {
  readonly id: string;
  readonly type:
    | "Building"
    | "Road"
    | "Railway"
    | "WaterBody"
    | "PlantCover"
    | "LandUse"
    | "Bridge"
    | "OtherConstruction"
    | "CityFurniture";
  readonly use: ObjectUse;
  readonly name?: string;
  readonly attributes?: Record<string, string | number>;
  readonly address?: { readonly street: string; readonly number: string };
}

interface Written {
  readonly draft: ObjectDraft;
  readonly boundaries: number[][][];
  readonly values: number[];
  readonly surfaces: { type: string; function: string }[];
}

/** Collects objects; faces are added in local metres, outward counter-clockwise. */
export class CityWriter {
  private readonly vertices: [number, number, number][] = [];
  private readonly known = new Map<string, number>();
  private readonly objects = new Map<string, Written>();

  object(draft: ObjectDraft): Written {
    const there = this.objects.get(draft.id);
    if (there !== undefined) return there;
    const written: Written = { draft, boundaries: [], values: [], surfaces: [] };
    this.objects.set(draft.id, written);
    return written;
  }

  has(id: string): boolean {
    return this.objects.has(id);
  }

  face(to: Written, kind: SurfaceKind, rings: readonly (readonly Point3[])[]): void {
    const written = rings.map((ring) => this.ring(ring)).filter((ring) => ring.length >= 3);
    if (written.length === 0 || rings[0]!.length < 3) return;
    const type =
      to.draft.type === "Building"
        ? kind === "roof" || kind === "roofFlat"
          ? "RoofSurface"
          : kind === "ground"
            ? "GroundSurface"
            : "WallSurface"
        : (semanticOf[kind] ??
          (to.draft.type === "Bridge" || to.draft.type === "OtherConstruction" ? "WallSurface" : "GroundSurface"));
    // Only types that the schema allows for the object carry semantics beyond the kind.
    let value = to.surfaces.findIndex((surface) => surface.function === kind);
    if (value < 0) {
      value = to.surfaces.length;
      to.surfaces.push({ type, function: kind });
    }
    to.boundaries.push(written);
    to.values.push(value);
  }

  private ring(points: readonly Point3[]): number[] {
    const ring: number[] = [];
    for (const [x, y, z] of points) {
      const vertex: [number, number, number] = [Math.round(x * 1000), Math.round(y * 1000), Math.round(z * 1000)];
      const key = vertex.join();
      let index = this.known.get(key);
      if (index === undefined) {
        index = this.vertices.length;
        this.vertices.push(vertex);
        this.known.set(key, index);
      }
      if (ring.at(-1) !== index) ring.push(index);
    }
    if (ring.length > 1 && ring[0] === ring.at(-1)) ring.pop();
    return ring;
  }

  /** The whole model. */
  finish(title: string): unknown {
    const objects: Record<string, unknown> = {};
    for (const [id, { draft, boundaries, values, surfaces }] of this.objects) {
      if (boundaries.length === 0) continue;
      objects[id] = {
        type: draft.type,
        attributes: {
          function: draft.use,
          ...(draft.name === undefined ? {} : { name: draft.name }),
          ...draft.attributes,
        },
        ...(draft.address === undefined
          ? {}
          : {
              address: [
                {
                  ThoroughfareName: draft.address.street,
                  ThoroughfareNumber: draft.address.number,
                  LocalityName: "Glasstown",
                },
              ],
            }),
        geometry: [
          {
            type: "MultiSurface",
            lod: draft.type === "Building" ? "2.2" : "2",
            boundaries,
            semantics: { surfaces, values },
          },
        ],
      };
    }
    let [minX, minY, minZ, maxX, maxY, maxZ] = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
    for (const [x, y, z] of this.vertices) {
      minX = Math.min(minX, x);
      minY = Math.min(minY, y);
      minZ = Math.min(minZ, z);
      maxX = Math.max(maxX, x);
      maxY = Math.max(maxY, y);
      maxZ = Math.max(maxZ, z);
    }
    const { x, y, z, system } = cityReference;
    const real = (value: number, base: number): number => Math.round(value + base * 1000) / 1000;
    return {
      type: "CityJSON",
      version: "2.0",
      transform: { scale: [0.001, 0.001, 0.001], translate: [x, y, z] },
      metadata: {
        title,
        identifier: "glasstown-default",
        referenceSystem: system,
        geographicalExtent: [real(minX, x), real(minY, y), real(minZ, z), real(maxX, x), real(maxY, y), real(maxZ, z)],
      },
      CityObjects: objects,
      vertices: this.vertices,
    };
  }
}

export type WrittenObject = Written;
