// The accounts module's auditor: who exists, under which name, with which keys and roles.

import { foldName } from "../../protocol/accounts.ts";
import { accountIdOfKey } from "../../protocol/transaction.ts";
import { type AuditBooks, type Auditor, judgeBy } from "../auditor.ts";
import { availableTo, pay } from "../money/auditor.ts";

interface Account {
  readonly name: string;
  readonly keys: readonly string[];
  readonly roles: readonly string[];
  readonly registered: number;
}

const accounts = (books: AuditBooks) => books.map<Account>("accounts/accounts");
const names = (books: AuditBooks) => books.map<string>("accounts/names");
const params = (books: AuditBooks) => books.map<bigint>("accounts/params");

export function exists(books: AuditBooks, account: string): boolean {
  return accounts(books).has(account);
}

export function allAccounts(books: AuditBooks): string[] {
  return accounts(books).keys();
}

export function rolesOf(books: AuditBooks, account: string): readonly string[] {
  return accounts(books).get(account)?.roles ?? [];
}

/** Public keys that may sign for the account now; none when it does not exist. */
export function keysOf(books: AuditBooks, account: string): readonly string[] {
  return accounts(books).get(account)?.keys ?? [];
}

function open(
  books: AuditBooks,
  account: string,
  { key, name, roles }: { key: string; name: string; roles: readonly string[] },
): void {
  accounts(books).set(account, { name, keys: [key], roles, registered: books.height });
  names(books).set(foldName(name), account);
  pay(books, "city:treasury", account, params(books).get("grant")!);
}

export const auditor: Auditor = {
  genesis: (books, { accounts: founders, welcomeGrant }) => {
    params(books).set("grant", BigInt(welcomeGrant));
    for (const { key, name, roles, money } of founders) {
      open(books, accountIdOfKey(key), { key, name, roles });
      if (money !== undefined) pay(books, "city:treasury", accountIdOfKey(key), BigInt(money));
    }
  },
  judge: judgeBy({
    "accounts/register": (books, { by, key, name }) => {
      if (exists(books, by)) return "accounts_account_must_not_exist";
      if (names(books).has(foldName(name))) return "accounts_name_must_be_free";
      if (availableTo(books, "city:treasury") < params(books).get("grant")!) return "accounts_treasury_must_suffice";
      open(books, by, { key, name, roles: [] });
      books.tell("accounts/registered", { account: by, name });
      return "";
    },
  }),
  tables: [
    {
      prefix: "accounts/account/",
      records: (books) =>
        new Map(
          accounts(books)
            .entries()
            .map(([id, { name, keys, roles, registered }]) => [
              id,
              { name, keys: keys.map((key) => ({ kind: "ed25519", key })), roles, registered },
            ]),
        ),
    },
    {
      prefix: "accounts/name/",
      records: (books) =>
        new Map(
          names(books)
            .entries()
            .map(([name, account]) => [name, { account }]),
        ),
    },
  ],
};
