// The tile format: what is written is read; what is damaged is refused with TileError and nothing else.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTile, encodeTile, type Tile, TileError, type TileMesh } from "./tile.ts";

function mesh(vertices: number, triangles: number, seed: number): TileMesh {
  const value = (index: number): number => ((index * 2_654_435_761 + seed) >>> 0) % 251;
  return {
    layer: "buildings",
    positions: Float32Array.from({ length: vertices * 3 }, (_, index) => value(index) / 3),
    normals: Int8Array.from({ length: vertices * 4 }, (_, index) => value(index) - 125),
    facade: Float32Array.from({ length: vertices * 2 }, (_, index) => value(index) / 7),
    objects: Uint32Array.from({ length: vertices }, (_, index) => value(index)),
    surfaces: Uint8Array.from({ length: vertices }, (_, index) => value(index) % 15),
    indices: Uint32Array.from({ length: triangles * 3 }, (_, index) => value(index) % vertices),
  };
}

const tile = (vertices: number, triangles: number, seed: number): Tile => ({
  column: -2,
  row: 3,
  origin: [-512, 768, 0],
  meshes: [mesh(vertices, triangles, seed), { ...mesh(vertices + 1, triangles, seed + 1), layer: "water" }],
});

describe("tile", () => {
  it("reads back what was written", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        fc.nat(),
        (vertices, triangles, seed) => {
          const written = tile(vertices, triangles, seed);
          expect(decodeTile(encodeTile(written).buffer)).toEqual(written);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("refuses damaged files with TileError only", () => {
    const whole = encodeTile(tile(20, 30, 5));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 12 }),
        fc.nat({ max: whole.length }),
        (changes, cut) => {
          const damaged = whole.slice();
          for (const [at, byte] of changes) damaged[at] = byte;
          for (const buffer of [damaged.buffer, damaged.slice(0, cut).buffer]) {
            try {
              decodeTile(buffer);
            } catch (error) {
              expect(error).toBeInstanceOf(TileError);
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("refuses headers of the wrong shape", () => {
    const withHeader = (json: string): ArrayBuffer => {
      const text = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 4) * 4));
      const bytes = new Uint8Array(8 + text.length);
      new DataView(bytes.buffer).setUint32(0, 0x31545447, true);
      new DataView(bytes.buffer).setUint32(4, text.length, true);
      bytes.set(text, 8);
      return bytes.buffer;
    };
    for (const json of [
      "null",
      "1",
      "[]",
      "{}",
      '{"meshes":1}',
      '{"meshes":[null]}',
      '{"meshes":[{"vertices":-1,"indices":0,"offset":0}]}',
      '{"meshes":[{"vertices":4,"indices":0,"offset":1e9}]}',
      '{"meshes":[{"vertices":0,"indices":0,"offset":"0"}]}',
    ])
      expect(() => decodeTile(withHeader(json)), json).toThrow(TileError);
  });
});
