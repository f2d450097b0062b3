// accounts/propose-recovery and accounts/approve-recovery: guardians agree on the owner's new key (AC-19). The delay begins with
// the last approval that is needed.

import type { z } from "zod";
import {
  type approveRecoverySchema,
  type GuardianSet,
  type GuardiansRecord,
  type proposeRecoverySchema,
  proposes,
  type RecoveryProposal,
} from "../../protocol/guardians.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { isSoundKey } from "../../protocol/sound-key.ts";
import type { MessageExecution } from "../module.ts";
import { recoveryApproved, recoveryProposed } from "./events.ts";
import { guardiansAt, guardiansRecord, isApproved, writeGuardians } from "./guardian-record.ts";
import { paramsOf } from "./state.ts";

export function proposeRecovery(
  execution: MessageExecution,
  message: z.infer<typeof proposeRecoverySchema>,
): Refusal | null {
  const { state, timeMs } = execution;
  const { by, account, key, rpId } = message;
  const record = guardiansAt(state, account, timeMs);
  if (!record?.set?.members.includes(by)) return refuse("accounts_account_must_be_guardian", { account, guardian: by });
  const proposals = record.proposals ?? [];
  // Replaced is only what has not enough approvals yet: others have agreed to the rest.
  const others = proposals.filter((proposal) => proposal.by !== by || isApproved(proposal));
  if (others.some((proposal) => proposes(proposal, message) || proposal.by === by))
    return refuse("accounts_recovery_must_not_exist", { account, key });
  if (!isSoundKey(key)) return refuse("accounts_key_must_be_sound", { key });
  const proposal: RecoveryProposal = {
    by,
    key,
    ...(rpId === undefined ? {} : { rpId }),
    approvals: [by],
    expiresMs: timeMs + paramsOf(state).proposalMs,
  };
  write(execution, account, record, [...others, approvedIfEnough(execution, record.set, proposal)]);
  recoveryProposed.emit(execution, { account, guardian: by, key });
  return null;
}

export function approveRecovery(
  execution: MessageExecution,
  message: z.infer<typeof approveRecoverySchema>,
): Refusal | null {
  const { state, timeMs } = execution;
  const { by, account, key } = message;
  const record = guardiansAt(state, account, timeMs);
  const set = record?.set;
  if (!set?.members.includes(by)) return refuse("accounts_account_must_be_guardian", { account, guardian: by });
  const proposals = record?.proposals ?? [];
  const proposal = proposals.find((open) => proposes(open, message));
  if (proposal === undefined) return refuse("accounts_recovery_must_exist", { account, key });
  if (proposal.approvals.includes(by)) return refuse("accounts_approval_must_not_be_repeated", { account, key });
  const approved = approvedIfEnough(execution, set, { ...proposal, approvals: [...proposal.approvals, by] });
  write(
    execution,
    account,
    record!,
    proposals.map((open) => (open === proposal ? approved : open)),
  );
  recoveryApproved.emit(execution, { account, guardian: by, key });
  return null;
}

function approvedIfEnough(
  { state, timeMs }: MessageExecution,
  { threshold, delayMs }: GuardianSet,
  proposal: RecoveryProposal,
): RecoveryProposal {
  if (isApproved(proposal) || proposal.approvals.length < threshold) return proposal;
  const completableMs = timeMs + delayMs;
  return { ...proposal, completableMs, expiresMs: completableMs + paramsOf(state).proposalMs };
}

function write(
  { state }: MessageExecution,
  account: string,
  { set, change }: GuardiansRecord,
  proposals: readonly RecoveryProposal[],
): void {
  writeGuardians(state, account, guardiansRecord(set, change, proposals));
}
