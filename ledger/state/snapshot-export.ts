// Takes a snapshot of a state's current version. It is served from the tree, which keeps the version, so no chunk is stored; the
// same state gives the same bytes on every node. Memory beside the tree: 8 bytes an entry while it is taken, then 4.

import type { StateTree } from "../../wasm-core/bindings/state-tree.ts";
import { fromHex, hex } from "../protocol/bytes.ts";
import { compareBytes } from "./name-order.ts";
import { NamesByKey } from "./names-by-key.ts";
import {
  type ChunkEntry,
  divergenceOf,
  encodeChunk,
  entryBytes,
  rootOfChunks,
  type SnapshotChunk,
  type SnapshotHasher,
  type SnapshotManifest,
  snapshotChunkBytesMax,
  snapshotFormat,
} from "./snapshot.ts";
import type { FrozenState, VersionedState } from "./versioned-state.ts";

export interface SnapshotTools {
  readonly hasher: SnapshotHasher;
  /** An empty tree, such as `loadStateTree` answers. */
  readonly newTree: () => StateTree;
}

/** Entries looked at in one step. */
const stepEntries = 2048;

export class StateSnapshot {
  readonly manifest: SnapshotManifest;
  readonly #state: FrozenState;
  readonly #names: NamesByKey;

  constructor(manifest: SnapshotManifest, state: FrozenState, names: NamesByKey) {
    this.manifest = manifest;
    this.#state = state;
    this.#names = names;
  }

  /**
   * A chunk's bytes, as long as the state keeps the version.
   * @throws {RangeError} when it is kept no longer, or there is no such chunk.
   */
  chunk(index: number): Uint8Array<ArrayBuffer> {
    const chunk = this.manifest.chunks[index];
    if (chunk === undefined)
      throw new RangeError(`a snapshot of ${this.manifest.chunks.length} chunks has no ${index}`);
    const entries = [...entriesOf(this.#state, this.#names, fromHex(chunk.first), chunk.entries)];
    return encodeChunk(entries, chunk.bytes);
  }
}

/**
 * Takes a snapshot of what is now the current version, in steps of some milliseconds: other blocks may be committed in between.
 * @throws {RangeError} from a step, when the version is kept no longer.
 */
export function* takeSnapshot(
  state: VersionedState,
  chain: string,
  { hasher, newTree }: SnapshotTools,
): Generator<void, StateSnapshot, undefined> {
  const frozen = state.freeze();
  const names = yield* NamesByKey.build(frozen.names, hasher);
  const cuts = yield* cut(entriesOf(frozen, names, new Uint8Array(32), frozen.size));
  const scratch = newTree();
  const chunks: SnapshotChunk[] = [];
  for (const { first, entries, bytes } of cuts) {
    const root = yield* rootOf(scratch, entriesOf(frozen, names, first, entries));
    chunks.push({ first: hex(first), root: hex(root), entries, bytes });
  }
  const appHash = hex(frozen.root);
  if (hex(rootOfChunks(chunks, hasher)) !== appHash) throw new Error("the chunks do not make the state's root");
  const { height, size } = frozen;
  const manifest = { format: snapshotFormat, chain, height, appHash, entries: size, chunks } as const;
  return new StateSnapshot(manifest, frozen, names);
}

type KeyedEntry = ChunkEntry & { readonly key: Uint8Array };

/** Root of a tree of these entries alone. */
function* rootOf(scratch: StateTree, entries: Iterable<KeyedEntry>): Generator<void, Uint8Array, undefined> {
  let part: { name: Uint8Array; value: Uint8Array }[] = [];
  scratch.prepareBegin();
  for (const { key, value } of entries) {
    part.push({ name: key, value });
    if (part.length < stepEntries) continue;
    scratch.prepareMore(part);
    part = [];
    yield;
  }
  scratch.prepareMore(part);
  const root = scratch.prepareEnd();
  scratch.abandon();
  yield;
  return root;
}

/** Entries in the order of their keys, from a key on. */
function* entriesOf(
  state: FrozenState,
  names: NamesByKey,
  first: Uint8Array,
  count: number,
): Generator<KeyedEntry, void, undefined> {
  const keyed = names.from(first);
  let left = count;
  if (left === 0) return;
  for (const { key, value } of state.entriesFrom(first)) {
    const next = keyed.next();
    if (next.done === true || compareBytes(next.value.key, key) !== 0)
      throw new Error(`the entry of key ${hex(key)} has no name`);
    yield { key, name: next.value.name, value };
    left--;
    if (left === 0) return;
  }
  throw new Error(`${left} entries are missing`);
}

interface Cut {
  readonly first: Uint8Array;
  readonly entries: number;
  readonly bytes: number;
}

/** A subtree of what was read so far: as one chunk, or, when it is too large for one, as several. */
interface Subtree {
  /** Bit that parts it from the one before; these grow from one open subtree to the next. */
  readonly bit: number;
  readonly cuts: Cut[];
}

/** Cuts the tree into the largest subtrees that fit in a chunk. */
function* cut(entries: Iterable<KeyedEntry>): Generator<void, readonly Cut[], undefined> {
  const open: Subtree[] = [];
  const join = (): void => {
    const right = open.pop()!;
    const left = open.pop()!;
    open.push({ bit: left.bit, cuts: joined(left.cuts, right.cuts) });
  };
  let last: Uint8Array | null = null;
  let seen = 0;
  for (const entry of entries) {
    const bit = last === null ? -1 : divergenceOf(last, entry.key);
    while (open.at(-1) !== undefined && open.at(-1)!.bit > bit) join();
    open.push({ bit, cuts: [{ first: entry.key, entries: 1, bytes: entryBytes(entry) }] });
    last = entry.key;
    seen++;
    if (seen % stepEntries === 0) yield;
  }
  while (open.length > 1) join();
  return open[0]?.cuts ?? [];
}

function joined(left: Cut[], right: readonly Cut[]): Cut[] {
  const [a, b] = [left[0]!, right[0]!];
  if (left.length === 1 && right.length === 1 && a.bytes + b.bytes <= snapshotChunkBytesMax)
    return [{ first: a.first, entries: a.entries + b.entries, bytes: a.bytes + b.bytes }];
  for (const one of right) left.push(one);
  return left;
}
