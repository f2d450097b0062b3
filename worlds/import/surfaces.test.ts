// Winding and levels of detail: solids face outward even when a file has them inside out.

import { describe, expect, it } from "vitest";
import type { CityJsonGeometry } from "./city-json.ts";
import { localModel } from "./local-model.ts";
import { readModel } from "./read-model.ts";
import { bestGeometry, surfacesOf, volume } from "./surfaces.ts";

const vertices = [
  [0, 0, 0],
  [10, 0, 0],
  [10, 8, 0],
  [0, 8, 0],
  [0, 0, 6],
  [10, 0, 6],
  [10, 8, 6],
  [0, 8, 6],
];
const cube = [[[0, 3, 2, 1]], [[4, 5, 6, 7]], [[0, 1, 5, 4]], [[1, 2, 6, 5]], [[2, 3, 7, 6]], [[3, 0, 4, 7]]];
const inverted = cube.map((surface) => surface.map((ring) => [...ring].reverse()));
const model = (geometry: readonly unknown[]) =>
  readModel(
    JSON.stringify({
      type: "CityJSON",
      version: "2.0",
      transform: { scale: [1, 1, 1], translate: [85_000, 447_000, 0] },
      CityObjects: { a: { type: "Building", geometry } },
      vertices,
    }),
    "cube",
  );

describe("surfacesOf", () => {
  it.each([
    ["Solid", [cube]],
    ["Solid inside out", [inverted]],
    ["MultiSurface", cube],
    ["MultiSurface inside out", inverted],
    ["MultiSolid", [[cube]]],
    ["CompositeSolid inside out", [[inverted]]],
  ])("faces outward: %s", (name, boundaries) => {
    const city = model([{ type: name.split(" ")[0], lod: "1", boundaries }]);
    const local = localModel(city, "cube", undefined, () => {});
    const faces = local.objects[0]!.polygons;
    expect(faces).toHaveLength(6);
    for (const { triangulation, kind } of faces) {
      const [x, y, z] = [0, 1, 2].map(
        (axis) => triangulation.points.reduce((sum, point) => sum + point[axis]!, 0) / 4,
      ) as [number, number, number];
      const { normal } = triangulation;
      expect(normal[0] * x + normal[1] * y + normal[2] * (z - 3)).toBeGreaterThan(0);
      expect(kind).toBe(z === 0 ? "ground" : z === 6 ? "roofFlat" : "wall");
    }
  });

  it("takes the highest level of detail, and solids before shells", () => {
    const pick = (list: readonly { type: string; lod: string | number }[]) =>
      bestGeometry({
        type: "Building",
        geometry: list.map((item) => ({ ...item, boundaries: [] })) as CityJsonGeometry[],
      });
    expect(
      pick([
        { type: "Solid", lod: "1.2" },
        { type: "MultiSurface", lod: "2.2" },
        { type: "Solid", lod: 2 },
      ])?.lod,
    ).toBe("2.2");
    expect(
      pick([
        { type: "MultiSurface", lod: "2" },
        { type: "Solid", lod: "2" },
      ])?.type,
    ).toBe("Solid");
    expect(pick([{ type: "MultiPoint", lod: "3" }])).toBeNull();
  });

  it("places templates by their matrix and anchor", () => {
    const city = readModel(
      JSON.stringify({
        type: "CityJSON",
        version: "1.1",
        transform: { scale: [1, 1, 1], translate: [0, 0, 0] },
        vertices: [[100, 200, 5]],
        CityObjects: {
          a: {
            type: "CityFurniture",
            geometry: [
              {
                type: "GeometryInstance",
                template: 0,
                boundaries: [0],
                transformationMatrix: [2, 0, 0, 1, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
              },
            ],
          },
        },
        "geometry-templates": {
          templates: [{ type: "Solid", lod: "2", boundaries: [cube] }],
          "vertices-templates": vertices,
        },
      }),
      "template",
    );
    const surfaces = surfacesOf(city, city.objects.get("a")!.geometry![0]!);
    expect(surfaces[1]!.rings[0]![2]).toEqual([121, 216, 17]);
    expect(volume(surfaces)).toBeGreaterThan(0);
  });
});
