// What a header commits to of its own and of the block before it: transactions (data hash), results (results hash of the next header),
// and the events that a result's data is the root of. Whole lists, or single ones by RFC 6962 paths. Pure.

import type { DeterministicResult, HeaderFields } from "../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { fromUtf8, hex, utf8 } from "../protocol/bytes.ts";
import { canonicalText } from "../protocol/canonical.ts";
import { fromBase64 } from "../protocol/comet.ts";
import { anything, type FormOf, list, members } from "../protocol/json-form.ts";
import { authorisationsMax, transactionBytesMax } from "../protocol/transaction-limits.ts";
import type { ToldResult } from "./block-source.ts";
import { fail, type Outcome, pass } from "./outcome.ts";

/** A leaf's place in a tree. Only the path's turns are proven: neither number is under the root. */
export interface Place {
  readonly index: number;
  readonly total: number;
  readonly path: readonly Uint8Array[];
}

/** Anything with a body; what it says is the ledger's to judge. The body hashes to the id, so only its author chose it. */
const transactionSchema = members({ body: anything, auth: list(authorisationsMax, anything) });

export interface ReadTransaction {
  /** sha256 of the canonical body, hex. */
  readonly id: string;
  readonly transaction: FormOf<typeof transactionSchema>;
}

/** The transaction that the bytes are; null when they are none of this ledger. */
export function readTransaction(core: LightCore, bytes: Uint8Array): ReadTransaction | null {
  if (bytes.length > transactionBytesMax) return null;
  try {
    const transaction = transactionSchema.parse(JSON.parse(fromUtf8(bytes)));
    return { id: hex(core.sha256(utf8(canonicalText(transaction.body)))), transaction };
  } catch {
    // No JSON, another form, nested too deep.
    return null;
  }
}

/** The header commits to exactly these transactions. */
export function checkTransactions(
  core: LightCore,
  transactions: readonly Uint8Array[],
  header: HeaderFields,
): Outcome<true> {
  if (hex(core.dataHash(transactions)) === hex(header.dataHash)) return pass(true);
  const evidence = { height: Number(header.height), dataHash: hex(header.dataHash), transactions };
  return fail("transaction_must_be_in_block", "the transactions are not those that the header commits to", evidence);
}

/** The header commits to this transaction among others. */
export function checkTransaction(
  core: LightCore,
  bytes: Uint8Array,
  place: Place,
  header: HeaderFields,
): Outcome<true> {
  if (holds(core, header.dataHash, core.dataHash([bytes]), place)) return pass(true);
  return fail("transaction_must_be_in_block", "the path does not lead to the header's data hash", {
    height: Number(header.height),
    transaction: bytes,
    place,
  });
}

/** The deterministic part of a result, as it is hashed (CometBFT v0.38, ExecTxResult). Log, info and events are not under it. */
export function resultOf({ code, data, gas_wanted, gas_used }: ToldResult): DeterministicResult {
  const gas = (text: string | null | undefined): bigint => BigInt(text ?? "0");
  return { code, data: fromBase64(data ?? ""), gasWanted: gas(gas_wanted), gasUsed: gas(gas_used) };
}

/** The header commits to these results, which are of the block before it. */
export function checkResults(core: LightCore, results: readonly DeterministicResult[], header: HeaderFields): boolean {
  return hex(core.resultsHash(results)) === hex(header.lastResultsHash);
}

/** The header commits to this result among others of the block before it. */
export function checkResult(
  core: LightCore,
  result: DeterministicResult,
  place: Place,
  header: HeaderFields,
): Outcome<true> {
  if (holds(core, header.lastResultsHash, core.resultsHash([result]), place)) return pass(true);
  return fail("transaction_must_be_in_block", `the path does not lead to the results hash in header ${header.height}`, {
    code: result.code,
    data: hex(result.data),
    place,
  });
}

/** The event is one of those that the transaction told: `data` of its proven result is the root over them. */
export function checkEvent(core: LightCore, event: Uint8Array, place: Place, data: Uint8Array): Outcome<true> {
  if (data.length === 32 && holds(core, data, core.leafHash(event), place)) return pass(true);
  return fail("event_must_be_in_results", "the path does not lead to the root over the transaction's events", {
    event,
    data: hex(data),
    place,
  });
}

function holds(core: LightCore, root: Uint8Array, leaf: Uint8Array, { index, total, path }: Place): boolean {
  return root.length === 32 && core.verifyInclusion(root, leaf, index, total, path);
}
