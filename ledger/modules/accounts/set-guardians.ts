// accounts/set-guardians: who may recover the account (AC-17, AC-18). A thief with a key can only announce other guardians: those
// in force stay for the delay that they have, and can recover the account meanwhile.

import type { z } from "zod";
import { canonicalText } from "../../protocol/canonical.ts";
import type { GuardianSet, setGuardiansSchema } from "../../protocol/guardians.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { guardianNamed, guardiansSet } from "./events.ts";
import { guardiansAt, guardiansRecord, writeGuardians } from "./guardian-record.ts";
import { accountOf } from "./interface.ts";
import { paramsOf } from "./state.ts";

export function setGuardians(execution: MessageExecution, message: z.infer<typeof setGuardiansSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, members, threshold, delayMs } = message;
  if (members.includes(by)) return refuse("accounts_guardian_must_differ", { account: by });
  const unknown = members.find((member) => accountOf(state, member) === null);
  if (unknown !== undefined) return refuse("accounts_account_must_exist", { account: unknown });
  const { guardianDelayMsMin } = paramsOf(state);
  if (members.length > 0 && delayMs < guardianDelayMsMin)
    return refuse("accounts_guardian_delay_must_not_be_short", { delayMs, limit: guardianDelayMsMin });
  const set: GuardianSet = { members, threshold, delayMs };
  const record = guardiansAt(state, by, timeMs);
  const proposals = record?.proposals ?? [];
  const inForce = record?.set;
  const waits = inForce !== undefined && canonicalText(inForce) !== canonicalText(set);
  const effectiveMs = waits ? timeMs + inForce.delayMs : timeMs;
  writeGuardians(state, by, guardiansRecord(inForce ?? set, waits ? { set, effectiveMs } : undefined, proposals));
  guardiansSet.emit(execution, { account: by, threshold: threshold.toString(), effectiveMs: effectiveMs.toString() });
  for (const guardian of members) guardianNamed.emit(execution, { account: by, guardian });
  return null;
}
