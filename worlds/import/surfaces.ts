// Flattens CityJSON geometries of every surface type into a list of polygons with their semantics.
// CityJSON 2.0 section 3.2 (primitives), 3.3 (semantics), 3.4 (templates). Points and lines carry no surface.

import { newellNormal, type Point3 } from "../geometry/vector.ts";
import type { CityJsonGeometry, CityJsonObject } from "./city-json.ts";
import type { CityModel } from "./read-model.ts";

export interface Surface {
  /** Outer ring, then holes; real coordinates. */
  readonly rings: readonly (readonly Point3[])[];
  /** Semantic type such as `WallSurface`; null when there is none. */
  readonly semantic: string | null;
  /** The semantic surface's `function`, such as `kerb`. */
  readonly part: string | null;
}

/** The object's geometry of the highest level of detail that has surfaces; solids win over shells of the same level. */
export function bestGeometry(object: CityJsonObject): CityJsonGeometry | null {
  let best: CityJsonGeometry | null = null;
  let bestRank = -1;
  for (const geometry of object.geometry ?? []) {
    if (geometry.type === "MultiPoint" || geometry.type === "MultiLineString") continue;
    const solid = geometry.type.includes("Solid") ? 0.05 : 0;
    const rank = (Number(geometry.lod ?? 0) || 0) + solid;
    if (rank > bestRank) {
      best = geometry;
      bestRank = rank;
    }
  }
  return best;
}

/** All polygons of a geometry. Solids are turned outward if their shell is inside out. */
export function surfacesOf(model: CityModel, geometry: CityJsonGeometry): Surface[] {
  if (geometry.type === "GeometryInstance") return instanceSurfaces(model, geometry);
  return plainSurfaces(geometry, (index) => model.vertices[index]!);
}

function plainSurfaces(geometry: CityJsonGeometry, at: (index: number) => Point3): Surface[] {
  const { boundaries, semantics } = geometry;
  const values = semantics?.values;
  const listed = semantics?.surfaces ?? [];
  const surfaces: Surface[] = [];
  const addShell = (shell: unknown, shellValues: unknown, closed: boolean): void => {
    if (!Array.isArray(shell)) return;
    const found: Surface[] = [];
    shell.forEach((polygon, index) => {
      if (!Array.isArray(polygon)) return;
      const rings = polygon
        .filter((ring): ring is number[] => Array.isArray(ring))
        .map((ring) => ring.filter((n) => typeof n === "number").map(at));
      if (rings.length === 0) return;
      const value = Array.isArray(shellValues) ? shellValues[index] : null;
      const semantic = typeof value === "number" ? listed[value] : undefined;
      const part = semantic?.["function"];
      found.push({
        rings,
        semantic: typeof semantic?.type === "string" ? semantic.type : null,
        part: typeof part === "string" ? part : null,
      });
    });
    for (const surface of closed && volume(found) < 0 ? found.map(flipped) : found) surfaces.push(surface);
  };
  const nested = (list: unknown, index: number): unknown => (Array.isArray(list) ? list[index] : null);
  switch (geometry.type) {
    case "MultiSurface":
    case "CompositeSurface":
      addShell(boundaries, values, false);
      break;
    case "Solid":
      // Only the outer shell is seen; inner shells are rooms.
      addShell(nested(boundaries, 0), nested(values, 0), true);
      break;
    case "MultiSolid":
    case "CompositeSolid":
      if (Array.isArray(boundaries))
        for (const [index, solid] of boundaries.entries())
          addShell(nested(solid, 0), nested(nested(values, index), 0), true);
      break;
    default:
      break;
  }
  return surfaces;
}

function instanceSurfaces(model: CityModel, geometry: CityJsonGeometry): Surface[] {
  const template = model.templates[geometry.template ?? -1];
  const anchorIndex = Array.isArray(geometry.boundaries) ? geometry.boundaries[0] : undefined;
  const anchor = typeof anchorIndex === "number" ? model.vertices[anchorIndex] : undefined;
  const m = geometry.transformationMatrix;
  if (template === undefined || anchor === undefined || m === undefined || template.type === "GeometryInstance")
    return [];
  return plainSurfaces(template, (index) => {
    const [x, y, z] = model.templateVertices[index]!;
    const w = m[12]! * x + m[13]! * y + m[14]! * z + m[15]! || 1;
    return [
      (m[0]! * x + m[1]! * y + m[2]! * z + m[3]!) / w + anchor[0],
      (m[4]! * x + m[5]! * y + m[6]! * z + m[7]!) / w + anchor[1],
      (m[8]! * x + m[9]! * y + m[10]! * z + m[11]!) / w + anchor[2],
    ];
  });
}

/** Six times the signed volume of a shell, by outer rings; positive when the faces look outward. */
export function volume(surfaces: readonly Surface[]): number {
  const origin = surfaces[0]?.rings[0]?.[0];
  if (origin === undefined) return 0;
  let sum = 0;
  for (const surface of surfaces) {
    const outer = surface.rings[0]!;
    if (outer.length < 3) continue;
    const normal = newellNormal(outer);
    const point = outer[0]!;
    sum += normal[0] * (point[0] - origin[0]) + normal[1] * (point[1] - origin[1]) + normal[2] * (point[2] - origin[2]);
  }
  return sum;
}

export function flipped(surface: Surface): Surface {
  return { ...surface, rings: surface.rings.map((ring) => [...ring].reverse()) };
}
