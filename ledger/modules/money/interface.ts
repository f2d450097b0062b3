// What other modules may use of money: balances, payments, and money held for a payment to come. Everything moves by double
// entry: what one account gives another receives, posted or pending. Limits: ledger/protocol/money.ts.

import {
  availableIn,
  type BalanceRecord,
  moneyState,
  postedIn,
  type ReserveRecord,
  sumOf,
  systemAccounts,
} from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import type { Execution } from "../module.ts";
import { reserved } from "./events.ts";
import { countSpending, refuseSpending, uncountSpending } from "./limits.ts";

/** Micro-units that belong to an account, a citizen's or the system's; what is held for others included. */
export function moneyOf(state: StateReader, account: string): bigint {
  return postedIn(balanceOf(state, account));
}

/** Micro-units that an account may spend. */
export function availableTo(state: StateReader, account: string): bigint {
  return availableIn(balanceOf(state, account));
}

/** What belongs to an account, what of it is held for others, and what others hold for it; micro-units. */
export interface MoneySums {
  readonly posted: bigint;
  readonly held: bigint;
  readonly owed: bigint;
}

export function moneySumsOf(state: StateReader, account: string): MoneySums {
  const record = balanceOf(state, account);
  return { posted: postedIn(record), held: sumOf(record?.debitsPending), owed: sumOf(record?.creditsPending) };
}

/** Moves money from one account to another. False when the first may not spend so much. The account's limits do not count. */
export function move(state: StateWriter, from: string, to: string, amount: bigint): boolean {
  if (!mayGive(state, from, amount)) return false;
  pay(state, from, to, amount);
  return true;
}

/** As `move`, within the limits that the owner has set, and counted against them. */
export function spend({ state, timeMs }: Execution, from: string, to: string, amount: bigint): Refusal | null {
  const refusal = refuseSpending(state, timeMs, from, amount) ?? refuseBalance(state, from, amount);
  if (refusal !== null) return refusal;
  countSpending(state, timeMs, from, amount);
  pay(state, from, to, amount);
  return null;
}

/** Money that is set aside. Who holds keeps this in a record of its own until it settles. */
export interface Hold {
  readonly from: string;
  /** Whose credit is pending: the payee, or the module's own account while it is not known who that will be. */
  readonly to: string;
  readonly amount: bigint;
  /** Answered by `hold`; null when the account has no limits. */
  readonly spentDay: number | null;
}

/** First phase: sets money aside within the account's limits. Refused with limits, then with balance. */
export function hold(
  { state, timeMs }: Execution,
  from: string,
  to: string,
  amount: bigint,
): Refusal | ({ readonly ok: true } & Hold) {
  const refusal = refuseSpending(state, timeMs, from, amount) ?? refuseBalance(state, from, amount);
  if (refusal !== null) return refusal;
  const spentDay = countSpending(state, timeMs, from, amount);
  add(state, from, { debitsPending: amount });
  add(state, to, { creditsPending: amount });
  return { ok: true, from, to, amount, spentDay };
}

/**
 * Second phase: ends a hold with payments out of it, none to give all of it back. What is not paid returns to its owner.
 * @throws {Error} when more is paid than was held, or the hold does not exist: a bug of the caller.
 */
export function settle(
  { state }: Execution,
  held: Hold,
  payments: readonly { readonly to: string; readonly amount: bigint }[],
): void {
  if (held.amount === 0n) return;
  const paid = payments.reduce((sum, { amount }) => sum + amount, 0n);
  if (paid > held.amount) throw new Error(`${paid} is paid out of ${held.amount}`);
  add(state, held.from, { debitsPending: -held.amount, debitsPosted: paid });
  add(state, held.to, { creditsPending: -held.amount });
  for (const { to, amount } of payments) add(state, to, { creditsPosted: amount });
  uncountSpending(state, held.from, held.amount - paid, held.spentDay);
}

/** A hold with a payee, an expiry and terms of its own, which citizens see and settle by messages of the money module. */
export type ReserveTerms = Omit<ReserveRecord, "amount" | "spentDay"> & { readonly amount: bigint };

/** What became of a reserve: what was paid to the payee and what went back to the payer. */
interface ClosedReserve {
  readonly reserve: string;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly released: string;
}

/** An open reserve; null when there is none. */
export function reserveOf(state: StateReader, id: string): ReserveRecord | null {
  return state.get<ReserveRecord>(moneyState.reserve(id));
}

/**
 * Makes a reserve; it expires by itself. Refused with limits, then with balance. The terms are the caller's to check.
 * @param id `<transaction id>.<message index>`; a message makes at most one.
 */
export function openReserve(execution: Execution, id: string, terms: ReserveTerms): Refusal | null {
  const { state } = execution;
  const { from, to, amount, ...rest } = terms;
  const held = hold(execution, from, to, amount);
  if (!held.ok) return held;
  const spentDay = held.spentDay === null ? {} : { spentDay: held.spentDay };
  const record: ReserveRecord = { from, to, amount: amount.toString(), ...rest, ...spentDay };
  state.set(moneyState.reserve(id), record);
  state.set(moneyState.reserveExpiry(terms.expiresMs, id), {});
  for (const party of partiesOf(record)) state.set(moneyState.reserveOf(party, id), {});
  countReserves(state, from, 1);
  const { expiresMs, note } = record;
  reserved.emit(execution, {
    reserve: id,
    from,
    to,
    amount: record.amount,
    expiresMs: expiresMs.toString(),
    ...(note === undefined ? {} : { note }),
  });
  return null;
}

/**
 * Ends an open reserve: pays `amount` of it to its payee, none to give all of it back. Whether it may end so is the caller's to check.
 * @throws {Error} when there is no such reserve, or it holds less: a bug of the caller.
 */
export function closeReserve(execution: Execution, id: string, amount: bigint): ClosedReserve {
  const { state } = execution;
  const record = reserveOf(state, id);
  if (record === null) throw new Error(`there is no reserve ${id}`);
  const { from, to } = record;
  const held = { from, to, amount: BigInt(record.amount), spentDay: record.spentDay ?? null };
  settle(execution, held, amount === 0n ? [] : [{ to, amount }]);
  state.remove(moneyState.reserve(id));
  state.remove(moneyState.reserveExpiry(record.expiresMs, id));
  for (const party of partiesOf(record)) state.remove(moneyState.reserveOf(party, id));
  countReserves(state, from, -1);
  return { reserve: id, from, to, amount: amount.toString(), released: (held.amount - amount).toString() };
}

/** Open reserves that an account has given. */
export function reservesGivenBy(state: StateReader, account: string): number {
  return balanceOf(state, account)?.reserves ?? 0;
}

/** Those in whose lists a reserve stands. */
export function partiesOf({ from, to, mayPost = [], mayVoid = [] }: ReserveRecord): ReadonlySet<string> {
  return new Set([from, to, ...mayPost, ...mayVoid]);
}

function countReserves(state: StateWriter, account: string, change: 1 | -1): void {
  const { reserves = 0, ...sums } = balanceOf(state, account) ?? {};
  const after = reserves + change;
  if (after < 0) throw new Error(`${account} has no reserve to end`);
  state.set(moneyState.balance(account), (after === 0 ? sums : { ...sums, reserves: after }) satisfies BalanceRecord);
}

type Sum = "creditsPosted" | "debitsPosted" | "creditsPending" | "debitsPending";

function balanceOf(state: StateReader, account: string): BalanceRecord | null {
  return state.get<BalanceRecord>(moneyState.balance(account));
}

function mayGive(state: StateReader, account: string, amount: bigint): boolean {
  return account === systemAccounts.issuance || amount <= availableTo(state, account);
}

function pay(state: StateWriter, from: string, to: string, amount: bigint): void {
  add(state, from, { debitsPosted: amount });
  add(state, to, { creditsPosted: amount });
}

function refuseBalance(state: StateReader, account: string, amount: bigint): Refusal | null {
  if (mayGive(state, account, amount)) return null;
  const balance = availableTo(state, account).toString();
  return refuse("money_balance_must_suffice", { balance, amount: amount.toString() });
}

function add(state: StateWriter, account: string, changes: Partial<Record<Sum, bigint>>): void {
  const record: { [name in Sum]?: string } & { reserves?: number } = { ...balanceOf(state, account) };
  for (const [sum, change] of Object.entries(changes) as [Sum, bigint][]) {
    const after = sumOf(record[sum]) + change;
    if (after < 0n) throw new Error(`${sum} of ${account} would be ${after}`);
    if (after === 0n) delete record[sum];
    else record[sum] = after.toString();
  }
  state.set(moneyState.balance(account), record satisfies BalanceRecord);
}
