// Rules of meters and orders (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { energyState, type OrderRecord, type SlotRecord } from "../../protocol/energy.ts";
import { type BalanceRecord, moneyState } from "../../protocol/money.ts";
import type { Message } from "../../protocol/transaction.ts";
import { availableTo, moneyOf } from "../money/interface.ts";
import {
  deviceRegistration,
  type Person,
  person,
  registration,
  slotSeconds,
  startMs,
  TestState,
} from "../test-city.ts";
import { type BookRecord, book } from "./state.ts";

const ann = person("ann");
const bob = person("bob");
const slot = startMs / 1000 / slotSeconds;

const meter = (id: string, solar: boolean): Message =>
  deviceRegistration(id, id.startsWith("lamp") ? "lamp" : "meter", { solar });
const link = (who: Person, id: string): Message => ({ type: "energy/link-meter", by: who.account, meter: id });
const unlink = (who: Person, id: string): Message => ({ type: "energy/unlink-meter", by: who.account, meter: id });
const offer = (who: Person, id: string, at: number, energyWh: number, price: number): Message => ({
  type: "energy/offer",
  by: who.account,
  meter: id,
  slot: at,
  energyWh: `${energyWh}`,
  price: `${price}`,
});
const bid = (who: Person, at: number, energyWh: number, price: number): Message => ({
  type: "energy/bid",
  by: who.account,
  slot: at,
  energyWh: `${energyWh}`,
  price: `${price}`,
});
const cancel = (who: Person, at: number, order: string): Message => ({
  type: "energy/cancel-order",
  by: who.account,
  slot: at,
  order,
});

/** Ann has a solar meter, Bob one without panels, and one meter is free. */
function market(): TestState {
  const city = new TestState();
  for (const message of [
    registration(ann, "Ann"),
    registration(bob, "Bob"),
    meter("meter-1", true),
    meter("meter-2", false),
    meter("meter-3", true),
    meter("lamp-1", false),
    link(ann, "meter-1"),
    link(bob, "meter-2"),
  ])
    expect(city.run(message)).toBeNull();
  return city;
}

const lastOrder = (city: TestState): string => city.events.at(-1)!.attributes["order"]!;
const table = (city: TestState, rows: readonly (readonly [Message, string | null])[]): void => {
  for (const [message, refusal] of rows) expect([message, city.run(message)]).toEqual([message, refusal]);
};

const inEscrow = (city: TestState): string | undefined =>
  city.state.get<BalanceRecord>(moneyState.balance("energy:escrow"))?.creditsPending;

describe("meters", () => {
  it("EN-1, EN-20: linking refuses in this order", () => {
    table(market(), [
      [link(bob, "meter-9"), "energy_meter_must_exist"],
      [link(bob, "lamp-1"), "energy_meter_must_exist"],
      [link(bob, "meter-1"), "energy_meter_must_be_free"],
      [link(bob, "meter-3"), "energy_account_must_have_no_meter"],
    ]);
  });

  it("EN-2, EN-20: unlinking refuses another's meter, then open offers; open bids do not matter", () => {
    const city = market();
    expect(city.run(offer(ann, "meter-1", slot + 1, 10, 5))).toBeNull();
    const order = lastOrder(city);
    expect(city.run(bid(ann, slot, 10, 1))).toBeNull();
    table(city, [
      [unlink(bob, "meter-1"), "energy_meter_must_be_linked_to_account"],
      [unlink(bob, "meter-3"), "energy_meter_must_be_linked_to_account"],
      [unlink(ann, "meter-1"), "energy_account_must_have_no_open_offers"],
      [cancel(ann, slot + 1, order), null],
      [unlink(ann, "meter-1"), null],
      [link(ann, "meter-3"), null],
    ]);
    expect(city.state.get(energyState.meterOf(ann.account))).toEqual({ meter: "meter-3" });
    expect(city.state.get(energyState.meter("meter-1"))).toBeNull();
  });
});

describe("orders", () => {
  it("EN-3, EN-5, EN-20: an offer refuses in this order", () => {
    const city = market();
    table(city, [
      [offer(bob, "meter-9", 0, 10, 5), "energy_meter_must_exist"],
      [offer(bob, "lamp-1", 0, 10, 5), "energy_meter_must_exist"],
      [offer(bob, "meter-1", 0, 10, 5), "energy_meter_must_be_linked_to_account"],
      [offer(bob, "meter-2", 0, 10, 5), "energy_meter_must_have_solar"],
      [offer(ann, "meter-1", slot - 1, 10, 5), "energy_slot_must_be_open"],
      [offer(ann, "meter-1", slot + 4, 10, 5), "energy_slot_must_be_open"],
      [offer(ann, "meter-1", slot, 10, 5), null],
      [offer(ann, "meter-1", slot + 3, 10, 5), null],
    ]);
  });

  it("EN-4, EN-5, EN-6, EN-7, EN-8, EN-20: a bid refuses in this order", () => {
    const city = market();
    const full: SlotRecord = { status: "open", orders: 5_000 };
    const busy: BookRecord = { placed: 20, open: [{ order: "x", side: "offer", price: "5" }] };
    const crossing: BookRecord = { ...busy, placed: 19 };
    const unaffordable = (at: number): Message => bid(ann, at, 999_999, 999_999_999);
    expect(city.run(unaffordable(slot - 1))).toBe("energy_slot_must_be_open");
    city.state.set(energyState.slot(slot), full);
    city.state.set(book(slot, ann.account), busy);
    expect(city.run(unaffordable(slot))).toBe("energy_slot_must_have_room");
    city.state.set(energyState.slot(slot), { ...full, orders: 4_999 });
    expect(city.run(unaffordable(slot))).toBe("energy_orders_per_account_must_not_exceed_limit");
    city.state.set(book(slot, ann.account), crossing);
    expect(city.run(unaffordable(slot))).toBe("energy_order_must_not_cross_own");
    city.state.set(book(slot, ann.account), { placed: 19, open: [] });
    expect(city.run(unaffordable(slot))).toBe("energy_balance_must_cover_bid");
    expect(city.run(bid(ann, slot, 1, 1))).toBeNull();
    expect(city.run(bid(bob, slot, 1, 1))).toBe("energy_slot_must_have_room");
  });

  it("EN-4: a bid holds its price rounded up; a price of nothing holds nothing", () => {
    const city = market();
    expect(city.run(bid(ann, slot, 3, 333))).toBeNull();
    expect(city.state.get<OrderRecord>(energyState.order(slot, lastOrder(city)))).toEqual({
      side: "bid",
      by: ann.account,
      energyWh: "3",
      price: "333",
      sequence: 0,
      held: "1",
    });
    expect(availableTo(city.state, ann.account)).toBe(99_999_999n);
    expect(moneyOf(city.state, ann.account)).toBe(100_000_000n);
    expect(inEscrow(city)).toBe("1");
    expect(city.run(bid(ann, slot, 3, 0))).toBeNull();
    expect(inEscrow(city)).toBe("1");
    // The last unit may be bid: 99,999,999 are left.
    expect(city.run(bid(ann, slot, 1_000, 100_000_000))).toBe("energy_balance_must_cover_bid");
    expect(city.run(bid(ann, slot, 1_000, 99_999_999))).toBeNull();
    expect(availableTo(city.state, ann.account)).toBe(0n);
  });

  it("EN-6, EN-7: cancelled orders stay counted", () => {
    const city = market();
    for (let n = 0; n < 20; n++) {
      expect(city.run(bid(ann, slot, 1, 1_000))).toBeNull();
      expect(city.run(cancel(ann, slot, lastOrder(city)))).toBeNull();
    }
    expect(city.run(bid(ann, slot, 1, 1_000))).toBe("energy_orders_per_account_must_not_exceed_limit");
    expect(city.run(bid(ann, slot + 1, 1, 1_000))).toBeNull();
    expect(city.state.get<SlotRecord>(energyState.slot(slot))).toEqual({ status: "open", orders: 20 });
  });

  it("EN-8: one may sell above and buy below in the same slot, but not meet oneself", () => {
    const city = market();
    table(city, [
      [offer(ann, "meter-1", slot, 10, 200), null],
      [bid(ann, slot, 10, 200), "energy_order_must_not_cross_own"],
      [bid(ann, slot, 10, 199), null],
      [offer(ann, "meter-1", slot, 10, 199), "energy_order_must_not_cross_own"],
      [offer(ann, "meter-1", slot, 10, 150), "energy_order_must_not_cross_own"],
      [bid(bob, slot, 10, 500), null],
      [bid(ann, slot + 1, 10, 500), null],
      [offer(ann, "meter-1", slot, 10, 201), null],
    ]);
  });

  it("EN-9, EN-20: cancelling refuses in this order and gives back what was held", () => {
    const city = market();
    expect(city.run(bid(ann, slot, 1_000, 250_000))).toBeNull();
    const order = lastOrder(city);
    expect(availableTo(city.state, ann.account)).toBe(99_750_000n);
    table(city, [
      [cancel(bob, slot, `${"0".repeat(64)}.0`), "energy_order_must_exist"],
      [cancel(ann, slot + 1, order), "energy_order_must_exist"],
      [cancel(bob, slot, order), "energy_order_must_belong_to_account"],
      [cancel(ann, slot, order), null],
      [cancel(ann, slot, order), "energy_order_must_exist"],
    ]);
    expect(availableTo(city.state, ann.account)).toBe(100_000_000n);
    expect(inEscrow(city)).toBeUndefined();
    expect(city.events.at(-1)?.type).toBe("energy/order-cancelled");
  });
});
