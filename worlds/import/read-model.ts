// Reads CityJSON 1.0, 1.1, 2.0 and CityJSONSeq text into one checked model in real coordinates.
// Limits: 300 MB of text, 500,000 objects, 12 million vertices, coordinates to 1e8 m, 16 parents an object. All of it is foreign: every shape is checked.

import type { Point3 } from "../geometry/vector.ts";
import { WorldError } from "../world-error.ts";
import type { CityJsonGeometry, CityJsonObject } from "./city-json.ts";

export interface CityModel {
  readonly version: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly objects: ReadonlyMap<string, CityJsonObject>;
  /** Real coordinates of the reference system. */
  readonly vertices: readonly Point3[];
  readonly templates: readonly CityJsonGeometry[];
  readonly templateVertices: readonly Point3[];
}

export const modelBytesMax = 300 * 1024 * 1024;
const objectsMax = 500_000;
const verticesMax = 12_000_000;
/** Beyond any map system's reach, in metres; larger numbers lose centimetres. */
const coordinateMax = 1e8;
const parentsMax = 16;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * @param where shown in messages, such as the file's path.
 * @throws {WorldError} when the text is not a CityJSON model that can be used.
 */
export function readModel(raw: string, where: string): CityModel {
  // Some writers put a byte order mark in front, which JSON does not allow.
  const text = raw.startsWith("\uFEFF") ? raw.slice(1) : raw;
  const headEnd = sequenceHeadEnd(text);
  const first = parseJson(headEnd === null ? text : text.slice(0, headEnd), where);
  if (!isObject(first) || first["type"] !== "CityJSON")
    throw new WorldError(
      `${where}: not CityJSON (its "type" is not "CityJSON"); give a .city.json or .city.jsonl file`,
    );
  const version = typeof first["version"] === "string" ? first["version"] : "unknown";
  if (!/^(1\.0|1\.1|2\.0)(\.\d+)?$/.test(version))
    throw new WorldError(
      `${where}: CityJSON version ${version.slice(0, 20)} is not supported; upgrade the file to 1.0, 1.1 or 2.0 with "cjio FILE upgrade save OUT"`,
    );
  const reader = new ModelReader(where, first, version);
  reader.addPart(first);
  if (headEnd !== null) addFeatures(reader, text, headEnd + 1, where);
  return reader.finish();
}

/** Line by line, so that a file of nothing but line ends costs no memory. */
function addFeatures(reader: ModelReader, text: string, from: number, where: string): void {
  for (let start = from, number = 2; start < text.length; number += 1) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.trim() === "") continue;
    const feature = parseJson(line, `${where} line ${number}`);
    if (!isObject(feature) || feature["type"] !== "CityJSONFeature")
      throw new WorldError(`${where} line ${number}: not a CityJSONFeature`);
    reader.addPart(feature);
  }
}

/** A sequence has a first line that is whole JSON by itself and more lines after it: where that line ends, else null. */
function sequenceHeadEnd(text: string): number | null {
  const end = text.indexOf("\n");
  if (end < 0 || !/\S/.test(text.slice(end))) return null;
  try {
    JSON.parse(text.slice(0, end));
    return end;
  } catch {
    return null;
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WorldError(`${where}: not readable as JSON (${(cause as Error).message})`, { cause });
  }
}

class ModelReader {
  private readonly objects = new Map<string, CityJsonObject>();
  private readonly vertices: Point3[] = [];
  private readonly templates: CityJsonGeometry[];
  private readonly templateVertices: Point3[];
  private readonly scale: Point3;
  private readonly translate: Point3;
  private readonly where: string;
  private readonly head: Json;
  private readonly version: string;

  constructor(where: string, head: Json, version: string) {
    this.where = where;
    this.head = head;
    this.version = version;
    const transform = head["transform"];
    if (transform !== undefined && !isObject(transform)) throw this.broken("transform is not an object");
    this.scale = transform === undefined ? [1, 1, 1] : this.point(transform["scale"], "transform.scale");
    this.translate = transform === undefined ? [0, 0, 0] : this.point(transform["translate"], "transform.translate");
    const templates = head["geometry-templates"];
    if (templates !== undefined && !isObject(templates)) throw this.broken("geometry-templates is not an object");
    this.templates = this.list(templates?.["templates"] ?? [], "geometry-templates.templates").map((geometry, index) =>
      this.geometry(geometry, `template ${index}`),
    );
    this.templateVertices = this.list(templates?.["vertices-templates"] ?? [], "vertices-templates").map((point) =>
      this.point(point, "vertices-templates"),
    );
  }

  /** Adds a model's or a feature's objects; its vertex indices are shifted behind those already there. */
  addPart(part: Json): void {
    const base = this.vertices.length;
    const raw = this.list(part["vertices"], "vertices");
    if (base + raw.length > verticesMax)
      throw new WorldError(`${this.where}: more than ${verticesMax} vertices; cut the model into smaller files`);
    const [sx, sy, sz] = this.scale;
    const [tx, ty, tz] = this.translate;
    for (const vertex of raw) {
      const [x, y, z] = this.point(vertex, "vertices");
      const placed: Point3 = [x * sx + tx, y * sy + ty, z * sz + tz];
      if (!placed.every((value) => Math.abs(value) <= coordinateMax))
        throw this.broken(`a vertex lies more than ${coordinateMax} m away; its transform or coordinates are wrong`);
      this.vertices.push(placed);
    }
    const objects = part["CityObjects"];
    if (!isObject(objects)) throw this.broken("CityObjects is missing or not an object");
    for (const [id, value] of Object.entries(objects)) {
      if (!isObject(value) || typeof value["type"] !== "string") throw this.broken(`object "${short(id)}" has no type`);
      const geometries = this.list(value["geometry"] ?? [], `geometry of "${short(id)}"`).map((geometry) => {
        const checked = this.geometry(geometry, `object "${short(id)}"`);
        return { ...checked, boundaries: this.indices(checked.boundaries, base, raw.length, id, 0) };
      });
      const names = (key: "parents" | "children"): string[] =>
        Array.isArray(value[key])
          ? value[key].slice(0, parentsMax).filter((name): name is string => typeof name === "string")
          : [];
      this.objects.set(id, {
        type: value["type"],
        attributes: isObject(value["attributes"]) ? value["attributes"] : {},
        address: value["address"],
        parents: names("parents"),
        children: names("children"),
        geometry: geometries,
      });
      if (this.objects.size > objectsMax)
        throw new WorldError(`${this.where}: more than ${objectsMax} objects; cut the model into smaller files`);
    }
  }

  finish(): CityModel {
    for (const geometry of this.templates)
      this.indices(geometry.boundaries, 0, this.templateVertices.length, "template", 0);
    return {
      version: this.version,
      metadata: isObject(this.head["metadata"]) ? this.head["metadata"] : {},
      objects: this.objects,
      vertices: this.vertices,
      templates: this.templates,
      templateVertices: this.templateVertices,
    };
  }

  private geometry(value: unknown, what: string): CityJsonGeometry {
    if (!isObject(value) || typeof value["type"] !== "string")
      throw this.broken(`${what} has a geometry without a type`);
    if (!Array.isArray(value["boundaries"])) throw this.broken(`${what} has a geometry without boundaries`);
    const matrix = value["transformationMatrix"];
    return {
      type: value["type"],
      lod: typeof value["lod"] === "number" || typeof value["lod"] === "string" ? value["lod"] : "0",
      boundaries: value["boundaries"],
      ...(isObject(value["semantics"])
        ? { semantics: value["semantics"] as NonNullable<CityJsonGeometry["semantics"]> }
        : {}),
      ...(typeof value["template"] === "number" ? { template: value["template"] } : {}),
      ...(Array.isArray(matrix) && matrix.length === 16 && matrix.every((n) => typeof n === "number")
        ? { transformationMatrix: matrix as number[] }
        : {}),
    };
  }

  /** Checks nested index lists and shifts them by `base`. Depth is bounded, so hostile nesting cannot exhaust the stack. */
  private indices(value: unknown, base: number, count: number, id: string, depth: number): unknown {
    if (Array.isArray(value)) {
      if (depth > 5) throw this.broken(`object "${short(id)}" has boundaries nested too deeply`);
      return value.map((item) => this.indices(item, base, count, id, depth + 1));
    }
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= count)
      throw new WorldError(
        `${this.where}: object "${short(id)}" uses vertex ${short(String(value))}, but there are ${count} vertices; the file is broken, get it again or repair it with cjio`,
      );
    return value + base;
  }

  private point(value: unknown, what: string): Point3 {
    if (!Array.isArray(value) || value.length < 3) throw this.broken(`${what} has an entry that is not three numbers`);
    const [x, y, z] = value;
    if (!Number.isFinite(x) || !Number.isFinite(y) || !Number.isFinite(z))
      throw this.broken(`${what} has an entry that is not three numbers`);
    return [x, y, z];
  }

  private list(value: unknown, what: string): unknown[] {
    if (!Array.isArray(value)) throw this.broken(`${what} is missing or not a list`);
    return value;
  }

  private broken(what: string): WorldError {
    return new WorldError(`${this.where}: broken CityJSON: ${what}`);
  }
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
