// The auditor of what every transaction must be besides its form: accounts that exist, within their quotas.
// Expired and repeated ones are the simulation's own doing; it knows what they must get.

import { exists, rolesOf } from "../accounts/auditor.ts";
import type { AuditBooks } from "../auditor.ts";

const used = (books: AuditBooks) => books.map<number>("transactions/quota");
const key = (books: AuditBooks, account: string): string => `${Math.floor(books.timeMs / 60_000)} ${account}`;

/** The verdict on correctly signed, fresh actors before their messages run. */
export function judgeActors(books: AuditBooks, actors: readonly string[]): string {
  for (const actor of actors) {
    const limit = rolesOf(books, actor).length > 0 ? 6_000 : 60;
    if ((used(books).get(key(books, actor)) ?? 0) >= limit) return "transaction_quota_must_not_be_exceeded";
  }
  return "";
}

/** Counts an admitted transaction, also one whose messages were refused. Who has no account has no quota. */
export function countActors(books: AuditBooks, actors: readonly string[]): void {
  for (const actor of actors.filter((account) => exists(books, account)))
    used(books).set(key(books, actor), (used(books).get(key(books, actor)) ?? 0) + 1);
}
