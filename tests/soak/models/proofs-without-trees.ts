// Sound RFC 6962 proofs for trees of any size up to 2^53 - 1: no tree is needed, as the root is what the random path leads to.

import { extremeCountOf } from "../extremes.ts";
import type { Random } from "../random.ts";
import { consistencyLength, pathLength, rootByPath, rootsByConsistency } from "./rfc6962.ts";

export interface Proof {
  /** Index and size of an inclusion, or both sizes. */
  readonly first: number;
  readonly second: number;
  /** Root and leaf hash, or both roots; then the path. */
  readonly hashes: readonly Uint8Array[];
}

/** Small, usual and extreme sizes, from 1. */
export function sizeOf(random: Random): number {
  const kind = random.below(4);
  if (kind === 0) return 1 + random.below(9);
  if (kind === 1) return 1 + random.below(600);
  if (kind === 2) return Math.max(1, extremeCountOf(random) - random.below(3));
  return 1 + Math.floor(random.uint32() * 2 ** random.below(21));
}

function partOf(random: Random, whole: number): number {
  return Math.min(Math.floor((random.uint32() / 2 ** 32) * whole), whole - 1);
}

export function soundInclusion(random: Random): Proof {
  const second = sizeOf(random);
  return inclusionOf(random, random.oneIn(4) ? second - 1 : partOf(random, second), second);
}

/** Holds in every respect but that no tree may be as large. Powers of two, with which doubles are still exact. */
export function inclusionBeyondBound(random: Random): Proof {
  return inclusionOf(random, random.below(1_000), 2 ** (53 + random.below(11)));
}

function inclusionOf(random: Random, first: number, second: number): Proof {
  const leaf = random.bytes(32);
  const path = Array.from({ length: pathLength(first, second) }, () => random.bytes(32));
  return { first, second, hashes: [rootByPath(first, second, leaf, path)!, leaf, ...path] };
}

export function soundConsistency(random: Random): Proof {
  const second = sizeOf(random);
  const power = 2 ** random.below(54);
  const first = random.oneIn(3) && power <= second ? power : Math.max(1, partOf(random, second));
  const path = Array.from({ length: consistencyLength(first, second) }, () => random.bytes(32));
  // The first root stands for a node only when the first size is a whole subtree; otherwise it follows from the path.
  const [root1, root2] = rootsByConsistency(first, second, random.bytes(32), path)!;
  return { first, second, hashes: [root1, root2, ...path] };
}

export function join(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 32);
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * 32);
  return bytes;
}

/** Views of the hashes that lie one after the other. */
export function split(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.floor(bytes.length / 32) }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
}
