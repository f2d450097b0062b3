// Exports of the core for single digests.

import { leafBegin } from "../merkle/hashes";
import { outputStart } from "../memory";
import { sha256Begin, sha256Finish, sha256Update } from "./digest";

/** Starts a digest; with `leaf` one of a Merkle leaf. */
export function digestBegin(leaf: u32): void {
  if (leaf) leafBegin();
  else sha256Begin();
}

export function digestUpdate(from: usize, length: u32): void {
  sha256Update(from, length);
}

/** Writes the digest to the output region. */
export function digestFinish(): void {
  sha256Finish(outputStart());
}
