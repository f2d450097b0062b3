// Parts of ICS-23 proofs of the `tendermint` spec, written byte by byte, and the leaves that they lead from, over @noble/hashes.

import { sha256 } from "@noble/hashes/sha2.js";

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

/** A length-delimited field of a message. */
export function field(tag: number, ...contents: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const content = Buffer.concat(contents.map((one) => Uint8Array.from(one)));
  return Buffer.concat([Uint8Array.of(tag, ...varint(content.length)), content]);
}

/** sha256(00 | length and key | 20 | sha256(value)) */
export function modelLeaf(key: Uint8Array, value: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(0, ...varint(key.length), ...key, 32, ...sha256(value)));
}
