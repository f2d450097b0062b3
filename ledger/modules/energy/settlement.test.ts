// Rules of clearing and settlement in the state (README.md).

import { describe, expect, it } from "vitest";
import { energyState, type SlotRecord, type TradeRecord } from "../../protocol/energy.ts";
import { moneyState } from "../../protocol/money.ts";
import type { Message } from "../../protocol/transaction.ts";
import { brokenByChanges } from "../invariant-check.ts";
import { moneyOf } from "../money/interface.ts";
import {
  deviceRegistration,
  genesis,
  type Person,
  person,
  registration,
  startMs,
  TestCity,
  TestState,
} from "../test-city.ts";
import { energy } from "./module.ts";
import { book, forgottenPerBlockMax, openSlotsOf, slotsKept } from "./state.ts";

const ann = person("ann");
const bob = person("bob");
const eve = person("eve");
const slot = startMs / 60_000;
const endMs = startMs + 60_000;

const meter = deviceRegistration("meter-1", "meter", { solar: true });
const offer = (at: number, energyWh: number, price: number): Message => ({
  type: "energy/offer",
  by: ann.account,
  meter: "meter-1",
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

function market(): TestState {
  const city = new TestState();
  for (const message of [
    registration(ann, "Ann"),
    registration(bob, "Bob"),
    registration(eve, "Eve"),
    meter,
    { type: "energy/link-meter", by: ann.account, meter: "meter-1" } as const,
  ])
    expect(city.run(message)).toBeNull();
  city.events.length = 0;
  return city;
}

const energyWhOf = (city: TestState, who: Person): string | undefined =>
  city.state.get<{ energyWh: string }>(energyState.balance(who.account))?.energyWh;

describe("settlement", () => {
  it("EN-10: a slot clears in the first block at or after its end, and then takes no order", () => {
    const city = market();
    expect(city.run(offer(slot, 1_000, 100_000))).toBeNull();
    expect(city.run(bid(bob, slot, 1_000, 200_000))).toBeNull();
    city.begin(endMs - 1);
    expect(city.state.get<SlotRecord>(energyState.slot(slot))?.status).toBe("open");
    expect(city.run(bid(eve, slot, 1, 1))).toBeNull();
    city.begin(endMs);
    expect(city.state.get<SlotRecord>(energyState.slot(slot))).toEqual({
      status: "cleared",
      orders: 3,
      price: "150000",
      tradedWh: "1000",
      trades: 1,
      clearedAt: city.height,
    });
    expect(city.run(bid(eve, slot, 1, 1))).toBe("energy_slot_must_be_open");
  });

  it("EN-14: pays floor of energy times price, returns the buyer's surplus in full, and moves the energy", () => {
    const city = market();
    expect(city.run(offer(slot, 1_001, 99_999))).toBeNull();
    expect(city.run(bid(bob, slot, 700, 123_457))).toBeNull();
    expect(city.run(bid(eve, slot, 700, 120_001))).toBeNull();
    city.begin(endMs);
    // Eve is matched in part, so her limit is the price. floor(700 · 120001 / 1000) and floor(301 · 120001 / 1000).
    expect(moneyOf(city.state, bob.account)).toBe(100_000_000n - 84_000n);
    expect(moneyOf(city.state, eve.account)).toBe(100_000_000n - 36_120n);
    expect(moneyOf(city.state, ann.account)).toBe(100_000_000n + 84_000n + 36_120n);
    expect(city.state.get(moneyState.balance("energy:escrow"))).toEqual({});
    expect(city.state.get(moneyState.balance(bob.account))).toEqual({
      creditsPosted: "100000000",
      debitsPosted: "84000",
    });
    expect([ann, bob, eve].map((who) => energyWhOf(city, who))).toEqual(["-1001", "700", "301"]);
    expect(city.state.get<TradeRecord>(energyState.trade(slot, 1))).toMatchObject({
      seller: ann.account,
      buyer: eve.account,
      meter: "meter-1",
      energyWh: "301",
      price: "120001",
      amount: "36120",
    });
  });

  it("EN-15: orders and books leave the state; slot, trades and events say what happened", () => {
    const city = market();
    expect(city.run(offer(slot, 500, 100_000))).toBeNull();
    expect(city.run(bid(bob, slot, 500, 100_000))).toBeNull();
    expect(city.run(bid(eve, slot, 500, 1))).toBeNull();
    city.events.length = 0;
    city.begin(endMs);
    expect(city.state.list("energy/order/", 10)).toEqual([]);
    expect(city.state.list("energy/book/", 10)).toEqual([]);
    expect(openSlotsOf(city.state)).toEqual([]);
    expect(city.events).toEqual([
      {
        type: "energy/trade",
        attributes: {
          slot: `${slot}`,
          number: "0",
          seller: ann.account,
          buyer: bob.account,
          energyWh: "500",
          price: "100000",
          amount: "50000",
        },
      },
      {
        type: "energy/slot-cleared",
        attributes: { slot: `${slot}`, price: "100000", tradedWh: "500", trades: "1" },
      },
    ]);
  });

  it("EN-15: a slot without a trade clears without a price and returns everything", () => {
    const city = market();
    expect(city.run(bid(bob, slot, 500, 100_000))).toBeNull();
    city.begin(endMs);
    expect(city.state.get<SlotRecord>(energyState.slot(slot))).toEqual({
      status: "cleared",
      orders: 1,
      clearedAt: city.height,
    });
    expect(moneyOf(city.state, bob.account)).toBe(100_000_000n);
    expect(city.events.at(-1)?.attributes).toEqual({ slot: `${slot}`, tradedWh: "0", trades: "0" });
  });

  it("EN-16: after a long halt all open slots clear at once, oldest first, and the application wakes for the earliest", () => {
    const city = market();
    for (const at of [slot + 3, slot, slot + 2]) expect(city.run(bid(bob, at, 1, 1_000))).toBeNull();
    expect(openSlotsOf(city.state)).toEqual([slot, slot + 2, slot + 3]);
    expect(energy.wakeAtMs!(city.state)).toBe(endMs);
    city.begin(endMs + 30_000);
    expect(energy.wakeAtMs!(city.state)).toBe(endMs + 120_000);
    city.events.length = 0;
    city.begin(endMs + 3_600_000);
    expect(city.events.map(({ attributes }) => attributes["slot"])).toEqual([`${slot + 2}`, `${slot + 3}`]);
    expect(energy.wakeAtMs!(city.state)).toBeNull();
  });

  it("EN-17: old slots and their trades leave the state, a bounded part a block", () => {
    const city = market();
    const record: SlotRecord = { status: "cleared", orders: 2_000, trades: 1_500, clearedAt: 1 };
    city.state.set(energyState.slot(slot), record);
    for (let n = 0; n < 1_500; n++) city.state.set(energyState.trade(slot, n), { n });
    const keptUntil = startMs + slotsKept * 60_000;
    city.begin(keptUntil + 59_999);
    expect(city.state.list(energyState.tradesOf(slot), 9_999).length).toBe(1_500);
    city.begin(keptUntil + 60_000);
    expect(city.state.list(energyState.tradesOf(slot), 9_999).length).toBe(1_500 - forgottenPerBlockMax);
    expect(city.state.get(energyState.slot(slot))).not.toBeNull();
    city.begin(keptUntil + 61_000);
    expect(city.state.list("energy/trade/", 9_999)).toEqual([]);
    expect(city.state.get(energyState.slot(slot))).toBeNull();
  });

  it("EN-18, EN-19: energy from nowhere and an escrow that differs from what bids hold stop the block", () => {
    const sold = { name: energyState.balance("a"), before: null, after: { energyWh: "-5" } };
    const bought = { name: energyState.balance("b"), before: { energyWh: "2" }, after: { energyWh: "7" } };
    expect(brokenByChanges([energy], [sold])).toContain("EN-18");
    expect(brokenByChanges([energy], [sold, bought])).toBeNull();
    const escrow = { name: "money/balance/energy:escrow", before: {}, after: { creditsPending: "4" } };
    const order = (held: string) => ({ name: energyState.order(1, "x"), before: null, after: { held, by: "a" } });
    const its = {
      name: book(1, "a"),
      before: null,
      after: { placed: 1, open: [{ order: "x", side: "bid", price: "1" }] },
    };
    expect(brokenByChanges([energy], [escrow, order("3"), its])).toContain("EN-19");
    expect(brokenByChanges([energy], [escrow, order("4"), its])).toBeNull();
  });

  it("EN-1, EN-8, EN-10: a link that goes one way, an order in no book and an open slot that nothing clears stop the block", () => {
    const made = (name: string, after: unknown) => ({ name, before: null, after });
    const link = made(energyState.meter("m-1"), { account: "a", since: 1 });
    expect(brokenByChanges([energy], [link])).toContain("EN-1:");
    expect(brokenByChanges([energy], [link, made(energyState.meterOf("a"), { meter: "m-2" })])).toContain("EN-1:");
    expect(brokenByChanges([energy], [link, made(energyState.meterOf("b"), { meter: "m-1" })])).toContain("EN-1:");
    expect(brokenByChanges([energy], [link, made(energyState.meterOf("a"), { meter: "m-1" })])).toBeNull();
    const order = made(energyState.order(7, "x"), { by: "a" });
    const open = [{ order: "x", side: "offer", price: "1" }];
    expect(brokenByChanges([energy], [order])).toContain("EN-8");
    expect(brokenByChanges([energy], [order, made(book(7, "b"), { placed: 1, open })])).toContain("EN-8");
    expect(brokenByChanges([energy], [order, made(book(7, "a"), { placed: 2, open: [] })])).toContain("EN-8");
    expect(brokenByChanges([energy], [order, made(book(7, "a"), { placed: 2, open })])).toBeNull();
    const slots = (...numbers: number[]) => made("energy/open-slots", { slots: numbers });
    const status = (slot: number, is: SlotRecord["status"]) => made(energyState.slot(slot), { status: is, orders: 1 });
    expect(brokenByChanges([energy], [status(7, "open")])).toContain("EN-10");
    expect(brokenByChanges([energy], [status(7, "open"), slots(8)])).toContain("EN-10");
    expect(brokenByChanges([energy], [status(6, "cleared"), slots(6)])).toContain("EN-10");
    expect(
      brokenByChanges([energy], [status(6, "cleared"), status(7, "open"), status(8, "open"), slots(7, 8)]),
    ).toBeNull();
  });

  it("EN-21: a slot has 1 to 86400 whole seconds", () => {
    for (const slotSeconds of [0, 1.5, 86_401, Number.NaN])
      expect(() => new TestCity({ appState: { ...genesis, energy: { slotSeconds } } })).toThrow(RangeError);
  });
});
