// Seeded simulation of the ledger's state machine: random operations of all modules, judged by the independent auditors.
// 100,000 of them are in ledger-many.test.ts. TEST_SEED=<seed> repeats a run; seeds that failed become named tests here.

import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { enabledModules } from "../../ledger/modules/enabled.ts";
import type { Module } from "../../ledger/modules/module.ts";
import { chain, genesis, headerHashAt, newApplication, startMs } from "../../ledger/modules/test-city.ts";
import { utf8 } from "../../ledger/protocol/bytes.ts";
import { historyState } from "../../ledger/protocol/history.ts";
import { LedgerSimulation } from "./ledger-simulation.ts";

const operations = 4_000;

async function simulate(seed: number, modules: readonly Module[] = enabledModules): Promise<LedgerSimulation> {
  console.log(`ledger simulation: TEST_SEED=${seed}`);
  const simulation = new LedgerSimulation({ seed, modules });
  await simulation.run(operations);
  return simulation;
}

/** The modules, one of them with a message applied as `mend` says. */
function modulesWith(type: string, mend: (apply: Module["messages"][number]["apply"]) => typeof apply): Module[] {
  return enabledModules.map((module) => ({
    ...module,
    messages: module.messages.map((one) => (one.type === type ? { ...one, apply: mend(one.apply) } : one)),
  }));
}

describe("ledger simulation", () => {
  it("seed 1: covers what it is meant to cover", async () => {
    const { events, verdicts, restarts } = await simulate(1);
    expect(restarts).toBeGreaterThan(0);
    expect(events.get("energy/trade")).toBeGreaterThan(50);
    for (const name of [
      "",
      "transaction_must_be_json",
      "transaction_must_not_be_expired",
      "transaction_must_not_be_repeated",
      "transaction_signature_must_be_valid",
    ])
      expect([name, (verdicts.get(name) ?? 0) > 0]).toEqual([name, true]);
  });

  it("a seed of its own, or TEST_SEED", async () => {
    const given = process.env["TEST_SEED"];
    await simulate(given === undefined ? randomInt(2 ** 31) : Number(given));
  });

  it("every module that has messages has an auditor", () => {
    for (const { name, messages, auditor } of enabledModules)
      expect([name, messages.length === 0 || auditor !== undefined]).toEqual([name, true]);
  });

  it("notices a wrong verdict, a wrong record, and a lost event", async () => {
    const lenient = modulesWith("energy/cancel-order", (apply) => (execution, message) => {
      const refusal = apply(execution, message);
      return refusal?.name === "energy_order_must_belong_to_account" ? null : refusal;
    });
    await expect(simulate(1, lenient)).rejects.toThrow(/wanted "energy_order_must_belong_to_account"/);
    const forgetful = modulesWith("telemetry/register-device", (apply) => (execution, message) => {
      const refusal = apply(execution, message);
      const name = `telemetry/device/${(message as { device?: string }).device}`;
      if (refusal === null) execution.state.set(name, { ...execution.state.get<object>(name), kind: "lamp" });
      return refusal;
    });
    await expect(simulate(1, forgetful)).rejects.toThrow(/found/);
    const silent = modulesWith(
      "money/transfer",
      (apply) => (execution, message) => apply({ ...execution, emit: () => undefined }, message),
    );
    await expect(simulate(1, silent)).rejects.toThrow(/money\/transferred/);
  });

  it("garbage as a whole block changes nothing but the history", () => {
    const application = newApplication();
    application.initialise(chain, genesis);
    const transactions = ["", "{}", "[]", '{"auth":[],"body":{}}'].map(utf8);
    const result = application.finalise({ height: 1, hash: headerHashAt(1), timeMs: startMs, transactions });
    expect(result.results.map(({ code }) => code)).toEqual([2, 3, 3, 3]);
    expect(result.changes.map(({ name }) => name)).toEqual([historyState.blocks]);
  });
});
