// 100,000 random operations of all modules in eight seeded runs, half of them different each time. In the other half every event
// that a module declares and every refusal must come up, so that what the auditors never judged is known, and that is no matter of
// luck. TEST_SEED and TEST_OPERATIONS repeat a run.

import { randomInt } from "node:crypto";
import { expect, it } from "vitest";
import { enabledModules } from "../../ledger/modules/enabled.ts";
import { refusalCodes } from "../../ledger/protocol/refusals.ts";
import { LedgerSimulation } from "./ledger-simulation.ts";

const operations = Number(process.env["TEST_OPERATIONS"] ?? 100_000);
const given = process.env["TEST_SEED"];
/** The runs that must come to everything. Where a changed workload loses something rare, it is too rare: mend the workload. */
const steadySeeds = given === undefined ? [1, 2, 3, 4] : [Number(given)];
const seeds = given === undefined ? [...steadySeeds, ...steadySeeds.map(() => randomInt(2 ** 31))] : steadySeeds;

/** What no workload can bring about, each with the reason. */
const outOfReach: Readonly<Record<string, string>> = {
  transaction_bytes_must_not_exceed_limit: "form: fuzzed in tests/soak",
  transaction_must_match_schema: "form: fuzzed in tests/soak",
  transaction_must_be_canonical: "form: fuzzed in tests/soak",
  transaction_chain_must_match: "form: fuzzed in tests/soak",
  transaction_expiry_must_be_near: "form: fuzzed in tests/soak",
  transaction_auth_must_cover_every_actor: "form: fuzzed in tests/soak",
  transaction_auth_must_not_be_superfluous: "form: fuzzed in tests/soak",
  transaction_key_must_not_be_expired: "needs a hundred expiries at once: tests of transactions",
  transaction_passkey_client_data_must_be_well_formed: "form: tests of ledger/protocol/passkey.ts",
  transaction_passkey_type_must_be_get: "form: tests of ledger/protocol/passkey.ts",
  transaction_passkey_challenge_must_match: "form: tests of ledger/protocol/passkey.ts",
  transaction_passkey_must_not_be_cross_origin: "form: tests of ledger/protocol/passkey.ts",
  transaction_passkey_authenticator_data_must_be_well_formed: "form: tests of ledger/protocol/passkey.ts",
  transaction_passkey_user_must_be_present: "form: tests of ledger/protocol/passkey.ts",
  transaction_passkey_user_must_be_verified: "form: tests of ledger/protocol/passkey.ts",
  transaction_passkey_rp_id_hash_must_match: "form: tests of ledger/protocol/passkey.ts",
  transaction_passkey_origin_must_fit: "form: tests of ledger/protocol/passkey.ts",
  transaction_mempool_must_have_room: "the mempool's rule, not the state machine's",
  transaction_mempool_share_must_not_be_exceeded: "the engine's rule, not the state machine's",
  transaction_mempool_place_must_be_kept: "the engine's rule, not the state machine's",
  transaction_ledger_must_be_running: "the engine's rule, not the state machine's",
  accounts_name_must_not_be_too_long: "few letters fold so far: tests of the accounts module",
  accounts_treasury_must_suffice: "needs ten thousand citizens: tests of the accounts module",
  money_reserves_must_not_exceed_limit: "needs 100 open at once: sequences of the money module",
  money_reserve_must_not_be_expired: "needs more expiries at once than a block sees to: sequences of the money module",
  validators_network_must_exist: "needs a city without validators: tests of the validators module",
  validators_seats_must_not_exceed_limit: "needs 64 validators: tests of the validators module",
  energy_slot_must_have_room: "needs 5,000 orders a slot: tests of the energy module",
};

it(`${operations} operations, seeds ${seeds.join(", ")}`, { timeout: 3_600_000 }, async () => {
  const verdicts = new Set<string>();
  const events = new Set<string>();
  let done = 0;
  for (const seed of seeds) {
    const share = Math.ceil(operations / seeds.length);
    console.log(`ledger simulation: TEST_SEED=${seed} TEST_OPERATIONS=${share}`);
    const simulation = new LedgerSimulation({ seed });
    await simulation.run(share);
    done += simulation.operations;
    if (!steadySeeds.includes(seed)) continue;
    for (const verdict of simulation.verdicts.keys()) verdicts.add(verdict);
    for (const event of simulation.events.keys()) events.add(event);
  }
  expect(done).toBeGreaterThanOrEqual(operations);
  // A short run does not come to everything.
  if (operations < 50_000) return;
  const declared = enabledModules.flatMap((module) => module.events.map(({ type }) => type));
  expect(declared.filter((type) => !events.has(type))).toEqual([]);
  const missed = Object.keys(refusalCodes).filter((name) => !verdicts.has(name) && !Object.hasOwn(outOfReach, name));
  expect(missed).toEqual([]);
});
