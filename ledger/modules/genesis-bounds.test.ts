// Chains whose genesis stands at the bounds of what it may say: they begin, do what citizens do, and go on to the end of time.

import { expect, it } from "vitest";
import { type AppState, type Quotas, quotasDefault } from "../protocol/genesis.ts";
import { guardianDelayMsMax } from "../protocol/guardians.ts";
import { reserveMsMax } from "../protocol/money.ts";
import type { Message } from "../protocol/transaction.ts";
import { enabledModules } from "./enabled.ts";
import { brokenByState } from "./invariant-check.ts";
import { administration, genesis, person, registration, TestCity } from "./test-city.ts";

const ann = person("ann");
const bob = person("bob");
const by = ann.account;
const day = 86_400_000;

const quotasOf = (count: number): Quotas =>
  Object.fromEntries(Object.keys(quotasDefault).map((name) => [name, count])) as unknown as Quotas;
const chains: Readonly<Record<string, AppState>> = {
  "no money": { ...genesis, treasury: "0", welcomeGrant: "0" },
  "all the money": { ...genesis, treasury: "9".repeat(30), welcomeGrant: `1${"0".repeat(28)}` },
  "quotas of one": { ...genesis, quotas: quotasOf(1) },
  "quotas of 10^9": { ...genesis, quotas: quotasOf(1_000_000_000) },
  "no delays": { ...genesis, recovery: { guardianDelayMsMin: 0, proposalMs: 1 } },
  "longest delays": {
    ...genesis,
    recovery: { guardianDelayMsMin: guardianDelayMsMax, proposalMs: guardianDelayMsMax },
  },
  "slots of a second": { ...genesis, energy: { slotSeconds: 1 } },
  "slots of a day": { ...genesis, energy: { slotSeconds: 86_400 } },
};

it.each(Object.keys(chains))("%s", (name) => {
  const appState = chains[name]!;
  const city = new TestCity({ appState });
  const delayMs = appState.recovery!.guardianDelayMsMin;
  const nextMs = (): number => city.timeMs + 1_000;
  const latest = Number.MAX_SAFE_INTEGER;
  const most = "9".repeat(15);
  const rich = name === "all the money" ? "" : "money_balance_must_suffice";
  const steps: readonly (readonly [() => Message, typeof ann, string])[] = [
    [() => registration(ann, "Ann"), ann, ""],
    [() => registration(bob, "Bob"), bob, ""],
    [() => ({ type: "money/transfer", by, to: bob.account, amount: "1" }), ann, name === "no money" ? rich : ""],
    [
      () => ({ type: "money/reserve", by, to: bob.account, amount: most, expiresMs: nextMs() + reserveMsMax }),
      ann,
      rich,
    ],
    [() => ({ type: "accounts/set-guardians", by, members: [bob.account], threshold: 1, delayMs }), ann, ""],
    [() => ({ type: "accounts/propose-recovery", by: bob.account, account: by, key: person("fresh").key }), bob, ""],
    [
      () => ({
        type: "accounts/add-key",
        by,
        key: person("phone").key,
        scope: { messages: ["money"], untilMs: latest, moneyMax: "0" },
      }),
      ann,
      "",
    ],
    [() => ({ type: "money/set-limits", by, perTransfer: "0", perDay: "0" }), ann, ""],
    [
      () => ({
        type: "energy/bid",
        by: bob.account,
        slot: Math.floor(nextMs() / 1_000 / appState.energy.slotSeconds),
        energyWh: "999999",
        price: "0",
      }),
      bob,
      "",
    ],
    [
      () => ({
        type: "accounts/grant-role",
        by: administration.account,
        account: by,
        role: "court",
        scope: "a",
        untilMs: latest,
      }),
      administration,
      "",
    ],
  ];
  for (const [message, who, refusal] of steps) expect(city.apply([message()], who)).toBe(refusal);
  for (const timeMs of [city.timeMs + 200 * day, latest - 1]) city.block([], timeMs);
  // What lasts until the end of time is over at its end, and leaves.
  expect(city.block([], latest).events.map(({ type }) => type)).toEqual([
    "accounts/key-expired",
    "accounts/role-expired",
  ]);
  expect(city.application.wakeAtMs()).toBeNull();
  const state = city.application
    .list("")
    .map(([entry, value]) => [entry, JSON.parse(new TextDecoder().decode(value))] as const);
  expect(brokenByState(enabledModules, state)).toBeNull();
});
