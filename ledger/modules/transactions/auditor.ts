// The auditor of what every transaction must be besides its form: accounts that exist, their keys, their quotas.
// Expired and repeated ones are the simulation's own doing; it knows what they must get.

import type { Message } from "../../protocol/transaction.ts";
import { bornMsOf, exists, hasAnyRole, keysOf, noteSpent, sessionOf } from "../accounts/auditor.ts";
import type { AuditBooks } from "../auditor.ts";
import { moneyOf } from "../money/auditor.ts";

/** Who authorises, with which key. */
export interface Signer {
  readonly account: string;
  readonly key: string;
}

const used = (books: AuditBooks) => books.map<number>("transactions/quota");
const slot = (books: AuditBooks, account: string): string => `${Math.floor(books.timeMs / 60_000)} ${account}`;
const costOf = (messages: readonly Message[]): number => Math.trunc((messages.length + 9) / 10);

/** The verdict on a fresh transaction before its messages run. */
export function judgeAdmission(
  books: AuditBooks,
  messages: readonly Message[],
  signers: readonly Signer[],
  validlySigned: boolean,
): string {
  for (const signer of signers) {
    const verdict = judgeKey(books, messages, signer);
    if (verdict !== "") return verdict;
  }
  if (!validlySigned) return "transaction_signature_must_be_valid";
  for (const { account, key } of signers) {
    const session = sessionOf(books, account, key);
    if (session !== null && session.untilMs <= books.timeMs) return "transaction_key_must_not_be_expired";
  }
  for (const { account } of signers) {
    const born = bornMsOf(books, account);
    const isNew = born !== null && books.timeMs - born < 600_000;
    const limit = hasAnyRole(books, account) ? 6_000 : isNew ? 30 : 60;
    if ((used(books).get(slot(books, account)) ?? 0) + costOf(messages) > limit)
      return "transaction_quota_must_not_be_exceeded";
  }
  return "";
}

function judgeKey(books: AuditBooks, messages: readonly Message[], { account, key }: Signer): string {
  const mine = messages.filter(({ by }) => by === account);
  if (!exists(books, account)) {
    const registers = mine.find(({ type }) => type === "accounts/register");
    return registers?.type === "accounts/register" && registers.key === key
      ? ""
      : "transaction_key_must_belong_to_account";
  }
  if (!keysOf(books, account).includes(key)) return "transaction_key_must_belong_to_account";
  const session = sessionOf(books, account, key);
  if (session === null) return "";
  const beyond = mine.some(({ type }) => {
    const [module] = type.split("/") as [string];
    const guarded = module === "accounts" || type === "money/set-limits" || type === "money/cancel-raise";
    return guarded || !(session.messages.includes(type) || session.messages.includes(module));
  });
  return beyond ? "transaction_key_must_cover_message" : "";
}

/** The verdict on a message by what those before it have done to its actor. */
export function judgeActor(books: AuditBooks, { type, by }: Message, signers: readonly Signer[]): string {
  if (type === "accounts/register") return "";
  if (!exists(books, by)) return "accounts_account_must_exist";
  const signer = signers.find(({ account }) => account === by);
  return signer !== undefined && keysOf(books, by).includes(signer.key) ? "" : "transaction_key_must_belong_to_account";
}

/** Watches what session keys with a bound on money give away: holds that they begin or waive, and what they pay. */
export function watchSpending(books: AuditBooks, signers: readonly Signer[]) {
  const watched = signers.flatMap(({ account, key }) => {
    const session = sessionOf(books, account, key);
    if (session === null || session.moneyMax === null) return [];
    return [{ account, key, left: session.moneyMax - session.spent, given: 0n, last: moneyOf(books, account) }];
  });
  return {
    message({ by }: Message): void {
      for (const one of watched) {
        const now = moneyOf(books, one.account);
        let given = one.last.balance - now.balance;
        for (const [id, amount] of now.giving) if (!one.last.giving.has(id)) given += amount;
        for (const [id, amount] of one.last.due) if (!now.due.has(id)) given += amount;
        if (by === one.account || given < 0n) one.given += given;
        one.last = now;
      }
    },
    verdict(): string {
      for (const { account, key, left, given } of watched) {
        if (given <= 0n) continue;
        if (given > left) return "transaction_key_money_must_suffice";
        if (sessionOf(books, account, key) !== null) noteSpent(books, account, key, given);
      }
      return "";
    },
  };
}

/** Counts an admitted transaction, also one whose messages were refused. Who has no account has no quota. */
export function countActors(books: AuditBooks, messages: readonly Message[]): void {
  for (const actor of new Set(messages.map(({ by }) => by)))
    if (exists(books, actor))
      used(books).set(slot(books, actor), (used(books).get(slot(books, actor)) ?? 0) + costOf(messages));
}
