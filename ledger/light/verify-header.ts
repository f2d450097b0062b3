// The header of a height alone: what a page asks of every new block. What stands in the block is another question.

import { hex } from "../protocol/bytes.ts";
import { timestampText } from "../protocol/comet.ts";
import type { LightParts } from "./light-parts.ts";
import { fail } from "./outcome.ts";
import type { CustodyStep, Verdict } from "./verdict.ts";
import { headerStep, verdictOf, verified } from "./verdict-building.ts";

const asked: readonly CustodyStep[] = ["block", "signatures"];

/** The verdict's value: `{ hash, time, appHash, proposer }`, hashes in lower-case hex. */
export async function verifyHeader({ headers }: Pick<LightParts, "headers">, height: number): Promise<Verdict> {
  const outcome =
    Number.isSafeInteger(height) && height > 0
      ? await headers.at(height)
      : fail("answer_must_be_well_formed", "there is no block of this height", height);
  if (!outcome.ok) return verdictOf(outcome, headerStep(outcome), asked, []);
  const { header, hash } = outcome.value;
  return verified(outcome.value, asked, {
    hash: hex(hash),
    time: timestampText(header.time),
    appHash: hex(header.appHash),
    proposer: hex(header.proposerAddress),
  });
}
