// objects.json: what a person sees on a building's card, from the attributes that cities really use.

import type { WorldObject } from "../format/world.ts";
import { centimetres } from "../geometry/vector.ts";
import { useOf } from "./classify.ts";
import type { LocalObject } from "./local-model.ts";

export type DraftObject = { -readonly [key in keyof WorldObject]: WorldObject[key] };

const storeyMin = 2.2;
const storeyMax = 6;

export function describeObject(local: LocalObject): DraftObject {
  const attributes = local.source.attributes ?? {};
  const box = local.box;
  const total = box[5] - box[2];
  const draft: DraftObject = {
    id: local.id,
    use: useOf(local.group, local.source, local.footprint, total),
    box: [box[0], box[1], box[2], box[3], box[4], box[5]],
  };
  const name = text(attributes["name"]) ?? text(attributes["naam"]) ?? text(attributes["gml:name"]);
  if (name !== undefined) draft.name = name;
  if (local.group !== "building") return draft;
  const address = addressOf(local);
  if (address !== undefined) draft.address = address;
  const height = centimetres(Math.max(0, eavesHeight(local)));
  draft.height = height;
  const stated = number(attributes["storeysAboveGround"]);
  const storeys = Math.max(1, Math.min(200, Math.round(stated ?? height / (draft.use === "house" ? 2.9 : 3.3))));
  draft.storeys = storeys;
  const storeyHeight = number(attributes["storeyHeight"]) ?? height / storeys;
  draft.storeyHeight = centimetres(Math.max(storeyMin, Math.min(storeyMax, storeyHeight)));
  const year = number(attributes["yearOfConstruction"]) ?? number(attributes["oorspronkelijkbouwjaar"]);
  if (year !== undefined && year > 500 && year < 2200) draft.yearBuilt = Math.round(year);
  return draft;
}

/** Height of the eaves: where most wall ends, by wall length; the box's height for blocks. */
function eavesHeight(local: LocalObject): number {
  const base = local.box[2];
  const tops: { top: number; length: number }[] = [];
  let sum = 0;
  for (const polygon of local.polygons) {
    if (polygon.kind !== "wall" && polygon.kind !== "plinth") continue;
    let top = -Infinity;
    for (const point of polygon.triangulation.points) top = Math.max(top, point[2]);
    tops.push({ top: top - base, length: polygon.triangulation.area });
    sum += polygon.triangulation.area;
  }
  tops.sort((a, b) => a.top - b.top);
  let passed = 0;
  for (const { top, length } of tops) {
    passed += length;
    if (passed >= sum / 2) return top;
  }
  return local.box[5] - base;
}

function addressOf(local: LocalObject): string | undefined {
  const listed = Array.isArray(local.source.address) ? local.source.address[0] : local.source.address;
  if (typeof listed === "object" && listed !== null) {
    const fields = listed as Record<string, unknown>;
    const pick = (...keys: string[]): string | undefined => {
      for (const key of keys) {
        const value = text(fields[key]) ?? text(fields[key.toLowerCase()]);
        if (value !== undefined) return value;
      }
      return undefined;
    };
    const street = pick("ThoroughfareName", "street", "thoroughfare", "Street");
    const house = pick("ThoroughfareNumber", "HouseNumber", "housenumber", "number");
    if (street !== undefined) return house === undefined ? street : `${house} ${street}`;
  }
  // Dutch large-scale base map: a label such as "(1:45)" holds the house number.
  const label = text(local.source.attributes?.["tekst"]);
  const digits = label === undefined ? null : /^\(\d+:([\w-]{1,10})\)$/.exec(label);
  return digits === null ? text(local.source.attributes?.["address"]) : `No. ${digits[1]}`;
}

function text(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, 120) : undefined;
}

function number(value: unknown): number | undefined {
  const result = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof result === "number" && Number.isFinite(result) ? result : undefined;
}
