// A block: its header is verified and commits to exactly these transactions. And a transaction's place in one.

import { hex } from "../protocol/bytes.ts";
import { fromBase64, headerFromJson, timestampText } from "../protocol/comet.ts";
import { type Transaction, transactionBytesMax, transactionId, transactionSchema } from "../protocol/transaction.ts";
import type { VerifiedHeader } from "./light-block.ts";
import type { LightParts } from "./light-parts.ts";
import { fail, type Outcome, pass } from "./outcome.ts";
import type { CustodyStep, Verdict } from "./verdict.ts";
import { headerStep, verdictOf, verified } from "./verdict-building.ts";

const asked: readonly CustodyStep[] = ["block", "signatures"];

interface ProvenBlock {
  readonly header: VerifiedHeader;
  readonly transactions: readonly Uint8Array[];
}

/** The verdict's value: `{ hash, time, appHash, proposer, transactions }`, the last one their number. */
export async function verifyBlock(parts: LightParts, height: number): Promise<Verdict> {
  const block = await proveBlock(parts, height);
  if (!block.ok) return verdictOf(block, headerStep(block), asked, []);
  const { header, transactions } = block.value;
  return verified(header, asked, {
    hash: hex(header.hash),
    time: timestampText(header.header.time),
    appHash: hex(header.header.appHash),
    proposer: hex(header.header.proposerAddress),
    transactions: transactions.length,
  });
}

/** The verdict's value: the transaction. Whether it was applied or refused is not said by its place in the block. */
export async function verifyTransaction(parts: LightParts, id: string, height: number): Promise<Verdict> {
  const block = await proveBlock(parts, height);
  if (!block.ok) return verdictOf(block, headerStep(block), asked, []);
  const { header, transactions } = block.value;
  for (const bytes of transactions) {
    const transaction = parseTransaction(bytes);
    if (transaction !== null && transactionId(transaction.body) === id) return verified(header, asked, transaction);
  }
  const detail = `none of the ${transactions.length} transactions in block ${height} has this id`;
  const evidence = { id, height, transactions: transactions.map((bytes) => hex(parts.core.sha256(bytes))) };
  return verdictOf(fail("transaction_must_be_in_block", detail, evidence), "block", asked, ["signatures"]);
}

async function proveBlock(parts: LightParts, height: number): Promise<Outcome<ProvenBlock>> {
  if (!Number.isSafeInteger(height) || height < 1)
    return fail("answer_must_be_well_formed", "there is no block of this height", height);
  const [header, told] = await Promise.all([parts.headers.at(height), parts.source.block(height)]);
  if (!header.ok) return header;
  if (!told.ok) return told;
  const { block } = told.value;
  const evidence = { height, told: block.header, proven: hex(header.value.hash) };
  const hash = hashOf(parts, block.header);
  if (hash !== hex(header.value.hash))
    return fail("header_hash_must_match_commit", `the block's header hashes to ${hash}`, evidence);
  const transactions = (block.data.txs ?? []).map(fromBase64);
  if (hex(parts.core.dataHash(transactions)) !== hex(header.value.header.dataHash))
    return fail("transaction_must_be_in_block", "the transactions are not those that the header commits to", evidence);
  return pass({ header: header.value, transactions });
}

function hashOf(parts: LightParts, header: Parameters<typeof headerFromJson>[0]): string {
  try {
    return hex(parts.core.headerHash(headerFromJson(header)));
  } catch (error) {
    if (error instanceof RangeError) return "nothing";
    throw error;
  }
}

function parseTransaction(bytes: Uint8Array): Transaction | null {
  if (bytes.length > transactionBytesMax) return null;
  try {
    const parsed = transactionSchema.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
