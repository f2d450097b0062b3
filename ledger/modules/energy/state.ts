// Entries of the energy module beside those in ledger/protocol/energy.ts, and the arithmetic of slots and money.

import { type EnergyParams, energyState, type OrderRecord } from "../../protocol/energy.ts";
import { systemAccounts } from "../../protocol/money.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import type { Hold } from "../money/interface.ts";

/** Genesis values of what the genesis document does not say. */
export const energyLimits = { slotsAhead: 3, ordersPerSlotMax: 5_000, ordersPerAccountMax: 20 } as const;

/** Cleared slots and their trades leave the state after so many slots: a week of one-minute slots. */
export const slotsKept = 10_080;
/** Entries of old slots that one block removes at most. */
export const forgottenPerBlockMax = 1_000;

/** State `energy/book/<slot>/<account>`: an account's orders in a slot; leaves the state when the slot clears. */
export interface BookRecord {
  /** Orders ever placed in the slot, cancelled ones included. */
  readonly placed: number;
  readonly open: readonly { readonly order: string; readonly side: OrderRecord["side"]; readonly price: string }[];
}

/** State `energy/meter-of/<account>`. */
export interface MeterOfRecord {
  readonly meter: string;
}

/** State `energy/open-slots`: slots that have had an order and are not cleared, ascending; at most slotsAhead + 1. */
export interface OpenSlotsRecord {
  readonly slots: readonly number[];
}

export const openSlots = "energy/open-slots";
export const slotPrefix = "energy/slot/";
export const booksOf = (slot: number): string => energyState.ordersOf(slot).replace("/order/", "/book/");
export const book = (slot: number, account: string): string => `${booksOf(slot)}${account}`;

export function paramsOf(state: StateReader): EnergyParams {
  const params = state.get<EnergyParams>(energyState.params);
  if (params === null) throw new Error("the energy module has no genesis");
  return params;
}

export function openSlotsOf(state: StateReader): readonly number[] {
  return state.get<OpenSlotsRecord>(openSlots)?.slots ?? [];
}

export function writeOpenSlots(state: StateWriter, slots: readonly number[]): void {
  if (slots.length === 0) state.remove(openSlots);
  else state.set(openSlots, { slots } satisfies OpenSlotsRecord);
}

/** The slot in which a block time falls. Integer arithmetic: floor. */
export function slotAt(params: EnergyParams, timeMs: number): number {
  return Math.floor(timeMs / (params.slotSeconds * 1000));
}

export function slotEndMs(params: EnergyParams, slot: number): number {
  return (slot + 1) * params.slotSeconds * 1000;
}

/** What a trade costs: floor, in micro-units. */
export function amountOf(energyWh: bigint, price: bigint): bigint {
  return (energyWh * price) / 1000n;
}

/** The money that an order holds; an offer holds none. Who will be paid from it is known when the slot clears. */
export function holdOf({ by, held = "0", spentDay }: OrderRecord): Hold {
  return { from: by, to: systemAccounts.energyEscrow, amount: BigInt(held), spentDay: spentDay ?? null };
}

/** What a bid holds: ceiling, so that its trades' amounts, each rounded down, are always covered. */
export function heldFor(energyWh: bigint, price: bigint): bigint {
  return (energyWh * price + 999n) / 1000n;
}
