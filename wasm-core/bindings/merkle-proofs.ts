// RFC 6962 proofs of inclusion and consistency, verified: one at a time, or many in one go, four lanes wide.
// Anything that does not verify is false; nothing throws.

import { type Hashes, hashBytes, hashCount, isCount, isHash, setCount, setHashes } from "./hashes.ts";
import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";

export interface InclusionProof {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly path: Hashes;
}

export interface RootedInclusionProof extends InclusionProof {
  readonly root: Uint8Array;
  readonly size: number;
}

/** A tree at one size. */
export interface TreeHead {
  readonly root: Uint8Array;
  readonly size: number;
}

export interface MerkleProofs {
  /** RFC 9162 §2.1.3.2. False for anything that does not verify, size 0 included. A packed path is faster than a list. */
  verifyInclusion(root: Uint8Array, leafHash: Uint8Array, index: number, size: number, path: Hashes): boolean;
  /** RFC 9162 §2.1.4.2. False for anything that does not verify, size 0 included. */
  verifyConsistency(size1: number, size2: number, root1: Uint8Array, root2: Uint8Array, path: Hashes): boolean;
  /** A verdict for each proof. */
  verifyInclusions(proofs: readonly RootedInclusionProof[]): boolean[];
  /** A verdict for each proof of one tree. */
  verifyInclusionsIn(head: TreeHead, proofs: readonly InclusionProof[]): boolean[];
  /**
   * As `verifyInclusions`, 1 or 0 for each proof, over proofs packed one after the other, numbers little-endian:
   * count u32, index u64, size u64, leaf hash, root, then the path of `count` hashes. With a `head` its root and size stand for
   * all, and are left out of each: count u32, index u64, leaf hash, path. A proof that is cut short is the last and gets 0.
   */
  verifyPackedInclusions(packed: Uint8Array, head?: TreeHead): Uint8Array<ArrayBuffer>;
}

export interface MerkleProofExports {
  readonly verifyInclusion: (from: number, index: number, size: number, count: number) => number;
  readonly verifyConsistency: (from: number, size1: number, size2: number, count: number) => number;
  readonly verifyInclusions: (from: number, length: number, size: number) => number;
}

export const merkleProofExportNames = [
  "verifyInclusion",
  "verifyConsistency",
  "verifyInclusions",
] as const satisfies readonly (keyof MerkleProofExports)[];

/** Hashes in an audit path or a consistency proof; the core refuses longer ones. */
const pathLengthMax = 64;
const ownRootBytes = 84;
/** Of a packed proof without its path, when root and size are shared. */
export const sharedRootBytes = 44;
/** Proofs that the core takes in one call. */
const inclusionsMax = 4096;

/** Packs proofs as `verifyPackedInclusions` takes them without a head. @throws {RangeError} for what cannot be packed. */
export function packInclusions(proofs: readonly RootedInclusionProof[]): Uint8Array<ArrayBuffer> {
  if (!proofs.every((proof) => isSound(proof) && isHead(proof))) throw new RangeError(unsound);
  return packAll(proofs, ownRootBytes, (proof) => proof);
}

/** Packs proofs as `verifyPackedInclusions` takes them with a head. @throws {RangeError} for what cannot be packed. */
export function packInclusionsIn(proofs: readonly InclusionProof[]): Uint8Array<ArrayBuffer> {
  if (!proofs.every(isSound)) throw new RangeError(unsound);
  return packAll(proofs, sharedRootBytes, () => null);
}

const unsound = "a proof has whole numbers, hashes of 32 bytes, and at most 64 of them in its path";

function packAll<Proof extends InclusionProof>(
  proofs: readonly Proof[],
  headerBytes: number,
  headOf: (proof: Proof) => TreeHead | null,
): Uint8Array<ArrayBuffer> {
  const length = proofs.reduce((sum, { path }) => sum + headerBytes + hashCount(path) * hashBytes, 0);
  const packed = new Uint8Array(length);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const proof of proofs) at = packInclusion(packed, view, at, proof, headOf(proof));
  return packed;
}

/** Writes one proof, with `head` or without, and answers where it ends. */
function packInclusion(
  to: Uint8Array,
  view: DataView,
  at: number,
  proof: InclusionProof,
  head: TreeHead | null,
): number {
  const count = hashCount(proof.path);
  view.setUint32(at, count, true);
  setCount(view, at + 4, proof.index);
  let leafAt = at + 12;
  if (head !== null) {
    setCount(view, at + 12, head.size);
    to.set(head.root, at + 52);
    leafAt = at + 20;
  }
  to.set(proof.leafHash, leafAt);
  const pathAt = at + (head === null ? sharedRootBytes : ownRootBytes);
  setHashes(to, proof.path, pathAt);
  return pathAt + count * hashBytes;
}

/** The core takes size 0 for "none shared"; nothing is in an empty tree. */
function isVerifiable(head: TreeHead): boolean {
  return isHead(head) && head.size > 0;
}

function isHead({ root, size }: TreeHead): boolean {
  return isHash(root) && isCount(size);
}

function isSound({ leafHash, index, path }: InclusionProof): boolean {
  return isHash(leafHash) && isCount(index) && isPath(path);
}

function isPath(path: Hashes): boolean {
  const count = hashCount(path);
  return count >= 0 && count <= pathLengthMax;
}

/** One proof at a time. */
export type SingleMerkleProofs = Pick<MerkleProofs, "verifyInclusion" | "verifyConsistency">;
export type SingleMerkleProofExports = Pick<MerkleProofExports, "verifyInclusion" | "verifyConsistency">;

export function bindSingleMerkleProofs(exports: SingleMerkleProofExports, region: InputRegion): SingleMerkleProofs {
  /** Places two hashes and a path; -1 when they are not such. */
  const placeProof = (first: Uint8Array, second: Uint8Array, path: Hashes): number => {
    const count = hashCount(path);
    if (!isHash(first) || !isHash(second) || count < 0 || count > pathLengthMax) return -1;
    const from = region.reserve((count + 2) * hashBytes);
    const bytes = region.bytes();
    bytes.set(first, from);
    bytes.set(second, from + hashBytes);
    setHashes(bytes, path, from + 2 * hashBytes);
    return from;
  };
  const pathLength = (path: Hashes): number => (path instanceof Uint8Array ? path.length / hashBytes : path.length);

  return {
    verifyInclusion(root, leafHash, index, size, path) {
      if (!isCount(index) || !isCount(size)) return false;
      const from = placeProof(root, leafHash, path);
      return from >= 0 && exports.verifyInclusion(from, index, size, pathLength(path)) !== 0;
    },
    verifyConsistency(size1, size2, root1, root2, path) {
      if (!isCount(size1) || !isCount(size2)) return false;
      const from = placeProof(root1, root2, path);
      return from >= 0 && exports.verifyConsistency(from, size1, size2, pathLength(path)) !== 0;
    },
  };
}

export function bindMerkleProofs(exports: MerkleProofExports, region: InputRegion): MerkleProofs {
  /** Verdicts of `count` packed proofs that are no more than a piece. */
  const verifyPiece = (piece: Uint8Array, count: number, head: TreeHead | undefined): Uint8Array => {
    const lead = head === undefined ? 0 : hashBytes;
    const from = region.reserve(lead + piece.length);
    const bytes = region.bytes();
    if (head !== undefined) bytes.set(head.root, from);
    bytes.set(piece, from + lead);
    exports.verifyInclusions(from, piece.length, head?.size ?? 0);
    return region.outputView(count);
  };

  const verifyPacked = (packed: Uint8Array, head: TreeHead | undefined): Uint8Array<ArrayBuffer> => {
    const headerBytes = head === undefined ? ownRootBytes : sharedRootBytes;
    const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
    const endOf = (at: number): number => {
      if (at + headerBytes > packed.length) return packed.length;
      return Math.min(at + headerBytes + view.getUint32(at, true) * hashBytes, packed.length);
    };
    let total = 0;
    for (let at = 0; at < packed.length; at = endOf(at)) total++;
    const verdicts = new Uint8Array(total);
    if (head !== undefined && !isVerifiable(head)) return verdicts;
    let judged = 0;
    for (let at = 0; at < packed.length; ) {
      let end = endOf(at);
      let count = 1;
      while (end < packed.length && count < inclusionsMax && endOf(end) - at <= pieceBytes) {
        end = endOf(end);
        count++;
      }
      // A proof of more than a piece has a path that is too long, and is not handed over.
      if (end - at <= pieceBytes) verdicts.set(verifyPiece(packed.subarray(at, end), count, head), judged);
      judged += count;
      at = end;
    }
    return verdicts;
  };

  /** Packs sound proofs straight into the input region, as many as a piece holds. */
  const verifyList = (proofs: readonly InclusionProof[], head: TreeHead | null): boolean[] => {
    const verdicts: boolean[] = [];
    const headerBytes = head === null ? ownRootBytes : sharedRootBytes;
    const lead = head === null ? 0 : hashBytes;
    if (head !== null && !isVerifiable(head)) return proofs.map(() => false);
    const from = region.reserve(lead + pieceBytes + ownRootBytes + pathLengthMax * hashBytes);
    const bytes = region.bytes();
    const view = new DataView(bytes.buffer);
    if (head !== null) bytes.set(head.root, from);
    const start = from + lead;
    for (let next = 0; next < proofs.length; ) {
      const first = next;
      let at = start;
      for (; next < proofs.length && next - first < inclusionsMax && at - start < pieceBytes; next++) {
        const proof = proofs[next]!;
        const sound = isSound(proof) && (head !== null || isHead(proof as RootedInclusionProof));
        // What cannot be packed becomes a proof that cannot verify: of leaf 2^64 - 1.
        if (sound) at = packInclusion(bytes, view, at, proof, head === null ? (proof as RootedInclusionProof) : null);
        else {
          bytes.fill(0xff, at + 4, at + headerBytes);
          view.setUint32(at, 0, true);
          at += headerBytes;
        }
      }
      exports.verifyInclusions(from, at - start, head?.size ?? 0);
      const answers = region.outputView(next - first);
      for (let i = 0; i < answers.length; i++) verdicts.push(answers[i] === 1);
    }
    return verdicts;
  };

  return {
    ...bindSingleMerkleProofs(exports, region),
    verifyInclusions: (proofs) => verifyList(proofs, null),
    verifyInclusionsIn: (head, proofs) => verifyList(proofs, head),
    verifyPackedInclusions: verifyPacked,
  };
}
