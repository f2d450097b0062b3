// Genesis documents: names that headers can carry.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { person } from "../modules/test-city.ts";
import type { AppState } from "../protocol/genesis.ts";
import { type Genesis, loadGenesis, makeGenesis } from "./genesis.ts";

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

test("validators of app_state are the document's, each with an account of genesis", async () => {
  const folder = await mkdtemp(join(tmpdir(), "genesis-"));
  try {
    const [key, other] = [person("key").key, person("other").key];
    const { account, key: accountKey } = person("ann");
    const publicKeyBase64 = Buffer.from(key, "hex").toString("base64");
    const address = person("key").account.toUpperCase();
    const own = { key, power: 10, name: "Node", account };
    const read = async (validators: AppState["validators"], more: Partial<AppState> = {}): Promise<Genesis> => {
      const accounts = [{ key: accountKey, name: "Ann", roles: [] }];
      const appState: AppState = {
        ...{ accounts, treasury: "0", welcomeGrant: "0", energy: { slotSeconds: 60 }, ...more },
        ...(validators === undefined ? {} : { validators }),
      };
      const made = makeGenesis({ timeMs: 0, validator: { address, publicKeyBase64 }, appState });
      await writeFile(join(folder, "genesis.json"), JSON.stringify(made));
      return loadGenesis(folder, () => made);
    };
    expect((await read([own])).appState.validators).toEqual([own]);
    expect((await read(undefined)).appState.validators).toBeUndefined();
    for (const wrong of [
      { ...own, key: other },
      { ...own, power: 9 },
    ])
      await expect(read([wrong])).rejects.toThrow("app_state.validators: must be the document's validators");
    await expect(read([own, own])).rejects.toThrow("must be the document's validators");
    await expect(read([{ ...own, account: person("ben").account }])).rejects.toThrow("must have an account of genesis");
    await expect(read([own], { accounts: [] })).rejects.toThrow("must have an account of genesis");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(["", "x".repeat(51), "é".repeat(26), "😀".repeat(13), "city \ud800"])("%s names none", (chain) => {
  expect(() => named(chain)).toThrow("chain_id");
});
