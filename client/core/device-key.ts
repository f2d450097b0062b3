// What the key of this device may sign alone. Citizens with a passkey keep a session key here for everyday things, until a date and
// up to a sum; the passkey is asked for the rest. Citizens without one have their only, full key here.

import { type Scope, scopeCovers } from "../../ledger/protocol/keys.ts";
import type { Message } from "../../ledger/protocol/transaction.ts";
import { joinScope } from "../../world-server/protocol/join-scope.ts";

/** Days after which a device must be confirmed again. */
export const sessionDays = 30;
const dayMs = 86_400_000;
/** What a device may spend in all before the passkey is asked again: 50.00. */
const sessionMoneyMax = "50000000";

/** The scope of a new device's key. */
export function sessionScope(nowMs: number): Scope {
  return { messages: ["energy", "money", joinScope], untilMs: nowMs + sessionDays * dayMs, moneyMax: sessionMoneyMax };
}

/** Whether a key with this scope may sign these messages now. Whether its money suffices, the ledger says. */
export function covers(scope: Scope | undefined, messages: readonly Message[], nowMs: number): boolean {
  return scope === undefined || (nowMs < scope.untilMs && messages.every(({ type }) => scopeCovers(scope, type)));
}
