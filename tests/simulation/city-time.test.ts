// Virtual time through the real engine: an hour in every run of the tests, 24 in the soak (`--only ledger/city-time`).

import { randomInt } from "node:crypto";
import { expect, it } from "vitest";
import { runCityTime } from "./city-time.ts";

const seed = Number(process.env["TEST_SEED"] ?? randomInt(2 ** 31));

it("an hour in simulated time", { timeout: 300_000 }, async () => {
  console.log(`city-time: TEST_SEED=${seed}`);
  expect(await runCityTime(60, seed)).toContain("60 virtual minutes");
});
