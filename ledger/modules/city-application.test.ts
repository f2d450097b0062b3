// The state machine as the engine sees it: determinism, restart, versions, bugs, hostile bytes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadStateTree } from "../../wasm-core/bindings/node.ts";
import { accountsState } from "../protocol/accounts.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { verifyEd25519Sync } from "../protocol/ed25519-node.ts";
import { moneyState } from "../protocol/money.ts";
import { refusalCodes } from "../protocol/refusals.ts";
import { messageSchema } from "../protocol/transaction.ts";
import { createApplication } from "./city-application.ts";
import { enabledModules } from "./enabled.ts";
import { declaredBy } from "./execute.ts";
import type { Module } from "./module.ts";
import {
  chain,
  genesis,
  headerHashAt,
  newApplication,
  noPending,
  person,
  registration,
  signed,
  startMs,
  TestCity,
  testHasher,
} from "./test-city.ts";

const ann = person("ann");
const bob = person("bob");

describe("city application", () => {
  it("has one handler for every message of the protocol, under the module that its type names", () => {
    const { bindings } = declaredBy(enabledModules);
    const types = messageSchema.options.map((option) => option.shape.type.value);
    expect([...bindings.keys()].sort()).toEqual([...types].sort());
    for (const option of messageSchema.options) expect(bindings.get(option.shape.type.value)!.schema).toBe(option);
  });

  it("gives the same roots, results and changes for the same blocks", () => {
    const once = new TestCity();
    const twice = new TestCity();
    const block = [signed([registration(ann, "Ann")], [ann], 5), utf8("garbage")];
    expect(once.block(block)).toEqual(twice.block(block));
  });

  it("finalising shows nothing until the commit, and may be done again with another block", () => {
    const city = new TestCity();
    const { application } = city;
    const root = hex(application.appHash);
    const transactions = [signed([registration(ann, "Ann")], [ann], 5)];
    const input = { height: 1, hash: headerHashAt(1), timeMs: startMs, transactions };
    const first = application.finalise(input);
    expect(hex(application.appHash)).toBe(root);
    expect(application.height).toBe(0);
    expect(application.query(accountsState.account(ann.account), { prove: false }).value).toBeNull();
    application.finalise({ ...input, transactions: [] });
    expect(hex(application.finalise(input).appHash)).toBe(hex(first.appHash));
    application.commit();
    expect(hex(application.appHash)).toBe(hex(first.appHash));
    expect(() => application.commit()).toThrow("no finalised block");
    expect(() => application.finalise(input)).toThrow("does not follow");
  });

  it("restores to the same root from the changes that blocks handed out", async () => {
    const disk = new Map<string, Uint8Array>();
    const city = new TestCity();
    for (const { name, value } of newApplication().initialise(chain, genesis)) disk.set(name, value!);
    for (let n = 0; n < 5; n++) {
      const who = person(`citizen ${n}`);
      const { changes } = city.block([signed([registration(who, `Citizen ${n}`)], [who], 3 + n)]);
      expect(changes.map(({ name }) => name)).toEqual(changes.map(({ name }) => name).toSorted());
      for (const { name, value } of changes) value === null ? disk.delete(name) : disk.set(name, value);
    }
    const restored = newApplication();
    expect(hex(await restored.restore(chain, 5, [[...disk].slice(0, 9), [], [...disk].slice(9)]))).toBe(
      hex(city.application.appHash),
    );
    expect(restored.height).toBe(5);
    expect(restored.list("")).toEqual(city.application.list("").map(([name, value]) => [name, new Uint8Array(value)]));
    const transactions = [signed([registration(ann, "Ann")], [ann], 9)];
    const next = { height: 6, hash: headerHashAt(6), timeMs: startMs + 10_000, transactions };
    expect(restored.finalise(next)).toEqual(city.application.finalise(next));
  });

  it("answers kept heights with proofs, and lists in both directions", () => {
    const city = new TestCity({ versionsMax: 2 });
    for (const [who, name] of [
      [ann, "Ann"],
      [bob, "Bob"],
    ] as const)
      expect(city.apply([registration(who, name)], who)).toBe("");
    const name = accountsState.account(bob.account);
    expect(city.application.query(name, { height: 1, prove: true })).toMatchObject({ height: 1, value: null });
    expect(city.application.query(name, { prove: true }).height).toBe(2);
    expect(() => city.application.query(name, { height: 0, prove: true })).toThrow(RangeError);
    const names = city.application.list("accounts/name/").map(([entry]) => entry);
    expect(names).toEqual(["ann", "bob", "city", "registrar", "simulated", "twin"].map((n) => `accounts/name/${n}`));
    const page = (options: Parameters<typeof city.application.list>[1]): string[] =>
      city.application.list("accounts/name/", options).map(([entry]) => entry.slice("accounts/name/".length));
    expect(page({ limit: 2 })).toEqual(["ann", "bob"]);
    expect(page({ limit: 2, after: "accounts/name/bob" })).toEqual(["city", "registrar"]);
    expect(page({ limit: 2, descending: true })).toEqual(["twin", "simulated"]);
    expect(page({ after: "accounts/name/bob", descending: true })).toEqual(["ann"]);
    expect(page({ limit: 0 })).toEqual([]);
  });

  it("stops before it can commit when a module breaks an invariant or throws", () => {
    const thief: Module = {
      name: "thief",
      messages: [],
      events: [],
      beginBlock: ({ state, height }) => {
        if (height === 2) state.set(moneyState.balance(ann.account), { creditsPosted: "1000" });
        if (height === 3) throw new TypeError("a bug");
      },
      invariants: [],
      workload: [],
    };
    const application = createApplication({
      hasher: testHasher,
      newTree: loadStateTree,
      verify: verifyEd25519Sync,
      modules: [...enabledModules, thief],
    });
    application.initialise(chain, genesis);
    const block = (height: number) =>
      application.finalise({ height, hash: headerHashAt(height), timeMs: startMs + height, transactions: [] });
    block(1);
    application.commit();
    expect(() => block(2)).toThrow("all posted money sums to zero");
    expect(() => application.commit()).toThrow("no finalised block");
    expect(application.height).toBe(1);
  });

  it("never throws on hostile bytes: random ones, and a valid transaction with bytes changed", () => {
    const city = new TestCity();
    city.block([]);
    const valid = signed([registration(ann, "Ann")], [ann], 100);
    const codes = new Set<number>(Object.values(refusalCodes));
    const admitted = (bytes: Uint8Array): void => {
      const { code, refusal } = city.application.check(bytes, noPending);
      expect(code === 0 ? refusal === "" : codes.has(code)).toBe(true);
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => admitted(bytes)),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(valid.length), (at, byte, cut) => {
        const changed = valid.slice();
        changed[at] = byte;
        admitted(changed);
        admitted(changed.subarray(0, cut));
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.json(), (text) => admitted(utf8(text))),
      { numRuns: 300 },
    );
  });
});
