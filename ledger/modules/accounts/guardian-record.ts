// An account's guardians at a block time: what time alone has changed since the record was written, and how it is written again.

import { accountsState } from "../../protocol/accounts.ts";
import type { GuardianSet, GuardiansRecord, RecoveryProposal } from "../../protocol/guardians.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import { guardiansDue } from "./state.ts";

/** The record as it stands at a time; null when nothing of it is left. */
export function guardiansAt(state: StateReader, account: string, timeMs: number): GuardiansRecord | null {
  const record = state.get<GuardiansRecord>(accountsState.guardians(account));
  return record === null ? null : settledAt(record, timeMs);
}

/**
 * What time changes: stale proposals go; a waiting change comes into force, unless an approved recovery runs, and takes the
 * proposals of the guardians before it away.
 */
export function settledAt(record: GuardiansRecord, timeMs: number): GuardiansRecord | null {
  const proposals = (record.proposals ?? []).filter(({ expiresMs }) => timeMs < expiresMs);
  const { set, change } = record;
  const isDue = change !== undefined && change.effectiveMs <= timeMs && !proposals.some(isApproved);
  return isDue ? guardiansRecord(change.set, undefined, []) : guardiansRecord(set, change, proposals);
}

/** A record of what there is; null when there is nothing. */
export function guardiansRecord(
  set: GuardianSet | undefined,
  change: GuardiansRecord["change"],
  proposals: readonly RecoveryProposal[],
): GuardiansRecord | null {
  const record: GuardiansRecord = {
    ...(set === undefined || set.members.length === 0 ? {} : { set }),
    ...(change === undefined ? {} : { change }),
    ...(proposals.length === 0 ? {} : { proposals: [...proposals] }),
  };
  return Object.keys(record).length === 0 ? null : record;
}

export function isApproved({ completableMs }: RecoveryProposal): boolean {
  return completableMs !== undefined;
}

/** Writes the record, or removes it, with the time at which it must next be looked at. */
export function writeGuardians(state: StateWriter, account: string, after: GuardiansRecord | null): void {
  const name = accountsState.guardians(account);
  const before = state.get<GuardiansRecord>(name);
  const [was, is] = [before === null ? null : dueOf(before), after === null ? null : dueOf(after)];
  if (after !== null) state.set(name, after);
  else if (before !== null) state.remove(name);
  if (was === is) return;
  if (was !== null) state.remove(guardiansDue(was, account));
  if (is !== null) state.set(guardiansDue(is, account), {});
}

/** When time next changes the record; null when it does not. */
export function dueOf({ change, proposals = [] }: GuardiansRecord): number | null {
  const times = proposals.map(({ expiresMs }) => expiresMs);
  if (change !== undefined && !proposals.some(isApproved)) times.push(change.effectiveMs);
  return times.length === 0 ? null : Math.min(...times);
}
