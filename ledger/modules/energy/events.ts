// Events of the energy module. Attributes are strings; a slot without trades has no price.

import type { SlotRecord, TradeRecord } from "../../protocol/energy.ts";
import type { Execution } from "../module.ts";
import type { NewOrder } from "./place-order.ts";

export function orderPlaced(execution: Execution, slot: number, order: string, record: NewOrder): void {
  const { side, by, energyWh, price } = record;
  execution.emit("energy/order-placed", { slot: slot.toString(), order, side, by, energyWh, price });
}

export function orderCancelled(execution: Execution, slot: number, order: string, by: string): void {
  execution.emit("energy/order-cancelled", { slot: slot.toString(), order, by });
}

export function traded(execution: Execution, slot: number, number: number, trade: TradeRecord): void {
  const { seller, buyer, energyWh, price, amount } = trade;
  execution.emit("energy/trade", {
    slot: slot.toString(),
    number: number.toString(),
    seller,
    buyer,
    energyWh,
    price,
    amount,
  });
}

export function slotCleared(execution: Execution, slot: number, record: SlotRecord): void {
  execution.emit("energy/slot-cleared", {
    slot: slot.toString(),
    ...(record.price === undefined ? {} : { price: record.price }),
    tradedWh: record.tradedWh ?? "0",
    trades: (record.trades ?? 0).toString(),
  });
}
