// How many transactions an account may have in a window of block time, since citizens pay no gas (TX-13).
// State `transactions/quota/<account>`: the newest window in which the account acted. One entry an account.

import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import { accountOf, isService } from "../accounts/interface.ts";

export const quotaWindowMs = 60_000;
/** Transactions of one citizen in a window. */
export const citizenQuota = 60;
/** Transactions of an account with a role in a window. */
const serviceQuota = 6_000;
/** New accounts in one block. */
export const registrationsPerBlockMax = 200;

interface QuotaRecord {
  /** ⌊block time / window length⌋. */
  readonly window: number;
  readonly count: number;
}

const quotaName = (account: string): string => `transactions/quota/${account}`;

function usedBy(state: StateReader, account: string, timeMs: number): number {
  const record = state.get<QuotaRecord>(quotaName(account));
  return record?.window === Math.floor(timeMs / quotaWindowMs) ? record.count : 0;
}

/** Whether one of the actors has used up its window; `pending` counts what waits elsewhere. */
export function refuseQuota(
  state: StateReader,
  actors: readonly string[],
  timeMs: number,
  pending: (account: string) => number,
): Refusal | null {
  for (const account of actors) {
    const limit = isService(accountOf(state, account), timeMs) ? serviceQuota : citizenQuota;
    if (usedBy(state, account, timeMs) + pending(account) >= limit)
      return refuse("transaction_quota_must_not_be_exceeded", { account, limit, windowSeconds: quotaWindowMs / 1000 });
  }
  return null;
}

/** Counts one transaction for each actor. Who failed to register has no account and no entry: keys cost nothing, entries do. */
export function countAgainstQuota(state: StateWriter, actors: readonly string[], timeMs: number): void {
  const window = Math.floor(timeMs / quotaWindowMs);
  for (const account of actors) {
    if (accountOf(state, account) === null) continue;
    const record: QuotaRecord = { window, count: usedBy(state, account, timeMs) + 1 };
    state.set(quotaName(account), record);
  }
}
