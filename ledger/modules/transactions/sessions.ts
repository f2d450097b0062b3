// What session keys may not do (TX-21 to TX-23): act beyond their scope, after their time, or lower the account's money further
// than they may. Full keys pass by without cost.

import { type KeyRecord, scopeCovers } from "../../protocol/keys.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import { countKeyMoney, moneyLeftTo } from "../accounts/interface.ts";
import { availableTo } from "../money/interface.ts";
import type { Decoded } from "./decode.ts";

/** A session key that authorises a transaction for an account. */
export interface Session {
  readonly account: string;
  readonly key: string;
  readonly scope: NonNullable<KeyRecord["scope"]>;
}

/** The session of an authorisation; null for a full key. */
export function sessionOf(account: string, { key, scope }: KeyRecord): Session | null {
  return scope === undefined ? null : { account, key, scope };
}

/** Whether the scope covers all that the transaction does in the account's name. Needs no block time. */
export function refuseScope({ transaction }: Decoded, { account, scope }: Session): Refusal | null {
  const beyond = transaction.body.messages.find(({ by, type }) => by === account && !scopeCovers(scope, type));
  return beyond === undefined ? null : refuse("transaction_key_must_cover_message", { account, type: beyond.type });
}

/** Whether a session's time is over. */
export function refuseExpired(sessions: readonly Session[], timeMs: number): Refusal | null {
  const over = sessions.find(({ scope }) => scope.untilMs <= timeMs);
  if (over === undefined) return null;
  return refuse("transaction_key_must_not_be_expired", { account: over.account, untilMs: over.scope.untilMs });
}

/** By how much the transaction has lowered the money that each account may spend; refused where a session key may not so much. */
export function chargeSessions(before: StateReader, after: StateWriter, sessions: readonly Session[]): Refusal | null {
  for (const { account, key, scope } of sessions) {
    if (scope.moneyMax === undefined) continue;
    const amount = availableTo(before, account) - availableTo(after, account);
    // Asked of the state before: what the transaction does to the key, such as ending it, must not lift its bound.
    const left = moneyLeftTo(before, account, key);
    if (amount <= 0n || left === null) continue;
    if (amount > left)
      return refuse("transaction_key_money_must_suffice", {
        account,
        amount: amount.toString(),
        left: left.toString(),
      });
    countKeyMoney(after, account, key, amount);
  }
  return null;
}
