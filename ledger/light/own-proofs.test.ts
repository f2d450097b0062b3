// Offline: what was verified is said again with its age, and nothing else; within its bounds, and gone with the trust it stood on.

import { beforeEach, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { createLightClient, type LightClient } from "./light-client.ts";
import { OwnProofs } from "./own-proofs.ts";
import { clearedSlot, type FakeCity, makeCity, memoryStore, shown, slotEntry } from "./testing/fake-city.ts";
import { TrustMemory } from "./trust-store.ts";
import type { Verdict } from "./verdict.ts";

const core = loadCore();
let city: FakeCity;
let store: ReturnType<typeof memoryStore>;
/** What becomes of requests. */
let network: "up" | "down" | "gateway" | "empty";
beforeEach(() => {
  city = makeCity(core);
  city.ledger.hasLightBlocks = true;
  store = memoryStore();
  network = "up";
});

function client(): LightClient {
  return createLightClient({
    core,
    fetch: async (url, init) => {
      if (network === "down") throw new TypeError("offline");
      if (network === "gateway") return new Response("nobody there", { status: 502 });
      if (network === "empty") return new Response("not here", { status: 404 });
      return city.ledger.fetch(url, init);
    },
    now: () => city.nowMs,
    store,
    ledgerUrl: "/ledger",
    logUrl: "/log",
    wait: async () => {},
  });
}

const questions: [string, (light: LightClient) => Promise<Verdict>][] = [
  ["a reading", (light) => light.verifyReading(shown(city, 3))],
  ["a state entry", (light) => light.verifyState(slotEntry)],
  ["a state entry as shown", (light) => light.verifyState(slotEntry, clearedSlot)],
  ["an absence", (light) => light.verifyState("energy/slot/9")],
  ["a transaction", (light) => light.verifyTransaction(city.transaction.id, 4, city.transaction.shown)],
  ["a block", (light) => light.verifyBlock(4)],
];

describe("while no server answers", () => {
  test.each(questions)("%s is what it was, with the time of then, also after the page was closed", async (_, ask) => {
    const light = client();
    const verdict = await ask(light);
    expect(verdict).toMatchObject({ state: "verified" });
    expect(verdict).not.toHaveProperty("remembered");
    const atMs = city.nowMs;
    // The page goes on, so that what is kept is there before it is closed.
    await expect.poll(async () => (await store.keys("proof/")).length).toBe(1);
    city.nowMs += 30 * 86_400_000;
    for (const state of ["down", "gateway"] as const) {
      network = state;
      for (const asked of [light, client()]) expect(await ask(asked)).toEqual({ ...verdict, remembered: { atMs } });
    }
    network = "up";
  });

  test("only the same question has that answer", async () => {
    const light = client();
    for (const [, ask] of questions) expect((await ask(light)).state).toBe("verified");
    await expect.poll(async () => (await store.keys("proof/")).length).toBe(questions.length - 1);
    network = "down";
    const others = [
      light.verifyReading({ ...shown(city, 3), result: 7 }),
      light.verifyReading(shown(city, 4)),
      light.verifyState(slotEntry, { ...clearedSlot, price: "1" }),
      light.verifyState("energy/slot/9", clearedSlot),
      light.verifyState("energy/slot/10"),
      light.verifyState(slotEntry, undefined, 3),
      light.verifyBlock(9),
      light.verifyTransaction(city.transaction.id, 4, { ...city.transaction.shown, code: 1 }),
      light.verifyTransaction(city.transaction.id, 4),
    ];
    for (const verdict of await Promise.all(others))
      expect(verdict).toMatchObject({ state: "unverified", reason: "server_must_answer" });
    const odd = { ...shown(city, 3), result: Number.NaN };
    expect((await light.verifyReading(odd)).state).toBe("failed");
  });

  test("a server that answers, but not this, is not passed over", async () => {
    const light = client();
    await light.verifyState(slotEntry);
    await expect.poll(async () => (await store.keys("proof/")).length).toBe(1);
    city.nowMs += 10_000;
    network = "empty";
    expect((await light.verifyState(slotEntry)).state).toBe("unverified");
  });

  test("nothing is said again once trust was dropped", async () => {
    const light = client();
    await light.verifyState(slotEntry);
    await light.forget();
    network = "down";
    expect((await light.verifyState(slotEntry)).state).toBe("unverified");
    expect([...store.rows.keys()]).toEqual([]);
  });
});

describe("what is kept", () => {
  const green = (value: unknown): Verdict => ({
    state: "verified",
    height: 5,
    time: "2026-01-01T00:00:05Z",
    signers: 3,
    validators: 4,
    steps: [{ step: "block", state: "passed" }],
    value,
  });
  let nowMs = 1_000;
  const proofs = (): OwnProofs => new OwnProofs(core, new TrustMemory(store, core), () => nowMs++);

  test("is the newest 64 of a kind, and no more than 512 KiB of it", async () => {
    const own = proofs();
    await own.keep("state", ["mine"], green("mine"));
    for (let i = 0; i < 100; i++) await own.keep("block", [i], green(i));
    expect(await store.keys("proof/block/")).toHaveLength(64);
    expect([await own.recall("block", [35]), await own.recall("block", [36])]).toMatchObject([null, { value: 36 }]);
    expect(await own.recall("state", ["mine"])).toMatchObject({ value: "mine" });
    for (let i = 0; i < 20; i++) await own.keep("reading", [i], green("x".repeat(60_000)));
    expect(await store.keys("proof/reading/")).toHaveLength(8);
    await own.keep("state", ["large"], green("x".repeat(70_000)));
    expect(await own.recall("state", ["large"])).toBeNull();
  });

  test("is the last answer of a question, and green ones only", async () => {
    const own = proofs();
    await own.keep("state", ["a"], green(1));
    await own.keep("state", ["a"], green(2));
    await own.keep("state", ["a"], { state: "unverified", reason: "not_on_ledger", detail: "", steps: [] });
    expect(await own.recall("state", ["a"])).toMatchObject({ value: 2 });
    expect(await store.keys("proof/")).toHaveLength(1);
    // What is remembered does not grow young by being said.
    await own.keep("state", ["b"], { ...green(1), remembered: { atMs: 1 } } as Verdict);
    expect(await own.recall("state", ["b"])).toBeNull();
  });

  test("counts as none when it is damaged", async () => {
    for (const damage of [null, "x", {}, { verdict: "{" }, { verdict: "{}" }, { verdict: '{"state":"signed"}' }]) {
      const own = proofs();
      await own.keep("state", ["a"], green(1));
      const [key] = await store.keys("proof/");
      store.rows.set(key!, damage);
      expect(await own.recall("state", ["a"])).toBeNull();
      store.rows.set(key!.replace(/[0-9]{16}/, "soon"), { verdict: JSON.stringify(green(1)) });
      expect(await own.recall("state", ["a"])).toBeNull();
      store.rows.clear();
    }
  });
});
