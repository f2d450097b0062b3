// The own account's money as the server tells it, for the wallet to prove: the balance, the open reserves that name the account, and
// its limits. Read again when a block may have changed them and every ten seconds while a panel shows them.

import { signal } from "@preact/signals";
import type { BalanceRecord, LimitsRecord } from "../../ledger/protocol/money.ts";
import { onBlock } from "./blocks.ts";
import { refreshAccount, self } from "./citizen.ts";
import { explain } from "./http.ts";
import { type BlockSummary, ledgerApi, type Reserve } from "./ledger-api.ts";

const pauseMs = 10_000;
/** Pages of reserves that are read: 100 each. */
const pagesMax = 5;

export interface OwnMoney {
  readonly account: string;
  readonly balance: BalanceRecord;
  readonly reserves: readonly Reserve[];
  /** False when there are more reserves than were read. */
  readonly complete: boolean;
  readonly limits: LimitsRecord | null;
}

export const ownMoney = signal<OwnMoney | null>(null);
export const ownMoneyProblem = signal<string | null>(null);

let asked = 0;
let applied = 0;

/** Reads the own money now. Failures are kept for the panel. An answer that a later one has overtaken is dropped. */
export async function refreshMoney(): Promise<void> {
  const account = self()?.account;
  if (account === undefined) return;
  asked += 1;
  const turn = asked;
  try {
    const [money, limits, { reserves, complete }] = await Promise.all([
      ledgerApi.money(account),
      ledgerApi.limits(account),
      readReserves(account),
    ]);
    if (turn < applied || self()?.account !== account) return;
    applied = turn;
    ownMoney.value = { account, balance: money.record, reserves, complete, limits: limits.record };
    ownMoneyProblem.value = null;
  } catch (error) {
    if (turn >= applied) ownMoneyProblem.value = explain(error);
  }
}

async function readReserves(account: string): Promise<Pick<OwnMoney, "reserves" | "complete">> {
  const found = new Map<string, Reserve>();
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page++) {
    const answer: Awaited<ReturnType<typeof ledgerApi.reserves>> = await ledgerApi.reserves(account, cursor);
    // Each once, and only what is this account's business: a true reserve between others proves nothing about it.
    for (const reserve of answer.reserves) if (concerns(reserve, account)) found.set(reserve.id, reserve);
    cursor = answer.next;
    if (cursor === null) break;
  }
  const reserves = [...found.values()].sort((a, b) => a.record.expiresMs - b.record.expiresMs);
  return { reserves, complete: cursor === null };
}

/** Whether a block may have changed what an account has, holds or may spend; ids are those of its reserves. */
export function touchesMoney(
  block: Pick<BlockSummary, "events" | "transactions">,
  account: string,
  ids: ReadonlySet<string>,
): boolean {
  const named = (values: readonly unknown[]): boolean =>
    values.some((value) => value === account || (Array.isArray(value) && value.includes(account)));
  return (
    // A slot that clears gives back what bids held, with an event for those alone that traded.
    block.events.some(({ type, attributes }) => type === "energy/slot-cleared" || named(Object.values(attributes))) ||
    block.transactions.some(
      ({ code, messages }) =>
        code === 0 &&
        messages.some((message) => {
          if (typeof message !== "object" || message === null) return false;
          const { reserve } = message as { reserve?: unknown };
          return named(Object.values(message)) || (typeof reserve === "string" && ids.has(reserve));
        }),
    )
  );
}

/** Follows the own money while someone looks; returns how to stop. */
export function followMoney(): () => void {
  void refreshMoney();
  const timer = setInterval(() => void refreshMoney(), pauseMs);
  const stop = onBlock((block) => {
    const account = self()?.account;
    if (account === undefined) return;
    const ids = new Set(ownMoney.peek()?.reserves.map(({ id }) => id));
    if (!touchesMoney(block, account, ids)) return;
    refreshAccount().catch(() => undefined);
    void refreshMoney();
  });
  return () => {
    clearInterval(timer);
    stop();
  };
}

/** What an account may do with a reserve now. */
export interface ReserveRights {
  readonly role: "payer" | "payee" | "third";
  readonly mayPost: boolean;
  readonly mayVoid: boolean;
  /** May pay out less than all of it. */
  readonly mayPart: boolean;
}

/** Whether a reserve names an account: as payer, payee, or someone who may pay it out or give it back. */
export function concerns({ record: { from, to, mayPost = [], mayVoid = [] } }: Reserve, account: string): boolean {
  return [from, to, ...mayPost, ...mayVoid].includes(account);
}

/** The rights that a reserve's terms give an account (MO-8, MO-13). */
export function rightsIn({ record }: Reserve, account: string): ReserveRights {
  const { from, to, mayPost = [to], mayVoid = [] } = record;
  const post = mayPost.includes(account);
  const giveBack = account === to || mayVoid.includes(account);
  return {
    role: account === from ? "payer" : account === to ? "payee" : "third",
    mayPost: post,
    mayVoid: giveBack,
    mayPart: post && (account !== from || giveBack),
  };
}
