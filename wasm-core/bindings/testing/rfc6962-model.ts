// RFC 6962 trees and proofs as their definitions read, over @noble/hashes: the model that the core is held against.

import { sha256 } from "@noble/hashes/sha2.js";

type Hash = Uint8Array;

export const modelInner = (left: Hash, right: Hash): Hash => sha256(Uint8Array.of(1, ...left, ...right));

/** The largest power of two below n, n > 1. */
function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

export class ModelTree {
  readonly hashes: readonly Hash[];
  readonly #memory = new Map<number, Hash>();

  constructor(hashes: readonly Hash[]) {
    this.hashes = hashes;
  }

  /** §2.1: MTH(D[from:to]). */
  root(to: number, from = 0): Hash {
    if (to === from) return sha256(new Uint8Array());
    if (to - from === 1) return this.hashes[from]!;
    const name = from * 2 ** 20 + to;
    let hash = this.#memory.get(name);
    if (hash === undefined) {
      const middle = from + splitOf(to - from);
      hash = modelInner(this.root(middle, from), this.root(to, middle));
      this.#memory.set(name, hash);
    }
    return hash;
  }

  /** §2.1.1: PATH(index, D[from:to]). */
  path(index: number, to: number, from = 0): Hash[] {
    if (to - from === 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...this.path(index, middle, from), this.root(to, middle)]
      : [...this.path(index, to, middle), this.root(middle, from)];
  }

  /** §2.1.2: SUBPROOF(m, D[from:to], whole), m counted from 0. */
  consistency(m: number, to: number, from = 0, whole = true): Hash[] {
    if (m === to) return whole ? [] : [this.root(to, from)];
    const middle = from + splitOf(to - from);
    return m <= middle
      ? [...this.consistency(m, middle, from, whole), this.root(to, middle)]
      : [...this.consistency(m, to, middle, false), this.root(middle, from)];
  }

  /** Maximal subtrees without a chosen leaf, by the size of the left one of the two siblings, then from left to right. */
  multiProof(chosen: ReadonlySet<number>, size: number): Hash[] {
    const found: { readonly split: number; readonly from: number; readonly hash: Hash }[] = [];
    const has = (from: number, to: number): boolean => {
      for (let i = from; i < to; i++) if (chosen.has(i)) return true;
      return false;
    };
    const visit = (from: number, to: number): void => {
      if (to - from === 1) return;
      const split = splitOf(to - from);
      for (const [low, high] of [
        [from, from + split],
        [from + split, to],
      ] as const) {
        if (has(low, high)) visit(low, high);
        else found.push({ split, from: low, hash: this.root(high, low) });
      }
    };
    visit(0, size);
    return found.sort((a, b) => a.split - b.split || a.from - b.from).map(({ hash }) => hash);
  }
}

/** Hashes that differ. */
export function someHashes(count: number): Hash[] {
  return Array.from({ length: count }, (_, i) => sha256(Uint8Array.of(i, i >> 8, i >> 16)));
}

/** True when two lists of hashes are the same. Thousands of lists take the runner's own comparison seconds. */
export function sameHashes(a: readonly Hash[], b: readonly Hash[]): boolean {
  return a.length === b.length && a.every((hash, i) => Buffer.compare(hash, b[i]!) === 0);
}
