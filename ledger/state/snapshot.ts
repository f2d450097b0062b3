// Snapshots of a state, format 1: a manifest and chunks of at most 1 MiB. A chunk is a subtree of the state tree, and its hash is
// the subtree's root: so the manifest's hashes make up the app hash, before any chunk is there, and each chunk is proven alone.

import { stateNameBytesMax, stateValueBytesMax } from "../../wasm-core/bindings/state-tree.ts";
import { fromHex, fromUtf8, hex, nameFromUtf8, utf8 } from "../protocol/bytes.ts";
import { canonicalBytes } from "../protocol/canonical.ts";
import { compareBytes } from "./name-order.ts";

export const snapshotFormat = 1;
export const snapshotChunkBytesMax = 1_048_576;
/** Below what CometBFT takes as a snapshot's metadata: enough for some 20,000 chunks. */
export const snapshotManifestBytesMax = 4_000_000;

/** No chunk's place in a manifest takes less, so a list that claims more is not even copied. */
const chunkTextBytesMin = 160;

export interface SnapshotChunk {
  /** Least key, sha256(name), of its entries; hex. */
  readonly first: string;
  /** Root of the state tree of its entries alone; hex. */
  readonly root: string;
  readonly entries: number;
  readonly bytes: number;
}

export interface SnapshotManifest {
  readonly format: typeof snapshotFormat;
  readonly chain: string;
  readonly height: number;
  /** Root of the state after the block of that height, which stands in the next block's header; hex. */
  readonly appHash: string;
  readonly entries: number;
  /** In the order of their keys. None for the empty state. */
  readonly chunks: readonly SnapshotChunk[];
}

/** What of the core snapshots need. */
export interface SnapshotHasher {
  sha256(data: Uint8Array): Uint8Array;
  /** The hashes of all, one after the other. */
  sha256All(messages: readonly Uint8Array[]): Uint8Array;
  innerHash(left: Uint8Array, right: Uint8Array): Uint8Array;
}

/** Why a manifest or a chunk is refused. */
export type SnapshotFault =
  | "manifest_must_not_be_too_long"
  | "manifest_must_be_canonical"
  | "manifest_must_be_of_this_state"
  | "manifest_chunks_must_be_in_order"
  | "manifest_entries_must_add_up"
  | "manifest_chunks_must_make_the_app_hash"
  | "chunk_must_be_in_the_manifest"
  | "chunk_length_must_match"
  | "chunk_entries_must_be_sound"
  | "chunk_entries_must_be_as_many"
  | "chunk_entries_must_be_in_order"
  | "chunk_root_must_match";

/** What a snapshot must be of, known from a header that was verified. */
export interface TrustedState {
  readonly chain: string;
  readonly height: number;
  readonly appHash: Uint8Array;
}

/** The manifest's canonical JSON. */
export function manifestBytes(manifest: SnapshotManifest): Uint8Array<ArrayBuffer> {
  return canonicalBytes(manifest);
}

/**
 * Reads a manifest from anywhere. One that is accepted lists the hashes of subtrees that make up the trusted app hash, so every
 * chunk that fits it is part of that state, and all of them together are the whole of it.
 */
export function readManifest(
  bytes: Uint8Array,
  trusted: TrustedState,
  hasher: SnapshotHasher,
): { readonly ok: true; readonly manifest: SnapshotManifest } | { readonly ok: false; readonly fault: SnapshotFault } {
  const refused = (fault: SnapshotFault) => ({ ok: false, fault }) as const;
  if (bytes.length > snapshotManifestBytesMax) return refused("manifest_must_not_be_too_long");
  const manifest = parseManifest(bytes);
  if (manifest === null) return refused("manifest_must_be_canonical");
  const { chain, height, appHash } = trusted;
  if (manifest.chain !== chain || manifest.height !== height || manifest.appHash !== hex(appHash))
    return refused("manifest_must_be_of_this_state");
  let entries = 0;
  let last = "";
  for (const chunk of manifest.chunks) {
    // Hex of one case is in the order of the bytes.
    if (chunk.first <= last) return refused("manifest_chunks_must_be_in_order");
    last = chunk.first;
    entries += chunk.entries;
  }
  if (entries !== manifest.entries) return refused("manifest_entries_must_add_up");
  if (hex(rootOfChunks(manifest.chunks, hasher)) !== manifest.appHash)
    return refused("manifest_chunks_must_make_the_app_hash");
  return { ok: true, manifest };
}

/** The manifest in its one form; null for anything else. */
function parseManifest(bytes: Uint8Array): SnapshotManifest | null {
  try {
    const given = JSON.parse(fromUtf8(bytes)) as SnapshotManifest;
    const { chain, height, appHash, entries } = given;
    if (given.format !== snapshotFormat || typeof chain !== "string" || !isHash(appHash)) return null;
    if (!isCount(height, Number.MAX_SAFE_INTEGER) || !isCount(entries, Number.MAX_SAFE_INTEGER)) return null;
    if (given.chunks.length * chunkTextBytesMin > bytes.length) return null;
    const chunks = given.chunks.map((chunk) => ({
      first: chunk.first,
      root: chunk.root,
      entries: chunk.entries,
      bytes: chunk.bytes,
    }));
    if (!chunks.every(isChunk)) return null;
    const manifest = { format: snapshotFormat, chain, height, appHash, entries, chunks } as const;
    return compareBytes(manifestBytes(manifest), bytes) === 0 ? manifest : null;
  } catch {
    // No UTF-8, no JSON, or of other shapes than these.
    return null;
  }
}

function isChunk({ first, root, entries, bytes }: SnapshotChunk): boolean {
  return (
    isHash(first) && isHash(root) && isCount(bytes, snapshotChunkBytesMax) && isCount(entries, bytes) && entries > 0
  );
}

function isHash(text: unknown): boolean {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}

function isCount(value: unknown, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

/** First bit in which two different keys differ. */
export function divergenceOf(a: Uint8Array, b: Uint8Array): number {
  let at = 0;
  while (a[at] === b[at]) at++;
  return at * 8 + Math.clz32(a[at]! ^ b[at]!) - 24;
}

/** The root over the chunks' subtrees: each pair of neighbours is parted by the first bit in which their first keys differ. */
export function rootOfChunks(
  chunks: readonly Pick<SnapshotChunk, "first" | "root">[],
  hasher: SnapshotHasher,
): Uint8Array {
  /** Subtrees not yet joined, each with the bit that parts it from the one before, which grows from one to the next. */
  const open: { bit: number; hash: Uint8Array }[] = [];
  const join = (): void => {
    const right = open.pop()!;
    const left = open.pop()!;
    open.push({ bit: left.bit, hash: hasher.innerHash(left.hash, right.hash) });
  };
  let last: Uint8Array | null = null;
  for (const { first, root } of chunks) {
    const key = fromHex(first);
    const bit = last === null ? -1 : divergenceOf(last, key);
    while (open.at(-1) !== undefined && open.at(-1)!.bit > bit) join();
    open.push({ bit, hash: fromHex(root) });
    last = key;
  }
  while (open.length > 1) join();
  return open[0]?.hash ?? hasher.sha256(utf8(""));
}

/** Bytes before an entry's name: u32 length of the value, u16 length of the name, both little-endian. */
const headBytes = 6;

export interface ChunkEntry {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

export function entryBytes({ name, value }: ChunkEntry): number {
  return headBytes + name.length + value.length;
}

/** A chunk's bytes: its entries in the order of their keys, as the state tree takes them. */
export function encodeChunk(entries: readonly ChunkEntry[], bytes: number): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(bytes);
  const view = new DataView(chunk.buffer);
  let at = 0;
  for (const { name, value } of entries) {
    view.setUint32(at, value.length, true);
    view.setUint16(at + 4, name.length, true);
    chunk.set(name, at + headBytes);
    chunk.set(value, at + headBytes + name.length);
    at += headBytes + name.length + value.length;
  }
  if (at !== bytes) throw new Error(`a chunk of ${bytes} bytes has ${at}`);
  return chunk;
}

/** The entries of bytes from anywhere, as views of them, each with its name as text; null when they are unsound. */
export function decodeChunk(chunk: Uint8Array): readonly (ChunkEntry & { readonly text: string })[] | null {
  const entries: (ChunkEntry & { text: string })[] = [];
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  for (let at = 0; at < chunk.length; ) {
    if (chunk.length - at < headBytes) return null;
    const valueLength = view.getUint32(at, true);
    const nameLength = view.getUint16(at + 4, true);
    at += headBytes;
    if (nameLength < 1 || nameLength > stateNameBytesMax || valueLength < 1 || valueLength > stateValueBytesMax)
      return null;
    if (chunk.length - at < nameLength + valueLength) return null;
    const name = chunk.subarray(at, at + nameLength);
    at += nameLength;
    const value = chunk.subarray(at, at + valueLength);
    at += valueLength;
    try {
      entries.push({ name, value, text: nameFromUtf8(name) });
    } catch {
      return null;
    }
  }
  return entries;
}
