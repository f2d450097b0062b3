// Genesis of the energy module.

import { type EnergyParams, energyState } from "../../protocol/energy.ts";
import type { AppState } from "../../protocol/genesis.ts";
import type { Execution } from "../module.ts";
import { energyLimits } from "./state.ts";

/** @throws {RangeError} when the slot length cannot be. */
export function writeGenesis(execution: Execution, appState: AppState): void {
  const { slotSeconds } = appState.energy;
  if (!Number.isInteger(slotSeconds) || slotSeconds < 1 || slotSeconds > 86_400)
    throw new RangeError(`a slot has 1 to 86400 whole seconds, not ${slotSeconds}`);
  execution.state.set(energyState.params, { slotSeconds, ...energyLimits } satisfies EnergyParams);
}
