// What the commands share: the chain in the data folder, and the city's state machine.

import { link, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "../../settings/settings.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import type { StateTree } from "../../wasm-core/bindings/state-tree.ts";
import { BlockBuilder } from "../consensus/block-building.ts";
import { type Genesis, loadGenesis } from "../consensus/genesis.ts";
import type { Application } from "../modules/application.ts";
import { createApplication } from "../modules/city-application.ts";
import { verifyEd25519Batch, verifyEd25519Sync } from "../protocol/ed25519-node.ts";
import { verifyP256 } from "../protocol/p256-node.ts";
import { type BackupDescription, openBackup, readBackup } from "../storage/backup.ts";
import { syncFolder } from "../storage/durable-file.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import { LevelKeyValue } from "../storage/level-key-value.ts";
import { StoreError, storeErrorOf } from "../storage/store-error.ts";

export const chainFolderOf = (settings: Settings): string => join(settings.data, "ledger");

/** An empty state tree that takes at most as much memory as the settings allow. */
export function newTree(settings: Settings): StateTree {
  return loadStateTree({ memoryBytesMax: settings.ledgerStateMib * 2 ** 20 });
}

/** The city's state machine; its state tree takes at most as much memory as the settings allow. */
export function newApplication(settings: Settings): Application {
  return createApplication({
    hasher: loadCore(),
    newTree: () => newTree(settings),
    verify: verifyEd25519Sync,
    verifyAll: verifyEd25519Batch,
    verifyP256,
  });
}

export interface ReadableChain {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly builder: BlockBuilder;
  readonly store: LedgerStore;
}

/** The chain that is there, without its validator; nothing is made. @throws {StoreError} */
export async function openForReading(settings: Settings): Promise<ReadableChain> {
  const folder = chainFolderOf(settings);
  if (!(await hasStore(folder)))
    throw new StoreError(`${folder}: there is no ledger; start one with \`npm start\`, or restore a backup`);
  const store = await LedgerStore.open(join(folder, "store"));
  try {
    if (store.head === null) throw new StoreError(`${store.folder}: holds no chain`);
    const genesis = await genesisOf(folder, store.head.chain);
    return { folder, genesis, builder: new BlockBuilder(loadCore(), genesis), store };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The chain in a backup, which is not changed, nor need it be writable. @throws {StoreError} */
export async function openBackedUp(folder: string): Promise<ReadableChain & { readonly backup: BackupDescription }> {
  const backup = await readBackup(folder);
  const genesis = await genesisOf(folder, backup.chain);
  const store = await LedgerStore.over(join(folder, "store"), await openBackup(folder));
  if (store.head?.chain === backup.chain && store.head.hash === backup.hash)
    return { folder, genesis, builder: new BlockBuilder(loadCore(), genesis), store, backup };
  await store.close();
  throw new StoreError(`${store.folder}: is not what was backed up; it is damaged, take another backup`);
}

/** The genesis document of a folder; nothing is made. @throws {StoreError} when it is missing, damaged or of another chain. */
export async function genesisOf(folder: string, chain: string | null): Promise<Genesis> {
  const file = join(folder, "genesis.json");
  const genesis = await loadGenesis(folder, () => {
    throw new StoreError(`${file}: is missing; restore it from a backup`);
  });
  if (chain !== null && genesis.chain !== chain)
    throw new StoreError(`${file}: is of chain ${genesis.chain}, but the store of chain ${chain}`);
  return genesis;
}

export async function hasStore(chainFolder: string): Promise<boolean> {
  const names = await readdir(join(chainFolder, "store")).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw storeErrorOf(chainFolder, error);
  });
  return names.length > 0;
}

/**
 * Nobody may use the store while it is replaced. LevelDB's lock is on a file's inode, so it is tried through a second name of that
 * file: opening the store itself would already change it. @throws {StoreError} when it is in use.
 */
export async function refuseInUse(chainFolder: string): Promise<void> {
  const trial = join(chainFolder, "lock-trial");
  await rm(trial, { recursive: true, force: true });
  await mkdir(trial, { mode: 0o700 });
  try {
    await link(join(chainFolder, "store", "LOCK"), join(trial, "LOCK"));
    await (await LevelKeyValue.open(trial)).close();
  } catch (error) {
    // No such file: nobody has ever opened it.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw storeErrorOf(join(chainFolder, "store"), error);
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

/** Puts a finished store in place; what stands there is moved aside. A start finds out when this is interrupted between. */
export async function putInPlace(made: string, chainFolder: string, aside: string | null): Promise<void> {
  if (aside !== null) await rename(join(chainFolder, "store"), aside);
  await rename(made, join(chainFolder, "store"));
  await syncFolder(chainFolder);
}

/** A free name for what is moved aside, such as store-damaged-20261122T201500Z; a second one of the same second ends in -2. */
export async function asideOf(chainFolder: string, prefix: string): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const taken = new Set(await readdir(chainFolder));
  let name = `${prefix}${stamp}`;
  for (let count = 2; taken.has(name); count++) name = `${prefix}${stamp}-${count}`;
  return join(chainFolder, name);
}

/** All entries of an application, ascending by name. */
export function* pagesOf(application: Application) {
  for (let after: string | undefined; ; ) {
    const page = application.list("", { limit: 1_000, ...(after === undefined ? {} : { after }) });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last[0];
  }
}
