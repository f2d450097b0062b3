// Rules of spending limits (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { dayMs, type LimitsRecord, moneyState } from "../../protocol/money.ts";
import type { Message } from "../../protocol/transaction.ts";
import { person, registration, startMs, TestState } from "../test-city.ts";

const ann = person("ann");
const bob = person("bob");
/** The first moment of a day, so that tests know when the next begins. */
const morningMs = Math.ceil(startMs / dayMs) * dayMs;

const setLimits = (limits: { perTransfer?: string; perDay?: string }): Message => ({
  type: "money/set-limits",
  by: ann.account,
  ...limits,
});
const cancelRaise: Message = { type: "money/cancel-raise", by: ann.account };
const send = (amount: string): Message => ({ type: "money/transfer", by: ann.account, to: bob.account, amount });
const setAside = (amount: string, expiresMs: number): Message => ({
  type: "money/reserve",
  by: ann.account,
  to: bob.account,
  amount,
  expiresMs,
});
const bid = (atMs: number, price: string): Message => ({
  type: "energy/bid",
  by: ann.account,
  slot: atMs / 60_000,
  energyWh: "1000",
  price,
});

const tooMuch = "money_amount_must_not_exceed_transfer_limit";
const tooMuchToday = "money_amount_must_not_exceed_day_limit";

function cityOfTwo(): TestState {
  const city = new TestState();
  expect(city.run(registration(ann, "Ann"))).toBeNull();
  expect(city.run(registration(bob, "Bob"))).toBeNull();
  city.timeMs = morningMs;
  return city;
}

function table(city: TestState, rows: readonly (readonly [Message, string | null])[]): void {
  for (const [message, refusal] of rows) expect([message, city.run(message)]).toEqual([message, refusal]);
}

const record = (city: TestState): LimitsRecord | null => city.state.get(moneyState.limits(ann.account));

describe("spending limits", () => {
  it("MO-20: bound each transfer, reserve and bid, and the day's sum of them; others may still pay and be paid", () => {
    const city = cityOfTwo();
    const expiresMs = morningMs + 60_000;
    table(city, [
      [setLimits({ perTransfer: "500", perDay: "1000" }), null],
      [send("501"), tooMuch],
      [setAside("501", expiresMs), tooMuch],
      [bid(morningMs, "501"), tooMuch],
      [send("400"), null],
      [setAside("300", expiresMs), null],
      [bid(morningMs, "300"), null],
      [send("1"), tooMuchToday],
      [setAside("1", expiresMs), tooMuchToday],
      [bid(morningMs, "1"), tooMuchToday],
      [{ type: "money/transfer", by: bob.account, to: ann.account, amount: "5000" }, null],
    ]);
    expect(record(city)).toMatchObject({ spent: "1000", day: morningMs / dayMs });
    city.timeMs = morningMs + dayMs - 1;
    expect(city.run(send("1"))).toBe(tooMuchToday);
    city.timeMs = morningMs + dayMs;
    table(city, [
      [send("500"), null],
      [send("500"), null],
      [send("1"), tooMuchToday],
    ]);
  });

  it("MO-20: a payment that another starts does not count: the payee's posting", () => {
    const city = cityOfTwo();
    table(city, [[setAside("900", morningMs + 60_000), null]]);
    const reserve = city.events.at(-1)!.attributes["reserve"]!;
    table(city, [
      [setLimits({ perDay: "0" }), null],
      [{ type: "money/post-reserved", by: bob.account, reserve }, null],
      [send("1"), tooMuchToday],
    ]);
  });

  it("MO-21: what is lower holds at once, what is higher a day later", () => {
    const city = cityOfTwo();
    table(city, [
      [setLimits({ perTransfer: "500", perDay: "1000" }), null],
      [setLimits({ perTransfer: "100", perDay: "2000" }), null],
      [send("101"), tooMuch],
    ]);
    expect(record(city)).toEqual({
      perTransfer: "100",
      perDay: "1000",
      raise: { perTransfer: "100", perDay: "2000", effectiveMs: morningMs + dayMs },
    });
    expect(city.events.findLast(({ type }) => type === "money/limits-set")?.attributes).toEqual({
      account: ann.account,
      effectiveMs: `${morningMs + dayMs}`,
    });
    for (let n = 0; n < 10; n++) expect(city.run(send("100"))).toBeNull();
    city.timeMs = morningMs + dayMs - 1;
    expect(city.run(send("1"))).toBe(tooMuchToday);
    city.timeMs = morningMs + dayMs;
    for (let n = 0; n < 20; n++) expect(city.run(send("100"))).toBeNull();
    expect(city.run(send("100"))).toBe(tooMuchToday);
  });

  it("MO-21: taking limits away is a raise, too, and a new message takes the place of what waits", () => {
    const city = cityOfTwo();
    table(city, [
      [setLimits({ perTransfer: "500" }), null],
      [setLimits({}), null],
      [send("501"), tooMuch],
    ]);
    city.timeMs += dayMs / 2;
    expect(city.run(setLimits({ perTransfer: "900" }))).toBeNull();
    city.timeMs += dayMs / 2;
    table(city, [[send("501"), tooMuch]]);
    city.timeMs += dayMs / 2;
    table(city, [
      [send("901"), tooMuch],
      [send("900"), null],
      // What holds is what the raise said, so that lowering counts from there.
      [setLimits({ perTransfer: "700" }), null],
      [send("701"), tooMuch],
      [setLimits({}), null],
    ]);
    city.timeMs += dayMs;
    table(city, [
      [send("5000"), null],
      [setLimits({}), null],
    ]);
    // Spent under a limit today, so today is remembered; tomorrow nothing is.
    expect(record(city)).toEqual({ day: Math.floor(city.timeMs / dayMs), spent: "5000" });
    city.timeMs += dayMs;
    expect(city.run(setLimits({}))).toBeNull();
    expect(record(city)).toBeNull();
  });

  it("MO-22: a raise is cancelled while it waits, by who may, and what holds stays", () => {
    const city = cityOfTwo();
    table(city, [
      [cancelRaise, "money_raise_must_be_waiting"],
      [setLimits({ perTransfer: "500" }), null],
      [cancelRaise, "money_raise_must_be_waiting"],
      [setLimits({ perTransfer: "900" }), null],
      [cancelRaise, null],
    ]);
    expect(record(city)).toEqual({ perTransfer: "500" });
    expect(city.events.at(-1)).toEqual({ type: "money/raise-cancelled", attributes: { account: ann.account } });
    city.timeMs += dayMs;
    table(city, [
      [send("501"), tooMuch],
      [setLimits({ perTransfer: "900" }), null],
    ]);
    city.timeMs += dayMs;
    table(city, [
      [cancelRaise, "money_raise_must_be_waiting"],
      [send("900"), null],
    ]);
  });

  it("MO-23: what returns on the same day counts no longer; what returns later does", () => {
    const city = cityOfTwo();
    table(city, [
      [setLimits({ perDay: "1000" }), null],
      [setAside("900", morningMs + dayMs + 60_000), null],
    ]);
    const reserve = city.events.at(-1)!.attributes["reserve"]!;
    table(city, [
      [send("101"), tooMuchToday],
      [{ type: "money/post-reserved", by: bob.account, reserve, amount: "600" }, null],
      [send("400"), null],
      [send("1"), tooMuchToday],
    ]);
    city.timeMs = morningMs + dayMs - 60_000;
    const lastSlotMs = city.timeMs;
    const tomorrow = cityOfTwo();
    tomorrow.timeMs = lastSlotMs;
    table(tomorrow, [
      [setLimits({ perDay: "1000" }), null],
      [setAside("900", morningMs + dayMs + 60_000), null],
    ]);
    const held = tomorrow.events.at(-1)!.attributes["reserve"]!;
    tomorrow.timeMs = morningMs + dayMs;
    table(tomorrow, [
      [send("1000"), null],
      [{ type: "money/void-reserved", by: bob.account, reserve: held }, null],
      [send("1"), tooMuchToday],
    ]);
  });

  it("MO-23: a bid that finds no seller or is withdrawn counts no longer", () => {
    const city = cityOfTwo();
    table(city, [
      [setLimits({ perDay: "1000" }), null],
      [bid(morningMs, "1000"), null],
      [send("1"), tooMuchToday],
    ]);
    city.begin(morningMs + 60_000);
    table(city, [[bid(morningMs + 60_000, "900"), null]]);
    const { slot, order } = city.events.at(-1)!.attributes;
    table(city, [
      [send("101"), tooMuchToday],
      [{ type: "energy/cancel-order", by: ann.account, slot: Number(slot), order: order! }, null],
      [send("1000"), null],
    ]);
  });

  it("MO-24: counting begins with the first limit, and does not begin anew when limits end and come back", () => {
    const city = cityOfTwo();
    table(city, [
      [send("5000"), null],
      [setLimits({ perDay: "1000" }), null],
      [send("1000"), null],
      [setLimits({}), null],
    ]);
    city.timeMs += dayMs;
    table(city, [
      [setAside("700", city.timeMs + 60_000), null],
      [setLimits({}), null],
      [setLimits({ perDay: "1000" }), null],
      [send("301"), tooMuchToday],
      [send("300"), null],
    ]);
    city.begin(city.timeMs + 60_000);
    table(city, [
      [send("701"), tooMuchToday],
      [send("700"), null],
    ]);
  });
});
