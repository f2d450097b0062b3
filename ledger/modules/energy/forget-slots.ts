// Removes cleared slots and their trades from the state when they are old, a bounded part a block (EN-17).
// They stay in the blocks; what is pruned here is only what every validator must hold in memory.

import { energyState } from "../../protocol/energy.ts";
import type { Execution } from "../module.ts";
import { forgottenPerBlockMax, paramsOf, slotAt, slotPrefix, slotsKept } from "./state.ts";

export function forgetOldSlots(execution: Execution): void {
  const { state, timeMs } = execution;
  const oldest = state.list(slotPrefix, 1)[0];
  if (oldest === undefined) return;
  const slot = Number(oldest.slice(slotPrefix.length));
  if (slot >= slotAt(paramsOf(state), timeMs) - slotsKept) return;
  const trades = state.list(energyState.tradesOf(slot), forgottenPerBlockMax);
  for (const trade of trades) state.remove(trade);
  if (trades.length < forgottenPerBlockMax) state.remove(oldest);
}
