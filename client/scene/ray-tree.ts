// Exact ray tests against a tile's triangles: a bounding volume hierarchy, built in the loader, walked on the page.
// Limits: leaves of at most 8 triangles, depth at most 64.

import type { RayTree } from "../workers/city-messages.ts";

const leafMax = 8;
const depthMax = 64;

interface RayMesh {
  readonly positions: Float32Array;
  readonly objects: Float32Array;
  readonly indices: Uint32Array;
}

/** Builds the tree over all triangles of the meshes, split at the median centroid of the longest axis. */
export function buildRayTree(meshes: readonly RayMesh[]): RayTree {
  const count = meshes.reduce((sum, mesh) => sum + Math.floor(mesh.indices.length / 3), 0);
  const corners = new Float32Array(count * 9);
  const owner = new Uint32Array(count);
  const centre = new Float32Array(count * 3);
  let t = 0;
  for (const mesh of meshes) {
    for (let i = 0; i + 2 < mesh.indices.length; i += 3, t++) {
      for (let corner = 0; corner < 3; corner++) {
        const vertex = mesh.indices[i + corner]! * 3;
        for (let axis = 0; axis < 3; axis++) {
          const value = mesh.positions[vertex + axis]!;
          corners[t * 9 + corner * 3 + axis] = value;
          centre[t * 3 + axis]! += value / 3;
        }
      }
      owner[t] = mesh.objects[mesh.indices[i]!]!;
    }
  }
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  const nodes: number[] = [];
  const split = (first: number, end: number, depth: number): number => {
    const node = nodes.length;
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    const centreLow = [Infinity, Infinity, Infinity];
    const centreHigh = [-Infinity, -Infinity, -Infinity];
    for (let i = first; i < end; i++) {
      const triangle = order[i]!;
      for (let k = 0; k < 9; k++) {
        const axis = k % 3;
        const value = corners[triangle * 9 + k]!;
        if (value < low[axis]!) low[axis] = value;
        if (value > high[axis]!) high[axis] = value;
      }
      for (let axis = 0; axis < 3; axis++) {
        const value = centre[triangle * 3 + axis]!;
        if (value < centreLow[axis]!) centreLow[axis] = value;
        if (value > centreHigh[axis]!) centreHigh[axis] = value;
      }
    }
    nodes.push(low[0]!, low[1]!, low[2]!, high[0]!, high[1]!, high[2]!, first, end - first);
    if (end - first <= leafMax || depth >= depthMax) return node;
    const extent = centreHigh.map((value, axis) => value - centreLow[axis]!);
    const axis = extent.indexOf(Math.max(...extent));
    if (!(extent[axis]! > 0)) return node;
    const middle = (first + end) >> 1;
    select(order, centre, axis, first, end - 1, middle);
    nodes[node + 7] = 0;
    // The left child always follows its parent; the right one's place is kept in `first`.
    split(first, middle, depth + 1);
    nodes[node + 6] = split(middle, end, depth + 1) / 8;
    return node;
  };
  if (count > 0) split(0, count, 0);
  const sorted = new Float32Array(count * 9);
  const objects = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const from = order[i]!;
    sorted.set(corners.subarray(from * 9, from * 9 + 9), i * 9);
    objects[i] = owner[from]!;
  }
  return { nodes: Float32Array.from(nodes), corners: sorted, objects };
}

/** Quickselect: afterwards `order[k]` has the k-th smallest centre, smaller ones before it. */
function select(order: Uint32Array, centre: Float32Array, axis: number, from: number, to: number, k: number): void {
  const key = (i: number): number => centre[order[i]! * 3 + axis]!;
  let left = from;
  let right = to;
  while (left < right) {
    const pivot = key((left + right) >> 1);
    let i = left;
    let j = right;
    while (i <= j) {
      while (key(i) < pivot) i++;
      while (key(j) > pivot) j--;
      if (i <= j) {
        const swap = order[i]!;
        order[i] = order[j]!;
        order[j] = swap;
        i++;
        j--;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return;
  }
}

export interface RayHit {
  distance: number;
  object: number;
}

const stack = new Uint32Array(depthMax * 2 + 2);

/** Nearest triangle within `hit.distance` along a unit direction; both sides count. Writes into `hit`, true if nearer. */
export function castRay(
  tree: RayTree,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
  hit: RayHit,
): boolean {
  const { nodes, corners, objects } = tree;
  if (nodes.length === 0) return false;
  const ix = 1 / dx;
  const iy = 1 / dy;
  const iz = 1 / dz;
  let found = false;
  let top = 0;
  stack[top++] = 0;
  while (top > 0) {
    const node = stack[--top]! * 8;
    let near = 0;
    let far = hit.distance;
    const ax = (nodes[node]! - ox) * ix;
    const bx = (nodes[node + 3]! - ox) * ix;
    const ay = (nodes[node + 1]! - oy) * iy;
    const by = (nodes[node + 4]! - oy) * iy;
    const az = (nodes[node + 2]! - oz) * iz;
    const bz = (nodes[node + 5]! - oz) * iz;
    // Comparisons with NaN (0 × ∞ on a slab's face) are false, which keeps the box: safe.
    if (Math.min(ax, bx) > near) near = Math.min(ax, bx);
    if (Math.min(ay, by) > near) near = Math.min(ay, by);
    if (Math.min(az, bz) > near) near = Math.min(az, bz);
    if (Math.max(ax, bx) < far) far = Math.max(ax, bx);
    if (Math.max(ay, by) < far) far = Math.max(ay, by);
    if (Math.max(az, bz) < far) far = Math.max(az, bz);
    if (near > far * 1.00001 + 1e-5) continue;
    const count = nodes[node + 7]!;
    if (count === 0) {
      stack[top++] = nodes[node + 6]!;
      stack[top++] = node / 8 + 1;
      continue;
    }
    const first = nodes[node + 6]!;
    for (let i = first; i < first + count; i++) {
      const distance = crossTriangle(corners, i * 9, ox, oy, oz, dx, dy, dz);
      if (distance < hit.distance) {
        hit.distance = distance;
        hit.object = objects[i]!;
        found = true;
      }
    }
  }
  return found;
}

/** Möller and Trumbore 1997; Infinity for a miss. */
function crossTriangle(
  c: Float32Array,
  at: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const ax = c[at]!;
  const ay = c[at + 1]!;
  const az = c[at + 2]!;
  const e1x = c[at + 3]! - ax;
  const e1y = c[at + 4]! - ay;
  const e1z = c[at + 5]! - az;
  const e2x = c[at + 6]! - ax;
  const e2y = c[at + 7]! - ay;
  const e2z = c[at + 8]! - az;
  const px = dy * e2z - dz * e2y;
  const py = dz * e2x - dx * e2z;
  const pz = dx * e2y - dy * e2x;
  const determinant = e1x * px + e1y * py + e1z * pz;
  if (determinant > -1e-12 && determinant < 1e-12) return Infinity;
  const inverse = 1 / determinant;
  const sx = ox - ax;
  const sy = oy - ay;
  const sz = oz - az;
  const u = (sx * px + sy * py + sz * pz) * inverse;
  if (u < -1e-6 || u > 1.000001) return Infinity;
  const qx = sy * e1z - sz * e1y;
  const qy = sz * e1x - sx * e1z;
  const qz = sx * e1y - sy * e1x;
  const v = (dx * qx + dy * qy + dz * qz) * inverse;
  if (v < -1e-6 || u + v > 1.000001) return Infinity;
  const distance = (e2x * qx + e2y * qy + e2z * qz) * inverse;
  return distance > 1e-6 ? distance : Infinity;
}
