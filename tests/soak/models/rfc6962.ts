// RFC 6962 trees as the text defines them, recursively from the root down, with noble's SHA-256: the model for the core's loops.

import { sha256 } from "@noble/hashes/sha2.js";

const [leafPrefix, innerPrefix] = [Uint8Array.of(0), Uint8Array.of(1)];

export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256.create().update(leafPrefix).update(leaf).digest();
}

export function innerHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256.create().update(innerPrefix).update(left).update(right).digest();
}

/** The largest power of two below `count`, for counts up to 2^53. */
function splitOf(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** §2.1 over leaf hashes. */
export function rootOf(hashes: readonly Uint8Array[], from = 0, to = hashes.length): Uint8Array {
  if (to === from) return sha256(new Uint8Array());
  if (to - from === 1) return hashes[from]!;
  const middle = from + splitOf(to - from);
  return innerHash(rootOf(hashes, from, middle), rootOf(hashes, middle, to));
}

/** §2.1.1: the root that an audit path leads to; undefined when it has not the right number of hashes. */
export function rootByPath(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index >= size) return undefined;
  let used = path.length;
  const climb = (at: number, count: number): Uint8Array | undefined => {
    if (count === 1) return used === 0 ? leaf : undefined;
    const sibling = path[--used];
    if (sibling === undefined) return undefined;
    const middle = splitOf(count);
    const below = at < middle ? climb(at, middle) : climb(at - middle, count - middle);
    if (below === undefined) return undefined;
    return at < middle ? innerHash(below, sibling) : innerHash(sibling, below);
  };
  return climb(index, size);
}

/** Number of hashes in the audit path of a leaf. */
export function pathLength(index: number, size: number): number {
  let [at, count, length] = [index, size, 0];
  while (count > 1) {
    const middle = splitOf(count);
    if (at < middle) count = middle;
    else [at, count] = [at - middle, count - middle];
    length++;
  }
  return length;
}

/** §2.1.2: both roots as a consistency proof gives them; undefined when it has not the right number of hashes. */
export function rootsByConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  path: readonly Uint8Array[],
): readonly [Uint8Array, Uint8Array] | undefined {
  if (size1 === 0 || size1 > size2) return undefined;
  let used = path.length;
  const climb = (m: number, n: number, whole: boolean): readonly [Uint8Array, Uint8Array] | undefined => {
    if (m === n) {
      const node = whole ? root1 : path[--used];
      return node === undefined || used !== 0 ? undefined : [node, node];
    }
    const sibling = path[--used];
    if (sibling === undefined) return undefined;
    const middle = splitOf(n);
    if (m <= middle) {
      const below = climb(m, middle, whole);
      return below && [below[0], innerHash(below[1], sibling)];
    }
    const below = climb(m - middle, n - middle, false);
    return below && [innerHash(sibling, below[0]), innerHash(sibling, below[1])];
  };
  return climb(size1, size2, true);
}

/** Number of hashes in a consistency proof. */
export function consistencyLength(size1: number, size2: number): number {
  let [m, n, whole, length] = [size1, size2, true, 0];
  while (m !== n) {
    const middle = splitOf(n);
    if (m <= middle) n = middle;
    else [m, n, whole] = [m - middle, n - middle, false];
    length++;
  }
  return length + (whole ? 0 : 1);
}
