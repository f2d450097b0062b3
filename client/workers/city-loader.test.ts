// What the loader makes of worlds: ground cells, baked light, and the refusal of damaged files.

import { describe, expect, it } from "vitest";
import { surfaceKinds, type Tile, type TileMesh } from "../../worlds/format/tile.ts";
import { checkManifest, checkObjects, checkScenery, checkStreets, checkTerrain, WorldError } from "./city-checks.ts";
import { blur, GroundBuilder, terrainHeight } from "./city-loader-ground.ts";
import { prepareTile } from "./city-loader-tile.ts";
import { cellFlags } from "./city-messages.ts";

const terrain = { columns: 3, rows: 3, spacing: 20, west: 0, south: 0, heights: [0, 0, 0, 2, 2, 2, 4, 4, 4] };

function square(
  layer: TileMesh["layer"],
  kind: keyof typeof surfaceKinds,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  z: number,
  object = 0,
): TileMesh {
  return {
    layer,
    positions: new Float32Array([x0, y0, z, x1, y0, z, x1, y1, z, x0, y1, z]),
    normals: Int8Array.from([0, 0, 127, 0, 0, 0, 127, 0, 0, 0, 127, 0, 0, 0, 127, 0]),
    facade: new Float32Array(8),
    objects: new Uint32Array(4).fill(object),
    surfaces: new Uint8Array(4).fill(surfaceKinds[kind]),
    indices: new Uint32Array([0, 1, 2, 0, 2, 3]),
  };
}
const tile = (...meshes: TileMesh[]): Tile => ({ column: 0, row: 0, origin: [0, 0, 0], meshes });

describe("ground cells", () => {
  const builder = new GroundBuilder([0, 0, 40, 40], terrain);
  builder.addTile(
    tile(
      square("ground", "road", 0, 0, 40, 10, 0.5),
      square("buildings", "roof", 10, 20, 20, 30, 9),
      square("water", "water", 25, 0, 30, 40, -1),
      square("bridges", "bridge", 24, 4, 31, 8, 1),
    ),
  );
  const cells = builder.cells();
  const at = (x: number, y: number): number => Math.floor(y / cells.cell) * cells.columns + Math.floor(x / cells.cell);

  it("mark buildings, water and decks, and take heights from the ground or the terrain", () => {
    expect(cells.flags[at(15, 25)]).toBe(cellFlags.building);
    expect(cells.flags[at(5, 25)]).toBe(0);
    expect(cells.flags[at(27, 20)]).toBe(cellFlags.water);
    expect(cells.deck[at(27, 6)]).toBe(1);
    expect(cells.deck[at(27, 20)]).toBeNaN();
    expect(cells.ground[at(5, 5)]).toBe(0.5);
    expect(cells.ground[at(5, 30.2)]).toBeCloseTo(3, 0);
  });

  it("bake darker ground beside a building, and light under a lamp", () => {
    const sky = builder.bakeSky([{ x: 35, y: 35, height: 10 }], [{ x: 5, y: 35 }]);
    const texel = (x: number, y: number, band: number): number =>
      sky.data[(Math.floor(y / sky.texel) * sky.width + Math.floor(x / sky.texel)) * 3 + band]!;
    expect(texel(9.5, 25, 0)).toBeLessThan(texel(1, 5, 0));
    expect(texel(35, 35, 0)).toBeLessThan(texel(39, 20, 0));
    expect(texel(5, 35, 2)).toBeGreaterThan(200);
    expect(texel(38, 5, 2)).toBe(0);
  });

  it("blur keeps the sum of what lies inside", () => {
    const source = new Float32Array(900);
    source[15 * 30 + 15] = 1;
    const blurred = blur(source, 30, 30, 3);
    expect(blurred.reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 4);
    expect(blurred[15 * 30 + 15]).toBeLessThan(0.2);
  });

  it("terrain is bilinear and clamped", () => {
    expect(terrainHeight(terrain, 10, 10)).toBeCloseTo(1);
    expect(terrainHeight(terrain, -99, 999)).toBe(4);
  });
});

describe("damaged worlds", () => {
  const manifest = {
    format: "glasstown-world/1",
    name: "x",
    attribution: "",
    hash: "00",
    origin: { latitude: 52, longitude: 4, crs: "", x: 0, y: 0, z: 0 },
    bounds: [0, 0, 100, 100],
    spawn: { x: 1, y: 1, heading: 0 },
    tileSize: 256,
    tiles: [],
    files: {
      model: "m.json",
      objects: "objects.json",
      streets: "s.json",
      transit: "t.json",
      scenery: "c.json",
      devices: "d.json",
      feeders: "f.json",
      terrain: "r.json",
    },
  };

  it("a good manifest passes", () => {
    expect(checkManifest(manifest).name).toBe("x");
  });

  it.each([
    ["another format", { ...manifest, format: "glasstown-world/9" }],
    ["no spawn", { ...manifest, spawn: undefined }],
    ["bounds turned inside out", { ...manifest, bounds: [100, 0, 0, 100] }],
    ["bounds that are no numbers", { ...manifest, bounds: [0, 0, "a", 1] }],
    ["a file outside the folder", { ...manifest, files: { ...manifest.files, objects: "../secret.json" } }],
    ["a file on another host", { ...manifest, files: { ...manifest.files, objects: "https://evil.example/x" } }],
    ["null", null],
  ])("%s is refused", (_name, value) => {
    expect(() => checkManifest(value)).toThrow(WorldError);
  });

  it("lists with wrong members are refused, and say where", () => {
    expect(() => checkObjects([{ id: "a", use: "house", box: [0, 0, 0, 1, 1] }])).toThrow("objects[0].box");
    expect(() => checkStreets({ nodes: [[0, 0]], edges: [{ a: 0, b: 1, name: "", class: "street" }] })).toThrow(
      "edges[0].b",
    );
    expect(() => checkTerrain({ ...terrain, heights: [1] })).toThrow("terrain.heights");
    expect(() => checkScenery({ trees: {}, furniture: [], panels: [] })).toThrow("scenery.trees");
  });

  it("a tile that names an unknown object or holds no number is refused", () => {
    expect(() => prepareTile(tile(square("ground", "road", 0, 0, 1, 1, 0, 5)), 5)).toThrow("object 5 of 5");
    expect(() => prepareTile(tile(square("ground", "road", 0, 0, Number.NaN, 1, 0)), 5)).toThrow("not a finite number");
  });
});
