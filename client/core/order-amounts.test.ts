import { describe, expect, it } from "vitest";
import { energyWhSchema, priceSchema } from "../../ledger/protocol/energy.ts";
import { positiveMoneySchema } from "../../ledger/protocol/money.ts";
import {
  curves,
  earnedByOffer,
  energyAmount,
  heldForBid,
  moneyAmount,
  priceAmount,
  slotForOrder,
  unitsOf,
} from "./order-amounts.ts";

describe("typed amounts", () => {
  it.each([
    ["1.2", 3, "1200"],
    ["1,2", 3, "1200"],
    [".5", 3, "500"],
    ["5.", 3, "5000"],
    [" 0.14 ", 6, "140000"],
    ["0", 6, "0"],
    ["1.2345", 3, null],
    ["1e3", 3, null],
    ["-1", 3, null],
    ["", 3, null],
    ["١٢", 3, null],
    ["1.2.3", 3, null],
    ["9999999999999", 3, null],
  ])("%j with %i places is %j", (text, decimals, units) => expect(unitsOf(text, decimals)).toBe(units));

  it("refuses nothing, too much and what is no number, each in words of its own", () => {
    expect(energyAmount("0")).toEqual({ ok: false, problem: "amount.energy.zero" });
    expect(energyAmount("1000")).toEqual({ ok: false, problem: "amount.energy.large" });
    expect(energyAmount("lots")).toEqual({ ok: false, problem: "amount.energy.form" });
    expect(priceAmount("1000")).toEqual({ ok: false, problem: "amount.price.large" });
    expect(moneyAmount("0.0")).toEqual({ ok: false, problem: "amount.money.zero" });
    expect(moneyAmount("9999999999")).toEqual({ ok: false, problem: "amount.money.large" });
  });

  it("accepts only what the ledger's own schemas accept", () => {
    const texts = ["0.001", "999.999", "1", "12.34", "0.000001", "999.999999", "999999999.999999"];
    for (const text of texts) {
      const energy = energyAmount(text);
      if (energy.ok) expect(energyWhSchema.safeParse(energy.units).success, text).toBe(true);
      const price = priceAmount(text);
      if (price.ok) expect(priceSchema.safeParse(price.units).success, text).toBe(true);
      const money = moneyAmount(text);
      if (money.ok) expect(positiveMoneySchema.safeParse(money.units).success, text).toBe(true);
    }
    expect(energyAmount("999.999")).toEqual({ ok: true, units: "999999" });
    expect(priceAmount("0")).toEqual({ ok: true, units: "0" });
  });
});

describe("totals", () => {
  it("holds a bid rounded up and promises an offer rounded down", () => {
    expect(heldForBid("1", "1")).toBe("1");
    expect(earnedByOffer("1", "1")).toBe("0");
    expect(heldForBid("1200", "140000")).toBe("168000");
    expect(earnedByOffer("1200", "140000")).toBe("168000");
    expect(heldForBid("999999", "999999999")).toBe("999998999001");
  });
});

describe("the slot of an order", () => {
  it("is the running one until shortly before it closes", () => {
    expect(slotForOrder(60_000, 60, 3000)).toBe(1);
    expect(slotForOrder(116_999, 60, 3000)).toBe(1);
    expect(slotForOrder(117_001, 60, 3000)).toBe(2);
  });
  it("keeps a quarter of very short slots at most as guard", () => {
    expect(slotForOrder(5_000, 4, 3000)).toBe(1);
    expect(slotForOrder(7_500, 4, 3000)).toBe(2);
  });
});

it("draws supply from the cheapest and demand from the dearest", () => {
  const { supply, demand } = curves([
    { side: "offer", energyWh: "500", price: "200000" },
    { side: "offer", energyWh: "1000", price: "100000" },
    { side: "bid", energyWh: "300", price: "50000" },
    { side: "bid", energyWh: "700", price: "250000" },
  ]);
  expect(supply).toEqual([
    { energyWh: 0, price: 100000 },
    { energyWh: 1000, price: 100000 },
    { energyWh: 1000, price: 200000 },
    { energyWh: 1500, price: 200000 },
  ]);
  expect(demand.map((point) => point.price)).toEqual([250000, 250000, 50000, 50000]);
});
