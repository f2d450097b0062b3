// Snapshots against an independent model of where they are cut, and before hostile hands. Prints its seed.

import { randomInt } from "node:crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { compareBytes as compareKeys, rootOf, updateTree } from "../../wasm-core/bindings/testing/state-model.ts";
import { fromUtf8, hex, utf8 } from "../protocol/bytes.ts";
import { canonicalBytes } from "../protocol/canonical.ts";
import { manifestBytes, readManifest, type SnapshotManifest, snapshotManifestBytesMax } from "./snapshot.ts";
import { type StateSnapshot, takeSnapshot } from "./snapshot-export.ts";
import { ChunkChecker } from "./snapshot-import.ts";
import { VersionedState } from "./versioned-state.ts";

const seed = Number(process.env["TEST_SEED"] ?? randomInt(2 ** 31));
console.log(`snapshot.test seed ${seed}`);

const core = loadCore();
const tools = { hasher: core, newTree: loadStateTree };
const chain = "test-chain";
const chunkBytesMax = 1_048_576;

type Entries = ReadonlyMap<string, Uint8Array>;

function entriesOf(count: number, valueBytes: (random: (below: number) => number) => number, from = seed): Entries {
  const random = seededNumbers(from);
  const entries = new Map<string, Uint8Array>();
  for (let n = 0; n < count; n++)
    entries.set(`test/é${"x".repeat(random(30))}/${n}`, new Uint8Array(valueBytes(random)).fill(random(256)));
  return entries;
}

function stateOf(entries: Entries, height = 7, batch = 1_000_000): VersionedState {
  const state = new VersionedState(loadStateTree());
  const all = [...entries];
  for (let at = 0; at < all.length; at += batch) state.load(all.slice(at, at + batch));
  state.endLoad(height);
  return state;
}

function take(state: VersionedState): StateSnapshot {
  const steps = takeSnapshot(state, chain, tools);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const trusted = (state: VersionedState) => ({ chain, height: state.height, appHash: state.root });

function accept(snapshot: StateSnapshot, state: VersionedState): SnapshotManifest {
  const verdict = readManifest(manifestBytes(snapshot.manifest), trusted(state), core);
  if (!verdict.ok) throw new Error(verdict.fault);
  return verdict.manifest;
}

/** Small and large values, several chunks. */
const mixed = entriesOf(6_000, (random) => (random(40) === 0 ? 1 + random(65_536) : 1 + random(200)));
const mixedState = stateOf(mixed);
const mixedSnapshot = take(mixedState);

describe("snapshots", () => {
  console.log(`${mixedSnapshot.manifest.chunks.length} chunks`);

  it("ST-11: a chunk is the largest subtree of at most 1 MiB, as an independent model cuts it", () => {
    const entries = Array.from(mixed, ([name, value]) => ({ key: sha256(utf8(name)), name: utf8(name), value }));
    entries.sort((a, b) => compareKeys(a.key, b.key));
    const bits = (key: Uint8Array): string => Array.from(key, (byte) => byte.toString(2).padStart(8, "0")).join("");
    type Entry = (typeof entries)[number];
    const cut = (some: Entry[], depth: number): Entry[][] => {
      const size = some.reduce((sum, { name, value }) => sum + 6 + name.length + value.length, 0);
      if (size <= chunkBytesMax) return some.length === 0 ? [] : [some];
      const left = some.filter(({ key }) => bits(key)[depth] === "0");
      if (left.length === 0 || left.length === some.length) return cut(some, depth + 1);
      return [...cut(left, depth + 1), ...cut(some.slice(left.length), depth + 1)];
    };
    const model = cut(entries, 0).map((some) => ({
      first: hex(some[0]!.key),
      root: hex(rootOf(updateTree(null, some))),
      entries: some.length,
      bytes: some.reduce((sum, { name, value }) => sum + 6 + name.length + value.length, 0),
    }));
    expect(mixedSnapshot.manifest.chunks).toEqual(model);
    expect(model.length).toBeGreaterThan(5);
    for (const [index, chunk] of model.entries()) expect(mixedSnapshot.chunk(index).length).toBe(chunk.bytes);
    expect(() => mixedSnapshot.chunk(model.length)).toThrow(RangeError);
    expect(() => mixedSnapshot.chunk(-1)).toThrow(RangeError);
  });

  it("ST-11: what takes 1 MiB is one chunk, what takes a byte more is not", () => {
    const filling = (more: number): Entries =>
      new Map(
        Array.from({ length: 16 }, (_, n) => [`n${n + 10}`, new Uint8Array(65_536 - 9 + (n < more ? 1 : 0)).fill(1)]),
      );
    const counts = [0, 1].map((more) => take(stateOf(filling(more))).manifest.chunks.map(({ bytes }) => bytes));
    expect(counts[0]).toEqual([chunkBytesMax]);
    expect(counts[1]!.length).toBeGreaterThan(1);
    expect(counts[1]!.reduce((sum, bytes) => sum + bytes)).toBe(chunkBytesMax + 1);
  });

  it("ST-11: two nodes with different histories make the same bytes", () => {
    const other = new VersionedState(loadStateTree());
    const all = [...mixed].reverse();
    for (let height = 0; height <= 7; height++) {
      const part = height === 7 ? all : all.filter((_, n) => n % 3 === height % 3);
      const detour = [{ name: `detour/${height}`, value: utf8("1") }];
      const gone = [{ name: `detour/${height - 1}`, value: null }];
      const changes = part.map(([name, value]) => ({ name, value: height === 7 ? value : utf8(`${height}`) }));
      other.advance(height, other.prepare([...changes, ...(height < 7 ? detour : []), ...(height > 0 ? gone : [])]));
    }
    const snapshot = take(other);
    expect(manifestBytes(snapshot.manifest)).toEqual(manifestBytes(mixedSnapshot.manifest));
    for (const index of snapshot.manifest.chunks.keys())
      expect(Buffer.compare(snapshot.chunk(index), mixedSnapshot.chunk(index))).toBe(0);
  });

  it("ST-12: chunks in any order make the same state: root, values, names in order", () => {
    const checker = new ChunkChecker(accept(mixedSnapshot, mixedState), tools);
    const random = seededNumbers(seed + 1);
    const order = [...mixedSnapshot.manifest.chunks.keys()].sort(() => random(3) - 1);
    const restored = new VersionedState(loadStateTree());
    for (const index of order) {
      const verdict = checker.check(index, mixedSnapshot.chunk(index));
      if (!verdict.ok) throw new Error(verdict.fault);
      restored.load(verdict.entries);
    }
    expect(hex(restored.endLoad(7))).toBe(hex(mixedState.root));
    expect([...restored.names("")]).toEqual([...mixedState.names("")]);
    for (const [name, value] of mixed) expect(Buffer.compare(restored.get(name)!, value)).toBe(0);
  });

  it("empty, one entry, names and values at their limits, a name that begins with U+FEFF", () => {
    const limits = new Map([
      ["x".repeat(256), new Uint8Array(65_536).fill(1)],
      ["가".repeat(85), new Uint8Array(1)],
      ["\ufeffa", utf8("1")],
      ["\u{10ffff}", utf8("2")],
    ]);
    for (const entries of [new Map<string, Uint8Array>(), new Map([["a", utf8("1")]]), limits]) {
      const state = stateOf(entries);
      const snapshot = take(state);
      const manifest = accept(snapshot, state);
      expect(manifest.chunks.length).toBe(entries.size === 0 ? 0 : 1);
      const checker = new ChunkChecker(manifest, tools);
      for (const index of manifest.chunks.keys()) {
        const verdict = checker.check(index, snapshot.chunk(index));
        expect(verdict.ok && new Map(verdict.entries)).toEqual(entries);
      }
    }
  });

  it("values of 64 KiB: every entry lies in one chunk", () => {
    const state = stateOf(entriesOf(70, () => 65_536));
    const snapshot = take(state);
    expect(snapshot.manifest.chunks.every(({ bytes, entries }) => bytes <= chunkBytesMax && entries <= 15)).toBe(true);
    expect(snapshot.manifest.chunks.reduce((sum, { entries }) => sum + entries, 0)).toBe(70);
    accept(snapshot, state);
  });

  it("is of one version while others follow, and says when that is gone", () => {
    const state = stateOf(entriesOf(20_000, (random) => 1 + random(120)));
    const root = state.root;
    const steps = takeSnapshot(state, chain, tools);
    let step = steps.next();
    for (let height = 8; step.done !== true; height++) {
      const names = [...state.names("test/")].slice(0, 3);
      const changes = [{ name: `new/${height}`, value: utf8("1") }, ...names.map((name) => ({ name, value: null }))];
      state.advance(height, state.prepare(changes));
      step = steps.next();
    }
    const snapshot = step.value;
    expect([snapshot.manifest.height, snapshot.manifest.appHash]).toEqual([7, hex(root)]);
    const checker = new ChunkChecker(snapshot.manifest, tools);
    for (const index of snapshot.manifest.chunks.keys())
      expect(checker.check(index, snapshot.chunk(index)).ok).toBe(true);
    const short = new VersionedState(loadStateTree(), 1);
    short.load([["a", utf8("1")]]);
    short.endLoad(1);
    const gone = take(short);
    short.advance(2, short.prepare([]));
    expect(() => gone.chunk(0)).toThrow("version 1 is not kept");
  });
});

describe("hostile snapshots", () => {
  const manifest = accept(mixedSnapshot, mixedState);
  const faultOf = (bytes: Uint8Array): string => {
    const verdict = readManifest(bytes, trusted(mixedState), core);
    return verdict.ok ? "accepted" : verdict.fault;
  };
  const changed = (change: Partial<SnapshotManifest>): string => faultOf(manifestBytes({ ...manifest, ...change }));
  const { chunks } = manifest;

  it("ST-13: a manifest that is not of the trusted state, in its one form, is refused before any chunk is there", () => {
    expect(changed({})).toBe("accepted");
    expect(changed({ chain: "other" })).toBe("manifest_must_be_of_this_state");
    expect(changed({ height: 8 })).toBe("manifest_must_be_of_this_state");
    expect(changed({ appHash: "00".repeat(32) })).toBe("manifest_must_be_of_this_state");
    expect(changed({ appHash: manifest.appHash.toUpperCase() })).toBe("manifest_must_be_canonical");
    expect(changed({ format: 2 as 1 })).toBe("manifest_must_be_canonical");
    expect(changed({ entries: manifest.entries + 1 })).toBe("manifest_entries_must_add_up");
    expect(changed({ chunks: chunks.toReversed() })).toBe("manifest_chunks_must_be_in_order");
    expect(changed({ chunks: [chunks[0]!, ...chunks] })).toBe("manifest_chunks_must_be_in_order");
    const without = chunks.slice(1);
    const entries = without.reduce((sum, chunk) => sum + chunk.entries, 0);
    expect(changed({ chunks: without, entries })).toBe("manifest_chunks_must_make_the_app_hash");
    expect(changed({ chunks: [], entries: 0 })).toBe("manifest_chunks_must_make_the_app_hash");
    const moved = chunks.map(({ first, root, ...rest }, at) => ({
      ...rest,
      first,
      root: chunks[at ^ 1]?.root ?? root,
    }));
    expect(changed({ chunks: moved })).toBe("manifest_chunks_must_make_the_app_hash");
    for (const odd of [{ entries: 0 }, { entries: 1.5 }, { bytes: chunkBytesMax + 1 }, { bytes: -1 }, { root: "" }])
      expect(changed({ chunks: [{ ...chunks[0]!, ...odd }, ...chunks.slice(1)] })).toBe("manifest_must_be_canonical");
    const text = fromUtf8(manifestBytes(manifest));
    const forms = ["", "null", "[]", "{}", "[".repeat(1e6), ` ${text}`, text.replace('"chain"', '"more":1,"chain"')];
    for (const form of forms) expect(faultOf(utf8(form))).toBe("manifest_must_be_canonical");
    for (const list of [{ map: 1 }, 7, null, "chunks", new Array(1_000_000).fill(0), [null], [[]], [{}]])
      expect(faultOf(canonicalBytes({ ...manifest, chunks: list }))).toBe("manifest_must_be_canonical");
    expect(faultOf(new Uint8Array(snapshotManifestBytesMax + 1))).toBe("manifest_must_not_be_too_long");
  });

  it("ST-13: any changed byte of a manifest is refused, or its chunks are", () => {
    const random = seededNumbers(seed + 2);
    const bytes = manifestBytes(manifest);
    for (let n = 0; n < 300; n++) {
      const flipped = bytes.slice();
      const at = random(flipped.length);
      flipped[at] = flipped[at]! ^ (1 << random(8));
      const verdict = readManifest(flipped, trusted(mixedState), core);
      if (!verdict.ok) continue;
      // A length or a first key that lies in the same order: nothing fits it.
      const checker = new ChunkChecker(verdict.manifest, tools);
      const index = verdict.manifest.chunks.findIndex(
        (chunk, i) => JSON.stringify(chunk) !== JSON.stringify(chunks[i]),
      );
      expect(checker.check(index, mixedSnapshot.chunk(index)).ok).toBe(false);
    }
  });

  it("ST-12: a chunk that is changed, reordered, repeated, cut, extended or another's is refused", () => {
    const random = seededNumbers(seed + 3);
    const checker = new ChunkChecker(manifest, tools);
    const fault = (index: number, bytes: Uint8Array): string => {
      const verdict = checker.check(index, bytes);
      return verdict.ok ? "accepted" : verdict.fault;
    };
    const least = chunks.reduce((best, chunk, at) => (chunk.bytes < chunks[best]!.bytes ? at : best), 0);
    const good = mixedSnapshot.chunk(least);
    expect(fault(least, good)).toBe("accepted");
    expect(fault(chunks.length, good)).toBe("chunk_must_be_in_the_manifest");
    for (const index of [-1, 0.5, Number.NaN]) expect(fault(index, good)).toBe("chunk_must_be_in_the_manifest");
    expect(fault((least + 1) % chunks.length, good)).toBe("chunk_length_must_match");
    expect(fault(least, good.subarray(1))).toBe("chunk_length_must_match");
    expect(fault(least, Uint8Array.from([...good, 0]))).toBe("chunk_length_must_match");
    expect(fault(least, new Uint8Array(0))).toBe("chunk_length_must_match");
    const seen = new Set<string>();
    for (let n = 0; n < 300; n++) {
      const flipped = good.slice();
      const at = random(flipped.length);
      flipped[at] = flipped[at]! ^ (1 << random(8));
      seen.add(fault(least, flipped));
    }
    expect(seen.has("accepted")).toBe(false);
    expect(seen.has("chunk_root_must_match")).toBe(true);
    // Whole entries out of place: the lengths still fit.
    const view = new DataView(good.buffer);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < good.length; ) {
      const size = 6 + view.getUint32(at, true) + view.getUint16(at + 4, true);
      pieces.push(good.subarray(at, at + size));
      at += size;
    }
    const joined = (some: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(some));
    expect(fault(least, joined(pieces))).toBe("accepted");
    expect(fault(least, joined(pieces.toReversed()))).toBe("chunk_entries_must_be_in_order");
    expect(fault(least, joined([pieces[0]!, ...pieces.slice(2), pieces[1]!]))).toBe("chunk_entries_must_be_in_order");
    const same = pieces.findIndex(
      (piece, at) => at > 0 && pieces.some((one, i) => i < at && one.length === piece.length),
    );
    const twin = pieces.findIndex((piece) => piece.length === pieces[same]!.length);
    const repeated = pieces.with(same, pieces[twin]!);
    expect(fault(least, joined(repeated))).toBe("chunk_entries_must_be_in_order");
    const noise = new Uint8Array(good.length).map(() => random(256));
    expect(fault(least, noise)).toBe("chunk_entries_must_be_sound");
    // One entry's name takes a byte of its value: as long, and as many.
    const shifted = good.slice();
    const head = new DataView(shifted.buffer);
    head.setUint32(0, head.getUint32(0, true) + 1, true);
    head.setUint16(4, head.getUint16(4, true) - 1, true);
    expect(["chunk_entries_must_be_in_order", "chunk_entries_must_be_sound"]).toContain(fault(least, shifted));
  });
});
