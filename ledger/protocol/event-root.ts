// How events enter what is signed: RFC 6962 (section 2.1) over each event as canonical JSON of its type and attributes. The root over a
// transaction's events is its result's data, so it stands under the next header's LastResultsHash.

import { canonicalBytes } from "./canonical.ts";
import type { LedgerEvent } from "./rest.ts";

/** RFC 6962's root over leaves, 32 bytes, such as `Core` of wasm-core answers it. */
export interface MerkleRoots {
  merkleRoot(leaves: readonly Uint8Array[]): Uint8Array;
}

/** An event as a leaf of its tree. */
export function eventLeaf({ attributes, type }: LedgerEvent): Uint8Array {
  return canonicalBytes({ attributes, type });
}

/** The root over events in their order: 32 bytes; that of the empty tree when there are none. */
export function eventsRoot(roots: MerkleRoots, events: readonly LedgerEvent[]): Uint8Array {
  return roots.merkleRoot(events.map(eventLeaf));
}
