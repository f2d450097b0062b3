// What offers and bids share: the slot takes them, limits hold, and no one trades with oneself (EN-5 to EN-8).

import { energyState, type OrderRecord, type SlotRecord } from "../../protocol/energy.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { orderPlaced } from "./events.ts";
import { type BookRecord, book, openSlotsOf, paramsOf, slotAt, writeOpenSlots } from "./state.ts";

/** An order as its message gives it. */
export type NewOrder = Omit<OrderRecord, "sequence">;

/** Why an order may not enter a slot; null when it may. */
export function refuseOrder(execution: MessageExecution, slot: number, order: NewOrder): Refusal | null {
  const { state, timeMs, timeMsLatest } = execution;
  const params = paramsOf(state);
  const first = slotAt(params, timeMs);
  const last = slotAt(params, timeMsLatest) + params.slotsAhead;
  if (slot < first || slot > last) return refuse("energy_slot_must_be_open", { slot, first, last });
  const orders = state.get<SlotRecord>(energyState.slot(slot))?.orders ?? 0;
  if (orders >= params.ordersPerSlotMax)
    return refuse("energy_slot_must_have_room", { slot, limit: params.ordersPerSlotMax });
  const mine = state.get<BookRecord>(book(slot, order.by));
  if (mine === null) return null;
  if (mine.placed >= params.ordersPerAccountMax)
    return refuse("energy_orders_per_account_must_not_exceed_limit", { slot, limit: params.ordersPerAccountMax });
  const crossed = mine.open.find(({ side, price }) => {
    if (side === order.side) return false;
    return side === "offer" ? BigInt(price) <= BigInt(order.price) : BigInt(price) >= BigInt(order.price);
  });
  return crossed === undefined ? null : refuse("energy_order_must_not_cross_own", { order: crossed.order });
}

/** Enters an order that `refuseOrder` lets in. */
export function enterOrder(execution: MessageExecution, slot: number, order: NewOrder): void {
  const { state, transactionId, messageIndex } = execution;
  const id = `${transactionId}.${messageIndex}`;
  const sequence = state.get<SlotRecord>(energyState.slot(slot))?.orders ?? 0;
  if (sequence === 0) {
    writeOpenSlots(
      state,
      [...openSlotsOf(state), slot].sort((a, b) => a - b),
    );
  }
  state.set(energyState.slot(slot), { status: "open", orders: sequence + 1 } satisfies SlotRecord);
  state.set(energyState.order(slot, id), { ...order, sequence } satisfies OrderRecord);
  const mine = state.get<BookRecord>(book(slot, order.by)) ?? { placed: 0, open: [] };
  const { side, by, energyWh, price } = order;
  state.set(book(slot, order.by), {
    placed: mine.placed + 1,
    open: [...mine.open, { order: id, side, price }],
  } satisfies BookRecord);
  orderPlaced.emit(execution, { slot: slot.toString(), order: id, side, by, energyWh, price });
}
