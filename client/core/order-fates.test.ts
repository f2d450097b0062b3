import { describe, expect, it } from "vitest";
import type { Order, SettledTrade } from "./ledger-api.ts";
import { type FollowedOrder, fateOf, followOrders } from "./order-fates.ts";

const order = (id: string, by: string): Order => ({
  id,
  by,
  side: "offer",
  energyWh: "1000",
  price: "140000",
  sequence: 1,
});
const followed: FollowedOrder = { id: "a", side: "offer", slot: 7, energyWh: "1000", price: "140000" };
const trade: SettledTrade = {
  number: 0,
  slot: 7,
  height: 9,
  time: "2026-01-01T00:00:00Z",
  seller: "me",
  buyer: "you",
  meter: "meter-1",
  energyWh: "1000",
  price: "150000",
  amount: "150000",
  offer: "a",
  bid: "b",
};

describe("followOrders", () => {
  it("takes the own open orders and leaves those of others", () => {
    expect(followOrders([], [{ slot: 7, orders: [order("a", "me"), order("b", "you")] }], "me", 7)).toEqual([followed]);
  });
  it("keeps an order whose slot has closed, for a while", () => {
    expect(followOrders([followed], [{ slot: 8, orders: [] }], "me", 8)).toEqual([followed]);
    expect(followOrders([followed], [{ slot: 10, orders: [] }], "me", 10)).toEqual([]);
  });
  it("lets go of an order that was withdrawn", () => {
    expect(followOrders([followed], [{ slot: 7, orders: [] }], "me", 7)).toEqual([]);
  });
  it("keeps an order that was cleared before the page's clock left its slot", () => {
    const cleared = { slot: 7, orders: [], record: { status: "cleared" as const } };
    expect(followOrders([followed], [cleared], "me", 7)).toEqual([followed]);
  });
  it("follows at most 12", () => {
    const many = Array.from({ length: 40 }, (_, number) => order(String(number), "me"));
    expect(followOrders([], [{ slot: 7, orders: many }], "me", 7)).toHaveLength(12);
  });
});

describe("fateOf", () => {
  it("goes from standing to settling to a result", () => {
    expect(fateOf(followed, 7, new Set(), [])).toEqual({ state: "standing" });
    expect(fateOf(followed, 8, new Set(), [])).toEqual({ state: "settling" });
    expect(fateOf(followed, 8, new Set([7]), [])).toEqual({ state: "not-traded" });
    expect(fateOf(followed, 8, new Set([7]), [trade])).toEqual({ state: "traded", trades: [trade] });
  });
  it("does not take a trade of another order for its own", () => {
    expect(fateOf({ ...followed, side: "bid" }, 8, new Set([7]), [trade])).toEqual({ state: "not-traded" });
  });
});
