// How much an account may have done in a window of block time, since citizens pay no gas (TX-13, TX-24 to TX-26).
// State `transactions/quota/<account>`: the newest window in which the account acted. One entry an account.
// State `transactions/params`: the numbers, fixed at genesis.

import { type Quotas, quotasDefault } from "../../protocol/genesis.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import { accountOf, isService } from "../accounts/interface.ts";
import type { Decoded } from "./decode.ts";

interface QuotaRecord {
  /** ⌊block time / window length⌋. */
  readonly window: number;
  readonly count: number;
  /** Block time until which the account is new. */
  readonly newUntilMs?: number;
}

const quotasName = "transactions/params";
const quotaName = (account: string): string => `transactions/quota/${account}`;

/** Writes the numbers of a chain. */
export function writeQuotas(state: StateWriter, quotas: Partial<Quotas> | undefined): void {
  state.set(quotasName, { ...quotasDefault, ...quotas } satisfies Quotas);
}

export function quotasOf(state: StateReader): Quotas {
  return state.get<Quotas>(quotasName)!;
}

/** What a transaction counts for each account that acts in it: one for every `messagesPerCount` messages begun. */
export function costOf(quotas: Quotas, { transaction }: Decoded): number {
  return Math.ceil(transaction.body.messages.length / quotas.messagesPerCount);
}

/** Accounts that the transaction wants to register, each once. */
export function registrationsIn({ transaction }: Decoded): number {
  const registering = transaction.body.messages.filter(({ type }) => type === "accounts/register");
  return new Set(registering.map(({ by }) => by)).size;
}

/** A block's registrations are used up: the next block has room again. */
export function tooManyRegistrations({ registrationsPerBlockMax }: Quotas): Refusal {
  return refuse("transaction_quota_must_not_be_exceeded", {
    registrationsPerBlock: registrationsPerBlockMax,
    retrySeconds: 1,
  });
}

/** Whether one of the actors has used up its window; `pending` counts what waits elsewhere. */
export function refuseQuota(
  state: StateReader,
  quotas: Quotas,
  decoded: Decoded,
  timeMs: number,
  pending: (account: string) => number,
): Refusal | null {
  const windowMs = quotas.windowSeconds * 1000;
  const window = Math.floor(timeMs / windowMs);
  const cost = costOf(quotas, decoded);
  for (const account of decoded.actors) {
    const record = state.get<QuotaRecord>(quotaName(account));
    const limit = limitOf(state, quotas, account, record, timeMs);
    const used = (record?.window === window ? record.count : 0) + pending(account);
    if (used + cost > limit)
      return refuse("transaction_quota_must_not_be_exceeded", {
        account,
        limit,
        used,
        windowSeconds: quotas.windowSeconds,
        retryAtMs: (window + 1) * windowMs,
        retrySeconds: Math.ceil(((window + 1) * windowMs - timeMs) / 1000),
      });
  }
  return null;
}

function limitOf(
  state: StateReader,
  quotas: Quotas,
  account: string,
  record: QuotaRecord | null,
  timeMs: number,
): number {
  if (isService(accountOf(state, account), timeMs)) return quotas.servicePerWindow;
  const isNew = record?.newUntilMs !== undefined && timeMs < record.newUntilMs;
  return isNew ? quotas.newcomerPerWindow : quotas.citizenPerWindow;
}

/**
 * Counts a transaction for each of its actors, applied or refused. Who failed to register has no account and no entry: keys cost
 * nothing, entries do.
 */
export function countAgainstQuota(
  state: StateWriter,
  quotas: Quotas,
  decoded: Decoded,
  { height, timeMs }: { readonly height: number; readonly timeMs: number },
): void {
  const window = Math.floor(timeMs / (quotas.windowSeconds * 1000));
  const cost = costOf(quotas, decoded);
  for (const account of decoded.actors) {
    const registered = accountOf(state, account)?.registered;
    if (registered === undefined) continue;
    const before = state.get<QuotaRecord>(quotaName(account));
    const newUntilMs =
      before?.newUntilMs ?? (before === null && registered === height ? timeMs + quotas.newcomerSeconds * 1000 : 0);
    const record: QuotaRecord = {
      window,
      count: (before?.window === window ? before.count : 0) + cost,
      ...(timeMs < newUntilMs ? { newUntilMs } : {}),
    };
    state.set(quotaName(account), record);
  }
}
