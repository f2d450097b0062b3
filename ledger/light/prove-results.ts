// Results of a block's transactions: their code, data and gas against the results hash in the header that follows
// (CometBFT v0.38: Merkle root over the deterministic part of ExecTxResult). Logs and events are not under it and not believed.

import { checkResults, resultOf } from "./check-block.ts";
import type { LightParts } from "./light-parts.ts";
import { fail, type Outcome, pass } from "./outcome.ts";

/** Codes of a block's transactions in order, proven; waits some seconds for the header that carries them. */
export async function proveCodes(
  parts: LightParts,
  height: number,
  count: number,
): Promise<Outcome<readonly number[]>> {
  // Nothing was executed, so there is nothing to wait for.
  if (count === 0) return pass([]);
  const told = await parts.source.results(height);
  if (!told.ok) return told;
  const header = await parts.headers.soon(height + 1);
  if (!header.ok) return header;
  if (told.value.length === count && checkResults(parts.core, told.value.map(resultOf), header.value.header))
    return pass(told.value.map(({ code }) => code));
  return fail("transaction_must_be_in_block", `the results are not those that header ${height + 1} commits to`, {
    height,
    transactions: count,
    results: told.value,
  });
}
