// Backups beside a pruning ledger: whenever it prunes, the backup is of one moment and complete.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTestFolder, removeTestFolder } from "../consensus/test-chain.ts";
import { utf8 } from "../protocol/bytes.ts";
import { copyBackup, makeBackup, readBackup } from "./backup.ts";
import { baseFile, readBase, removeBasesBelow, writeBase } from "./base-state.ts";
import { createDurably } from "./durable-file.ts";
import type { KeyValue } from "./key-value.ts";
import { LedgerStore } from "./ledger-store.ts";
import { accountOf, blockRecord, testAppHash, transactionBy } from "./test-blocks.ts";

let folder: string;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => removeTestFolder(folder));

async function prunedStore(): Promise<LedgerStore> {
  const store = await LedgerStore.open(join(folder, "store"));
  await store.initialise("chain", testAppHash, [{ name: "a/b", value: utf8('"0"') }]);
  for (let height = 1; height <= 30; height++)
    await store.append(blockRecord(height, height * 1000, [transactionBy(accountOf("someone"))]));
  await createDurably(join(folder, "genesis.json"), "{}", 0o644);
  await pruneTo(store, 2);
  return store;
}

async function pruneTo(store: LedgerStore, height: number): Promise<void> {
  await writeBase(baseFile(folder, height - 1), [[["a/b", utf8('"0"')]]]);
  await store.forgetBelow(height);
  await removeBasesBelow(folder, height - 1);
  await store.sweep(100);
}

/** Prunes each time that the backup has read where the chain begins, so many times. */
function pruning(store: LedgerStore, times: number): KeyValue {
  let left = times;
  return new Proxy(store.keyValue, {
    get(target, name) {
      if (name === "view")
        return () => {
          const view = target.view();
          return {
            ...view,
            get: async (key: Uint8Array) => {
              const value = await view.get(key);
              if (Buffer.from(key).toString() === "meta/lowest" && left-- > 0) await pruneTo(store, store.lowest + 1);
              return value;
            },
          };
        };
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const backUp = (keyValue: KeyValue, target: string) =>
  makeBackup({ keyValue, chainFolder: folder, target, withKey: false, nowMs: 0, progress: () => undefined });

test("a state that pruning removes before it is copied is taken of the next moment", async () => {
  const store = await prunedStore();
  const target = join(folder, "backup");
  const made = await backUp(pruning(store, 3), target);
  expect(made).toMatchObject({ height: 30, lowest: 5 });
  expect(await readBackup(target)).toEqual(made);
  expect(await readdir(join(target, "base"))).toEqual(["4.state"]);
  for await (const page of readBase(baseFile(target, 4))) expect(page.length).toBe(1);
  const copy = join(folder, "copy");
  await copyBackup(target, made, copy, () => undefined);
  const restored = await LedgerStore.open(copy);
  expect(restored.lowest).toBe(5);
  expect((await restored.block(5))?.block.header.height).toBe("5");
  await restored.close();
  await store.close();
});

test("a state that is missing for good is said in one line, and there is no backup", async () => {
  const store = await prunedStore();
  await removeBasesBelow(folder, 9);
  const target = join(folder, "backup");
  await expect(backUp(store.keyValue, target)).rejects.toThrow(
    "base: the state before the lowest block is missing; mend it with `npm run ledger -- repair`",
  );
  await expect(readBackup(target)).rejects.toThrow("backup.json: is missing");
  await store.close();
});
