// ICS-23 trees and proofs of the `tendermint` spec, made with @confio/ics23's encoder and noble's SHA-256.

import { ics23 } from "@confio/ics23";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Random } from "../random.ts";

export interface ProofCase {
  readonly root: Uint8Array;
  readonly key: Uint8Array;
  /** Empty for a proof of absence. */
  readonly value: Uint8Array;
  readonly proof: Uint8Array;
  /** Whether it was made to hold; damaged ones may hold all the same. */
  readonly sound: boolean;
}

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const leafOp: ics23.ILeafOp = {
  hash: ics23.HashOp.SHA256,
  prehashKey: ics23.HashOp.NO_HASH,
  prehashValue: ics23.HashOp.SHA256,
  length: ics23.LengthOp.VAR_PROTO,
  prefix: Uint8Array.of(0),
};

/** A tree over sorted entries, split at random places: any shape is a tree to the specification. */
function build(
  random: Random,
  entries: readonly Entry[],
  lopsided: boolean,
): { root: Uint8Array; paths: ics23.IInnerOp[][] } {
  const paths: ics23.IInnerOp[][] = entries.map(() => []);
  const node = (from: number, to: number): Uint8Array => {
    if (to - from === 1) {
      const { key, value } = entries[from]!;
      return sha256(Uint8Array.of(0, key.length, ...key, 32, ...sha256(value)));
    }
    const middle = from + 1 + (lopsided ? 0 : random.below(to - from - 1));
    const [left, right] = [node(from, middle), node(middle, to)];
    for (let i = from; i < to; i++) {
      paths[i]!.push(
        i < middle
          ? { hash: ics23.HashOp.SHA256, prefix: Uint8Array.of(1), suffix: right }
          : { hash: ics23.HashOp.SHA256, prefix: Uint8Array.of(1, ...left) },
      );
    }
    return sha256(Uint8Array.of(1, ...left, ...right));
  };
  return { root: node(0, entries.length), paths };
}

/** Keys are shorter than 128 bytes, so that their length takes one byte in a leaf. */
function entriesOf(random: Random, count: number): Entry[] {
  const keys = Array.from({ length: count }, () => random.bytes(random.oneIn(2) ? 32 : 1 + random.below(40)));
  const sorted = keys.sort((a, b) => Buffer.compare(a, b));
  return sorted
    .filter((key, i) => i === 0 || Buffer.compare(sorted[i - 1]!, key) !== 0)
    .map((key) => ({ key, value: random.bytes(1 + random.below(60)) }));
}

/** A change to the meaning of a proof, which its bytes cannot show: it still reads well. */
function distort(random: Random, proof: ics23.IExistenceProof): ics23.IExistenceProof {
  const path = [...(proof.path ?? [])];
  const at = random.below(Math.max(path.length, 1));
  const step = path[at];
  switch (random.below(9)) {
    case 0:
      path.splice(at, 1);
      break;
    case 1:
      if (step !== undefined) path.splice(at, 0, step);
      break;
    case 2:
      path.reverse();
      break;
    case 3: {
      // The sibling on the other side.
      const prefix = step?.prefix ?? new Uint8Array();
      if (prefix.length === 33) path[at] = { ...step, prefix: prefix.subarray(0, 1), suffix: prefix.subarray(1) };
      break;
    }
    case 4:
      if (step !== undefined) path[at] = { ...step, prefix: Uint8Array.of(random.below(3), ...random.bytes(32)) };
      break;
    case 5:
      if (step !== undefined) path[at] = { ...step, suffix: random.bytes(random.pick([0, 31, 32, 33, 64])) };
      break;
    case 6:
      return { ...proof, leaf: { ...leafOp, prefix: random.bytes(random.below(3)) } };
    case 7:
      return { ...proof, leaf: { ...leafOp, [random.pick(["hash", "prehashKey", "length"])]: random.below(4) } };
    default:
      if (step !== undefined) path[at] = { ...step, hash: random.below(4) };
  }
  return { ...proof, path };
}

const encode = (message: ics23.ICommitmentProof): Uint8Array => ics23.CommitmentProof.encode(message).finish();

/** Proofs from `trees` trees; half of them sound, half distorted in their meaning. */
export function proofCases(random: Random, kind: "exist" | "nonexist" | "both", trees: number): ProofCase[] {
  const cases: ProofCase[] = [];
  for (let tree = 0; tree < trees; tree++) {
    // One chain just within and one just beyond the bound of 256 steps.
    const count = tree === 0 ? 257 : tree === 1 ? 260 : 1 + random.below(60);
    const entries = entriesOf(random, count);
    const { root, paths } = build(random, entries, tree < 2 || random.oneIn(4));
    const proofOf = (i: number): ics23.IExistenceProof => ({ ...entries[i]!, leaf: leafOp, path: paths[i]! });
    for (let n = 0; n < 12; n++) {
      // In a chain the last entries lie deepest.
      const isDeep = tree < 2 && n < 6;
      const i = isDeep ? entries.length - 1 - random.below(5) : random.below(entries.length);
      const exist = proofOf(i);
      if (kind === "exist" || (kind === "both" && random.oneIn(2))) {
        const { key, value } = entries[i]!;
        cases.push({ root, key, value, proof: encode({ exist }), sound: (exist.path?.length ?? 0) <= 256 });
        cases.push({ root, key, value, proof: encode({ exist: distort(random, exist) }), sound: false });
        continue;
      }
      const key = isDeep
        ? Uint8Array.of(...entries[i]!.key, 0)
        : random.bytes(random.oneIn(2) ? 32 : 1 + random.below(40));
      const next = entries.findIndex((entry) => Buffer.compare(entry.key, key) >= 0);
      const right = next < 0 ? entries.length : next;
      if (right < entries.length && Buffer.compare(entries[right]!.key, key) === 0) continue;
      const nonexist: ics23.INonExistenceProof = { key };
      if (right > 0) nonexist.left = proofOf(right - 1);
      if (right < entries.length) nonexist.right = proofOf(right);
      const longest = Math.max(nonexist.left?.path?.length ?? 0, nonexist.right?.path?.length ?? 0);
      const value = new Uint8Array();
      cases.push({ root, key, value, proof: encode({ nonexist }), sound: longest <= 256 });
      const wrong = { ...nonexist };
      const side = random.pick(["left", "right"] as const);
      const change = random.below(4);
      if (change === 0) wrong[side] = null;
      else if (change === 1) wrong[side] = proofOf(random.below(entries.length));
      else if (wrong[side]) wrong[side] = distort(random, wrong[side]);
      cases.push({ root, key, value, proof: encode({ nonexist: wrong }), sound: false });
    }
  }
  return cases;
}

/**
 * Why the core may refuse what @confio/ics23 accepts, as read.ts states its strictness; undefined when nothing explains it.
 */
export function strictnessOf(key: Uint8Array, proof: Uint8Array): string | undefined {
  if (key.length === 0) return "empty key";
  const decoded = ics23.CommitmentProof.decode(proof);
  if (decoded.batch || decoded.compressed) return "batch";
  const paths = [decoded.exist?.path, decoded.nonexist?.left?.path, decoded.nonexist?.right?.path].map(
    (path) => path ?? [],
  );
  if (paths.some((path) => path.length > 256)) return "more than 256 steps";
  for (const step of paths.flat()) {
    const [prefix, suffix] = [step.prefix ?? new Uint8Array(), step.suffix ?? new Uint8Array()];
    if (prefix[0] !== 1) return "inner prefix other than 01";
    if (!((prefix.length === 1 && suffix.length === 32) || (prefix.length === 33 && suffix.length === 0)))
      return "inner node with other than two children";
  }
  // Unknown fields and repeated ones vanish when what was understood is written again.
  if (Buffer.compare(encode(ics23.CommitmentProof.toObject(decoded) as ics23.ICommitmentProof), proof) !== 0)
    return "unknown or repeated field, or an overlong number";
  return undefined;
}

/** How far a refused proof came: whether it could be read, and whether its steps have the specification's form. */
export function depthOf(proof: Uint8Array): string {
  let decoded: ics23.CommitmentProof;
  try {
    decoded = ics23.CommitmentProof.decode(proof);
  } catch {
    return "unreadable";
  }
  const parts = [decoded.exist, decoded.nonexist?.left, decoded.nonexist?.right].filter((part) => part != null);
  if (parts.length === 0) return "empty";
  for (const { leaf, path } of parts) {
    const wellFormed =
      leaf?.hash === 1 &&
      (leaf.prehashKey ?? 0) === 0 &&
      leaf.prehashValue === 1 &&
      leaf.length === 1 &&
      leaf.prefix?.[0] === 0;
    if (!wellFormed) return "leaf of another form";
    for (const { hash, prefix, suffix } of path ?? []) {
      const lengths = (prefix?.length ?? 0) + (suffix?.length ?? 0);
      if (hash !== 1 || prefix?.[0] !== 1 || lengths !== 33) return "inner node of another form";
    }
  }
  return "well formed";
}
