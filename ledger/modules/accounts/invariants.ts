// Invariants of the accounts module.

import { type AccountRecord, accountsState, roleGrantsMax } from "../../protocol/accounts.ts";
import { type GuardiansRecord, guardiansRecordSchema } from "../../protocol/guardians.ts";
import { isPasskey, keysMax } from "../../protocol/keys.ts";
import type { Invariant } from "../module.ts";
import { dueOf } from "./guardian-record.ts";
import { nextExpiryOf, rolesIn } from "./record.ts";
import { accountExpiryPrefix, guardiansDuePrefix } from "./state.ts";

const accountPrefix = accountsState.account("");
const guardiansPrefix = accountsState.guardians("");
const namePrefix = "accounts/name/";
const roleHolderPrefix = "accounts/role-holder/";

/** Balances entries that follow from records against those records: as many of the one as the other say there must be. */
function counted(rule: string, derivedPrefix: string, prefix: string, countIn: (record: unknown) => number): Invariant {
  return {
    rule,
    weigh: (name, record) => {
      if (name.startsWith(derivedPrefix)) return -1n;
      return name.startsWith(prefix) ? BigInt(countIn(record)) : 0n;
    },
  };
}

const timesOf = (time: number | null): number => (time === null ? 0 : 1);

function keysAreWell({ keys }: AccountRecord): boolean {
  return (
    keys.some(({ scope }) => scope === undefined) &&
    keys.length <= keysMax &&
    new Set(keys.map(({ key }) => key)).size === keys.length &&
    keys.every(({ kind, key, rpId, scope }) => {
      const isOfPasskey = isPasskey(key) && kind === "passkey" && rpId !== undefined;
      const spent = BigInt(scope?.moneySpent ?? "0");
      return (isOfPasskey || (!isPasskey(key) && kind === "ed25519")) && spent <= BigInt(scope?.moneyMax ?? "0");
    })
  );
}

function rolesAreWell({ roles }: AccountRecord): boolean {
  const grants = new Set(roles.map(({ role, scope }) => `${role} ${scope ?? ""}`));
  const lasting = roles.every(({ role, scope, untilMs }) => role !== "city" || (scope ?? untilMs) === undefined);
  return roles.length <= roleGrantsMax && grants.size === roles.length && lasting;
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
  counted("AC-3: as many names as accounts", namePrefix, accountPrefix, () => 1),
  counted(
    "AC-15: holders of roles are listed",
    roleHolderPrefix,
    accountPrefix,
    (record) => rolesIn((record as AccountRecord).roles).size,
  ),
  counted("AC-13: what ends is queued", accountExpiryPrefix, accountPrefix, (record) =>
    timesOf(nextExpiryOf(record as AccountRecord)),
  ),
  counted("AC-22: what waits is queued", guardiansDuePrefix, guardiansPrefix, (record) =>
    timesOf(dueOf(record as GuardiansRecord)),
  ),
];
