// Keys of the store: a letter, then bytes that sort as they should be walked. Heights and times are 6 bytes, big end first.
// b<height> head of a block, c<height> its transactions, r<height> its results, h<block hash> height, i<id> and x<hash> place of a transaction (first 16 bytes of either),
// p<term><height> places of an index term (12 bytes of SHA-256), t<block time> height, d<day> daily totals, s<name> state entry,
// n<level><index> node of the history, its level in a byte. Of a network's blocks: u<height> what is known of a block before its header and
// commits are here, e<height> its evidence, v<hash> a set of validators.

import { hash } from "node:crypto";
import { utf8 } from "../protocol/bytes.ts";
import type { TreeNode } from "../protocol/growing-tree.ts";

/** Heights and times in milliseconds fit 6 bytes; the year 10889 is the last. */
export const keyNumberMax = 2 ** 48 - 1;
const lookupBytes = 16;
export const termBytes = 12;

type MetaName = "format" | "genesis" | "head" | "lowest" | "proposal" | "rebuilding";
export const metaKey = (name: MetaName): Uint8Array => utf8(`meta/${name}`);
const allMeta: Readonly<Record<MetaName, true>> = {
  format: true,
  genesis: true,
  head: true,
  lowest: true,
  proposal: true,
  rebuilding: true,
};
/** All keys of that kind, as text. */
export const metaNames: ReadonlySet<string> = new Set(Object.keys(allMeta).map((name) => `meta/${name}`));
export const headKey = (height: number): Uint8Array => numbered("b", height);
export const transactionsKey = (height: number): Uint8Array => numbered("c", height);
export const openKey = (height: number): Uint8Array => numbered("u", height);
export const evidenceKey = (height: number): Uint8Array => numbered("e", height);
export const validatorsKey = (hash: string): Uint8Array => lettered("v", Buffer.from(hash, "hex"));
export const resultsKey = (height: number): Uint8Array => numbered("r", height);
export const timeKey = (timeMs: number): Uint8Array => numbered("t", timeMs);
export const dayKey = (day: string): Uint8Array => utf8(`d${day}`);
export const stateKey = (name: string): Uint8Array => utf8(`s${name}`);
export const blockHashKey = (blockHash: string): Uint8Array => lettered("h", Buffer.from(blockHash, "hex"));

/** Of the transaction's id or its CometBFT hash, hex. */
export const transactionKey = (by: "id" | "hash", text: string): Uint8Array =>
  lettered(by === "id" ? "i" : "x", Buffer.from(text, "hex").subarray(0, lookupBytes));

export const termKey = (term: Uint8Array, height: number): Uint8Array => {
  const key = Buffer.allocUnsafe(1 + termBytes + 6);
  key[0] = 0x70;
  key.set(term, 1);
  key.writeUIntBE(height, 1 + termBytes, 6);
  return key;
};

export const historyNodeKey = ({ level, index }: TreeNode): Uint8Array => {
  const key = Buffer.allocUnsafe(8);
  key[0] = 0x6e;
  key[1] = level;
  key.writeUIntBE(index, 2, 6);
  return key;
};

/** Null for a key that has another form. */
export const historyNodeOfKey = (key: Uint8Array): TreeNode | null =>
  key.length === 8 ? { level: key[1]!, index: numberOfKey(key) } : null;

/** The number at the end of a key that has one. */
export const numberOfKey = (key: Uint8Array): number =>
  Buffer.from(key.buffer, key.byteOffset, key.length).readUIntBE(key.length - 6, 6);

/** Where the keys of a letter begin and end. */
export const keysOf = (letter: "b" | "c" | "r" | "h" | "i" | "x" | "p" | "t" | "d" | "s" | "n" | "u" | "e" | "v") => {
  const code = letter.charCodeAt(0);
  return { from: Uint8Array.of(code), to: Uint8Array.of(code + 1) };
};

/** What a posting list is kept under. Values may be long, so only their hash stands in the key. */
export function termOf(
  kind: "account" | "message" | "event" | "attribute" | "all",
  key: string,
  value = "",
): Uint8Array {
  return hash("sha256", `${kind}\n${key.length}\n${key}${value}`, "buffer").subarray(0, termBytes);
}

function numbered(letter: string, value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > keyNumberMax) throw new RangeError(`${value} has no key`);
  const key = Buffer.allocUnsafe(7);
  key[0] = letter.charCodeAt(0);
  key.writeUIntBE(value, 1, 6);
  return key;
}

function lettered(letter: string, bytes: Uint8Array): Uint8Array {
  const key = Buffer.allocUnsafe(1 + bytes.length);
  key[0] = letter.charCodeAt(0);
  key.set(bytes, 1);
  return key;
}
