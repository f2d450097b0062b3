// Ray tests against every triangle by brute force, on seeded soups.

import { describe, expect, it } from "vitest";
import { buildRayTree, castRay, type RayHit } from "./ray-tree.ts";

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4_294_967_296;
  };
}

function soup(seed: number, count: number): { positions: Float32Array; objects: Float32Array; indices: Uint32Array } {
  const next = random(seed);
  const positions = new Float32Array(count * 9);
  const objects = new Float32Array(count * 3);
  for (let t = 0; t < count; t++) {
    const centre = [next() * 100, next() * 30, next() * 100];
    for (let k = 0; k < 9; k++) positions[t * 9 + k] = centre[k % 3]! + (next() - 0.5) * 8;
    objects.fill(t, t * 3, t * 3 + 3);
  }
  return { positions, objects, indices: Uint32Array.from({ length: count * 3 }, (_, i) => i) };
}

const direction = (next: () => number): [number, number, number] => {
  const d: [number, number, number] = [next() - 0.5, next() - 0.5, next() - 0.5];
  const length = Math.hypot(...d);
  return [d[0] / length, d[1] / length, d[2] / length];
};

describe("ray tree", () => {
  it.each([1, 2, 3])("finds what testing every triangle alone finds (seed %i)", (seed) => {
    const mesh = soup(seed, 400);
    const tree = buildRayTree([mesh]);
    const alone = Array.from({ length: 400 }, (_, t) =>
      buildRayTree([{ ...mesh, indices: mesh.indices.slice(t * 3, t * 3 + 3) }]),
    );
    const next = random(seed + 100);
    let hits = 0;
    for (let i = 0; i < 150; i++) {
      const o = [next() * 100, next() * 30, next() * 100] as const;
      const d = direction(next);
      const hit: RayHit = { distance: 500, object: -1 };
      castRay(tree, ...o, ...d, hit);
      const best: RayHit = { distance: 500, object: -1 };
      for (const one of alone) castRay(one, ...o, ...d, best);
      expect(hit.object).toBe(best.object);
      expect(hit.distance).toBe(best.distance);
      if (hit.object >= 0) hits++;
    }
    expect(hits).toBeGreaterThan(10);
  });

  it("hits a wall seen along an axis, where a direction's part is zero", () => {
    const tree = buildRayTree([
      {
        positions: new Float32Array([0, 0, 5, 10, 0, 5, 10, 10, 5, 0, 10, 5]),
        objects: new Float32Array([7, 7, 7, 7]),
        indices: new Uint32Array([0, 1, 2, 0, 2, 3]),
      },
    ]);
    const hit: RayHit = { distance: 100, object: -1 };
    expect(castRay(tree, 5, 5, 0, 0, 0, 1, hit)).toBe(true);
    expect(hit).toEqual({ distance: 5, object: 7 });
    expect(castRay(tree, 5, 5, 10, 0, 0, 1, { distance: 100, object: -1 })).toBe(false);
    expect(castRay(tree, 5, 5, 0, 0, 0, 1, { distance: 4, object: -1 })).toBe(false);
  });

  it("is empty for no triangles, and survives many at one place", () => {
    const empty = buildRayTree([]);
    expect(castRay(empty, 0, 0, 0, 0, 1, 0, { distance: 10, object: -1 })).toBe(false);
    const mesh = { positions: new Float32Array([0, 0, 0, 1, 0, 0, 0, 0, 1]), objects: new Float32Array(3) };
    const same = buildRayTree([{ ...mesh, indices: Uint32Array.from({ length: 300 }, (_, i) => i % 3) }]);
    expect(castRay(same, 0.2, 1, 0.2, 0, -1, 0, { distance: 10, object: -1 })).toBe(true);
  });
});
