// A block: its header is verified and commits to exactly these transactions. And a transaction's place in one.

import { hex, utf8 } from "../protocol/bytes.ts";
import { canonicalText } from "../protocol/canonical.ts";
import { fromBase64, headerFromJson, timestampText } from "../protocol/comet.ts";
import type { LedgerEvent } from "../protocol/ledger-event.ts";
import { toldBlock } from "./block-source.ts";
import { checkTransactions, readTransaction } from "./check-block.ts";
import type { VerifiedHeader } from "./light-block.ts";
import type { LightParts } from "./light-parts.ts";
import { type Failed, fail, type Outcome, pass, type Unanswered } from "./outcome.ts";
import { proveCodes, proveEvents, proveResults } from "./prove-results.ts";
import type { CustodyStep, ShownBlock, ShownTransaction, Verdict } from "./verdict.ts";
import { headerStep, verdictOf, verified } from "./verdict-building.ts";

const asked: readonly CustodyStep[] = ["block", "signatures"];

export interface ProvenBlock {
  readonly header: VerifiedHeader;
  readonly transactions: readonly Uint8Array[];
}

/** The verdict's value: `{ hash, time, appHash, proposer, transactions }`, the last one their number. */
export async function verifyBlock(parts: LightParts, height: number, shown?: ShownBlock): Promise<Verdict> {
  const block = await proveBlock(parts, height);
  if (!block.ok) return verdictOf(block, headerStep(block), asked, []);
  const { header, transactions } = block.value;
  const value = {
    hash: hex(header.hash),
    time: timestampText(header.header.time),
    appHash: hex(header.header.appHash),
    proposer: hex(header.header.proposerAddress),
    transactions: transactions.length,
  };
  if (shown === undefined) return verified(header, asked, value);
  const ended = (outcome: Failed | Unanswered) => verdictOf(outcome, headerStep(outcome), asked, ["signatures"]);
  const different = (what: string) =>
    ended(
      fail("value_must_match_entry", `${what} of block ${height} is another on the screen`, { proven: value, shown }),
    );
  for (const field of ["hash", "appHash", "time"] as const) if (value[field] !== shown[field]) return different(field);
  if (transactions.length !== shown.transactions.length) return different("the number of transactions");
  if (!shown.transactions.every(({ transaction }, at) => isWrittenAs(transaction, transactions[at]!)))
    return different("a transaction");
  const codes = await proveCodes(parts, height, transactions.length);
  if (!codes.ok) return ended(codes);
  if (!shown.transactions.every(({ code }, at) => code === codes.value[at]))
    return different("the result of a transaction");
  return verified(header, asked, value);
}

/** The verdict's value: the transaction. Whether it was applied or refused is not said by its place in the block, only by `shown`. */
export async function verifyTransaction(
  parts: LightParts,
  id: string,
  height: number,
  shown?: ShownTransaction,
): Promise<Verdict> {
  const block = await proveBlock(parts, height);
  if (!block.ok) return verdictOf(block, headerStep(block), asked, []);
  const { header, transactions } = block.value;
  const candidates = transactions.flatMap((bytes, index) => {
    const read = readTransaction(parts.core, bytes);
    return read?.id === id ? [{ bytes, index, transaction: read.transaction }] : [];
  });
  const [first] = candidates;
  if (first !== undefined) {
    if (shown === undefined) return verified(header, asked, first.transaction);
    const ended = (outcome: Failed | Unanswered) => verdictOf(outcome, headerStep(outcome), asked, ["signatures"]);
    const different = (what: string, proven: unknown) =>
      ended(fail("value_must_match_entry", `${what} is another on the screen`, { id, height, proven, shown }));
    // The id leaves out the signatures, and anyone can put a copy with others into a block, where it is refused.
    const same = candidates.find(({ bytes }) => isWrittenAs(shown.transaction, bytes));
    if (same === undefined) return different("the transaction", first.transaction);
    const codes = await proveCodes(parts, height, transactions.length);
    if (!codes.ok) return ended(codes);
    const code = codes.value[same.index];
    return code === shown.code ? verified(header, asked, same.transaction) : different("its result", code);
  }
  return verdictOf(notInBlock(parts, id, height, transactions), "block", asked, ["signatures"]);
}

/**
 * What a transaction told when it was applied. The verdict's value: its events in order. Of several with this id in the block, of which
 * at most one was applied, it is the one that told something.
 */
export async function verifyEvents(
  parts: LightParts,
  id: string,
  height: number,
  shown?: readonly LedgerEvent[],
): Promise<Verdict> {
  const block = await proveBlock(parts, height);
  if (!block.ok) return verdictOf(block, headerStep(block), asked, []);
  const { header, transactions } = block.value;
  const ended = (outcome: Failed | Unanswered) => verdictOf(outcome, headerStep(outcome), asked, ["signatures"]);
  const places = placesOf(parts, transactions, id);
  if (places.length === 0) return ended(notInBlock(parts, id, height, transactions));
  const results = await proveResults(parts, height, transactions.length);
  if (!results.ok) return ended(results);
  const index = places.find((place) => results.value[place]?.code === 0) ?? places[0]!;
  const events = await proveEvents(parts, height, transactions.length, index);
  if (!events.ok) return ended(events);
  if (shown === undefined || canonicalText(shown) === canonicalText(events.value))
    return verified(header, asked, events.value);
  return ended(
    fail("value_must_match_entry", "what it told is another on the screen", {
      id,
      height,
      proven: events.value,
      shown,
    }),
  );
}

/** Where in the block transactions with this id stand. */
export function placesOf(parts: LightParts, transactions: readonly Uint8Array[], id: string): readonly number[] {
  return transactions.flatMap((bytes, index) => (readTransaction(parts.core, bytes)?.id === id ? [index] : []));
}

function notInBlock(parts: LightParts, id: string, height: number, transactions: readonly Uint8Array[]): Failed {
  const detail = `none of the ${transactions.length} transactions in block ${height} has this id`;
  const evidence = { id, height, transactions: transactions.map((bytes) => hex(parts.core.sha256(bytes))) };
  return fail("transaction_must_be_in_block", detail, evidence);
}

export async function proveBlock(parts: LightParts, height: number): Promise<Outcome<ProvenBlock>> {
  if (!Number.isSafeInteger(height) || height < 1)
    return fail("answer_must_be_well_formed", "there is no block of this height", height);
  const [header, told] = await Promise.all([parts.headers.at(height), toldBlock(parts, height)]);
  if (!header.ok) return header;
  if (!told.ok) return told;
  const { block } = told.value;
  const evidence = { height, told: block.header, proven: hex(header.value.hash) };
  const hash = hashOf(parts, block.header);
  if (hash !== hex(header.value.hash))
    return fail("header_hash_must_match_commit", `the block's header hashes to ${hash}`, evidence);
  const transactions = (block.data.txs ?? []).map(fromBase64);
  const committed = checkTransactions(parts.core, transactions, header.value.header);
  return committed.ok ? pass({ header: header.value, transactions }) : committed;
}

function hashOf(parts: LightParts, header: Parameters<typeof headerFromJson>[0]): string {
  try {
    return hex(parts.core.headerHash(headerFromJson(header)));
  } catch (error) {
    if (error instanceof RangeError) return "nothing";
    throw error;
  }
}

/** Whether a value's canonical JSON is these bytes. */
function isWrittenAs(value: unknown, bytes: Uint8Array): boolean {
  try {
    return hex(utf8(canonicalText(value))) === hex(bytes);
  } catch {
    return false;
  }
}
