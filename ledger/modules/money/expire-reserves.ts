// Ends reserves whose time has come, before the block's transactions (MO-15). An index by expiry time says which, so that a block
// looks at those alone, and at most at `expiredPerBlockMax`; the application is woken for the rest at once.

import type { StateReader } from "../../state/overlay.ts";
import type { Execution } from "../module.ts";
import { expired } from "./events.ts";
import { closeReserve } from "./interface.ts";
import { expiryIn, expiryPrefix, reserveIn } from "./state.ts";

/** Reserves that one block expires at most. */
export const expiredPerBlockMax = 1_000;

export function expireReserves(execution: Execution): void {
  const { state, timeMs } = execution;
  const earliest = nextExpiryMs(state);
  if (earliest === null || earliest > timeMs) return;
  for (const name of state.list(expiryPrefix, expiredPerBlockMax)) {
    if (expiryIn(name) > timeMs) return;
    const { amount: _, ...closed } = closeReserve(execution, reserveIn(name), 0n);
    expired.emit(execution, closed);
  }
}

/** When the next reserve expires; null when there is none. */
export function nextExpiryMs(state: StateReader): number | null {
  const first = state.list(expiryPrefix, 1)[0];
  return first === undefined ? null : expiryIn(first);
}
