// Searches over the store's index against a model that looks at everything; their bounds; and what the index cannot tell apart.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hexUpper } from "../protocol/comet.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import { MemoryKeyValue } from "../storage/memory-key-value.ts";
import type { Place } from "../storage/records.ts";
import { applied, blockRecord, digest, testAppHash, transactionBy } from "../storage/test-blocks.ts";
import { parseQuery, type QueryCondition, queryText } from "./rpc-query.ts";
import { eventsMatcher, testOf } from "./rpc-query-match.ts";
import { EventSearch, type SearchLimits, type SearchStore, searchLimits } from "./rpc-search.ts";
import type { Searched } from "./rpc-search-plan.ts";

interface TestBlock {
  readonly events: readonly LedgerEvent[];
  readonly transactions: readonly (readonly LedgerEvent[])[];
}

async function storeOf(blocks: readonly TestBlock[]): Promise<LedgerStore> {
  const store = await LedgerStore.over("memory", new MemoryKeyValue());
  await store.initialise("chain", testAppHash, []);
  for (const [at, { events, transactions }] of blocks.entries()) {
    const height = at + 1;
    const plain = blockRecord(
      height,
      height * 1_000,
      transactions.map(() => transactionBy("a".repeat(40))),
    );
    const results = { ...plain.results, events, transactions: transactions.map((each) => applied(each)) };
    await store.append({ ...plain, results });
  }
  return store;
}

/** What a search must find: it looks at every place with every condition. */
function foundByLooking(blocks: readonly TestBlock[], searched: Searched, query: readonly QueryCondition[]): Place[] {
  const places: Place[] = [];
  const look = (height: number, index: number, events: readonly LedgerEvent[]): void => {
    const own: Record<string, string> =
      searched === "block"
        ? { "block.height": String(height) }
        : { "tx.height": String(height), "tx.hash": digest(`tx ${height}.${index}`) };
    const ofEvents = query.filter(({ key }) => !Object.hasOwn(own, key));
    const ofOwn = query.filter(({ key }) => Object.hasOwn(own, key));
    const holds = ofOwn.every(({ key, operator, value }) =>
      testOf({ operator, value: value === null ? null : { ...value, text: value.text.toLowerCase() } })(own[key]!),
    );
    if (holds && eventsMatcher(ofEvents)(events)) places.push({ height, index });
  };
  blocks.forEach(({ events, transactions }, at) => {
    if (searched === "block") look(at + 1, -1, events);
    else for (const [index, each] of transactions.entries()) look(at + 1, index, each);
  });
  return places;
}

const values = ["", "0", "1", "2", "10", "7stake", "ab", "2026-01-02"];
const event: fc.Arbitrary<LedgerEvent> = fc.record({
  type: fc.constantFrom("energy/trade", "money/transferred", "account"),
  attributes: fc.dictionary(fc.constantFrom("seller", "amount"), fc.constantFrom(...values), { maxKeys: 2 }),
});
const events = fc.array(event, { maxLength: 3 });
const chain = fc.array(fc.record({ events, transactions: fc.array(events, { maxLength: 5 }) }), {
  minLength: 1,
  maxLength: 8,
});
const key = fc.constantFrom(
  ...["energy/trade", "money/transferred", "account"].flatMap((type) => [type, `${type}.seller`, `${type}.amount`]),
  "none.at-all",
);
const value = fc.constantFrom(...values);
const number = fc.constantFrom("0", "1", "2", "2.5", "10", "99999999999999999999");
const ordering = fc.constantFrom("=", "<", "<=", ">", ">=");
const condition = (heightKey: string) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(key, value).map(([name, text]) => `${name} = '${text}'`) },
    { weight: 2, arbitrary: key.map((name) => `${name} EXISTS`) },
    { weight: 2, arbitrary: fc.tuple(key, ordering, number).map((parts) => parts.join(" ")) },
    { weight: 1, arbitrary: fc.tuple(key, value).map(([name, text]) => `${name} CONTAINS '${text}'`) },
    { weight: 1, arbitrary: key.map((name) => `${name} = DATE 2026-01-02`) },
    { weight: 2, arbitrary: fc.tuple(ordering, number).map(([operator, text]) => `${heightKey} ${operator} ${text}`) },
    { weight: 1, arbitrary: number.filter((text) => !text.includes(".")).map((text) => `${heightKey} = '${text}'`) },
  );

test("a search finds what looking at everything finds, thorough or not", async () => {
  await fc.assert(
    fc.asyncProperty(
      chain,
      fc
        .constantFrom("tx" as const, "block" as const)
        .chain((searched) =>
          fc.tuple(fc.constant(searched), fc.array(condition(`${searched}.height`), { minLength: 1, maxLength: 4 })),
        ),
      fc.boolean(),
      async (blocks, [searched, conditions], thorough) => {
        const store = await storeOf(blocks);
        const query = parseQuery(conditions.join(" AND "));
        const search = new EventSearch(store, () => blocks.length);
        const { places, fits } = await search.find(searched, query, thorough);
        expect(places, queryText(query)).toEqual(foundByLooking(blocks, searched, query));
        for (const { height, index } of places)
          expect(fits(index === -1 ? blocks[height - 1]!.events : blocks[height - 1]!.transactions[index]!)).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});

test("by hash, in either case, with further conditions", async () => {
  const trade = (amount: string): LedgerEvent[] => [{ type: "energy/trade", attributes: { amount } }];
  const blocks = [{ events: [], transactions: [trade("1"), trade("2")] }];
  const search = new EventSearch(await storeOf(blocks), () => 1);
  const hash = digest("tx 1.1");
  const found = async (query: string) => (await search.find("tx", parseQuery(query), false)).places;
  const place = [{ height: 1, index: 1 }];
  expect(await found(`tx.hash = '${hash}'`)).toEqual(place);
  expect(await found(`tx.hash = '${hexUpper(Buffer.from(hash, "hex"))}' AND tx.height = 1`)).toEqual(place);
  expect(await found(`tx.hash = '${hash}' AND energy/trade.amount = 2`)).toEqual(place);
  expect(await found(`tx.hash = '${hash}' AND energy/trade.amount = 1`)).toEqual([]);
  expect(await found(`tx.hash = '${hash}' AND tx.height > 1`)).toEqual([]);
  expect(await found(`tx.hash = '${hash}' AND tx.hash = '${digest("another")}'`)).toEqual([]);
  expect(await found(`tx.hash = '${digest("another")}'`)).toEqual([]);
});

test.each([
  ["tx.hash = '00'", "tx.hash can only be compared with = and the 64 hex digits of a hash"],
  ["tx.hash EXISTS", "tx.hash can only be compared with = and the 64 hex digits of a hash"],
  ["tx.height CONTAINS '1'", "tx.height can only be compared with numbers"],
  ["tx.height = 'one'", "tx.height can only be compared with numbers"],
  ["tx.height > TIME 2026-01-01T00:00:00Z", "tx.height can only be compared with numbers"],
])("%s is refused", async (query, words) => {
  const search = new EventSearch(await storeOf([{ events: [], transactions: [] }]), () => 1);
  await expect(search.find("tx", parseQuery(query), false)).rejects.toMatchObject({ code: -32603, data: words });
});

describe("bounds", () => {
  const paid: LedgerEvent[] = [{ type: "money/paid", attributes: { to: "a", amount: "5" } }];
  const blocks = Array.from({ length: 40 }, () => ({
    events: paid,
    transactions: Array.from({ length: 25 }, () => paid),
  }));
  const limited = async (limits: Partial<SearchLimits>) =>
    new EventSearch(await storeOf(blocks), () => blocks.length, { ...searchLimits, ...limits });

  test("what was looked at is paid for, whatever came of it", async () => {
    const paid = async (query: string, limits: Partial<SearchLimits> = {}) => {
      let reads = 0;
      await (await limited(limits))
        .find("tx", parseQuery(query), false, (more) => {
          reads += more;
        })
        .catch(() => undefined);
      return reads;
    };
    // 1,000 places; where events are read, 40 blocks of 35 units as well.
    expect(await paid("money/paid.to = 'a'")).toBe(2);
    expect(await paid("money/paid.amount > 4")).toBe(2 + 14);
    expect(await paid("money/paid.amount > 4", { readUnitsMax: 1_000 })).toBeGreaterThanOrEqual(10);
    expect(await paid("money/paid.to = 'b'")).toBe(0);
  });

  test("what would look at too much is refused, and says how to ask for less", async () => {
    const search = await limited({ placesMax: 500, readUnitsMax: 100 });
    const count = async (query: string, searched: Searched = "tx") =>
      (await search.find(searched, parseQuery(query), false)).places.length;
    const tooMuch = {
      data: expect.stringMatching(/^the search would look at more than \d+ .*; narrow it by tx\.height/),
    };
    await expect(count("tx.height > 0")).rejects.toMatchObject(tooMuch);
    await expect(count("money/paid EXISTS")).rejects.toMatchObject(tooMuch);
    await expect(count("money/paid.to = 'a'")).rejects.toMatchObject(tooMuch);
    await expect(count("money/paid.amount > 6")).rejects.toMatchObject(tooMuch);
    await expect(count("money/paid.to CONTAINS 'a'")).rejects.toMatchObject(tooMuch);
    expect(await count("money/paid.to = 'a' AND tx.height <= 10")).toBe(250);
    expect(await count("money/paid.amount > 4 AND tx.height <= 2")).toBe(50);
    expect(await count("money/paid.to = 'b' AND money/paid.to EXISTS")).toBe(0);
    expect(await count("block.height <= 40", "block")).toBe(40);
    await expect(count("block.height > 0 AND money/paid.amount = 5", "block")).rejects.toMatchObject({
      data: expect.stringContaining("narrow it by block.height"),
    });
  });

  test("a rare term spares the walk along a common one", async () => {
    const rare = [...blocks, { events: [], transactions: [[...paid, { type: "vote", attributes: { by: "x" } }]] }];
    let looked = 0;
    const store = await storeOf(rare);
    const counting: SearchStore = {
      lowest: 1,
      results: (height) => store.results(height),
      place: (by, hash) => store.place(by, hash),
      placesOfTransactions: (range) => store.placesOfTransactions(range),
      placesOfEvent: async (name, text, range) => {
        const places = await store.placesOfEvent(name, text, range);
        looked += places.length;
        return places;
      },
    };
    const search = new EventSearch(counting, () => rare.length);
    const query = parseQuery("vote.by = 'x' AND money/paid.to = 'a'");
    expect((await search.find("tx", query, false)).places).toEqual([{ height: 41, index: 0 }]);
    expect(looked).toBeLessThan(10);
  });

  test("two at a time; those behind them wait, and past 32 are refused", async () => {
    const store = await storeOf(blocks);
    let open = 0;
    let most = 0;
    const slow: SearchStore = {
      lowest: 1,
      results: (height) => store.results(height),
      place: (by, hash) => store.place(by, hash),
      placesOfEvent: (name, text, range) => store.placesOfEvent(name, text, range),
      placesOfTransactions: async (range) => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return store.placesOfTransactions(range);
      },
    };
    const search = new EventSearch(slow, () => blocks.length);
    const asked = Array.from({ length: 40 }, () => search.find("tx", parseQuery("tx.height = 1"), false));
    const ended = await Promise.allSettled(asked);
    expect(ended.filter(({ status }) => status === "fulfilled")).toHaveLength(34);
    expect(ended.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { data: "too many searches at once; try again" },
    });
    expect(most).toBe(2);
    expect((await search.find("tx", parseQuery("tx.height = 1"), false)).places).toHaveLength(25);
  });
});

test("two terms that the index cannot tell apart: the page does not fit, a thorough search does", async () => {
  const blocks: TestBlock[] = [
    {
      events: [],
      transactions: [[{ type: "a", attributes: { b: "wanted" } }], [{ type: "a", attributes: { b: "other" } }]],
    },
  ];
  const store = await storeOf(blocks);
  const colliding: SearchStore = {
    lowest: 1,
    results: (height) => store.results(height),
    place: (by, hash) => store.place(by, hash),
    placesOfTransactions: (range) => store.placesOfTransactions(range),
    placesOfEvent: (name, _, range) => store.placesOfEvent(name, null, range),
  };
  const search = new EventSearch(colliding, () => 1);
  const query = parseQuery("a.b = 'wanted'");
  const quick = await search.find("tx", query, false);
  expect(quick.places.map(({ index }) => quick.fits(blocks[0]!.transactions[index]!))).toEqual([true, false]);
  expect((await search.find("tx", query, true)).places).toEqual([{ height: 1, index: 0 }]);
});
