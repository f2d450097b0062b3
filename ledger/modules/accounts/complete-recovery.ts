// accounts/complete-recovery and accounts/veto-recovery: how a recovery ends (AC-20, AC-21).

import type { z } from "zod";
import { type completeRecoverySchema, proposes, type vetoRecoverySchema } from "../../protocol/guardians.ts";
import { keyRecordOf } from "../../protocol/keys.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { recovered, recoveryVetoed } from "./events.ts";
import { guardiansAt, guardiansRecord, settledAt, writeGuardians } from "./guardian-record.ts";
import { accountOf } from "./interface.ts";
import { writeAccount } from "./record.ts";

/** Everything that the lost keys could have prepared goes with them: session keys, waiting guardians, other proposals. */
export function completeRecovery(
  execution: MessageExecution,
  message: z.infer<typeof completeRecoverySchema>,
): Refusal | null {
  const { state, timeMs } = execution;
  const { account, key } = message;
  const record = guardiansAt(state, account, timeMs);
  const proposal = record?.proposals?.find((open) => proposes(open, message));
  if (proposal === undefined) return refuse("accounts_recovery_must_exist", { account, key });
  const { completableMs, approvals, rpId } = proposal;
  if (completableMs === undefined)
    return refuse("accounts_recovery_must_be_approved", { account, approvals: approvals.length });
  if (timeMs < completableMs) return refuse("accounts_recovery_delay_must_be_over", { account, completableMs, timeMs });
  const before = accountOf(state, account)!;
  writeAccount(state, account, before, { ...before, keys: [keyRecordOf(key, rpId)] });
  writeGuardians(state, account, guardiansRecord(record?.set, undefined, []));
  recovered.emit(execution, { account, key });
  return null;
}

export function vetoRecovery(execution: MessageExecution, message: z.infer<typeof vetoRecoverySchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by } = message;
  const record = guardiansAt(state, by, timeMs);
  const proposals = record?.proposals ?? [];
  if (record === null || proposals.length === 0) return refuse("accounts_recovery_must_exist", { account: by });
  const due = proposals.filter(({ completableMs }) => completableMs !== undefined && completableMs <= timeMs);
  if (due.length === proposals.length) return refuse("accounts_veto_must_be_in_time", { account: by });
  const after = guardiansRecord(record.set, record.change, due);
  // A change of guardians that waited for the recovery to end is due now.
  writeGuardians(state, by, after === null ? null : settledAt(after, timeMs));
  recoveryVetoed.emit(execution, { account: by });
  return null;
}
