// The index and the daily totals against a model that looks through all blocks for everything that is asked.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { BlockFacts, TransactionFacts } from "./block-facts.ts";
import { addToTotals, type DailyTotals, dayOf } from "./daily-totals.ts";
import { MemoryKeyValue } from "./memory-key-value.ts";
import { accountTerm, eventTerm, everyTransactionTerm, messageTerm, postingsOf, readPlaces } from "./place-index.ts";
import type { Place, PlaceRange } from "./records.ts";
import { readVarints, writeVarints } from "./varint.ts";

const accounts = ["00", "11", "22"].map((pair) => pair.repeat(20));
const value = fc.oneof(fc.constantFrom(...accounts), fc.constantFrom("", "1", "x".repeat(100_000), "10"));
const event: fc.Arbitrary<LedgerEvent> = fc.record({
  type: fc.constantFrom("energy/trade", "money/transferred"),
  attributes: fc.dictionary(fc.constantFrom("seller", "amount", "energyWh", "from"), value),
});
const transaction: fc.Arbitrary<TransactionFacts> = fc.record({
  id: fc.constant(""),
  hash: fc.constant(""),
  bytes: fc.nat(1000),
  code: fc.constantFrom(0, 0, 7),
  refusal: fc.constantFrom("energy_gate_must_be_open"),
  by: fc.subarray(accounts, { minLength: 1 }),
  messages: fc.array(fc.constantFrom("energy/offer", "energy/bid", "money/transfer"), { minLength: 1, maxLength: 3 }),
  events: fc.array(event, { maxLength: 3 }),
});
const chain = fc
  .array(
    fc.record({ transactions: fc.array(transaction, { maxLength: 4 }), events: fc.array(event, { maxLength: 2 }) }),
    {
      maxLength: 8,
    },
  )
  .map((blocks) => blocks.map((block, at): BlockFacts => ({ height: at + 1, timeMs: at * 40_000_000, ...block })));
const place = fc.record({ height: fc.integer({ min: 0, max: 9 }), index: fc.integer({ min: -1, max: 4 }) });
const range: fc.Arbitrary<PlaceRange> = fc.record(
  {
    from: fc.integer({ min: 0, max: 9 }),
    to: fc.integer({ min: 0, max: 9 }),
    descending: fc.boolean(),
    after: place,
    limit: fc.integer({ min: 0, max: 12 }),
  },
  { requiredKeys: ["limit"] },
);

/** All places at which something holds, walked as the range says. */
function walk(
  blocks: readonly BlockFacts[],
  range: PlaceRange,
  holds: (facts: Partial<TransactionFacts> & { readonly events: readonly LedgerEvent[] }, self: boolean) => boolean,
): Place[] {
  const all: Place[] = [];
  for (const block of blocks) {
    if (holds({ events: block.events }, true)) all.push({ height: block.height, index: -1 });
    block.transactions.forEach((each, index) => {
      if (holds(each, false)) all.push({ height: block.height, index });
    });
  }
  if (range.descending === true) all.reverse();
  const order = (a: Place, b: Place) =>
    (a.height - b.height || a.index - b.index) * (range.descending === true ? -1 : 1);
  return all
    .filter(({ height }) => height >= (range.from ?? 0) && height <= (range.to ?? 99))
    .filter((each) => range.after === undefined || order(each, range.after) > 0)
    .slice(0, range.limit);
}

async function indexed(blocks: readonly BlockFacts[]): Promise<MemoryKeyValue> {
  const disk = new MemoryKeyValue();
  for (const block of blocks) await disk.write(postingsOf(block), true);
  return disk;
}

describe("places", () => {
  test("are those that a search through all blocks finds", async () => {
    await fc.assert(
      fc.asyncProperty(chain, range, async (blocks, asked) => {
        const disk = await indexed(blocks);
        const read = (term: Uint8Array) => readPlaces(disk, term, 1, asked);
        for (const account of accounts)
          expect(await read(accountTerm(account))).toEqual(
            walk(
              blocks,
              asked,
              ({ by, events }) =>
                by?.includes(account) === true ||
                events.some(({ attributes }) => Object.values(attributes).includes(account)),
            ),
          );
        for (const type of ["energy/offer", "energy", "money"])
          expect(await read(messageTerm(type))).toEqual(
            walk(blocks, asked, ({ messages }) =>
              (messages ?? []).some((each) => each === type || each.startsWith(`${type}/`)),
            ),
          );
        for (const wanted of [null, "", "1", "10", "x".repeat(100_000), accounts[0]!])
          expect(await read(eventTerm("energy/trade.seller", wanted))).toEqual(
            walk(blocks, asked, ({ events }) =>
              events.some(
                ({ type, attributes }) =>
                  type === "energy/trade" &&
                  attributes["seller"] !== undefined &&
                  (wanted === null || attributes["seller"] === wanted),
              ),
            ),
          );
        expect(await read(everyTransactionTerm)).toEqual(walk(blocks, asked, (_, self) => !self));
      }),
      { numRuns: 150 },
    );
  });

  test("have keys of one size, however long a value is", () => {
    const long = { type: "a/b", attributes: { ["n".repeat(1000)]: "v".repeat(60_000) } };
    for (const { key } of postingsOf({ height: 1, timeMs: 0, transactions: [], events: [long] }))
      expect(key.length).toBe(19);
  });

  test("before the lowest kept block are not answered", async () => {
    const facts = (height: number): BlockFacts => ({
      height,
      timeMs: height,
      transactions: [],
      events: [{ type: "a/b", attributes: { c: "d" } }],
    });
    const disk = await indexed([1, 2, 3].map(facts));
    expect(await readPlaces(disk, eventTerm("a/b.c", "d"), 3, { limit: 9 })).toEqual([{ height: 3, index: -1 }]);
  });
});

describe("daily totals", () => {
  test("are what counting all of a day's blocks gives", () => {
    fc.assert(
      fc.property(chain, (blocks) => {
        const days = new Map<string, DailyTotals>();
        for (const block of blocks)
          days.set(dayOf(block.timeMs), addToTotals(days.get(dayOf(block.timeMs)) ?? null, block));
        for (const [day, totals] of days) {
          const own = blocks.filter(({ timeMs }) => dayOf(timeMs) === day);
          const transactions = own.flatMap((each) => each.transactions);
          const events = own.flatMap((each) => [...each.events, ...each.transactions.flatMap((one) => one.events)]);
          const sum = (type: string, name: string) =>
            events
              .filter((each) => each.type === type)
              .map(({ attributes }) => attributes[name] ?? "0")
              .filter((text) => /^[0-9]{1,40}$/.test(text))
              .reduce((total, text) => total + BigInt(text), 0n);
          expect(totals).toMatchObject({
            day,
            blocks: own.length,
            firstHeight: own[0]!.height,
            lastHeight: own.at(-1)!.height,
            transactions: transactions.length,
            refusedTransactions: transactions.filter(({ code }) => code !== 0).length,
            moneyMoved: (sum("money/transferred", "amount") + sum("energy/trade", "amount")).toString(),
            energyTradedWh: sum("energy/trade", "energyWh").toString(),
          });
          const offers = transactions.flatMap(({ code, messages }) => (code === 0 ? messages : []));
          expect(totals.messages["energy/offer"] ?? 0).toBe(offers.filter((type) => type === "energy/offer").length);
        }
      }),
    );
  });

  test("keep a bounded number of names apart", () => {
    const events = Array.from({ length: 3_000 }, (_, at) => ({ type: `m/e${at}`, attributes: {} }));
    const totals = addToTotals(null, { height: 1, timeMs: 0, transactions: [], events });
    expect(Object.keys(totals.events).length).toBe(1_001);
    expect(totals.events["other"]).toBe(2_000);
  });
});

describe("names of daily totals", () => {
  const refusedWith = (messages: string[]): TransactionFacts => ({
    id: "",
    hash: "",
    bytes: 1,
    code: 1,
    refusal: "transaction_must_be_json",
    by: [],
    messages,
    events: [],
  });

  test("are counted also when objects have them", () => {
    const event = { type: "__proto__", attributes: { amount: "3" } };
    const transaction = { ...refusedWith([]), code: 0, refusal: "", messages: ["constructor/a", "toString/b"] };
    const block = (height: number): BlockFacts => ({
      height,
      timeMs: 0,
      transactions: [transaction, refusedWith(["valueOf/a"])],
      events: [event],
    });
    const stored = JSON.parse(JSON.stringify(addToTotals(null, block(1)))) as DailyTotals;
    const totals = addToTotals(stored, block(2));
    const has = (record: object) => Object.entries(record);
    expect(has(totals.events)).toEqual([["__proto__", 2]]);
    expect(has(totals.sums)).toEqual([["__proto__.amount", "6"]]);
    expect(has(totals.modules)).toEqual([
      ["constructor", { messages: 2, refusedMessages: 0, events: 0 }],
      ["toString", { messages: 2, refusedMessages: 0, events: 0 }],
      ["other", { messages: 0, refusedMessages: 2, events: 0 }],
      ["__proto__", { messages: 0, refusedMessages: 0, events: 2 }],
    ]);
  });

  test("are those of declared messages where a transaction was refused; what an older version counted stays", () => {
    const before = addToTotals(null, {
      height: 1,
      timeMs: 0,
      events: [],
      transactions: [{ ...refusedWith(["former/thing"]), code: 0, refusal: "" }],
    });
    const many = Array.from({ length: 2_000 }, (_, at) => `made-up-${at}/x`);
    const transactions = [refusedWith([...many, "energy/offer"])];
    const { modules, messages } = addToTotals(before, { height: 2, timeMs: 0, events: [], transactions });
    expect(modules).toEqual({
      former: { messages: 1, refusedMessages: 0, events: 0 },
      other: { messages: 0, refusedMessages: 2_000, events: 0 },
      energy: { messages: 0, refusedMessages: 1, events: 0 },
    });
    expect(messages).toEqual({ "former/thing": 1 });
  });
});

test("varints come back, and torn ones are refused", () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (values) => {
      expect(readVarints(writeVarints(values))).toEqual(values);
    }),
  );
  expect(() => readVarints(Uint8Array.of(0x80))).toThrow(RangeError);
  expect(() => readVarints(new Uint8Array(9).fill(0xff))).toThrow(RangeError);
});
