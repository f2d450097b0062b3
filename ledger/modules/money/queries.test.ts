// What the money module answers, read on the states of a chain.

import { describe, expect, it } from "vitest";
import { dayMs } from "../../protocol/money.ts";
import type { LimitsAnswer, MoneyAnswer, ReservesAnswer } from "../../protocol/money-answers.ts";
import { type Message, transactionBytes, transactionId } from "../../protocol/transaction.ts";
import { NotThere } from "../query.ts";
import { authorise, bodyOf, person, registration, TestCity } from "../test-city.ts";
import { queries } from "./queries.ts";

const ann = person("ann");
const bob = person("bob");

function cityOfTwo(): TestCity {
  const city = new TestCity();
  expect(city.apply([registration(ann, "Ann")], ann)).toBe("");
  expect(city.apply([registration(bob, "Bob")], bob)).toBe("");
  return city;
}

function ask<T>(city: TestCity, path: string, id: string, search: Record<string, unknown> = {}): T {
  const query = queries.find((one) => one.path === path)!;
  const params = query.params.parse({ id });
  const input = { params, query: query.query.parse(search), nowMs: city.timeMs };
  const { answer } = city.application.ask(query, input, { prove: false });
  if (!(answer instanceof NotThere)) expect(query.answer.parse(answer)).toEqual(answer);
  return answer as T;
}

/** Sets amounts aside in one transaction; answers the ids. */
function setAside(city: TestCity, amounts: readonly string[]): string[] {
  const messages = amounts.map((amount): Message => {
    const { account: by } = ann;
    return { type: "money/reserve", by, to: bob.account, amount, expiresMs: city.timeMs + dayMs, note: `of ${amount}` };
  });
  const body = bodyOf(messages, city.application.height + 5);
  const result = city.block([transactionBytes({ body, auth: [authorise(body, ann)] })]).results[0]!;
  expect(result.refusal).toBe("");
  return amounts.map((_, index) => `${transactionId(body)}.${index}`);
}

describe("queries of money", () => {
  it("the money of an account: its record, its balance and what it may spend", () => {
    const city = cityOfTwo();
    setAside(city, ["5", "7"]);
    expect(ask<MoneyAnswer>(city, "/v1/accounts/{id}/money", ann.account)).toEqual({
      id: ann.account,
      record: { creditsPosted: "100000000", debitsPending: "12", reserves: 2 },
      balance: "100000000",
      available: "99999988",
    });
    expect(ask<MoneyAnswer>(city, "/v1/accounts/{id}/money", "city:issuance").balance).toBe("-1000000000000");
    expect(ask(city, "/v1/accounts/{id}/money", "00".repeat(20))).toBeInstanceOf(NotThere);
  });

  it("one reserve, and those of an account page by page for payer and payee alike", () => {
    const city = cityOfTwo();
    const ids = setAside(city, ["1", "2", "3", "4", "5"]).sort();
    for (const who of [ann, bob]) {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: ReservesAnswer = ask(city, "/v1/accounts/{id}/reserves", who.account, {
          limit: "2",
          ...(cursor === null ? {} : { cursor }),
        });
        found.push(...page.reserves.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== null);
      expect(found).toEqual(ids);
    }
    const page: ReservesAnswer = ask(city, "/v1/accounts/{id}/reserves", ann.account, { limit: "5", sort: "desc" });
    expect(page.reserves.map(({ id }) => id)).toEqual(ids.toReversed());
    const one = ask<{ record: { amount: string; note: string } }>(city, "/v1/reserves/{id}", ids[0]!);
    expect(one.record.note).toBe(`of ${one.record.amount}`);
    expect(ask(city, "/v1/reserves/{id}", `${"0".repeat(64)}.0`)).toBeInstanceOf(NotThere);
    expect(ask(city, "/v1/accounts/{id}/reserves", person("x").account)).toEqual({ reserves: [], next: null });
  });

  it("limits at the asker's time, with what waits and what was spent today", () => {
    const city = cityOfTwo();
    const path = "/v1/accounts/{id}/limits";
    expect(ask(city, path, ann.account)).toEqual({ id: ann.account, record: null, limits: {}, spent: "0" });
    const set = (perDay: string): Message => ({ type: "money/set-limits", by: ann.account, perDay });
    const send: Message = { type: "money/transfer", by: ann.account, to: bob.account, amount: "8" };
    expect(city.apply([set("50"), send, set("90")], ann)).toBe("");
    expect(ask<LimitsAnswer>(city, path, ann.account)).toMatchObject({
      record: { perDay: "50", raise: { perDay: "90", effectiveMs: city.timeMs + dayMs } },
      limits: { perDay: "50" },
      spent: "8",
    });
    city.timeMs += dayMs;
    expect(ask<LimitsAnswer>(city, path, ann.account)).toMatchObject({ limits: { perDay: "90" }, spent: "0" });
  });
});
