// One proof for several leaves, by its definition: on each level, from the leaves up and from left to right, the hash of every
// sibling of a known node that is not itself known.

import { innerHash } from "./rfc6962.ts";

/** The root that leaves and proof lead to; `next` gives the proof's hashes. Undefined when the indices do not ascend below `size`. */
export function rootByMultiProof(
  size: number,
  indices: readonly number[],
  leafHashes: readonly Uint8Array[],
  next: () => Uint8Array | undefined,
): Uint8Array | undefined {
  if (indices.length === 0 || indices.some((index, i) => index >= size || (i > 0 && index <= indices[i - 1]!)))
    return undefined;
  let known = new Map<number, Uint8Array>(indices.map((index, i) => [index, leafHashes[i]!]));
  for (let width = size; width > 1; width = Math.ceil(width / 2)) {
    const above = new Map<number, Uint8Array>();
    for (const index of known.keys()) {
      const left = index - (index % 2);
      const parent = left / 2;
      if (above.has(parent)) continue;
      if (left + 1 >= width) {
        above.set(parent, known.get(left)!);
        continue;
      }
      const [a, b] = [known.get(left) ?? next(), known.get(left + 1) ?? next()];
      if (a === undefined || b === undefined) return undefined;
      above.set(parent, innerHash(a, b));
    }
    known = above;
  }
  return known.get(0);
}
