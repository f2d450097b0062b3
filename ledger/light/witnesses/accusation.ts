// What is held against each side of an attack, and how it is sent. Bounds: 32 duplicate votes a side.

import { hex } from "../../protocol/bytes.ts";
import type { LightBlock } from "../light-block.ts";
import type { Provider } from "../provider.ts";
import type { ShownReport } from "./attack.ts";
import { attackEvidence, conflictingHeaderIsInvalid, duplicateVotes, type Misbehaviour } from "./evidence.ts";
import { evidenceToJson } from "./evidence-json.ts";

const duplicateVotesMax = 32;

export function misbehaviour(
  conflicting: LightBlock,
  trusted: LightBlock,
  common: Pick<LightBlock, "header" | "validators">,
): readonly Misbehaviour[] {
  const votes = duplicateVotes(trusted, conflicting).slice(0, duplicateVotesMax);
  return [attackEvidence(conflicting, trusted, common), ...votes];
}

/** A lunatic attack is punished by the validators of a common block; where none is known, only double votes are left. */
export function evidenceWithoutCommon(conflicting: LightBlock, trusted: LightBlock): readonly Misbehaviour[] {
  return conflictingHeaderIsInvalid(trusted.header, conflicting.header)
    ? duplicateVotes(trusted, conflicting).slice(0, duplicateVotesMax)
    : misbehaviour(conflicting, trusted, trusted);
}

export async function send(
  against: ShownReport["against"],
  to: Provider,
  misbehaviour: Misbehaviour,
): Promise<ShownReport> {
  const evidence = evidenceToJson(misbehaviour);
  let detail = "";
  try {
    const answer = await to.report(evidence);
    if (!answer.ok) detail = answer.detail;
  } catch (error) {
    detail = (error as Error).message;
  }
  return {
    against,
    to: to.name,
    accused: accusedBy(misbehaviour).map(hex),
    accepted: detail === "",
    detail: detail.slice(0, 2_000),
    evidence,
  };
}

function accusedBy(evidence: Misbehaviour): readonly Uint8Array[] {
  if (evidence.kind === "duplicate_vote") return [evidence.voteA.validatorAddress];
  return evidence.byzantineValidators.map(({ address }) => address);
}
