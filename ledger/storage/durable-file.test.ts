// Small files: whatever their length on disk, no more is read than is stated, and what is too long is one line.

import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadGenesis } from "../consensus/genesis.ts";
import { makeTestFolder, removeTestFolder } from "../consensus/test-chain.ts";
import { signedHeightIn, ValidatorSigner } from "../consensus/validator-signer.ts";
import { readBackup } from "./backup.ts";
import { createDurably, readIfPresent, writeDurably } from "./durable-file.ts";
import { findDamage } from "./level-files.ts";
import { StoreError } from "./store-error.ts";

let folder: string;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => removeTestFolder(folder));

test("what was written comes back; a text of just the bound is read, of one byte more refused", async () => {
  const file = join(folder, "file");
  expect(await readIfPresent(file, 5)).toBeNull();
  expect(await createDurably(file, "first", 0o600)).toBe("first");
  expect(await createDurably(file, "later", 0o600)).toBe("first");
  await writeDurably(file, "glass", 0o600);
  expect(await readIfPresent(file, 5)).toBe("glass");
  await expect(readIfPresent(file, 4)).rejects.toThrow(`${file}: has 5 bytes, but at most 4 are read`);
});

const none = (): never => {
  throw new Error("made");
};
test.each([
  ["genesis.json", () => loadGenesis(folder, none)],
  ["validator.json", () => ValidatorSigner.load(folder)],
  ["validator-state.json", () => signedHeightIn(folder)],
  ["backup.json", () => readBackup(folder)],
  ["CURRENT", () => findDamage(folder, 0)],
] as const)("%s of 3 GiB is refused and not read", async (name, read) => {
  const file = join(folder, name);
  await writeFile(file, "");
  await truncate(file, 3 * 2 ** 30);
  const refused = await (read as () => Promise<unknown>)().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StoreError);
  expect((refused as Error).message).toMatch(/^[^\n]*has 3221225472 bytes, but at most \d+ are read$/);
  expect((refused as Error).message).toContain(file);
});
