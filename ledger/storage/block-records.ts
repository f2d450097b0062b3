// A block in three records. Head: header, evidence and last commit as the protobuf bytes that are hashed, and the commit that signed
// it, so that headers are read without transactions. Transactions: the protobuf Data, written with the proposal and not again.
// Results: state root, ids, data, and what became of each transaction as JSON without what is always the same.

import type { CommitFields } from "../../wasm-core/bindings/comet.ts";
import { encodeCommit } from "../../wasm-core/bindings/comet-encoding.ts";
import { fromUtf8, hex, utf8 } from "../protocol/bytes.ts";
import { blockIdToJson, commitToJson, fromBase64, headerToJson, toBase64 } from "../protocol/comet.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import { decodeCommit, decodeHeader } from "./block-decoding.ts";
import { ProtoReader, unknownField } from "./proto-reader.ts";
import type { SignedHeader, StoredBlock, StoredResult, StoredResults } from "./records.ts";
import { readVarints, writeVarints } from "./varint.ts";

const idBytes = 32;
const rootBytes = 32;
/** Of the result of a transaction that applied: the root over its events. */
const dataBytes = 32;

/** The head record of a block from its protobuf bytes, or from those without its data and evidence and its whole `size`, and its commit. */
export function encodeHead(encodedBlock: Uint8Array, commit: CommitFields, size = encodedBlock.length): Uint8Array {
  const data = dataFieldOf(encodedBlock);
  const before = encodedBlock.subarray(0, data.start);
  const after = encodedBlock.subarray(data.end);
  const signed = encodeCommit(commit);
  const lengths = writeVarints([size, before.length, after.length]);
  return Buffer.concat([Uint8Array.of(lengths.length), lengths, before, after, signed]);
}

/** Header, commit and size of a block from its head record. */
export function decodeHead(record: Uint8Array): SignedHeader & { readonly lastCommit: CommitFields } {
  const start = 1 + record[0]!;
  const [size, beforeBytes, afterBytes] = readVarints(record.subarray(1, start)) as [number, number, number];
  const after = start + beforeBytes;
  const before = new ProtoReader(record.subarray(start, after));
  if (before.field() !== 1) throw new RangeError("the block's header is missing");
  const header = decodeHeader(before.bytes());
  let lastCommit: CommitFields | null = null;
  const rest = new ProtoReader(record.subarray(after, after + afterBytes));
  for (let field = rest.field(); field !== null; field = rest.field()) {
    const bytes = rest.bytes();
    if (field === 4) lastCommit = decodeCommit(bytes);
    else if (field !== 3 || bytes.length > 0) throw unknownField("a block", field);
  }
  if (lastCommit === null) throw new RangeError("the block's last commit is missing");
  const commit = decodeCommit(record.subarray(after + afterBytes));
  return {
    block_id: blockIdToJson(commit.blockId),
    header: headerToJson(header),
    commit: commitToJson(commit),
    size,
    lastCommit,
  };
}

/** The whole block from its head record and its transactions. */
export function storedBlockOf(
  headRecord: Uint8Array,
  transactions: readonly Uint8Array[],
  evidence: readonly unknown[] = [],
): StoredBlock {
  const { block_id, header, commit, size, lastCommit } = decodeHead(headRecord);
  return {
    block_id,
    block: {
      header,
      data: { txs: transactions.map(toBase64) },
      evidence: { evidence: [...evidence] },
      last_commit: commitToJson(lastCommit),
    },
    commit,
    size,
  };
}

/** Protobuf Data of a block. */
export function encodeTransactions(transactions: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const transaction of transactions)
    parts.push(Uint8Array.of(0x0a), writeVarints([transaction.length]), transaction);
  return Buffer.concat(parts);
}

export function decodeTransactions(record: Uint8Array): Uint8Array[] {
  const transactions: Uint8Array[] = [];
  const from = new ProtoReader(record);
  for (let field = from.field(); field !== null; field = from.field()) {
    if (field !== 1) throw unknownField("a block's data", field);
    transactions.push(from.bytes());
  }
  return transactions;
}

/** An event as a pair; a result as its events alone when it was applied: its data stands with the ids, where JSON makes it no longer. */
type EventPair = readonly [type: string, attributes: LedgerEvent["attributes"]];
type ResultRow = readonly [
  events: readonly EventPair[],
  code?: number,
  codespace?: string,
  refusal?: string,
  params?: StoredResult["params"],
  data?: string,
];

export function encodeResults(results: StoredResults): Uint8Array {
  const pairs = (events: readonly LedgerEvent[]): EventPair[] =>
    events.map(({ type, attributes }) => [type, attributes]);
  const roots: Uint8Array[] = [];
  const rows = results.transactions.map(({ events, code, codespace, refusal, params, data }): ResultRow => {
    const isApplied = code === 0 && codespace === "" && refusal === "" && Object.keys(params).length === 0;
    const root = isApplied ? fromBase64(data) : null;
    if (root?.length !== dataBytes) return [pairs(events), code, codespace, refusal, params, data];
    roots.push(root);
    return [pairs(events)];
  });
  const parts = [
    Buffer.from(results.appHash, "hex"),
    ...results.ids.map((id) => Buffer.from(id, "hex")),
    ...roots,
    utf8(JSON.stringify([pairs(results.events), ...rows])),
  ];
  return Buffer.concat([utf8(`${results.ids.length} ${roots.length}\n`), ...parts]);
}

export function decodeResults(record: Uint8Array): StoredResults {
  const start = record.indexOf(0x0a) + 1;
  const [count, applied] = fromUtf8(record.subarray(0, start - 1))
    .split(" ")
    .map(Number) as [number, number];
  const at = (index: number): number => start + rootBytes + index * idBytes;
  const rowsAt = at(count) + applied * dataBytes;
  const [own, ...rows] = JSON.parse(fromUtf8(record.subarray(rowsAt))) as [EventPair[], ...ResultRow[]];
  let dataAt = at(count);
  const dataOfApplied = (): string => {
    dataAt += dataBytes;
    return toBase64(record.subarray(dataAt - dataBytes, dataAt));
  };
  const events = (pairs: readonly EventPair[]): LedgerEvent[] =>
    pairs.map(([type, attributes]) => ({ type, attributes }));
  return {
    appHash: hex(record.subarray(start, start + rootBytes)),
    ids: Array.from({ length: count }, (_, index) => hex(record.subarray(at(index), at(index + 1)))),
    transactions: rows.map(([pairs, code = 0, codespace = "", refusal = "", params = {}, data = dataOfApplied()]) => ({
      code,
      codespace,
      refusal,
      params,
      data,
      events: events(pairs),
    })),
    events: events(own),
  };
}

/** Where the Data field of an encoded block begins and ends. */
function dataFieldOf(encodedBlock: Uint8Array): { readonly start: number; readonly end: number } {
  const from = new ProtoReader(encodedBlock);
  for (let start = 0; ; start = from.offset) {
    const field = from.field();
    if (field === null) throw new RangeError("the block has no data field");
    from.bytes();
    if (field === 2) return { start, end: from.offset };
  }
}
