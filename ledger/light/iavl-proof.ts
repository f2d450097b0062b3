// ICS-23 proofs of the `iavl` spec (cosmos/ics23, Cosmos SDK stores), for sites that verify state of other CometBFT chains; this ledger's
// own state is of the `tendermint` spec. Leaf sha256(height 0, size, version | len key | 20 | sha256(value)), inner sha256(height, size,
// version | 20 | left | 20 | right), numbers as Go's signed varints. Bounds: proofs of 1 MiB, 64 steps, keys and values of 64 KiB.

import type { Core } from "../../wasm-core/bindings/core.ts";
import { ProtoReader } from "../../wasm-core/bindings/proto-reader.ts";
import { hex } from "../protocol/bytes.ts";

const proofBytesMax = 1 << 20;
const keyBytesMax = 65_536;
const valueBytesMax = 65_536;
/** An AVL tree of 2^40 keys is no higher. */
const stepsMax = 64;
/** Height, size and version take 1 to 4 bytes each in the specification's bounds. */
const numbersBytesMax = 12;
const hashBytes = 32;
const hashLengthPrefix = 0x20;

type Side = "left" | "right";

interface Step {
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
  /** On which side of its parent the node below lies. */
  readonly side: Side;
}

interface Existence {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly leafPrefix: Uint8Array;
  readonly path: readonly Step[];
}

/** Whether an encoded CommitmentProof shows that the key has this value under the root. Whatever cannot be read shows nothing. */
export function verifyIavlMembership(
  core: Pick<Core, "sha256">,
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array,
  proof: Uint8Array,
): boolean {
  const shown = read(proof, (from) => from.message(1, readExistence));
  return shown !== null && same(shown.key, key) && same(shown.value, value) && same(rootOf(core, shown), root);
}

/** Whether an encoded CommitmentProof shows that the key has no value: its neighbours stand side by side, or it lies outside them all. */
export function verifyIavlNonMembership(
  core: Pick<Core, "sha256">,
  root: Uint8Array,
  key: Uint8Array,
  proof: Uint8Array,
): boolean {
  const shown = read(proof, (from) =>
    from.message(2, (absence) => ({
      key: absence.bytes(1, keyBytesMax),
      left: absence.optional(2, readExistence),
      right: absence.optional(3, readExistence),
    })),
  );
  if (shown === null || key.length === 0 || !same(shown.key, key)) return false;
  const { left, right } = shown;
  if (left !== null && !(sortsBefore(left.key, key) && same(rootOf(core, left), root))) return false;
  if (right !== null && !(sortsBefore(key, right.key) && same(rootOf(core, right), root))) return false;
  if (left !== null && right !== null) return areNeighbours(left.path, right.path);
  if (left !== null) return allOn(left.path, "right");
  return right !== null && allOn(right.path, "left");
}

function read<T>(proof: Uint8Array, form: (from: ProtoReader) => T): T | null {
  if (proof.length > proofBytesMax) return null;
  try {
    const from = new ProtoReader(proof);
    const value = form(from);
    from.end();
    return value;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** ExistenceProof {key 1, value 2, leaf 3, path 4}. @throws {RangeError} for any other form. */
function readExistence(from: ProtoReader): Existence {
  const key = from.bytes(1, keyBytesMax);
  const value = from.bytes(2, valueBytesMax);
  const leafPrefix = from.message(3, readLeaf);
  let layer = 0;
  const path = from.messages(4, stepsMax, (step) => readStep(step, ++layer));
  if (key.length === 0 || value.length === 0) throw new RangeError("an empty key or value is in no tree");
  return { key, value, leafPrefix, path };
}

/** LeafOp {hash SHA256, prehash_key none, prehash_value SHA256, length VAR_PROTO, prefix}. */
function readLeaf(from: ProtoReader): Uint8Array {
  if (from.small(1, 1) !== 1 || from.small(2, 0) !== 0 || from.small(3, 1) !== 1 || from.small(4, 1) !== 1)
    throw new RangeError("a leaf's operation is not that of the iavl spec");
  const prefix = from.bytes(5, numbersBytesMax);
  if (prefix[0] !== 0 || readNumbers(prefix, 0) !== prefix.length) throw new RangeError("a leaf's prefix cannot be");
  return prefix;
}

/** InnerOp {hash SHA256, prefix, suffix}: the node below lies left, before a suffix of 33 bytes, or right, after 33 bytes of prefix. */
function readStep(from: ProtoReader, layer: number): Step {
  if (from.small(1, 1) !== 1) throw new RangeError("an inner node's operation is not that of the iavl spec");
  const prefix = from.bytes(2, numbersBytesMax + hashBytes + 2);
  const suffix = from.bytes(3, hashBytes + 1);
  const rest = prefix.subarray(readNumbers(prefix, layer));
  const isLeft = rest.length === 1 && suffix.length === hashBytes + 1 && suffix[0] === hashLengthPrefix;
  const isRight = rest.length === hashBytes + 2 && suffix.length === 0 && rest[hashBytes + 1] === hashLengthPrefix;
  if (rest[0] !== hashLengthPrefix || !(isLeft || isRight)) throw new RangeError("an inner node has other children");
  return { prefix, suffix, side: isLeft ? "left" : "right" };
}

/** Reads height, size and version, none below 0, the height no lower than the layer. Answers where they end. */
function readNumbers(prefix: Uint8Array, layer: number): number {
  let at = 0;
  for (let number = 0; number < 3; number++) {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = prefix[at++];
      if (byte === undefined || at > numbersBytesMax) throw new RangeError("a prefix is cut off or too long");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    // Zigzag: odd is below 0.
    if (!Number.isSafeInteger(value) || value % 2 === 1) throw new RangeError("a number in a prefix cannot be");
    if (number === 0 && value / 2 < layer) throw new RangeError("a node is lower than its child");
  }
  return at;
}

function rootOf(core: Pick<Core, "sha256">, { key, value, leafPrefix, path }: Existence): Uint8Array {
  let node = core.sha256(joined(leafPrefix, lengthOf(key), key, Uint8Array.of(hashLengthPrefix), core.sha256(value)));
  for (const { prefix, suffix } of path) node = core.sha256(joined(prefix, node, suffix));
  return node;
}

/** From the root down: equal nodes, then the two sides of one, then only right, or only left, children. */
function areNeighbours(left: readonly Step[], right: readonly Step[]): boolean {
  for (let i = left.length, j = right.length; i > 0 && j > 0; ) {
    const [a, b] = [left[--i]!, right[--j]!];
    if (same(a.prefix, b.prefix) && same(a.suffix, b.suffix)) continue;
    const parts = a.side === "left" && b.side === "right";
    return parts && allOn(left.slice(0, i), "right") && allOn(right.slice(0, j), "left");
  }
  return false;
}

function allOn(path: readonly Step[], side: Side): boolean {
  return path.every((step) => step.side === side);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && hex(a) === hex(b);
}

function sortsBefore(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  // Where one is the beginning of the other, the shorter one comes first.
  return at < 0 ? a.length < b.length : at < b.length && a[at]! < b[at]!;
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const varint: number[] = [];
  let rest = bytes.length;
  for (; rest >= 0x80; rest >>>= 7) varint.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...varint, rest);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
