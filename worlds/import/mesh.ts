// Collects polygons into one tile's meshes: positions, normals, façade coordinates, object and surface per vertex.

import { encodeTile, type MeshLayer, type SurfaceKind, surfaceKinds, type TileMesh } from "../format/tile.ts";
import type { TileEntry } from "../format/world.ts";
import type { Triangulation } from "../geometry/triangulate.ts";
import { type Box, centimetres, emptyBox, growBox, type Point3 } from "../geometry/vector.ts";

class MeshBuilder {
  readonly layer: MeshLayer;
  private readonly positions: number[] = [];
  private readonly normals: number[] = [];
  private readonly facade: number[] = [];
  private readonly objects: number[] = [];
  private readonly surfaces: number[] = [];
  private readonly indices: number[] = [];

  constructor(layer: MeshLayer) {
    this.layer = layer;
  }

  get triangles(): number {
    return this.indices.length / 3;
  }

  vertex(point: Point3, normal: Point3, u: number, v: number, object: number, kind: number): void {
    this.positions.push(point[0], point[1], point[2]);
    this.normals.push(byte(normal[0]), byte(normal[1]), byte(normal[2]), 0);
    this.facade.push(u, v);
    this.objects.push(object);
    this.surfaces.push(kind);
  }

  get vertices(): number {
    return this.surfaces.length;
  }

  triangle(a: number, b: number, c: number): void {
    this.indices.push(a, b, c);
  }

  finish(): TileMesh {
    return {
      layer: this.layer,
      positions: Float32Array.from(this.positions),
      normals: Int8Array.from(this.normals),
      facade: Float32Array.from(this.facade),
      objects: Uint32Array.from(this.objects),
      surfaces: Uint8Array.from(this.surfaces),
      indices: Uint32Array.from(this.indices),
    };
  }
}

const byte = (value: number): number => Math.max(-127, Math.min(127, Math.round(value * 127)));

export interface MeshPolygon {
  readonly triangulation: Triangulation;
  readonly layer: MeshLayer;
  readonly kind: SurfaceKind;
  readonly object: number;
  /** Height of the building's ground in local metres, for the façade's second coordinate. */
  readonly base: number;
  /** Smooth normals of draped ground; without it the polygon is flat. */
  readonly normalAt?: (x: number, y: number) => Point3;
}

/** Polygons of all tiles; a polygon goes whole to the tile of the place that it is given. */
export class TileSet {
  readonly size: number;
  private readonly tiles = new Map<
    string,
    { column: number; row: number; box: Box; meshes: Map<MeshLayer, MeshBuilder> }
  >();

  constructor(size: number) {
    this.size = size;
  }

  /** @param place decides the tile: the middle of a building, or of a ground polygon. */
  add(polygon: MeshPolygon, place: readonly [number, number]): void {
    const column = Math.floor(place[0] / this.size);
    const row = Math.floor(place[1] / this.size);
    const key = `${column}_${row}`;
    let tile = this.tiles.get(key);
    if (tile === undefined) {
      tile = { column, row, box: emptyBox(), meshes: new Map() };
      this.tiles.set(key, tile);
    }
    let mesh = tile.meshes.get(polygon.layer);
    if (mesh === undefined) {
      mesh = new MeshBuilder(polygon.layer);
      tile.meshes.set(polygon.layer, mesh);
    }
    const { points, normal, triangles } = polygon.triangulation;
    const first = mesh.vertices;
    const kind = surfaceKinds[polygon.kind];
    const upright = Math.abs(normal[2]) < 0.7;
    const along = facadeAxis(normal);
    let start = Infinity;
    if (upright) for (const point of points) start = Math.min(start, point[0] * along[0] + point[1] * along[1]);
    const originX = column * this.size;
    const originY = row * this.size;
    for (const point of points) {
      growBox(tile.box, point[0], point[1], point[2]);
      const u = upright ? point[0] * along[0] + point[1] * along[1] - start : point[0];
      const v = upright ? point[2] - polygon.base : point[1];
      const vertexNormal = polygon.normalAt?.(point[0], point[1]) ?? normal;
      mesh.vertex([point[0] - originX, point[1] - originY, point[2]], vertexNormal, u, v, polygon.object, kind);
    }
    for (let index = 0; index < triangles.length; index += 3)
      mesh.triangle(first + triangles[index]!, first + triangles[index + 1]!, first + triangles[index + 2]!);
  }

  get triangles(): number {
    let sum = 0;
    for (const tile of this.tiles.values()) for (const mesh of tile.meshes.values()) sum += mesh.triangles;
    return sum;
  }

  /** Encoded tiles in a stable order. */
  finish(): { entry: TileEntry; bytes: Uint8Array<ArrayBuffer> }[] {
    return [...this.tiles.values()]
      .sort((a, b) => a.row - b.row || a.column - b.column)
      .map(({ column, row, box, meshes }) => {
        const bytes = encodeTile({
          column,
          row,
          origin: [column * this.size, row * this.size, 0],
          meshes: [...meshes.values()].sort((a, b) => (a.layer < b.layer ? -1 : 1)).map((mesh) => mesh.finish()),
        });
        const file = `tiles/${column}_${row}.gtt`;
        const [a, b, c, d, e, f] = box.map(centimetres) as Box;
        return { entry: { file, column, row, box: [a, b, c, d, e, f] as const, bytes: bytes.length }, bytes };
      });
  }
}

/** The horizontal direction along a wall, to the right as seen from outside. */
function facadeAxis(normal: Point3): readonly [number, number] {
  const length = Math.hypot(normal[0], normal[1]);
  return length === 0 ? [1, 0] : [-normal[1] / length, normal[0] / length];
}
