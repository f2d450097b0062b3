// What a city object is and how its surfaces are drawn. CityJSON types and semantics first, then what attributes say.

import type { MeshLayer, SurfaceKind } from "../format/tile.ts";
import { surfaceKinds } from "../format/tile.ts";
import { type ObjectUse, objectUses } from "../format/world.ts";
import type { Point3 } from "../geometry/vector.ts";
import type { CityJsonObject } from "./city-json.ts";
import type { Surface } from "./surfaces.ts";

export type ObjectGroup =
  | "building"
  | "road"
  | "railway"
  | "water"
  | "plants"
  | "tree"
  | "land"
  | "bridge"
  | "furniture"
  | "none";

const groups: Readonly<Record<string, ObjectGroup>> = {
  Road: "road",
  TransportSquare: "road",
  Track: "road",
  Waterway: "water",
  Railway: "railway",
  WaterBody: "water",
  PlantCover: "plants",
  SolitaryVegetationObject: "tree",
  LandUse: "land",
  TINRelief: "land",
  CityFurniture: "furniture",
  GenericCityObject: "furniture",
  OtherConstruction: "furniture",
  CityObjectGroup: "none",
};

export function groupOf(type: string): ObjectGroup {
  if (type.startsWith("Building")) return type === "BuildingRoom" || type === "BuildingFurniture" ? "none" : "building";
  if (type.startsWith("Bridge")) return type === "BridgeRoom" || type === "BridgeFurniture" ? "none" : "bridge";
  if (type.startsWith("Tunnel")) return "furniture";
  // The type is the file's own word, so inherited names such as "constructor" must not be found.
  return (Object.hasOwn(groups, type) ? groups[type] : undefined) ?? "furniture";
}

export const layerOf: Readonly<Record<Exclude<ObjectGroup, "none">, MeshLayer>> = {
  building: "buildings",
  furniture: "buildings",
  tree: "buildings",
  road: "ground",
  railway: "ground",
  plants: "ground",
  land: "ground",
  water: "water",
  bridge: "bridges",
};

/** Metres that ground surfaces are lifted, so that neighbours that overlap do not flicker. */
export const liftOf: Readonly<Partial<Record<ObjectGroup, number>>> = { plants: 0.02, road: 0.04, railway: 0.05 };

/** Words in attributes (English, Dutch, German) that say how ground is made. */
function groundWords(object: CityJsonObject): string {
  const values: string[] = [];
  for (const key of [
    "function",
    "class",
    "usage",
    "bgt_functie",
    "bgt_fysiekvoorkomen",
    "bgt_type",
    "plus_type",
    "surfaceMaterial",
  ]) {
    const value = object.attributes?.[key];
    if (typeof value === "string") values.push(value.toLowerCase());
  }
  return values.join(" ");
}

function isFootway(object: CityJsonObject): boolean {
  return /voet|foot|pedestrian|sidewalk|pavement|gehweg|fietspad|cycle/.test(groundWords(object));
}

/** Surface kind of one polygon of an object. */
export function kindOf(group: ObjectGroup, object: CityJsonObject, surface: Surface, normal: Point3): SurfaceKind {
  // Our own generator, and whoever likes, names the kind in the semantic surface's `function`.
  if (surface.part !== null && Object.hasOwn(surfaceKinds, surface.part)) return surface.part as SurfaceKind;
  switch (group) {
    case "building":
      return buildingKind(surface.semantic, normal);
    case "road":
      if (surface.semantic === "TransportationMarking") return "marking";
      if (surface.semantic === "AuxiliaryTrafficArea") return "pavement";
      if (/square|plein|voetgangersgebied/.test(groundWords(object))) return "plaza";
      return isFootway(object) ? "pavement" : "road";
    case "railway":
      return "road";
    case "water":
      return Math.abs(normal[2]) > 0.5 ? "water" : "bridge";
    case "plants":
      return "park";
    case "land": {
      const words = groundWords(object);
      if (/gras|groen|green|park|forest|wald|bos|meadow|garden/.test(words)) return "park";
      if (/gesloten verharding|open verharding|paved|plaza|square/.test(words)) return "plaza";
      return "land";
    }
    case "bridge":
      return "bridge";
    default:
      return Math.abs(normal[2]) > 0.7 ? "bridge" : "plinth";
  }
}

function buildingKind(semantic: string | null, normal: Point3): SurfaceKind {
  switch (semantic) {
    case "RoofSurface":
    case "OuterFloorSurface":
      return normal[2] > 0.985 ? "roofFlat" : normal[2] < -0.5 ? "ground" : "roof";
    case "GroundSurface":
    case "OuterCeilingSurface":
      return "ground";
    case "WallSurface":
    case "Window":
    case "Door":
    case "ClosureSurface":
      return "wall";
    default:
      if (normal[2] > 0.985) return "roofFlat";
      if (normal[2] > 0.25) return "roof";
      return normal[2] < -0.5 ? "ground" : "wall";
  }
}

const uses: ReadonlySet<string> = new Set(objectUses);

/** Use of an object; buildings without a known function are judged by size. */
export function useOf(group: ObjectGroup, object: CityJsonObject, footprint: number, height: number): ObjectUse {
  switch (group) {
    case "building":
      break;
    case "road":
    case "railway":
      return "road";
    case "water":
      return "water";
    case "plants":
    case "tree":
      return "park";
    case "land":
      return "land";
    case "bridge":
      return "bridge";
    default:
      return "other";
  }
  const stated = [object.attributes?.["function"], object.attributes?.["usage"], object.attributes?.["class"]]
    .flat()
    .filter((value): value is string => typeof value === "string")
    .map((value) => value.toLowerCase());
  for (const word of stated) {
    if (uses.has(word)) return word as ObjectUse;
    if (/school|universit|college|educat/.test(word)) return "school";
    if (/office|kantoor|business/.test(word)) return "office";
    if (/shop|retail|winkel|commerc/.test(word)) return "retail";
    if (/industr|factory|warehouse/.test(word)) return "industry";
    if (/church|museum|theat|cultur/.test(word)) return "culture";
    if (/apartment|multi/.test(word)) return "apartments";
    if (/residen|woon|house|habitation/.test(word)) return footprint > 350 ? "apartments" : "house";
  }
  if (height > 35) return "tower";
  if (footprint < 25) return "other";
  if (footprint > 1500 && height < 14) return "industry";
  if (footprint > 700) return height > 14 ? "office" : "civic";
  return height > 13 || footprint > 260 ? "apartments" : "house";
}
