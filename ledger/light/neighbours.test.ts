// Clients that share a browser: the server is asked once for what several want, nobody believes another, and dropped trust is dropped
// everywhere.

import { beforeEach, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { createLightClient, type LightClient } from "./light-client.ts";
import type { Neighbours } from "./neighbours.ts";
import { expectFailure } from "./testing/expectations.ts";
import { type FakeCity, makeCity, memoryStore, shown, slotEntry } from "./testing/fake-city.ts";
import { FakeLedger, lightBlockBytes, makeSigners } from "./testing/fake-ledger.ts";

const core = loadCore();
let city: FakeCity;
beforeEach(() => {
  city = makeCity(core);
  city.ledger.hasLightBlocks = true;
});

/** A browser's locks and channel. */
function browser(): { open(): Neighbours; readonly told: unknown[]; send(message: unknown): void } {
  const held = new Map<string, Promise<unknown>>();
  const listeners: ((message: unknown) => void)[] = [];
  const told: unknown[] = [];
  return {
    told,
    send: (message) => {
      for (const listener of listeners) listener(structuredClone(message));
    },
    open() {
      let own: ((message: unknown) => void) | null = null;
      return {
        async alone(name, work) {
          const before = held.get(name);
          const mine = (before ?? Promise.resolve()).then(
            () => work(before !== undefined),
            () => work(true),
          );
          held.set(name, mine);
          try {
            return await mine;
          } finally {
            if (held.get(name) === mine) held.delete(name);
          }
        },
        tell(message) {
          told.push(message);
          for (const listener of listeners) if (listener !== own) listener(structuredClone(message));
        },
        hear(listener) {
          own = listener;
          listeners.push(listener);
        },
      };
    },
  };
}

function tab(shared: ReturnType<typeof browser>, store = memoryStore()): LightClient {
  return createLightClient({
    core,
    fetch: city.ledger.fetch,
    now: () => city.nowMs,
    store,
    ledgerUrl: "/ledger",
    logUrl: "/log",
    wait: async () => {},
    neighbours: shared.open(),
  });
}

const asked = (): string[] => city.ledger.asked.filter((path) => path.includes("/light-blocks"));

describe("tabs of one browser", () => {
  test("ask once for what they all want, and each verifies it", async () => {
    const shared = browser();
    const store = memoryStore();
    const tabs = [tab(shared, store), tab(shared, store), tab(shared, store)];
    const verdicts = await Promise.all(tabs.map((one) => one.verifyState(slotEntry)));
    for (const verdict of verdicts) expect(verdict).toMatchObject({ state: "verified", height: 6 });
    expect(asked()).toEqual(["/ledger/v1/light-blocks/latest"]);
    const blocks = await Promise.all(tabs.map((one) => one.verifyBlock(3)));
    for (const verdict of blocks) expect(verdict).toMatchObject({ state: "verified", height: 3 });
    expect(asked().filter((path) => path.endsWith("/3"))).toHaveLength(1);
    city.ledger.make();
    city.nowMs += 1_000;
    for (const one of tabs) expect(await one.verifyReading(shown(city, 3))).toMatchObject({ height: 7 });
    expect(asked().filter((path) => path.endsWith("/latest"))).toHaveLength(2);
  });

  test("believe no other tab", async () => {
    const shared = browser();
    const victim = tab(shared);
    expect((await victim.verifyBlock(6)).state).toBe("verified");
    const thieves = new FakeLedger(core, city.ledger.chain, makeSigners(core, 4, "thief"), city.ledger.genesisMs);
    for (let height = 1; height <= 7; height++) thieves.make();
    const bytes = lightBlockBytes(thieves.blocks.at(-1)!);
    city.nowMs += 1_000;
    shared.send({ kind: "newest", bytes });
    expectFailure(await victim.verifyState(slotEntry), "validators_must_be_trusted", "signatures");
    // What was told is soon forgotten, and the server asked again.
    city.nowMs += 1_000;
    expect(await victim.verifyState(slotEntry)).toMatchObject({ state: "verified", height: 6 });
  });

  test("pass over what is no message, or no light block", async () => {
    const shared = browser();
    const client = tab(shared);
    const bytes = lightBlockBytes(city.ledger.blocks[0]!);
    for (const message of [
      null,
      7,
      {},
      { kind: "newest" },
      { kind: "newest", bytes: [1, 2] },
      { kind: "newest", bytes: new Uint8Array(600_000) },
      { kind: "newest", bytes: bytes.subarray(1) },
      { kind: "block", bytes: new Uint8Array() },
      { kind: "other", bytes },
    ])
      shared.send(message);
    expect(await client.verifyState(slotEntry)).toMatchObject({ state: "verified" });
    expect(asked()).toEqual(["/ledger/v1/light-blocks/latest"]);
  });

  test("drop their trust together, and begin with what one of them trusts then", async () => {
    const shared = browser();
    const store = memoryStore();
    const [one, other] = [tab(shared, store), tab(shared, store)];
    for (const each of [one, other]) expect((await each.verifyState(slotEntry)).state).toBe("verified");
    await one.forget();
    expect(await one.head()).toBeNull();
    expect(await other.head()).toBeNull();
    expect([...store.rows.keys()]).toEqual([]);
    expect((await one.verifyBlock(2)).state).toBe("verified");
    await expect.poll(() => other.head()).toMatchObject({ height: 6 });
  });

  test("ask for themselves when another's question fails", async () => {
    const shared = browser();
    let fails = 1;
    const clients = [0, 1].map(() =>
      createLightClient({
        core,
        fetch: async (url, init) => {
          if (url.endsWith("/latest") && fails-- > 0) throw new TypeError("offline");
          return city.ledger.fetch(url, init);
        },
        now: () => city.nowMs,
        store: memoryStore(),
        ledgerUrl: "/ledger",
        logUrl: "/log",
        wait: async () => {},
        neighbours: shared.open(),
      }),
    );
    const states = (await Promise.all(clients.map((client) => client.verifyBlock(5)))).map(({ state }) => state);
    expect(states).toEqual(["unverified", "verified"]);
  });
});
