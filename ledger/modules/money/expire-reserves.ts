// Ends reserves whose time has come, before the block's transactions (MO-15). An index by expiry time says which, so that a block
// looks at those alone, and at most at `expiredPerBlockMax`; the application is woken for the rest at once.

import { moneyState } from "../../protocol/money.ts";
import type { StateReader } from "../../state/overlay.ts";
import type { Execution } from "../module.ts";
import { expired } from "./events.ts";
import { closeReserve } from "./interface.ts";

/** Reserves that one block expires at most. */
export const expiredPerBlockMax = 1_000;

const prefix = "money/reserve-expiry/";
const timeDigits = 16;

export function expireReserves(execution: Execution): void {
  const { state, timeMs } = execution;
  const earliest = nextExpiryMs(state);
  if (earliest === null || earliest > timeMs) return;
  for (const name of state.list(prefix, expiredPerBlockMax)) {
    if (expiryIn(name) > timeMs) return;
    const { amount: _, ...closed } = closeReserve(execution, name.slice(prefix.length + timeDigits + 1), 0n);
    expired.emit(execution, closed);
  }
}

/** When the next reserve expires; null when there is none. */
export function nextExpiryMs(state: StateReader): number | null {
  const first = state.list(prefix, 1)[0];
  return first === undefined ? null : expiryIn(first);
}

/** @throws {Error} on an index that a citizen cannot have written: a bug. */
function expiryIn(name: string): number {
  const expiresMs = Number(name.slice(prefix.length, prefix.length + timeDigits));
  if (moneyState.reserveExpiry(expiresMs, "").length !== prefix.length + timeDigits + 1)
    throw new Error(`${name} has no expiry time`);
  return expiresMs;
}
