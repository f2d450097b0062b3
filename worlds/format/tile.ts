// Binary city tiles: merged triangle meshes with per-vertex object index, surface kind and façade coordinates.
// Layout (little endian): magic "GTT1" | u32 JSON length | JSON, padded with spaces to 4 bytes | buffers.
// Limits: 64 MiB a file, 16 meshes a tile, 4 million vertices a mesh.

/** What a triangle is; drives its material. */
export const surfaceKinds = {
  wall: 0,
  roof: 1,
  ground: 2,
  road: 3,
  pavement: 4,
  water: 5,
  park: 6,
  plaza: 7,
  bridge: 8,
  plinth: 9,
  land: 10,
  kerb: 11,
  marking: 12,
  rail: 13,
  roofFlat: 14,
} as const;
export type SurfaceKind = keyof typeof surfaceKinds;

export type MeshLayer = "buildings" | "ground" | "water" | "bridges";

export interface TileMesh {
  readonly layer: MeshLayer;
  /** Local metres relative to the tile's origin: x east, y north, z up; 3 a vertex. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** Unit normals × 127; 4 bytes a vertex, the last is 0. */
  readonly normals: Int8Array<ArrayBuffer>;
  /** Façade coordinates in metres: along the wall, above the building's ground; 2 a vertex. Elsewhere x and y of the world. */
  readonly facade: Float32Array<ArrayBuffer>;
  /** Index into objects.json; 1 a vertex. */
  readonly objects: Uint32Array<ArrayBuffer>;
  /** SurfaceKind; 1 a vertex. */
  readonly surfaces: Uint8Array<ArrayBuffer>;
  /** Triangles, counter-clockwise seen from outside (right-handed x east, y north, z up). */
  readonly indices: Uint32Array<ArrayBuffer>;
}

export interface Tile {
  readonly column: number;
  readonly row: number;
  /** World position of the tile's origin. */
  readonly origin: readonly [number, number, number];
  readonly meshes: readonly TileMesh[];
}

const layers: readonly MeshLayer[] = ["buildings", "ground", "water", "bridges"];
const tileBytesMax = 64 * 1024 * 1024;
const meshesMax = 16;
const verticesMax = 4_000_000;
const magic = 0x31545447;

/** A tile that cannot be read: what, and where in the file. */
export class TileError extends Error {
  override readonly name = "TileError";
}

interface MeshHeader {
  layer: MeshLayer;
  vertices: number;
  indices: number;
  offset: number;
}

const padded = (length: number): number => (length + 3) & ~3;

function meshBytes(vertices: number, indices: number): number {
  return vertices * 12 + vertices * 4 + vertices * 8 + vertices * 4 + padded(vertices) + indices * 4;
}

/** Encodes a tile. */
export function encodeTile(tile: Tile): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const headers: MeshHeader[] = tile.meshes.map((mesh) => {
    const header = { layer: mesh.layer, vertices: mesh.surfaces.length, indices: mesh.indices.length, offset };
    offset += meshBytes(header.vertices, header.indices);
    return header;
  });
  const raw = new TextEncoder().encode(
    JSON.stringify({ column: tile.column, row: tile.row, origin: tile.origin, meshes: headers }),
  );
  const json = new Uint8Array(padded(raw.length)).fill(0x20);
  json.set(raw);
  const bytes = new Uint8Array(8 + json.length + offset);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, json.length, true);
  bytes.set(json, 8);
  let at = 8 + json.length;
  const put = (array: ArrayBufferView<ArrayBuffer>): void => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += padded(array.byteLength);
  };
  for (const mesh of tile.meshes) {
    put(mesh.positions);
    put(mesh.normals);
    put(mesh.facade);
    put(mesh.objects);
    put(mesh.surfaces);
    put(mesh.indices);
  }
  return bytes;
}

/**
 * Decodes a tile; the arrays are views into `buffer`.
 * @throws {TileError} for anything that is not a whole tile within the limits.
 */
export function decodeTile(buffer: ArrayBuffer): Tile {
  if (buffer.byteLength < 8 || buffer.byteLength > tileBytesMax)
    throw new TileError(`tile has ${buffer.byteLength} bytes; 8 to ${tileBytesMax} are allowed`);
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== magic) throw new TileError("tile does not start with GTT1");
  const jsonLength = view.getUint32(4, true);
  if (jsonLength % 4 !== 0 || 8 + jsonLength > buffer.byteLength)
    throw new TileError("tile header is longer than the file");
  let header: { column: number; row: number; origin: [number, number, number]; meshes: MeshHeader[] };
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(buffer, 8, jsonLength)));
  } catch (cause) {
    throw new TileError("tile header is not JSON", { cause });
  }
  if (
    typeof header !== "object" ||
    header === null ||
    !Array.isArray(header.meshes) ||
    header.meshes.length > meshesMax
  )
    throw new TileError(`tile header has no list of at most ${meshesMax} meshes`);
  const { column, row, origin } = header;
  if (!Number.isInteger(column) || !Number.isInteger(row) || !isPoint(origin))
    throw new TileError("tile header has no column, row and origin");
  const meshes = header.meshes.map((mesh, number): TileMesh => {
    if (typeof mesh !== "object" || mesh === null || !layers.includes(mesh.layer) || !Number.isInteger(mesh.offset))
      throw new TileError(`mesh ${number} has no layer and offset`);
    const { vertices, indices } = mesh;
    let at = 8 + jsonLength + mesh.offset;
    const count = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= verticesMax * 6;
    if (
      !count(vertices) ||
      !count(indices) ||
      vertices > verticesMax ||
      at % 4 !== 0 ||
      at < 8 + jsonLength ||
      at + meshBytes(vertices, indices) > buffer.byteLength
    ) {
      throw new TileError(`mesh ${number} reaches outside the tile`);
    }
    const take = <T>(make: (offset: number, length: number) => T, length: number, bytes: number): T => {
      const array = make(at, length);
      at += padded(length * bytes);
      return array;
    };
    const decoded: TileMesh = {
      layer: mesh.layer,
      positions: take((o, n) => new Float32Array(buffer, o, n), vertices * 3, 4),
      normals: take((o, n) => new Int8Array(buffer, o, n), vertices * 4, 1),
      facade: take((o, n) => new Float32Array(buffer, o, n), vertices * 2, 4),
      objects: take((o, n) => new Uint32Array(buffer, o, n), vertices, 4),
      surfaces: take((o, n) => new Uint8Array(buffer, o, n), vertices, 1),
      indices: take((o, n) => new Uint32Array(buffer, o, n), indices, 4),
    };
    for (const index of decoded.indices)
      if (index >= vertices) throw new TileError(`mesh ${number} has a triangle with vertex ${index} of ${vertices}`);
    return decoded;
  });
  return { column, row, origin, meshes };
}

function isPoint(value: unknown): value is [number, number, number] {
  return Array.isArray(value) && value.length === 3 && value.every((item) => Number.isFinite(item));
}
