// Invariants of the accounts module.

import { type AccountRecord, accountsState, foldName, roleGrantsMax } from "../../protocol/accounts.ts";
import { type GuardiansRecord, guardiansRecordSchema } from "../../protocol/guardians.ts";
import { isPasskey, keysMax } from "../../protocol/keys.ts";
import { derived } from "../derived-entries.ts";
import type { Invariant } from "../module.ts";
import { dueOf } from "./guardian-record.ts";
import { nextExpiryOf, rolesIn } from "./record.ts";
import { accountExpiryPrefix, guardiansDuePrefix, type NameRecord, timeText } from "./state.ts";

const accountPrefix = accountsState.account("");
const guardiansPrefix = accountsState.guardians("");
const namePrefix = "accounts/name/";
const roleHolderPrefix = "accounts/role-holder/";

function keysAreWell({ keys }: AccountRecord): boolean {
  return (
    keys.some(({ scope }) => scope === undefined) &&
    keys.length <= keysMax &&
    new Set(keys.map(({ key }) => key)).size === keys.length &&
    keys.every(({ kind, key, rpId, scope }) => {
      const isOfPasskey = isPasskey(key) && kind === "passkey" && rpId !== undefined;
      const spent = BigInt(scope?.moneySpent ?? "0");
      return (
        (isOfPasskey || (!isPasskey(key) && kind === "ed25519")) &&
        spent >= 0n &&
        spent <= BigInt(scope?.moneyMax ?? "0")
      );
    })
  );
}

function rolesAreWell({ roles }: AccountRecord): boolean {
  const grants = new Set(roles.map(({ role, scope }) => `${role} ${scope ?? ""}`));
  const lasting = roles.every(({ role, scope, untilMs }) => role !== "city" || (scope ?? untilMs) === undefined);
  return roles.length <= roleGrantsMax && grants.size === roles.length && lasting;
}

/** A queue by time holds each record that time changes, once, at its next time. */
function queued<Source>(
  rule: string,
  from: string,
  prefix: string,
  nextOf: (record: Source) => number | null,
): Invariant {
  return derived<Source, unknown>(rule, {
    from,
    prefix,
    entriesOf: (account, record) => {
      const next = nextOf(record);
      return next === null ? [] : [`${timeText(next)}/${account}`];
    },
  });
}

export const invariants: readonly Invariant[] = [
  {
    rule: "AC-9: an account has a full key, at most 16 keys, each once and of its kind, within the money they may move",
    holds: (name, record) => !name.startsWith(accountPrefix) || keysAreWell(record as AccountRecord),
  },
  {
    rule: "AC-15, AC-16: at most 32 grants, each once; the city's role lasts",
    holds: (name, record) => !name.startsWith(accountPrefix) || rolesAreWell(record as AccountRecord),
  },
  {
    rule: "AC-18: guardians and proposals are bounded and of their form",
    holds: (name, record) => {
      if (!name.startsWith(guardiansPrefix)) return true;
      const { success, data } = guardiansRecordSchema.safeParse(record);
      return success && !data.set?.members.includes(name.slice(guardiansPrefix.length));
    },
  },
  derived<AccountRecord, NameRecord>("AC-3: every account, and no other, is found by its name", {
    from: accountPrefix,
    prefix: namePrefix,
    entriesOf: (account, { name }) => [`${foldName(name)}/${account}`],
    holding: ({ account }) => `/${account}`,
  }),
  derived<AccountRecord, unknown>("AC-15: holders of roles are listed", {
    from: accountPrefix,
    prefix: roleHolderPrefix,
    entriesOf: (account, { roles }) => [...rolesIn(roles)].map((role) => `${role}/${account}`),
  }),
  queued<AccountRecord>("AC-13: what ends is queued at its time", accountPrefix, accountExpiryPrefix, nextExpiryOf),
  queued<GuardiansRecord>("AC-22: what waits is queued at its time", guardiansPrefix, guardiansDuePrefix, dueOf),
];
