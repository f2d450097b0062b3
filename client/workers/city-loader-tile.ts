// Turns a decoded tile into what the GPU and the ray tests need: Babylon's frame, one float object index a vertex,
// and façade coordinates measured per wall, so that the shader can place whole windows only.

import { surfaceKinds, type Tile, TileError, type TileMesh } from "../../worlds/format/tile.ts";
import { buildRayTree } from "../scene/ray-tree.ts";
import type { LoadedMesh, LoadedTile } from "./city-messages.ts";

/** Lowest wall that may hold windows, metres. */
const windowWallMin = 1.9;

/** Swaps north and up. The mirror that this is turns right-handed into left-handed, so windings seen stay as they were. */
export function swapFrame(positions: Float32Array): void {
  for (let i = 0; i < positions.length; i += 3) {
    const north = positions[i + 1]!;
    positions[i + 1] = positions[i + 2]!;
    positions[i + 2] = north;
  }
}

/** Root of each vertex's connected piece, by triangles. */
function pieces(vertices: number, indices: Uint32Array): Uint32Array {
  const parent = new Uint32Array(vertices);
  for (let i = 0; i < vertices; i++) parent[i] = i;
  const find = (start: number): number => {
    let at = start;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (let i = 0; i + 2 < indices.length; i += 3) {
    const a = find(indices[i]!);
    parent[find(indices[i + 1]!)] = a;
    parent[find(indices[i + 2]!)] = a;
  }
  for (let i = 0; i < vertices; i++) parent[i] = find(i);
  return parent;
}

/** Per vertex: metres along the wall from its left end, metres above ground, wall width, wall top. Zero off walls. */
export function measureWalls(mesh: TileMesh): Float32Array<ArrayBuffer> {
  const vertices = mesh.surfaces.length;
  const walls = new Float32Array(vertices * 4);
  if (mesh.layer !== "buildings") return walls;
  const root = pieces(vertices, mesh.indices);
  const left = new Float32Array(vertices).fill(Infinity);
  const right = new Float32Array(vertices).fill(-Infinity);
  const top = new Float32Array(vertices).fill(-Infinity);
  const bottom = new Float32Array(vertices).fill(Infinity);
  const facade = (i: number): boolean => mesh.surfaces[i] === surfaceKinds.wall;
  for (let i = 0; i < vertices; i++) {
    if (!facade(i)) continue;
    const r = root[i]!;
    const u = mesh.facade[i * 2]!;
    left[r] = Math.min(left[r]!, u);
    right[r] = Math.max(right[r]!, u);
    top[r] = Math.max(top[r]!, mesh.facade[i * 2 + 1]!);
    bottom[r] = Math.min(bottom[r]!, mesh.facade[i * 2 + 1]!);
  }
  for (let i = 0; i < vertices; i++) {
    if (!facade(i)) continue;
    const r = root[i]!;
    walls[i * 4] = mesh.facade[i * 2]! - left[r]!;
    walls[i * 4 + 1] = mesh.facade[i * 2 + 1]!;
    // Parapets and chimneys are no walls with windows: a width of zero says so.
    walls[i * 4 + 2] = top[r]! - bottom[r]! < windowWallMin ? 0 : right[r]! - left[r]!;
    walls[i * 4 + 3] = top[r]!;
  }
  return walls;
}

/** @throws {TileError} if a vertex names an object that is not in the list, or is not a number. */
function prepareMesh(mesh: TileMesh, objectCount: number): LoadedMesh {
  const walls = measureWalls(mesh);
  const positions = mesh.positions.slice();
  for (const value of positions) if (!Number.isFinite(value)) throw new TileError("a vertex is not a finite number");
  swapFrame(positions);
  const normals = new Int8Array(mesh.normals.length);
  for (let i = 0; i < normals.length; i += 4) {
    normals[i] = mesh.normals[i]!;
    normals[i + 1] = mesh.normals[i + 2]!;
    normals[i + 2] = mesh.normals[i + 1]!;
    normals[i + 3] = mesh.surfaces[i >> 2]! & 0x7f;
  }
  const objects = new Float32Array(mesh.objects.length);
  for (let i = 0; i < objects.length; i++) {
    const index = mesh.objects[i]!;
    if (index >= objectCount) throw new TileError(`a vertex names object ${index} of ${objectCount}`);
    objects[i] = index;
  }
  return { layer: mesh.layer, positions, normals, walls, objects, indices: mesh.indices.slice() };
}

export function prepareTile(tile: Tile, objectCount: number): LoadedTile {
  const meshes = tile.meshes.filter((mesh) => mesh.indices.length > 0).map((mesh) => prepareMesh(mesh, objectCount));
  const [east, north, up] = tile.origin;
  return { column: tile.column, row: tile.row, origin: [east, up, north], meshes, rays: buildRayTree(meshes) };
}

export function transfersOf(tile: LoadedTile): Transferable[] {
  const buffers: Transferable[] = [tile.rays.nodes.buffer, tile.rays.corners.buffer, tile.rays.objects.buffer];
  for (const mesh of tile.meshes)
    buffers.push(
      mesh.positions.buffer,
      mesh.normals.buffer,
      mesh.walls.buffer,
      mesh.objects.buffer,
      mesh.indices.buffer,
    );
  return buffers;
}
