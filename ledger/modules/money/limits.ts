// Spending limits of an account: how they are counted (MO-20 to MO-24). One record an account, and only for those that set limits.

import { dayMs, type LimitsRecord, limitsAt, moneyState, spentAt } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";

/** What an account without limits has: nothing to count, nothing to give back. */
type SpentDay = number | null;

export function limitsRecordOf(state: StateReader, account: string): LimitsRecord | null {
  return state.get<LimitsRecord>(moneyState.limits(account));
}

/** Why an account's own limits forbid to part with an amount at a block time; null when they do not. */
export function refuseSpending(state: StateReader, timeMs: number, account: string, amount: bigint): Refusal | null {
  const record = limitsRecordOf(state, account);
  const { perTransfer, perDay } = limitsAt(record, timeMs);
  if (perTransfer !== undefined && amount > BigInt(perTransfer))
    return refuse("money_amount_must_not_exceed_transfer_limit", { amount: amount.toString(), limit: perTransfer });
  const spent = spentAt(record, timeMs);
  if (perDay !== undefined && spent + amount > BigInt(perDay))
    return refuse("money_amount_must_not_exceed_day_limit", {
      amount: amount.toString(),
      spent: spent.toString(),
      limit: perDay,
    });
  return null;
}

/** Counts what is spent. Answers the day that it counts for; null when the account has no limits. */
export function countSpending(state: StateWriter, timeMs: number, account: string, amount: bigint): SpentDay {
  const record = limitsRecordOf(state, account);
  if (record === null) return null;
  const day = Math.floor(timeMs / dayMs);
  state.set(moneyState.limits(account), {
    ...record,
    day,
    spent: (spentAt(record, timeMs) + amount).toString(),
  } satisfies LimitsRecord);
  return day;
}

/** Takes back what was counted for a day and was not spent after all; nothing when that day is over. */
export function uncountSpending(state: StateWriter, account: string, amount: bigint, spentDay: SpentDay): void {
  const record = limitsRecordOf(state, account);
  if (record === null || spentDay === null || record.day !== spentDay || amount === 0n) return;
  const spent = BigInt(record.spent ?? "0") - amount;
  if (spent < 0n) throw new Error(`${account} gets back ${amount} and spent ${record.spent} that day`);
  state.set(moneyState.limits(account), { ...record, spent: spent.toString() } satisfies LimitsRecord);
}
