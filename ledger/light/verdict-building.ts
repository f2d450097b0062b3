// From outcomes to verdicts: which steps of the chain of custody passed, and at which one a check failed.

import { timestampText } from "../protocol/comet.ts";
import type { VerifiedHeader } from "./light-block.ts";
import type { Failed, Unanswered } from "./outcome.ts";
import { type CustodyStep, custodySteps, type FailureReason, type StepResult, type Verdict } from "./verdict.ts";

const signatureReasons: ReadonlySet<FailureReason> = new Set([
  "validators_must_match_header",
  "validators_must_be_trusted",
  "commit_must_match_validators",
  "signature_must_be_valid",
  "signatures_must_exceed_two_thirds",
  "trust_must_not_be_expired",
]);

/** All five steps in order; those not named were not part of the question. */
export function stepsOf(states: Partial<Record<CustodyStep, StepResult["state"]>>): readonly StepResult[] {
  return custodySteps.map((step) => ({ step, state: states[step] ?? "skipped" }));
}

/** The verdict of a question that ended early. `asked` are its steps; those in `passed` hold, the others were not decided. */
export function verdictOf(
  outcome: Failed | Unanswered,
  at: CustodyStep,
  asked: readonly CustodyStep[],
  passed: readonly CustodyStep[],
): Verdict {
  const states: Partial<Record<CustodyStep, StepResult["state"]>> = {};
  for (const step of asked) states[step] = passed.includes(step) ? "passed" : "pending";
  if (outcome.state === "unverified") {
    return { state: "unverified", reason: outcome.reason, detail: outcome.detail, steps: stepsOf(states) };
  }
  states[at] = "failed";
  const { reason, detail, evidence } = outcome;
  return { state: "failed", reason, detail, evidence, steps: stepsOf(states) };
}

/** Where a failed header belongs: what it says is the block step, who stands behind it the signatures step. */
export function headerStep(outcome: Failed | Unanswered): CustodyStep {
  return outcome.state === "failed" && signatureReasons.has(outcome.reason) ? "signatures" : "block";
}

/** The green verdict. */
export function verified(
  { header, signers, validators }: VerifiedHeader,
  asked: readonly CustodyStep[],
  value: unknown,
): Verdict {
  return {
    state: "verified",
    height: Number(header.height),
    time: timestampText(header.time),
    signers,
    validators: validators.length,
    steps: stepsOf(Object.fromEntries(asked.map((step) => [step, "passed"]))),
    value,
  };
}
