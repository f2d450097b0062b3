// The nodes of the history (modules/history): every perfect subtree of the tree of all headers, so that any header can be proven.
// A leaf is kept as its 64 bytes; of subtrees that the store began with only the hash is known, also where that is a leaf's.

import { loadCore } from "../../wasm-core/bindings/node.ts";
import { fromHex, hex } from "../protocol/bytes.ts";
import { eventsRoot } from "../protocol/event-root.ts";
import { appendLeaf, frontierOf, inclusionNodes, rootOfFrontier, type TreeNode } from "../protocol/growing-tree.ts";
import { type HistoryProofAnswer, type HistoryRecord, historyLeaf } from "../protocol/history.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { KeyValueReader, Operation } from "./key-value.ts";
import { historyNodeKey, historyNodeOfKey, keysOf } from "./keys.ts";
import { DamagedRecord, openRecord, sealRecord } from "./record-codec.ts";

const leafBytes = 64;
const hashBytes = 32;
/** Leaves whose nodes are written together when many are. */
const leavesPerBatch = 500;
/** Places from which a damaged history is tried: past a damaged leaf at most two. */
const startsMax = 64;

type Put = Extract<Operation, { type: "put" }>;

/** Where the tree ends: so many leaves, and the hashes of `frontierOf` that many. */
export interface HistoryEdge {
  readonly size: number;
  readonly frontier: readonly Uint8Array[];
}

export const noHistory: HistoryEdge = { size: 0, frontier: [] };

/** The leaf of a block, from its header's hash (hex) and its own events. */
export function leafOf(headerHash: string, events: readonly LedgerEvent[]): Uint8Array {
  return historyLeaf(fromHex(headerHash), eventsRoot(loadCore(), events));
}

/** The edge with one more leaf, and what writes the nodes that it completes. */
export function withLeaf(edge: HistoryEdge, leaf: Uint8Array): { readonly edge: HistoryEdge; readonly puts: Put[] } {
  const core = loadCore();
  const { frontier, completed } = appendLeaf(edge.frontier, edge.size, core.leafHash(leaf), core.innerHash);
  const puts = completed.map((hash, level) =>
    putNode({ level, index: Math.floor(edge.size / 2 ** level) }, level === 0 ? leaf : hash),
  );
  return { edge: { size: edge.size + 1, frontier }, puts };
}

/** What writes the nodes of an edge of which nothing below is known. */
export function putsOfEdge({ size, frontier }: HistoryEdge): Put[] {
  return frontierOf(size).map((node, at) => putNode(node, frontier[at]!));
}

/** The edge that a state holds. @throws {RangeError} when it is not that of so many blocks. */
export function edgeOfRecord(record: HistoryRecord | null, size: number): HistoryEdge {
  if (record?.size !== size || record.frontier.length !== frontierOf(size).length)
    throw new RangeError(`the state's history is not that of ${size} blocks`);
  return { size, frontier: record.frontier.map(fromHex) };
}

/** The edge at a size, from the nodes; null when one is not there. @throws {DamagedRecord} */
export async function edgeAt(reader: KeyValueReader, size: number): Promise<HistoryEdge | null> {
  const frontier = await Promise.all(frontierOf(size).map((node) => readHash(reader, node)));
  return frontier.every((hash) => hash !== null) ? { size, frontier } : null;
}

/** The earliest height whose leaf is known; null when none is. */
export async function firstInHistory(reader: KeyValueReader): Promise<number | null> {
  for await (const { index } of leavesFrom(reader, 0)) return index + 1;
  return null;
}

/** That a header is in the tree of a size, which has been reached; null when its leaf is not known. @throws {DamagedRecord} */
export async function proveInHistory(
  reader: KeyValueReader,
  height: number,
  size: number,
): Promise<HistoryProofAnswer | null> {
  const groups = inclusionNodes(height - 1, size);
  const [leaf, ...hashes] = await Promise.all([
    readNode(reader, { level: 0, index: height - 1 }),
    ...groups.map((nodes) => Promise.all(nodes.map((node) => readHash(reader, node)))),
  ]);
  if (leaf?.length !== leafBytes) return null;
  const core = loadCore();
  const path = hashes.map((group) => {
    if (!group.every((hash) => hash !== null)) throw new DamagedRecord("a node is missing");
    return hex(rootOfFrontier(group, core.innerHash));
  });
  return { height, size, header: hex(leaf.subarray(0, 32)), events: hex(leaf.subarray(32)), path };
}

/**
 * From where on a store knows all leaves before an edge, if they lead to that very edge; null when they do not. Where leaves are
 * damaged it is after the last of them, as long as the nodes above them are whole.
 */
export async function knownBefore(reader: KeyValueReader, edge: HistoryEdge): Promise<HistoryEdge | null> {
  let begin = ((await firstInHistory(reader)) ?? edge.size + 1) - 1;
  for (let starts = 0; starts < startsMax && begin < edge.size; starts++) {
    let reached: HistoryEdge | null = null;
    try {
      const start = await edgeAt(reader, begin);
      reached = start;
      if (start !== null) {
        for await (const { leaf } of leavesBetween(reader, begin, edge.size)) reached = withLeaf(reached!, leaf).edge;
        return isSame(reached!, edge) ? start : null;
      }
    } catch (error) {
      if (!(error instanceof DamagedRecord)) throw error;
    }
    begin = Math.max(begin, reached?.size ?? 0) + 1;
  }
  return null;
}

/** What writes all nodes between two sizes, from the leaves that are known, in pieces. */
export async function* putsBetween(reader: KeyValueReader, start: HistoryEdge, size: number): AsyncGenerator<Put[]> {
  let edge = start;
  let puts = putsOfEdge(start);
  for await (const { leaf } of leavesBetween(reader, start.size, size)) {
    const next = withLeaf(edge, leaf);
    edge = next.edge;
    puts.push(...next.puts);
    if (edge.size % leavesPerBatch > 0) continue;
    yield puts;
    puts = [];
  }
  yield puts;
}

/** Whether a key is of a node of a tree that is known from `start` on to its end. */
export function isNodeWithin(key: Uint8Array, start: number, size: number): boolean {
  const node = historyNodeOfKey(key);
  if (node === null) return false;
  const end = (node.index + 1) * 2 ** node.level;
  if (end > start) return end <= size;
  return frontierOf(start).some(({ level, index }) => level === node.level && index === node.index);
}

/**
 * What is wrong with the nodes of a tree of so many leaves, whose root is in the state; null when nothing is. Since the root binds
 * every leaf, the leaves need no other check.
 */
export async function differenceOfHistory(reader: KeyValueReader, size: number, root: string): Promise<string | null> {
  const advice = "make them again with `npm run ledger -- index`";
  try {
    const first = await firstInHistory(reader);
    const start = Math.min((first ?? size + 1) - 1, size);
    let edge = await edgeAt(reader, start);
    if (edge === null) return `the history's nodes lack those before block ${start + 1}; ${advice}`;
    let expected = edge.frontier.length;
    for await (const { leaf } of leavesBetween(reader, start, size)) {
      const next = withLeaf(edge, leaf);
      for (const { key, value } of next.puts) {
        const found = await reader.get(key);
        if (found === undefined || Buffer.compare(found, value) !== 0)
          return `the history's nodes differ at block ${edge.size + 1} or before; ${advice}`;
      }
      expected += next.puts.length;
      edge = next.edge;
    }
    if (size > 0 && hex(rootOfFrontier(edge.frontier, loadCore().innerHash)) !== root)
      return `the history's nodes do not give the root that the state holds; ${advice}`;
    let found = 0;
    for await (const page of reader.pages(keysOf("n"))) found += page.length;
    if (found === expected) return null;
    const what = found === expected + 1 ? "a node" : `${found - expected} nodes`;
    return `the history holds ${what} that no block gives; ${advice}`;
  } catch (error) {
    if (error instanceof DamagedRecord) return `the history's nodes are damaged (${error.message}); ${advice}`;
    throw error;
  }
}

/** The leaves of indexes from `from` up to `to`. @throws {DamagedRecord} when one is not there. */
async function* leavesBetween(reader: KeyValueReader, from: number, to: number): AsyncGenerator<{ leaf: Uint8Array }> {
  let next = from;
  if (from >= to) return;
  for await (const { index, leaf } of leavesFrom(reader, from)) {
    if (index !== next) break;
    yield { leaf };
    next++;
    if (next === to) return;
  }
  throw new DamagedRecord(`the leaf of block ${next + 1} is missing`);
}

/** Leaves that are known, ascending; damaged ones are passed over, and leave a gap. */
async function* leavesFrom(
  reader: KeyValueReader,
  from: number,
): AsyncGenerator<{ readonly index: number; readonly leaf: Uint8Array }> {
  const range = {
    from: historyNodeKey({ level: 0, index: from }),
    to: historyNodeKey({ level: 1, index: 0 }),
  };
  for await (const page of reader.pages(range))
    for (const [key, sealed] of page) {
      const leaf = leafIn(sealed);
      const node = historyNodeOfKey(key);
      if (node !== null && leaf !== null) yield { index: node.index, leaf };
    }
}

function leafIn(sealed: Uint8Array): Uint8Array | null {
  try {
    const leaf = openRecord(sealed);
    return leaf.length === leafBytes ? leaf : null;
  } catch (error) {
    if (error instanceof DamagedRecord) return null;
    throw error;
  }
}

async function readNode(reader: KeyValueReader, node: TreeNode): Promise<Uint8Array | null> {
  const sealed = await reader.get(historyNodeKey(node));
  if (sealed === undefined) return null;
  const value = openRecord(sealed);
  if (value.length !== hashBytes && (node.level > 0 || value.length !== leafBytes))
    throw new DamagedRecord("a node has another length");
  return value;
}

async function readHash(reader: KeyValueReader, node: TreeNode): Promise<Uint8Array | null> {
  const value = await readNode(reader, node);
  return value?.length === leafBytes ? loadCore().leafHash(value) : value;
}

function putNode(node: TreeNode, value: Uint8Array): Put {
  return { type: "put", key: historyNodeKey(node), value: sealRecord(value) };
}

function isSame(a: HistoryEdge, b: HistoryEdge): boolean {
  return a.size === b.size && a.frontier.every((hash, at) => Buffer.compare(hash, b.frontier[at]!) === 0);
}
