// Stored blocks in the REST API's words.

import { createHash } from "node:crypto";
import { fromUtf8 } from "../protocol/bytes.ts";
import { fromBase64 } from "../protocol/comet.ts";
import type { BlockAnswer, BlockSummary, TransactionAnswer } from "../protocol/rest.ts";
import type { Transaction } from "../protocol/transaction.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import type { Place, StoredBlock, StoredResults } from "../storage/records.ts";

/** One line of the block list and of the event stream. */
export function summaryOf(stored: StoredBlock, results: StoredResults): BlockSummary {
  return {
    ...headOf(stored),
    transactions: results.ids.map((id, index) => ({
      id,
      code: results.transactions[index]!.code,
      messages: transactionAt(stored, index).transaction.body.messages,
    })),
    events: results.events,
  };
}

export function blockAnswerOf(stored: StoredBlock, results: StoredResults): BlockAnswer {
  return {
    ...headOf(stored),
    transactions: results.ids.map((_, index) => transactionAnswerOf(stored, results, index)),
    events: results.events,
  };
}

export function transactionAnswerOf(stored: StoredBlock, results: StoredResults, index: number): TransactionAnswer {
  const { transaction, bytes } = transactionAt(stored, index);
  const result = results.transactions[index]!;
  return {
    id: results.ids[index]!,
    hash: createHash("sha256").update(bytes).digest("hex"),
    height: Number(stored.block.header.height),
    index,
    code: result.code,
    ...(result.code === 0 ? {} : { refusal: result.refusal, params: result.params }),
    transaction,
    events: result.events,
  };
}

/** The transaction at a place of the index; null when it is not there. */
export async function transactionAtPlace(store: LedgerStore, place: Place | null): Promise<TransactionAnswer | null> {
  if (place === null) return null;
  const block = await readBlock(store, place.height);
  return block === null ? null : transactionAnswerOf(block.stored, block.results, place.index);
}

export async function readBlock(
  store: LedgerStore,
  height: number,
): Promise<{ readonly stored: StoredBlock; readonly results: StoredResults } | null> {
  const [stored, results] = await Promise.all([store.block(height), store.results(height)]);
  return stored === null || results === null ? null : { stored, results };
}

function headOf(stored: StoredBlock): Pick<BlockSummary, "height" | "time" | "hash" | "appHash"> {
  const { header } = stored.block;
  return {
    height: Number(header.height),
    time: header.time,
    hash: stored.block_id.hash.toLowerCase(),
    appHash: header.app_hash.toLowerCase(),
  };
}

function transactionAt(stored: StoredBlock, index: number): { transaction: Transaction; bytes: Uint8Array } {
  const text = stored.block.data.txs?.[index];
  if (text === undefined) throw new Error(`block ${stored.block.header.height} has no transaction ${index}`);
  const bytes = fromBase64(text);
  // Only transactions that passed the schema enter a block.
  return { transaction: JSON.parse(fromUtf8(bytes)) as Transaction, bytes };
}
