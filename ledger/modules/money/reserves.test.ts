// Rules of transfers in two phases (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { type BalanceRecord, dayMs, moneyState, type ReserveRecord, reserveMsMax } from "../../protocol/money.ts";
import { type Message, transactionBytes, transactionId } from "../../protocol/transaction.ts";
import {
  authorise,
  bodyOf,
  deviceRegistration,
  noPending,
  type Person,
  person,
  registrar,
  registration,
  signed,
  startMs,
  TestCity,
  TestState,
} from "../test-city.ts";
import { expiredPerBlockMax } from "./expire-reserves.ts";
import { availableTo, moneyOf, openReserve } from "./interface.ts";
import { money } from "./module.ts";

const ann = person("ann");
const bob = person("bob");
const eve = person("eve");
const soonMs = startMs + 600_000;

type Reserve = Extract<Message, { type: "money/reserve" }>;
const reserve = (by: Person, to: Person, amount: string, terms: Partial<Reserve> = {}): Reserve => ({
  type: "money/reserve",
  by: by.account,
  to: to.account,
  amount,
  expiresMs: soonMs,
  ...terms,
});
const post = (by: Person, id: string, amount?: string): Message => ({
  type: "money/post-reserved",
  by: by.account,
  reserve: id,
  ...(amount === undefined ? {} : { amount }),
});
const giveBack = (by: Person, id: string): Message => ({ type: "money/void-reserved", by: by.account, reserve: id });

function cityOfThree(): TestState {
  const city = new TestState();
  for (const [who, name] of [
    [ann, "Ann"],
    [bob, "Bob"],
    [eve, "Eve"],
  ] as const)
    expect(city.run(registration(who, name))).toBeNull();
  return city;
}

/** Makes a reserve and answers its id. */
function made(city: TestState, message: Reserve): string {
  expect(city.run(message)).toBeNull();
  return city.events.at(-1)!.attributes["reserve"]!;
}

const balance = (city: TestState, who: Person): BalanceRecord | null =>
  city.state.get<BalanceRecord>(moneyState.balance(who.account));
const indexed = (city: TestState): readonly string[] =>
  ["money/reserve/", "money/reserve-of/", "money/reserve-expiry/"].flatMap((prefix) => city.state.list(prefix, 99));

describe("money/reserve", () => {
  it("MO-1, MO-2, MO-6, MO-8, MO-9, MO-20: refuses in this order", () => {
    const city = cityOfThree();
    const stranger = person("stranger");
    const rich = "100000001";
    const wrong = { mayVoid: [stranger.account], expiresMs: startMs };
    const table: readonly (readonly [Message, string | null])[] = [
      [reserve(stranger, stranger, rich, wrong), "money_recipient_must_differ"],
      [reserve(ann, stranger, rich, wrong), "money_recipient_must_exist"],
      [reserve(ann, bob, rich, wrong), "money_party_must_exist"],
      [
        reserve(ann, bob, rich, { ...wrong, mayVoid: [bob.account], mayPost: [stranger.account] }),
        "money_party_must_exist",
      ],
      [reserve(ann, bob, rich, { expiresMs: startMs }), "money_expiry_must_be_ahead"],
      [reserve(ann, bob, rich, { expiresMs: startMs + 90 * dayMs + 1 }), "money_expiry_must_be_near"],
      [{ type: "money/set-limits", by: ann.account, perTransfer: "5000", perDay: "4000" }, null],
      [reserve(ann, bob, "100000001"), "money_amount_must_not_exceed_transfer_limit"],
      [reserve(ann, bob, "4001"), "money_amount_must_not_exceed_day_limit"],
      [reserve(bob, ann, rich, { expiresMs: startMs + 90 * dayMs }), "money_balance_must_suffice"],
      [reserve(bob, ann, "100000000", { expiresMs: startMs + 90 * dayMs }), null],
      [reserve(bob, ann, "1"), "money_balance_must_suffice"],
    ];
    for (const [message, refusal] of table) expect([message, city.run(message)]).toEqual([message, refusal]);
  });

  it("MO-6, MO-10: an account has given at most 100 open reserves, and may give more when some have ended", () => {
    const city = cityOfThree();
    const first = made(city, reserve(ann, bob, "1"));
    for (let n = 1; n < 100; n++) expect(city.run(reserve(ann, bob, "1"))).toBeNull();
    expect(balance(city, ann)?.reserves).toBe(100);
    expect(city.run(reserve(ann, bob, "100000001"))).toBe("money_reserves_must_not_exceed_limit");
    expect(city.run(reserve(ann, bob, "1", { expiresMs: startMs }))).toBe("money_expiry_must_be_ahead");
    expect(city.run(giveBack(bob, first))).toBeNull();
    expect(city.run(reserve(ann, bob, "1"))).toBeNull();
  });

  it("MO-7: sets the money aside for the payee until then, with all that the terms say", () => {
    const city = cityOfThree();
    const terms = { mayPost: [eve.account], mayVoid: [ann.account, eve.account], note: "flat 7" };
    const id = made(city, reserve(ann, bob, "30000000", terms));
    expect(balance(city, ann)).toEqual({ creditsPosted: "100000000", debitsPending: "30000000", reserves: 1 });
    expect(balance(city, bob)).toEqual({ creditsPosted: "100000000", creditsPending: "30000000" });
    expect([availableTo(city.state, ann.account), moneyOf(city.state, ann.account)]).toEqual([
      70_000_000n,
      100_000_000n,
    ]);
    expect(availableTo(city.state, bob.account)).toBe(100_000_000n);
    expect(city.run({ type: "money/transfer", by: ann.account, to: bob.account, amount: "70000001" })).toBe(
      "money_balance_must_suffice",
    );
    const record: ReserveRecord = {
      from: ann.account,
      to: bob.account,
      amount: "30000000",
      expiresMs: soonMs,
      ...terms,
    };
    expect(city.state.get(moneyState.reserve(id))).toEqual(record);
    for (const { account } of [ann, bob, eve]) expect(city.state.get(moneyState.reserveOf(account, id))).toEqual({});
    expect(city.events.at(-1)).toEqual({
      type: "money/reserved",
      attributes: {
        reserve: id,
        from: ann.account,
        to: bob.account,
        amount: "30000000",
        expiresMs: `${soonMs}`,
        note: "flat 7",
      },
    });
  });
});

describe("money/post-reserved", () => {
  it("MO-6, MO-8, MO-11, MO-12, MO-13: refuses in this order", () => {
    const city = cityOfThree();
    const id = made(city, reserve(ann, bob, "1000", { mayPost: [ann.account, eve.account] }));
    const table: readonly (readonly [Message, string | null])[] = [
      [post(bob, `${id.slice(0, 64)}.1`, "1001"), "money_reserve_must_exist"],
      [post(bob, id, "1001"), "money_account_must_be_allowed_to_post"],
      [post(ann, id, "1001"), "money_amount_must_not_exceed_reserve"],
      [post(ann, id, "999"), "money_payer_must_post_all"],
      [post(ann, id, "1000"), null],
      [post(ann, id, "1000"), "money_reserve_must_exist"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
    const late = made(city, reserve(ann, bob, "1000"));
    city.timeMs = soonMs;
    expect(city.run(post(eve, late, "1001"))).toBe("money_reserve_must_not_be_expired");
  });

  it("MO-12, MO-17: pays at most the amount, returns the rest, says so, and leaves no entry", () => {
    const city = cityOfThree();
    const id = made(city, reserve(ann, bob, "30000000"));
    expect(city.run(post(bob, id, "20000000"))).toBeNull();
    expect(balance(city, ann)).toEqual({ creditsPosted: "100000000", debitsPosted: "20000000" });
    expect(balance(city, bob)).toEqual({ creditsPosted: "120000000" });
    expect(indexed(city)).toEqual([]);
    expect(city.events.at(-1)).toEqual({
      type: "money/posted",
      attributes: {
        reserve: id,
        from: ann.account,
        to: bob.account,
        amount: "20000000",
        released: "10000000",
        by: bob.account,
      },
    });
    const whole = made(city, reserve(ann, bob, "5"));
    expect(city.run(post(bob, whole))).toBeNull();
    expect(moneyOf(city.state, bob.account)).toBe(120_000_005n);
  });

  it("MO-13: a payer who may void may also post a part; a third party splits as it sees fit", () => {
    const city = cityOfThree();
    const own = made(city, reserve(ann, bob, "1000", { mayPost: [ann.account], mayVoid: [ann.account] }));
    expect(city.run(post(ann, own, "1"))).toBeNull();
    const court = made(city, reserve(ann, bob, "1000", { mayPost: [eve.account], mayVoid: [eve.account] }));
    expect(city.run(post(bob, court))).toBe("money_account_must_be_allowed_to_post");
    expect(city.run(giveBack(ann, court))).toBe("money_account_must_be_allowed_to_void");
    expect(city.run(post(eve, court, "600"))).toBeNull();
    expect(moneyOf(city.state, bob.account)).toBe(100_000_601n);
  });
});

describe("money/void-reserved", () => {
  it("MO-6, MO-8, MO-11, MO-14: refuses in this order, then returns all of it", () => {
    const city = cityOfThree();
    const id = made(city, reserve(ann, bob, "1000", { mayPost: [ann.account], mayVoid: [eve.account] }));
    const table: readonly (readonly [Message, string | null])[] = [
      [giveBack(ann, `${id.slice(0, 64)}.1`), "money_reserve_must_exist"],
      [giveBack(ann, id), "money_account_must_be_allowed_to_void"],
      [giveBack(eve, id), null],
      [giveBack(eve, id), "money_reserve_must_exist"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
    expect(balance(city, ann)).toEqual({ creditsPosted: "100000000" });
    expect(balance(city, bob)).toEqual({ creditsPosted: "100000000" });
    expect(indexed(city)).toEqual([]);
    expect(city.events.at(-1)).toEqual({
      type: "money/voided",
      attributes: { reserve: id, from: ann.account, to: bob.account, released: "1000", by: eve.account },
    });
    const late = made(city, reserve(ann, bob, "1000"));
    city.timeMs = soonMs;
    expect(city.run(giveBack(ann, late))).toBe("money_reserve_must_not_be_expired");
  });

  it("MO-8: the payee may always decline", () => {
    const city = cityOfThree();
    const id = made(city, reserve(ann, bob, "1000", { mayPost: [eve.account] }));
    expect(city.run(giveBack(bob, id))).toBeNull();
  });
});

describe("expiry", () => {
  it("MO-15, MO-17: goes back in the first block at its time, and the application wakes for the next", () => {
    const city = cityOfThree();
    expect(money.wakeAtMs!(city.state)).toBeNull();
    const later = made(city, reserve(ann, bob, "7", { expiresMs: soonMs + 5 }));
    const id = made(city, reserve(ann, bob, "1000"));
    expect(money.wakeAtMs!(city.state)).toBe(soonMs);
    city.begin(soonMs - 1);
    expect(balance(city, ann)?.debitsPending).toBe("1007");
    city.begin(soonMs);
    expect(balance(city, ann)).toEqual({ creditsPosted: "100000000", debitsPending: "7", reserves: 1 });
    expect(city.events.at(-1)).toEqual({
      type: "money/expired",
      attributes: { reserve: id, from: ann.account, to: bob.account, released: "1000" },
    });
    expect(money.wakeAtMs!(city.state)).toBe(soonMs + 5);
    expect(city.run(post(bob, later))).toBeNull();
    expect(money.wakeAtMs!(city.state)).toBeNull();
    expect(indexed(city)).toEqual([]);
  });

  it("MO-15: a block expires 1,000 at most, the earliest first; what is over and still there cannot be used", () => {
    const city = cityOfThree();
    const execution = {
      state: city.state,
      height: 1,
      timeMs: startMs,
      timeMsLatest: startMs,
      emit: () => undefined,
    };
    const id = (n: number): string => `${n.toString(16).padStart(64, "0")}.0`;
    expect(expiredPerBlockMax).toBe(1_000);
    const count = expiredPerBlockMax + 5;
    for (let n = 0; n < count; n++) {
      const terms = { from: ann.account, to: bob.account, amount: 1n, expiresMs: soonMs + count - n };
      expect(openReserve(execution, id(n), terms)).toBeNull();
    }
    city.begin(soonMs + dayMs);
    expect(balance(city, ann)?.reserves).toBe(5);
    expect(money.wakeAtMs!(city.state)).toBe(soonMs + count - 4);
    expect(city.run(post(bob, id(4)))).toBe("money_reserve_must_not_be_expired");
    expect(city.run(post(bob, id(5)))).toBe("money_reserve_must_exist");
    city.begin(soonMs + dayMs + 1);
    expect(balance(city, ann)).toEqual({ creditsPosted: "100000000" });
  });
});

describe("delivery versus payment", () => {
  const meter = deviceRegistration("meter-1", "meter");
  const unlink: Message = { type: "energy/unlink-meter", by: ann.account, meter: "meter-1" };
  const link: Message = { type: "energy/link-meter", by: bob.account, meter: "meter-1" };

  /** Ann has a home with a meter, Bob has set the price aside for her. */
  function homeForSale(): { readonly city: TestCity; readonly id: string } {
    const city = new TestCity();
    expect(city.apply([registration(ann, "Ann")], ann)).toBe("");
    expect(city.apply([registration(bob, "Bob")], bob)).toBe("");
    expect(city.apply([meter], registrar)).toBe("");
    expect(city.apply([{ ...link, by: ann.account }], ann)).toBe("");
    const body = bodyOf([reserve(bob, ann, "90000000")], city.application.height + 5);
    expect(city.block([transactionBytes({ body, auth: [authorise(body, bob)] })]).results[0]!.refusal).toBe("");
    return { city, id: `${transactionId(body)}.0` };
  }

  it("MO-18: the home and its price change hands in one transaction of both", () => {
    const { city, id } = homeForSale();
    expect(city.apply([unlink, link, post(ann, id)], ann, bob)).toBe("");
    expect(city.read(moneyState.balance(ann.account))).toEqual({ creditsPosted: "190000000" });
    expect(city.read(moneyState.balance(bob.account))).toEqual({
      creditsPosted: "100000000",
      debitsPosted: "90000000",
    });
    expect(city.read("energy/meter/meter-1")).toMatchObject({ account: bob.account });
  });

  it("MO-18: neither changes hands without the other, whichever message is refused, or without one of the two", () => {
    const { city, id } = homeForSale();
    const before = ["money/balance/", "energy/meter/"].map((prefix) => JSON.stringify(city.application.list(prefix)));
    const free = { ...link, meter: "meter-2" } as Message;
    expect(city.apply([unlink, link, post(ann, id, "90000001")], ann, bob)).toBe(
      "money_amount_must_not_exceed_reserve",
    );
    expect(city.apply([post(ann, id), unlink, free], ann, bob)).toBe("energy_meter_must_exist");
    expect(city.apply([unlink, link, post(ann, id)], ann)).toBe("transaction_auth_must_cover_every_actor");
    expect(["money/balance/", "energy/meter/"].map((prefix) => JSON.stringify(city.application.list(prefix)))).toEqual(
      before,
    );
    // Paid at once instead of from a reserve.
    const price: Message = { type: "money/transfer", by: bob.account, to: ann.account, amount: "10000000" };
    expect(city.apply([unlink, link, price], bob, ann)).toBe("");
  });

  it("MO-9: admission lets an expiry pass that is near enough for a block of the next minute", () => {
    const { city } = homeForSale();
    const admitted = (afterMs: number): string => {
      const message = reserve(bob, ann, "1", { expiresMs: city.timeMs + reserveMsMax + afterMs });
      return city.application.check(signed([message], [bob], city.application.height + 5), noPending).refusal;
    };
    expect([0, 60_000, 60_001].map(admitted)).toEqual(["", "", "money_expiry_must_be_near"]);
    const late = reserve(bob, ann, "1", { expiresMs: city.timeMs + reserveMsMax + 60_000 });
    const bytes = signed([late], [bob], city.application.height + 5);
    expect(city.block([bytes], city.timeMs + 59_999).results[0]!.refusal).toBe("money_expiry_must_be_near");
    expect(city.apply([late], bob)).toBe("");
  });

  it("MO-15: a chain wakes for an expiry and does it before the block's transactions", () => {
    const { city, id } = homeForSale();
    expect(city.application.wakeAtMs()).toBe(soonMs);
    const result = city.block([signed([post(ann, id)], [ann], city.application.height + 5)], soonMs);
    expect(result.events).toEqual([
      {
        type: "money/expired",
        attributes: { reserve: id, from: bob.account, to: ann.account, released: "90000000" },
      },
    ]);
    expect(result.results[0]!.refusal).toBe("money_reserve_must_exist");
    expect(city.application.wakeAtMs()).toBeNull();
  });
});
