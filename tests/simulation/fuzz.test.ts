// A small share of the soak's fuzz in every run of the tests: mutated transactions and mutated requests, other ones each time.
// In full: `npm run test:soak -- --only ledger/transactions` (1,000,000) and `--only ledger/requests` (100,000).

import { randomInt } from "node:crypto";
import { expect, it } from "vitest";
import type { SoakProgram } from "../soak/program.ts";
import { requestsProgram } from "../soak/programs/requests.ts";
import { transactionsProgram } from "../soak/programs/transactions.ts";

const given = process.env["TEST_SEED"];
const share = async (program: SoakProgram, units: number): Promise<string> => {
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
  console.log(`${program.name}: TEST_SEED=${seed}, ${units}`);
  return program.run({ seed, units, progress: () => undefined });
};

it("4,000 mutated transactions", { timeout: 300_000 }, async () => {
  expect(await share(transactionsProgram, 4_000)).toContain("4000 transactions");
});

it("seed 1345720349: a transaction refused in the midst of its messages leaves its trace", {
  timeout: 300_000,
}, async () => {
  const units = 4_000;
  expect(await transactionsProgram.run({ seed: 1_345_720_349, units, progress: () => undefined })).toContain("4000");
});

it("1,000 mutated requests", { timeout: 300_000 }, async () => {
  expect(await share(requestsProgram, 1_000)).toContain("1000 requests");
});
