// The accounts module's auditor: who exists, under which name, with which keys and roles. Guardians: auditor-guardians.ts, records:
// auditor-records.ts.

import { foldName } from "../../protocol/accounts.ts";
import { accountIdOfKey } from "../../protocol/transaction.ts";
import { type AuditBooks, type Auditor, judgeBy } from "../auditor.ts";
import { isSoundEd25519 } from "../auditor-keys.ts";
import { availableTo, pay } from "../money/auditor.ts";
import { guardiansTables, guardianVerdicts, passTime, recoveryParams } from "./auditor-guardians.ts";
import {
  type Account,
  accounts,
  accountsTables,
  firstEnd,
  type Grant,
  type Key,
  names,
  optional,
  type Session,
} from "./auditor-records.ts";

const params = (books: AuditBooks) => books.map<bigint>("accounts/params");
const full = (key: string, rpId: string | undefined, label?: string): Key => ({ key, rpId, label, session: null });
const lasts = (untilMs: number | undefined, timeMs: number): boolean => untilMs === undefined || untilMs > timeMs;

export function exists(books: AuditBooks, account: string): boolean {
  return accounts(books).has(account);
}

export function allAccounts(books: AuditBooks): string[] {
  return accounts(books).keys();
}

/** Block time at which an account was registered; null for those of genesis. */
export function bornMsOf(books: AuditBooks, account: string): number | null {
  return accounts(books).get(account)?.bornMs ?? null;
}

/** Roles that hold everywhere now. */
export function rolesOf(books: AuditBooks, account: string): readonly string[] {
  return grantsNow(books, account).flatMap(({ role, scope }) => (scope === undefined ? [role] : []));
}

export function hasAnyRole(books: AuditBooks, account: string): boolean {
  return grantsNow(books, account).length > 0;
}

/** Whether a role holds now for a part of the city. */
export function mayFor(books: AuditBooks, account: string, role: string, part: string): boolean {
  const steps = part.split("/");
  const wider = steps.map((_, n) => steps.slice(0, n + 1).join("/"));
  return grantsNow(books, account).some(
    (grant) => grant.role === role && (grant.scope === undefined || wider.includes(grant.scope)),
  );
}

function grantsNow(books: AuditBooks, account: string): readonly Grant[] {
  return (accounts(books).get(account)?.grants ?? []).filter(({ untilMs }) => lasts(untilMs, books.timeMs));
}

/** Public keys that stand in the account's record; none when it does not exist. */
export function keysOf(books: AuditBooks, account: string): readonly string[] {
  return (
    accounts(books)
      .get(account)
      ?.keys.map(({ key }) => key) ?? []
  );
}

/** The session of a key; null when it is a full one or not there. */
export function sessionOf(books: AuditBooks, account: string, key: string): Session | null {
  return (
    accounts(books)
      .get(account)
      ?.keys.find((one) => one.key === key)?.session ?? null
  );
}

/** Notes what a session key has spent; nothing when the key went in the same transaction. */
export function noteSpent(books: AuditBooks, account: string, key: string, amount: bigint): void {
  change(books, account, ({ keys }) => ({
    keys: keys.map((one) =>
      one.key === key && one.session !== null
        ? { ...one, session: { ...one.session, spent: one.session.spent + amount } }
        : one,
    ),
  }));
}

function change(books: AuditBooks, account: string, how: (before: Account) => Partial<Account>): void {
  const before = accounts(books).get(account)!;
  accounts(books).set(account, { ...before, ...how(before) });
}

/** Whoever recovers an account has its only key. */
function setOnlyKey(books: AuditBooks, account: string, key: string, rpId: string | undefined): void {
  change(books, account, () => ({ keys: [full(key, rpId)] }));
}

function open(books: AuditBooks, account: string, founder: Pick<Account, "name" | "keys" | "grants" | "bornMs">): void {
  accounts(books).set(account, { ...founder, registered: books.height });
  names(books).set(foldName(founder.name), account);
  pay(books, "city:treasury", account, params(books).get("grant")!);
}

const text = (time: number | undefined): string | undefined => (time === undefined ? undefined : `${time}`);

function endWhatEnds(books: AuditBooks): void {
  const over = accounts(books)
    .entries()
    .map(([id, account]) => ({ id, end: firstEnd(account) }))
    .filter(({ end }) => end <= books.timeMs)
    .sort((a, b) => a.end - b.end || (a.id < b.id ? -1 : 1))
    .slice(0, 100);
  for (const { id } of over) endOf(books, id);
}

/** Ends what is over of one account, if it is there: in its turn, or before its keys or roles are changed. */
function endOf(books: AuditBooks, id: string): void {
  const account = accounts(books).get(id);
  if (account === undefined || firstEnd(account) > books.timeMs) return;
  const gone = account.keys.filter(({ session }) => !lasts(session?.untilMs, books.timeMs));
  const lost = account.grants.filter(({ untilMs }) => !lasts(untilMs, books.timeMs));
  change(books, id, ({ keys, grants }) => ({
    keys: keys.filter((key) => !gone.includes(key)),
    grants: grants.filter((grant) => !lost.includes(grant)),
  }));
  for (const { key } of gone) books.tell("accounts/key-expired", { account: id, key });
  for (const { role, scope } of lost)
    books.tell("accounts/role-expired", { account: id, role, ...optional("scope", scope) });
}

export const auditor: Auditor = {
  genesis: (books, { accounts: founders, welcomeGrant, recovery }) => {
    params(books).set("grant", BigInt(welcomeGrant));
    recoveryParams(books, recovery);
    for (const { key, name, roles, money } of founders) {
      const grants = roles.map((role) => ({ role, scope: undefined, untilMs: undefined }));
      open(books, accountIdOfKey(key), { name, keys: [full(key, undefined)], grants, bornMs: null });
      if (money !== undefined) pay(books, "city:treasury", accountIdOfKey(key), BigInt(money));
    }
  },
  beginBlock: (books) => {
    endWhatEnds(books);
    passTime(books);
  },
  judge: judgeBy({
    "accounts/register": (books, { by, key, rpId, name }) => {
      if (accountIdOfKey(key) !== by) return "accounts_id_must_match_key";
      if (exists(books, by)) return "accounts_account_must_not_exist";
      if (names(books).has(foldName(name))) return "accounts_name_must_be_free";
      if (availableTo(books, "city:treasury") < params(books).get("grant")!) return "accounts_treasury_must_suffice";
      open(books, by, { name, keys: [full(key, rpId)], grants: [], bornMs: books.timeMs });
      books.tell("accounts/registered", { account: by, name });
      return "";
    },
    "accounts/add-key": (books, { by, key, rpId, label, scope }) => {
      endOf(books, by);
      const { keys: valid } = accounts(books).get(by)!;
      if (valid.some((one) => one.key === key)) return "accounts_key_must_be_new";
      if (valid.length === 16) return "accounts_keys_must_not_exceed_limit";
      if (!lasts(scope?.untilMs, books.timeMs)) return "accounts_until_must_be_ahead";
      if (rpId === undefined && !isSoundEd25519(key)) return "accounts_key_must_be_sound";
      const moneyMax = scope?.moneyMax === undefined ? null : BigInt(scope.moneyMax);
      const session =
        scope === undefined ? null : { messages: scope.messages, untilMs: scope.untilMs, moneyMax, spent: 0n };
      change(books, by, () => ({ keys: [...valid, { key, rpId, label, session }] }));
      const kind = rpId === undefined ? "ed25519" : "passkey";
      books.tell("accounts/key-added", { account: by, key, kind, ...optional("untilMs", text(scope?.untilMs)) });
      return "";
    },
    "accounts/remove-key": (books, { by, key }) => {
      endOf(books, by);
      const { keys } = accounts(books).get(by)!;
      const removed = keys.find((one) => one.key === key);
      if (removed === undefined) return "accounts_key_must_exist";
      if (removed.session === null && keys.filter(({ session }) => session === null).length === 1)
        return "accounts_last_full_key_must_stay";
      change(books, by, () => ({ keys: keys.filter((one) => one !== removed) }));
      books.tell("accounts/key-removed", { account: by, key });
      return "";
    },
    "accounts/replace-key": (books, { by, old, key, rpId, label }) => {
      endOf(books, by);
      const { keys } = accounts(books).get(by)!;
      const at = keys.findIndex((one) => one.key === old);
      if (at === -1) return "accounts_key_must_exist";
      if (keys[at]!.session !== null) return "accounts_key_must_be_full";
      if (keys.some((one) => one.key === key)) return "accounts_key_must_be_new";
      if (rpId === undefined && !isSoundEd25519(key)) return "accounts_key_must_be_sound";
      change(books, by, () => ({ keys: keys.with(at, full(key, rpId, label ?? keys[at]!.label)) }));
      books.tell("accounts/key-replaced", { account: by, old, key });
      return "";
    },
    "accounts/grant-role": (books, { by, account, role, scope, untilMs }) => {
      if (!rolesOf(books, by).includes("city")) return "accounts_role_must_be_city";
      endOf(books, account);
      if (!exists(books, account)) return "accounts_account_must_exist";
      if (role === "city" && !(scope === undefined && untilMs === undefined))
        return "accounts_city_role_must_be_lasting";
      if (!lasts(untilMs, books.timeMs)) return "accounts_until_must_be_ahead";
      const kept = grantsNow(books, account).filter((grant) => grant.role !== role || grant.scope !== scope);
      if (kept.length === 32) return "accounts_roles_must_not_exceed_limit";
      change(books, account, () => ({ grants: [...kept, { role, scope, untilMs }] }));
      const terms = { ...optional("scope", scope), ...optional("untilMs", text(untilMs)) };
      books.tell("accounts/role-granted", { account, role, by, ...terms });
      return "";
    },
    "accounts/revoke-role": (books, { by, account, role, scope }) => {
      if (!rolesOf(books, by).includes("city")) return "accounts_role_must_be_city";
      endOf(books, account);
      const record = accounts(books).get(account);
      if (record === undefined) return "accounts_account_must_exist";
      const at = record.grants.findIndex((grant) => grant.role === role && grant.scope === scope);
      if (at === -1) return "accounts_role_must_exist";
      const admins = allAccounts(books).filter((one) => rolesOf(books, one).includes("city"));
      if (role === "city" && admins.length === 1) return "accounts_last_city_role_must_stay";
      change(books, account, ({ grants }) => ({ grants: grants.toSpliced(at, 1) }));
      books.tell("accounts/role-revoked", { account, role, by, ...optional("scope", scope) });
      return "";
    },
    ...guardianVerdicts(exists, setOnlyKey),
  }),
  tables: [...accountsTables, ...guardiansTables],
};
