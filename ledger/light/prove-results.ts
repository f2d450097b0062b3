// Results of a block's transactions: their code, data and gas against the results hash in the header that follows
// (CometBFT v0.38: Merkle root over the deterministic part of ExecTxResult). Logs and events are not under it and not believed.

import type { DeterministicResult } from "../../wasm-core/bindings/comet.ts";
import { hex } from "../protocol/bytes.ts";
import { eventsRoot } from "../protocol/event-root.ts";
import type { LedgerEvent } from "../protocol/ledger-event.ts";
import { toldEvents, toldResults } from "./block-source.ts";
import { checkResults, resultOf } from "./check-block.ts";
import type { LightParts } from "./light-parts.ts";
import { fail, type Outcome, pass } from "./outcome.ts";

/** Results of a block's transactions in order, proven; waits as `proveCodes`. */
export async function proveResults(
  parts: LightParts,
  height: number,
  count: number,
): Promise<Outcome<readonly DeterministicResult[]>> {
  // Nothing was executed, so there is nothing to wait for.
  if (count === 0) return pass([]);
  const told = await toldResults(parts, height);
  if (!told.ok) return told;
  const header = await parts.headers.soon(height + 1);
  if (!header.ok) return header;
  const results = told.value.map(resultOf);
  if (results.length === count && checkResults(parts.core, results, header.value.header)) return pass(results);
  return fail("transaction_must_be_in_block", `the results are not those that header ${height + 1} commits to`, {
    height,
    transactions: count,
    results: told.value,
  });
}

/** Codes of a block's transactions in order, proven; waits some seconds for the header that carries them. */
export async function proveCodes(
  parts: LightParts,
  height: number,
  count: number,
): Promise<Outcome<readonly number[]>> {
  const results = await proveResults(parts, height, count);
  return results.ok ? pass(results.value.map(({ code }) => code)) : results;
}

/** What the transaction at this place of a block told: its proven result's data is the root over it. */
export async function proveEvents(
  parts: LightParts,
  height: number,
  count: number,
  index: number,
): Promise<Outcome<readonly LedgerEvent[]>> {
  const [results, told] = await Promise.all([proveResults(parts, height, count), toldEvents(parts, height)]);
  if (!results.ok) return results;
  if (!told.ok) return told;
  const [result, events] = [results.value[index], told.value[index]];
  if (result === undefined || events === undefined)
    return fail("answer_must_be_well_formed", "there are not as many events as transactions", told.value.length);
  // What was refused has no events, and no data.
  const root = result.data.length === 0 && events.length === 0 ? result.data : eventsRoot(parts.core, events);
  if (hex(root) === hex(result.data)) return pass(events);
  return fail("event_must_be_in_results", "the events are not those that the result's data is the root of", {
    height,
    index,
    data: hex(result.data),
    events,
  });
}
