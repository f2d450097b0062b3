// What the auditor of accounts keeps of each, and the records of the state that follow from it.

import type { AuditBooks, AuditedTable } from "../auditor.ts";

/** What a session key may; null for a full key. */
export interface Session {
  readonly messages: readonly string[];
  readonly untilMs: number;
  readonly moneyMax: bigint | null;
  readonly spent: bigint;
}

export interface Key {
  readonly key: string;
  readonly rpId: string | undefined;
  readonly label: string | undefined;
  readonly session: Session | null;
}

export interface Grant {
  readonly role: string;
  readonly scope: string | undefined;
  readonly untilMs: number | undefined;
}

export interface Account {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly grants: readonly Grant[];
  readonly registered: number;
  /** Block time of registration; null for accounts of genesis. */
  readonly bornMs: number | null;
}

export const accounts = (books: AuditBooks) => books.map<Account>("accounts/accounts");
export const names = (books: AuditBooks) => books.map<string>("accounts/names");

export const optional = (member: string, value: unknown): object => (value === undefined ? {} : { [member]: value });

/** The first moment at which something of the account ends. */
export function firstEnd({ keys, grants }: Account): number {
  return Math.min(
    ...keys.map(({ session }) => session?.untilMs ?? Number.POSITIVE_INFINITY),
    ...grants.map(({ untilMs }) => untilMs ?? Number.POSITIVE_INFINITY),
  );
}

export const accountsTables: readonly AuditedTable[] = [
  {
    prefix: "accounts/account/",
    records: (books) =>
      new Map(
        accounts(books)
          .entries()
          .map(([id, account]) => [id, recordOf(account)]),
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
  {
    prefix: "accounts/expiry/",
    records: (books) =>
      new Map(
        accounts(books)
          .entries()
          .filter(([, account]) => Number.isFinite(firstEnd(account)))
          .map(([id, account]) => [`${`${firstEnd(account)}`.padStart(16, "0")}/${id}`, {}]),
      ),
  },
  {
    prefix: "accounts/role-holder/",
    records: (books) =>
      new Map(
        accounts(books)
          .entries()
          .flatMap(([id, { grants }]) => grants.map(({ role }) => [`${role}/${id}`, {}] as const)),
      ),
  },
];

function recordOf({ name, keys, grants, registered }: Account): unknown {
  const sessionRecord = ({ messages, untilMs, moneyMax, spent }: Session): unknown => ({
    messages,
    untilMs,
    ...optional("moneyMax", moneyMax === null ? undefined : `${moneyMax}`),
    ...optional("moneySpent", spent === 0n ? undefined : `${spent}`),
  });
  return {
    name,
    keys: keys.map(({ key, rpId, label, session }) => ({
      kind: rpId === undefined ? "ed25519" : "passkey",
      key,
      ...optional("rpId", rpId),
      ...optional("label", label),
      ...optional("scope", session === null ? undefined : sessionRecord(session)),
    })),
    roles: grants.map(({ role, scope, untilMs }) => ({
      role,
      ...optional("scope", scope),
      ...optional("untilMs", untilMs),
    })),
    registered,
  };
}
