// Genesis documents: names that headers can carry.

import { expect, test } from "vitest";
import { makeGenesis } from "./genesis.ts";

const named = (chain: string): string =>
  makeGenesis({
    timeMs: 0,
    validator: { address: "0".repeat(40), publicKeyBase64: "A".repeat(43).concat("=") },
    appState: { accounts: [], treasury: "0", welcomeGrant: "0", energy: { slotSeconds: 60 } },
    chain,
  }).chain_id;

test.each(["a", "x".repeat(50), "é".repeat(25)])("%s names a chain", (chain) => {
  expect(named(chain)).toBe(chain);
});

test.each(["", "x".repeat(51), "é".repeat(26), "😀".repeat(13), "city \ud800"])("%s names none", (chain) => {
  expect(() => named(chain)).toThrow("chain_id");
});
