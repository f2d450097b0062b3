// Checks the chunks of a snapshot, each alone and in any order, against a manifest that `readManifest` accepted. What is accepted
// is part of the state that the app hash commits; all of them are all of it. Limits: a chunk has at most 1 MiB, so at most 131,072
// entries, each of which takes some 600 bytes while it is checked.

import type { StateTree } from "../../wasm-core/bindings/state-tree.ts";
import { hex } from "../protocol/bytes.ts";
import { compareBytes } from "./name-order.ts";
import { decodeChunk, type SnapshotFault, type SnapshotHasher, type SnapshotManifest } from "./snapshot.ts";
import type { SnapshotTools } from "./snapshot-export.ts";

/** Entries as `Application.restore` and the store take them; the values are views of the chunk's bytes. */
export type ChunkVerdict =
  | { readonly ok: true; readonly entries: readonly (readonly [name: string, value: Uint8Array])[] }
  | { readonly ok: false; readonly fault: SnapshotFault };

export class ChunkChecker {
  readonly #manifest: SnapshotManifest;
  readonly #hasher: SnapshotHasher;
  readonly #scratch: StateTree;

  /** @param manifest one that `readManifest` accepted. */
  constructor(manifest: SnapshotManifest, { hasher, newTree }: SnapshotTools) {
    this.#manifest = manifest;
    this.#hasher = hasher;
    this.#scratch = newTree();
  }

  /** Whether the bytes, from anywhere, are the chunk; its entries if they are. */
  check(index: number, bytes: Uint8Array): ChunkVerdict {
    const refused = (fault: SnapshotFault): ChunkVerdict => ({ ok: false, fault });
    const chunk = this.#manifest.chunks[index];
    if (chunk === undefined) return refused("chunk_must_be_in_the_manifest");
    if (bytes.length !== chunk.bytes) return refused("chunk_length_must_match");
    const entries = decodeChunk(bytes);
    if (entries === null) return refused("chunk_entries_must_be_sound");
    if (entries.length !== chunk.entries) return refused("chunk_entries_must_be_as_many");
    const keys = this.#hasher.sha256All(entries.map(({ name }) => name));
    const keyOf = (at: number): Uint8Array => keys.subarray(at * 32, at * 32 + 32);
    if (hex(keyOf(0)) !== chunk.first) return refused("chunk_entries_must_be_in_order");
    for (let at = 1; at < entries.length; at++)
      if (compareBytes(keyOf(at - 1), keyOf(at)) >= 0) return refused("chunk_entries_must_be_in_order");
    const root = this.#scratch.prepare(entries.map(({ value }, at) => ({ name: keyOf(at), value })));
    this.#scratch.abandon();
    if (hex(root) !== chunk.root) return refused("chunk_root_must_match");
    return { ok: true, entries: entries.map(({ text, value }) => [text, value] as const) };
  }
}
