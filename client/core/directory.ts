// Names of accounts, learned from registrations seen and asked for one by one when needed. At most 1,000 are kept.

import { signal } from "@preact/signals";
import { shortHash } from "./format.ts";
import { t, words } from "./language.ts";
import { ledgerApi } from "./ledger-api.ts";

const keptMax = 1000;
const asked = new Set<string>();
const names = signal<ReadonlyMap<string, string>>(new Map());

/** Notes a name. */
export function learnName(account: string, name: string): void {
  if (names.peek().get(account) === name) return;
  const next = new Map(names.peek());
  next.delete(account);
  next.set(account, name);
  for (const key of next.keys()) {
    if (next.size <= keptMax) break;
    next.delete(key);
  }
  names.value = next;
}

/** The name of an account for people: known, asked for in the background, or shortened. */
export function nameOf(account: string): string {
  const known = names.value.get(account);
  if (known !== undefined) return known;
  const system = words(`account.${account}`);
  if (system !== null) return system;
  if (/^[0-9a-f]{40}$/.test(account) && !asked.has(account)) {
    if (asked.size >= keptMax) asked.clear();
    asked.add(account);
    ledgerApi.account(account).then(
      (answer) => learnName(account, answer.account.name),
      () => undefined,
    );
  }
  return account === "" ? t("account.unknown") : shortHash(account);
}
