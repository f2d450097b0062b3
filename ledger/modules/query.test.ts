// Queries of modules: what they read is known, every entry of it is proven, and lists are those of the height asked for.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { foreignVerdict } from "../../tests/conformance/foreign-ics23.ts";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { loadStateTree } from "../../wasm-core/bindings/node.ts";
import { verifyEd25519Sync } from "../protocol/ed25519-node.ts";
import { compareNames } from "../state/name-order.ts";
import type { Application, Asked } from "./application.ts";
import { createApplication } from "./city-application.ts";
import { enabledModules } from "./enabled.ts";
import type { Module } from "./module.ts";
import { bindQuery, NotThere, QueryTooLarge, queryEntriesMax } from "./query.ts";
import { chain, genesis, headerHashAt, startMs, testHasher } from "./test-city.ts";

const sha256 = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());

const pageOf = bindQuery({
  path: "/v1/pages",
  summary: "A page of entries",
  params: z.object({}),
  query: z.object({ limit: z.number(), after: z.string().exactOptional(), descending: z.boolean() }),
  answer: z.array(z.string()),
  read: (reader, { query }) => [...reader.page("test/entry/", query)],
});

const oneOf = bindQuery({
  path: "/v1/pages/{id}",
  summary: "One entry",
  params: z.object({ id: z.string() }),
  query: z.object({}),
  answer: z.object({ value: z.number(), nowMs: z.number() }),
  read: (reader, { params: { id }, nowMs }) => {
    const record = reader.get<{ value: number }>(`test/entry/${id}`);
    reader.get(`test/entry/${id}`);
    return record === null ? new NotThere("no such entry") : { value: record.value, nowMs };
  },
});

/** Half of them are ASCII; the others stand where the orders of UTF-16 and of UTF-8 differ. */
const nameOf = (number: number): string => {
  const lead = ["", "", "\u{1f5fc}", "\uffe6"][number % 4]!;
  return `test/entry/${lead}${number}`;
};

/** A module that sets and removes entries at random in every block. */
function churning(random: (below: number) => number): Module {
  return {
    name: "test",
    messages: [],
    events: [],
    invariants: [],
    workload: [],
    queries: [pageOf, oneOf],
    beginBlock: ({ state, height }) => {
      for (let n = 0; n < 20; n++) {
        const name = nameOf(random(40));
        if (random(2) === 0) state.remove(name);
        else state.set(name, { value: height });
      }
    },
  };
}

function cityOf(...modules: Module[]): Application {
  const application = createApplication({
    hasher: testHasher,
    newTree: loadStateTree,
    verify: verifyEd25519Sync,
    modules: [...enabledModules, ...modules],
    versionsMax: 4,
  });
  application.initialise(chain, genesis);
  return application;
}

function advance(application: Application): void {
  const height = application.height + 1;
  application.finalise({ height, hash: headerHashAt(height), timeMs: startMs + height * 1_000, transactions: [] });
  application.commit();
}

const page = (application: Application, query: object, options: { height?: number; prove?: boolean } = {}): Asked =>
  application.ask(
    pageOf,
    { params: {}, query: { limit: 1_000, descending: false, ...query }, nowMs: 1 },
    {
      prove: false,
      ...options,
    },
  );

function expectProven({ entries }: Asked, root: Uint8Array): void {
  for (const { name, value, proof } of entries) expect(foreignVerdict(root, sha256(name), value, proof!)).toBe(true);
}

describe("queries", () => {
  it("prove every entry read, absent ones too, under the root of the height before", () => {
    const application = cityOf(churning(seededNumbers(7)));
    let present = 0;
    let absent = 0;
    for (let n = 0; n < 20; n++) {
      const root = application.appHash;
      advance(application);
      const height = application.height - 1;
      const list = page(application, {}, { height, prove: true });
      expect(list.entries.map(({ name }) => name)).toEqual(list.answer);
      expectProven(list, root);
      for (const id of ["0", "1", "2"]) {
        const asked = application.ask(oneOf, { params: { id }, query: {}, nowMs: 1 }, { height, prove: true });
        expect(asked.entries).toHaveLength(1);
        expectProven(asked, root);
        if (asked.answer instanceof NotThere) absent++;
        else present++;
      }
    }
    expect(Math.min(present, absent)).toBeGreaterThan(5);
  });

  it("list the names of the height before as they were then, both ways and by page", () => {
    const random = seededNumbers(8);
    const application = cityOf(churning(random));
    for (let n = 0; n < 100; n++) {
      const before = page(application, {}).answer as string[];
      advance(application);
      const height = application.height - 1;
      expect(page(application, {}, { height }).answer).toEqual(before);
      const backwards = before.toReversed();
      expect(page(application, { descending: true }, { height }).answer).toEqual(backwards);
      const after = nameOf(random(40));
      const limit = 1 + random(5);
      const rest = before.filter((name) => compareNames(name, after) > 0).slice(0, limit);
      expect(page(application, { after, limit }, { height }).answer).toEqual(rest);
      const lower = backwards.filter((name) => compareNames(name, after) < 0).slice(0, limit);
      expect(page(application, { after, limit, descending: true }, { height }).answer).toEqual(lower);
    }
  });

  it("say when a height is not kept, or its lists are not known", () => {
    const application = cityOf(churning(seededNumbers(9)));
    for (let n = 0; n < 6; n++) advance(application);
    const one = (height: number): Asked =>
      application.ask(oneOf, { params: { id: "1" }, query: {}, nowMs: 1 }, { height, prove: true });
    expect(one(4).height).toBe(4);
    expect(() => page(application, {}, { height: 4 })).toThrow(RangeError);
    expect(() => one(2)).toThrow(RangeError);
    expect(() => one(7)).toThrow(RangeError);
  });

  it("are bounded by the entries they read, and do not learn the time unless they say so", () => {
    const many: Module = {
      ...churning(() => 1),
      beginBlock: ({ state }) => {
        for (let n = 0; n <= queryEntriesMax; n++) state.set(`test/entry/${n}`, { value: n });
      },
    };
    const application = cityOf(many);
    advance(application);
    expect(page(application, { limit: queryEntriesMax }).entries).toHaveLength(queryEntriesMax);
    expect(() => page(application, { limit: queryEntriesMax + 1 })).toThrow(QueryTooLarge);
    expect(() => page(application, { limit: 1_001 }, { prove: true })).toThrow(QueryTooLarge);
    const asked = application.ask(oneOf, { params: { id: "1" }, query: {}, nowMs: 5 }, { prove: false });
    expect(asked.answer).toEqual({ value: 1, nowMs: 0 });
    // Names that no entry can have are simply not there.
    const long = application.ask(oneOf, { params: { id: "é".repeat(130) }, query: {}, nowMs: 5 }, { prove: true });
    expect([long.answer instanceof NotThere, long.entries]).toEqual([true, []]);
  });
});
