// Clears every slot that has ended, before the block's transactions (EN-10, EN-14 to EN-16).
// Bounded: at most slotsAhead + 1 slots are open, each with at most ordersPerSlotMax orders.

import {
  type EnergyBalanceRecord,
  type EnergyParams,
  energyState,
  type OrderRecord,
  type SlotRecord,
  type TradeRecord,
} from "../../protocol/energy.ts";
import type { Execution } from "../module.ts";
import { settle } from "../money/interface.ts";
import { type AuctionOrder, clear } from "./clearing.ts";
import { slotCleared, traded } from "./events.ts";
import { amountOf, booksOf, holdOf, openSlotsOf, paramsOf, slotEndMs, writeOpenSlots } from "./state.ts";

export function clearEndedSlots(execution: Execution): void {
  const { state, timeMs } = execution;
  const open = openSlotsOf(state);
  if (open.length === 0) return;
  const params = paramsOf(state);
  const ended = open.filter((slot) => slotEndMs(params, slot) <= timeMs);
  if (ended.length === 0) return;
  for (const slot of ended) clearSlot(execution, params, slot);
  writeOpenSlots(
    state,
    open.filter((slot) => !ended.includes(slot)),
  );
}

function clearSlot(execution: Execution, params: EnergyParams, slot: number): void {
  const { state } = execution;
  const record = state.get<SlotRecord>(energyState.slot(slot));
  if (record?.status !== "open") throw new Error(`slot ${slot} is listed as open and is not`);
  const orders = takeOrders(execution, params, slot);
  const clearing = clear(sideOf(orders, "offer"), sideOf(orders, "bid"));
  const payments = new Map<string, { readonly to: string; readonly amount: bigint }[]>();
  const energy = new Sums();
  clearing.trades.forEach((trade, number) => {
    const offer = orders.get(trade.offer)!;
    const bid = orders.get(trade.bid)!;
    const amount = amountOf(trade.energy, clearing.price!);
    const ofBid = payments.get(trade.bid) ?? [];
    ofBid.push({ to: offer.by, amount });
    payments.set(trade.bid, ofBid);
    energy.add(bid.by, trade.energy);
    energy.add(offer.by, -trade.energy);
    const tradeRecord: TradeRecord = {
      seller: offer.by,
      buyer: bid.by,
      meter: offer.meter!,
      energyWh: trade.energy.toString(),
      price: clearing.price!.toString(),
      amount: amount.toString(),
      offer: trade.offer,
      bid: trade.bid,
    };
    state.set(energyState.trade(slot, number), tradeRecord);
    const { seller, buyer, energyWh, price } = tradeRecord;
    traded.emit(execution, {
      slot: slot.toString(),
      number: number.toString(),
      seller,
      buyer,
      energyWh,
      price,
      amount: tradeRecord.amount,
    });
  });
  // What a bid holds beyond its trades returns to the buyer.
  for (const [id, order] of orders) if (order.side === "bid") settle(execution, holdOf(order), payments.get(id) ?? []);
  for (const { account, amount } of energy.postings()) addEnergy(execution, account, amount);
  const cleared: SlotRecord = {
    status: "cleared",
    orders: record.orders,
    ...(clearing.price === null
      ? {}
      : { price: clearing.price.toString(), tradedWh: clearing.energy.toString(), trades: clearing.trades.length }),
    clearedAt: execution.height,
  };
  state.set(energyState.slot(slot), cleared);
  slotCleared.emit(execution, {
    slot: slot.toString(),
    ...(cleared.price === undefined ? {} : { price: cleared.price }),
    tradedWh: cleared.tradedWh ?? "0",
    trades: (cleared.trades ?? 0).toString(),
  });
}

/** Removes a slot's orders and books from the state and hands out the orders by id. */
function takeOrders(execution: Execution, params: EnergyParams, slot: number): Map<string, OrderRecord> {
  const { state } = execution;
  const prefix = energyState.ordersOf(slot);
  const orders = new Map<string, OrderRecord>();
  for (const name of state.list(prefix, params.ordersPerSlotMax)) {
    orders.set(name.slice(prefix.length), state.get<OrderRecord>(name)!);
    state.remove(name);
  }
  for (const name of state.list(booksOf(slot), params.ordersPerSlotMax)) state.remove(name);
  return orders;
}

function sideOf(orders: ReadonlyMap<string, OrderRecord>, side: OrderRecord["side"]): AuctionOrder[] {
  return [...orders]
    .filter(([, order]) => order.side === side)
    .map(([id, order]) => ({
      id,
      energy: BigInt(order.energyWh),
      price: BigInt(order.price),
      sequence: order.sequence,
    }));
}

function addEnergy(execution: Execution, account: string, energyWh: bigint): void {
  const name = energyState.balance(account);
  const before = BigInt(execution.state.get<EnergyBalanceRecord>(name)?.energyWh ?? "0");
  execution.state.set(name, { energyWh: (before + energyWh).toString() } satisfies EnergyBalanceRecord);
}

/** Amounts by account. */
class Sums {
  readonly #sums = new Map<string, bigint>();

  add(account: string, amount: bigint): void {
    this.#sums.set(account, (this.#sums.get(account) ?? 0n) + amount);
  }

  postings(): { readonly account: string; readonly amount: bigint }[] {
    return [...this.#sums].map(([account, amount]) => ({ account, amount }));
  }
}
