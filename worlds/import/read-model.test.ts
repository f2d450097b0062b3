// CityJSON conformance files: every valid one is read and built or refused for having no building; every invalid one is
// refused with a WorldError or loses only counted faces.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { WorldError } from "../world-error.ts";
import { attributionOf } from "./attribution.ts";
import { type BuiltWorld, buildWorld } from "./build-world.ts";
import { readModel } from "./read-model.ts";

const root = join(import.meta.dirname, "../../../shared/data/cityjson");
const there = existsSync(root);
const list = (folder: string): string[] =>
  there
    ? readdirSync(join(root, folder))
        .filter((name) => /\.jsonl?$/.test(name))
        .map((name) => join(root, folder, name))
    : [];

function build(path: string): BuiltWorld {
  const text = readFileSync(path, "utf8");
  const model = readModel(text, path);
  return buildWorld({
    name: "test",
    where: path,
    model,
    modelText: text,
    attribution: attributionOf(model, path),
    log: () => {},
  });
}

/** Either a world, or the reason in one line. */
function attempt(path: string): BuiltWorld | WorldError {
  try {
    return build(path);
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    expect(error.message).not.toContain("\n");
    return error;
  }
}

describe.skipIf(!there)("CityJSON files (skipped without ../shared)", () => {
  it.each(list("valid").map((path) => [basename(path), path]))("valid: %s", (_, path) => {
    const text = readFileSync(path, "utf8");
    // A sequence whose features use a root of another file is read as far as it goes.
    const result = attempt(path);
    if (result instanceof WorldError) expect(result.message).toMatch(/no building|earth-centred|wide/);
    else expect(result.summary.triangles).toBeGreaterThan(0);
    expect(text.length).toBeGreaterThan(0);
  });

  it.each(list("invalid").map((path) => [basename(path), path]))("invalid: %s", (_, path) => {
    const result = attempt(path);
    if (!(result instanceof WorldError)) expect(result.manifest.format).toBe("glasstown-world/1");
  });

  it("refuses vertex indices out of range, naming object and vertex", () => {
    for (const name of [
      "corpus_invalid_out_of_range_vertex_index.json",
      "real_singapore_osm_vertex_index_out_of_range_v101.json",
    ]) {
      const result = attempt(join(root, "invalid", name));
      expect(result).toBeInstanceOf(WorldError);
      expect((result as WorldError).message).toMatch(/uses vertex \d+, but there are \d+ vertices|not three numbers/);
    }
  });

  it("builds Delft with all that is in it", () => {
    const delft = build(join(root, "cities/delft_3dbag.json"));
    const model = readModel(readFileSync(join(root, "cities/delft_3dbag.json"), "utf8"), "delft");
    const count = (type: string): number => [...model.objects.values()].filter((object) => object.type === type).length;
    expect([
      count("Building"),
      count("Road"),
      count("PlantCover"),
      count("LandUse"),
      count("Bridge"),
      count("WaterBody"),
    ]).toEqual([160, 143, 126, 81, 3, 3]);
    const objects = JSON.parse(String(delft.files.get("objects.json"))) as { height?: number }[];
    expect(objects.filter((object) => object.height !== undefined)).toHaveLength(160);
    expect(delft.manifest.origin.latitude).toBeCloseTo(52.01, 1);
    expect(delft.manifest.origin.longitude).toBeCloseTo(4.36, 1);
    expect(delft.manifest.attribution).toBe("3DBAG / 3dfier open data, CC BY 4.0");
    // Energy can be sold: about three houses in ten have panels on their flat roofs.
    const devices = JSON.parse(String(delft.files.get("devices.json"))) as { kind: string; solarW?: number }[];
    const meters = devices.filter(({ kind }) => kind === "meter");
    const share = meters.filter(({ solarW }) => solarW !== undefined).length / meters.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.4);
    expect(delft.manifest.tiles.length).toBeGreaterThan(2);
  });

  it.each([
    "tudelft.city.json",
    "rotterdam_delfshaven_lod2_v20.city.json",
    "3dbag_sub.json",
    "rotterdam_subset_textured.json",
  ])("builds cities/%s", (name) => {
    expect(build(join(root, "cities", name)).summary.triangles).toBeGreaterThan(100);
  });

  it.each(list("seq").map((path) => [basename(path), path]))("sequence: %s", (_, path) => {
    const result = attempt(path);
    if (result instanceof WorldError) expect(result.message).toMatch(/no building|earth-centred|wide/);
  });
});

describe("readModel", () => {
  const base = {
    type: "CityJSON",
    version: "2.0",
    transform: { scale: [1, 1, 1], translate: [0, 0, 0] },
    CityObjects: {},
    vertices: [],
  };
  const read = (value: unknown) => () => readModel(JSON.stringify(value), "file.json");

  it.each([
    ["no JSON", () => readModel("{", "file.json"), /not readable as JSON/],
    ["nothing", () => readModel("", "file.json"), /not readable as JSON/],
    ["a list", read([]), /not CityJSON/],
    ["GeoJSON", read({ type: "FeatureCollection" }), /not CityJSON/],
    ["an old version", read({ ...base, version: "0.9" }), /version 0\.9 is not supported/],
    ["a missing version", read({ ...base, version: undefined }), /not supported/],
    ["no vertices", read({ ...base, vertices: undefined }), /vertices is missing/],
    ["vertices of two numbers", read({ ...base, vertices: [[1, 2]] }), /not three numbers/],
    ["vertices of text", read({ ...base, vertices: [["1", "2", "3"]] }), /not three numbers/],
    ["objects as a list", read({ ...base, CityObjects: 7 }), /CityObjects is missing/],
    ["an object without type", read({ ...base, CityObjects: { a: {} } }), /object "a" has no type/],
    [
      "a geometry without boundaries",
      read({ ...base, CityObjects: { a: { type: "Building", geometry: [{ type: "Solid" }] } } }),
      /without boundaries/,
    ],
    [
      "a negative index",
      read({
        ...base,
        vertices: [[0, 0, 0]],
        CityObjects: { a: { type: "Building", geometry: [{ type: "MultiSurface", boundaries: [[[-1]]] }] } },
      }),
      /uses vertex -1/,
    ],
    [
      "a broken index",
      read({
        ...base,
        vertices: [[0, 0, 0]],
        CityObjects: { a: { type: "Building", geometry: [{ type: "MultiSurface", boundaries: [[["x"]]] }] } },
      }),
      /uses vertex x/,
    ],
    [
      "endless nesting",
      read({
        ...base,
        CityObjects: { a: { type: "Building", geometry: [{ type: "MultiSurface", boundaries: [[[[[[[[[]]]]]]]]] }] } },
      }),
      /nested too deeply/,
    ],
    ["a version that is a list", read({ ...base, version: [["2.0"]] }), /not supported/],
    [
      "coordinates beyond any map",
      read({ ...base, transform: { scale: [1e200, 1, 1], translate: [0, 0, 0] }, vertices: [[1e200, 0, 0]] }),
      /more than 100000000 m away/,
    ],
    [
      "a sequence with a line that is no feature",
      () => readModel(`${JSON.stringify(base)}\n\n{}\n`, "file.jsonl"),
      /line 3: not a CityJSONFeature/,
    ],
    ["a broken transform", read({ ...base, transform: { scale: [1, 1], translate: [0, 0, 0] } }), /transform\.scale/],
  ])("refuses %s in one line", (_, act, message) => {
    expect(act).toThrow(WorldError);
    expect(act).toThrow(message);
  });
});

describe("hostile models", () => {
  /** A 10 m cube as a template or a solid, from eight vertices on. */
  const cube = (first: number): number[][][][] => [
    [
      [0, 3, 2, 1],
      [4, 5, 6, 7],
      [0, 1, 5, 4],
      [1, 2, 6, 5],
      [2, 3, 7, 6],
      [3, 0, 4, 7],
    ].map((ring) => [ring.map((index) => first + index)]),
  ];
  const corners = [0, 10].flatMap((z) => [
    [0, 0, z],
    [10, 0, z],
    [10, 10, z],
    [0, 10, z],
  ]);
  const world = (part: Record<string, unknown>): BuiltWorld => {
    const modelText = JSON.stringify({
      type: "CityJSON",
      version: "2.0",
      transform: { scale: [1, 1, 1], translate: [0, 0, 0] },
      CityObjects: { house: { type: "Building", geometry: [{ type: "Solid", lod: "1", boundaries: cube(0) }] } },
      vertices: corners,
      ...part,
    });
    const model = readModel(modelText, "file.json");
    return buildWorld({ name: "x", where: "file.json", model, modelText, attribution: "", log: () => undefined });
  };
  const house = { type: "Building", geometry: [{ type: "Solid", lod: "1", boundaries: cube(0) }] };

  it("parents in a circle, and parents without end", () => {
    const endless = Array.from({ length: 1000 }, (_, i) => `nobody-${i}`);
    const { manifest } = world({
      CityObjects: {
        a: { ...house, parents: ["b"] },
        b: { ...house, parents: ["a"] },
        c: { ...house, parents: ["c"] },
        d: { ...house, parents: [...endless, "c"] },
      },
    });
    expect(manifest.tiles.length).toBeGreaterThan(0);
  });

  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])("an object of the type %s", (type) => {
    const built = world({ CityObjects: { house, odd: { ...house, type } } });
    const objects = JSON.parse(String(built.files.get("objects.json"))) as { id: string; use: string }[];
    expect(objects.find(({ id }) => id === "odd")?.use).toBe("other");
  });

  it("a small template that is placed until it is a large model", () => {
    const faces = Array.from({ length: 20_000 }, () => [[0, 1, 2]]);
    const instance = {
      type: "GeometryInstance",
      template: 0,
      boundaries: [0],
      transformationMatrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    };
    const objects = Array.from({ length: 500 }, (_, i) => [
      `tree-${i}`,
      { type: "CityFurniture", geometry: [instance] },
    ]);
    const templates = {
      templates: [{ type: "MultiSurface", lod: "1", boundaries: faces }],
      "vertices-templates": corners,
    };
    const attempt = (): BuiltWorld =>
      world({ "geometry-templates": templates, CityObjects: { house, ...Object.fromEntries(objects) } });
    expect(attempt).toThrow(WorldError);
    expect(attempt).toThrow(/more than 20000000 corner points/);
  });

  it("a polygon of more points than any surface has is left out", () => {
    const around = Array.from({ length: 30_000 }, (_, i) => [
      Math.round(1000 * Math.cos(i / 4775)),
      Math.round(1000 * Math.sin(i / 4775)),
      0,
    ]);
    const built = world({
      vertices: [...corners, ...around],
      CityObjects: {
        house,
        land: { type: "LandUse", geometry: [{ type: "MultiSurface", boundaries: [[around.map((_, i) => 8 + i)]] }] },
      },
    });
    expect(built.summary.skippedFaces).toBe(1);
  });

  it("a wood from here to the horizon is refused before a tree is planted", () => {
    const far = 90_000_000;
    const attempt = (): BuiltWorld =>
      world({
        vertices: [...corners, [-far, -far, 0], [far, -far, 0], [far, far, 0], [-far, far, 0]],
        CityObjects: {
          house,
          wood: { type: "PlantCover", geometry: [{ type: "MultiSurface", boundaries: [[[8, 9, 10, 11]]] }] },
        },
      });
    expect(attempt).toThrow(/180000 km wide/);
  });
});
