// How an account's record is written: with it, what is derived from it so that it can be found. Every change goes through here.

import { type AccountRecord, accountsState, type RoleGrant } from "../../protocol/accounts.ts";
import type { KeyRecord } from "../../protocol/keys.ts";
import type { StateWriter } from "../../state/overlay.ts";
import { accountExpiry } from "./state.ts";

/** Writes an account's record, its next expiry and the roles by which it is found. */
export function writeAccount(
  state: StateWriter,
  account: string,
  before: AccountRecord | null,
  after: AccountRecord,
): void {
  state.set(accountsState.account(account), after);
  const [was, is] = [before === null ? null : nextExpiryOf(before), nextExpiryOf(after)];
  if (was !== is) {
    if (was !== null) state.remove(accountExpiry(was, account));
    if (is !== null) state.set(accountExpiry(is, account), {});
  }
  const held = rolesIn(before?.roles ?? []);
  const holds = rolesIn(after.roles);
  for (const role of held) if (!holds.has(role)) state.remove(accountsState.roleHolder(role, account));
  for (const role of holds) if (!held.has(role)) state.set(accountsState.roleHolder(role, account), {});
}

/** The roles of which there is a grant, whatever its scope. */
export function rolesIn(grants: readonly RoleGrant[]): ReadonlySet<RoleGrant["role"]> {
  return new Set(grants.map(({ role }) => role));
}

/** The first time at which something of the record is over, or was over and has not left yet; null when nothing ends. */
export function nextExpiryOf({ keys, roles }: AccountRecord): number | null {
  const times = [...keys.map(({ scope }) => scope?.untilMs), ...roles.map(({ untilMs }) => untilMs)];
  return times.reduce<number | null>(
    (least, time) => (time !== undefined && (least === null || time < least) ? time : least),
    null,
  );
}

export function keyHolds({ scope }: KeyRecord, timeMs: number): boolean {
  return scope === undefined || timeMs < scope.untilMs;
}

export function grantHolds({ untilMs }: RoleGrant, timeMs: number): boolean {
  return untilMs === undefined || timeMs < untilMs;
}
