// What session keys may not do (TX-21 to TX-23): act beyond their scope, after their time, or lower the account's money further
// than they may. Full keys pass by without cost.

import { type KeyRecord, scopeCovers } from "../../protocol/keys.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import { countKeyMoney, moneyLeftTo } from "../accounts/interface.ts";
import { type MoneySums, moneySumsOf } from "../money/interface.ts";
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

interface Metered {
  readonly session: Session;
  /** What the key may still lower the money by, asked before the transaction: ending the key must not lift its bound. */
  readonly left: bigint;
  money: MoneySums;
  lowered: bigint;
}

/**
 * By how much a transaction's session keys lower their accounts' money, message by message: what is paid and what is set aside
 * count, and what others owe and the key waives; what comes in counts against it. Over the whole transaction at once, a hold
 * that ends would hide one that begins.
 */
export class SessionMeter {
  readonly #metered: readonly Metered[];

  constructor(before: StateReader, sessions: readonly Session[]) {
    this.#metered = sessions.flatMap((session) => {
      const left = moneyLeftTo(before, session.account, session.key);
      return left === null ? [] : [{ session, left, money: moneySumsOf(before, session.account), lowered: 0n }];
    });
  }

  /** Looks at what a message of `actor` has done. */
  note(after: StateReader, actor: string): void {
    for (const metered of this.#metered) {
      const { account } = metered.session;
      const was = metered.money;
      const is = moneySumsOf(after, account);
      metered.money = is;
      const net = was.posted - is.posted + positive(is.held - was.held) + positive(was.owed - is.owed);
      // What others do lowers nothing in the key's name.
      if (actor === account || net < 0n) metered.lowered += net;
    }
  }

  /** Counts it; refused where a key may not so much. */
  charge(state: StateWriter): Refusal | null {
    for (const { session, left, lowered } of this.#metered) {
      if (lowered <= 0n) continue;
      const { account, key } = session;
      if (lowered > left)
        return refuse("transaction_key_money_must_suffice", {
          account,
          amount: lowered.toString(),
          left: left.toString(),
        });
      countKeyMoney(state, account, key, lowered);
    }
    return null;
  }
}

const positive = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
