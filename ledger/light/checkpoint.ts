// A checkpoint: the block from which a person's trust begins, or that two people compare (subjective start). Its text form goes into
// links, QR codes and messages; it says which chain, which block, and the chain's first block, which never changes.

import { fromHex, hex, utf8 } from "../protocol/bytes.ts";

export interface Checkpoint {
  /** 1 to 50 bytes of UTF-8. */
  readonly chain: string;
  /** From 1. */
  readonly height: number;
  /** Hash of that header, 32 bytes. */
  readonly hash: Uint8Array;
  /** Hash of the first header, 32 bytes: the chain's fingerprint. */
  readonly genesis: Uint8Array;
}

const form = /^glasstown:([A-Za-z0-9._~!*'()%-]{1,150}):([1-9][0-9]{0,15}):([0-9a-f]{64}):([0-9a-f]{64})$/;
/** No sound text is longer; anything longer is not even looked at. */
const textMax = 320;

/** `glasstown:<chain>:<height>:<hash>:<genesis>`: the chain percent-encoded, hashes in lower-case hex. @throws {URIError} when the chain has no UTF-8. */
export function checkpointText({ chain, height, hash, genesis }: Checkpoint): string {
  return `glasstown:${encodeURIComponent(chain)}:${height}:${hex(hash)}:${hex(genesis)}`;
}

/** Reads the text form, spaces around it allowed. Null when it is none. */
export function readCheckpoint(text: string): Checkpoint | null {
  if (text.length > 2 * textMax) return null;
  const match = form.exec(text.trim());
  if (match === null) return null;
  const [, name, digits, hash, genesis] = match as unknown as readonly [string, string, string, string, string];
  const checkpoint = { chain: decoded(name), height: Number(digits), hash: fromHex(hash), genesis: fromHex(genesis) };
  // One form a checkpoint, so that equal ones are equal texts; the first block is its own fingerprint.
  const sound =
    checkpoint.chain !== null && Number.isSafeInteger(checkpoint.height) && (checkpoint.height > 1 || hash === genesis);
  if (!sound || encodeURIComponent(checkpoint.chain!) !== name || utf8(checkpoint.chain!).length > 50) return null;
  return { ...checkpoint, chain: checkpoint.chain! };
}

function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name);
  } catch {
    return null;
  }
}
