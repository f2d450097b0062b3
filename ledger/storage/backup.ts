// Backups: a copy of the store as it stood at one moment, made while the ledger runs, and what else the chain needs.
// backup.json is written last and holds a digest over everything in the copy, so a backup is whole or is none.

import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { fromUtf8 } from "../protocol/bytes.ts";
import { baseFile } from "./base-state.ts";
import { readIfPresent, smallTextBytesMax, writeDurably } from "./durable-file.ts";
import type { Entry, KeyRange, KeyValue, KeyValueReader, Operation } from "./key-value.ts";
import { metaKey } from "./keys.ts";
import { findDamage } from "./level-files.ts";
import { LevelKeyValue } from "./level-key-value.ts";
import { openRecord } from "./record-codec.ts";
import type { Head } from "./records.ts";
import { repairAdvice, StoreError, storeErrorOf } from "./store-error.ts";

const backupFormat = 1;
/** Moments that a backup tries, each time that pruning took the state before the lowest block away. */
const viewsMax = 10;
const everything: KeyRange = { from: new Uint8Array(0), to: Uint8Array.of(0xff) };

const backupSchema = z.object({
  format: z.literal(backupFormat),
  chain: z.string(),
  height: z.number().int().min(0),
  hash: z.string(),
  appHash: z.string(),
  lowest: z.number().int().min(1),
  entries: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  made: z.string(),
});
export type BackupDescription = z.infer<typeof backupSchema>;

export interface BackupOptions {
  readonly keyValue: KeyValue;
  /** `data/ledger`. */
  readonly chainFolder: string;
  readonly target: string;
  /** Takes the validator's private key along. */
  readonly withKey: boolean;
  readonly nowMs: number;
  readonly progress: (entries: number) => void;
}

/** Makes a backup in a new or empty folder. @throws {StoreError} */
export async function makeBackup(options: BackupOptions): Promise<BackupDescription> {
  const { keyValue, chainFolder, target, withKey, nowMs, progress } = options;
  // Before anything is awaited, so that the moment is the caller's.
  let view = keyValue.view();
  try {
    await makeFolder(target);
    if ((await readdir(target)).length > 0)
      throw new StoreError(`${target}: is not empty; choose a new folder for the backup`);
    let start = await copyStart(view, chainFolder, target);
    // The ledger pruned in between: what it keeps now is as good. It writes a state at most every fifty blocks.
    for (let left = viewsMax - 1; start === null && left > 0; left--) {
      await view.close();
      view = keyValue.view();
      start = await copyStart(view, chainFolder, target);
    }
    if (start === null)
      throw new StoreError(
        `${join(chainFolder, "base")}: the state before the lowest block is missing; ${repairAdvice}`,
      );
    const { head, lowest } = start;
    await copyFile(join(chainFolder, "genesis.json"), join(target, "genesis.json"));
    if (withKey) await copyFile(join(chainFolder, "validator.json"), join(target, "validator.json"));
    const digest = await copyStore(view, join(target, "store"), progress);
    const description: BackupDescription = {
      format: backupFormat,
      chain: head.chain,
      height: head.height,
      hash: head.hash,
      appHash: head.appHash,
      lowest,
      entries: digest.entries,
      sha256: digest.sha256(),
      made: new Date(nowMs).toISOString(),
    };
    await writeDurably(join(target, "backup.json"), `${JSON.stringify(description, null, 2)}\n`, 0o600);
    return description;
  } catch (error) {
    throw storeErrorOf(target, error);
  } finally {
    await view.close();
  }
}

/** Not with the folders above it: where none can be made (/proc), Node never stops trying to. */
async function makeFolder(target: string): Promise<void> {
  try {
    await mkdir(target, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new StoreError(`${target}: cannot be made; make the folder above it, or choose another`);
    if (code !== "EEXIST") throw error;
  }
}

/** Copies the state before a view's lowest block; null when the ledger, which goes on, has removed it meanwhile. */
async function copyStart(
  view: KeyValueReader,
  chainFolder: string,
  target: string,
): Promise<{ readonly head: Head; readonly lowest: number } | null> {
  const sealed = await view.get(metaKey("head"));
  if (sealed === undefined) throw new StoreError(`${chainFolder}: holds no chain yet; there is nothing to back up`);
  const head = JSON.parse(fromUtf8(openRecord(sealed))) as Head;
  const marked = await view.get(metaKey("lowest"));
  const lowest = marked === undefined ? 1 : (JSON.parse(fromUtf8(openRecord(marked))) as number);
  if (lowest === 1) return { head, lowest };
  await mkdir(dirname(baseFile(target, lowest - 1)), { recursive: true, mode: 0o700 });
  try {
    await copyFile(baseFile(chainFolder, lowest - 1), baseFile(target, lowest - 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  return { head, lowest };
}

/** What a backup is of. @throws {StoreError} when the folder holds none, or one that was not finished. */
export async function readBackup(folder: string): Promise<BackupDescription> {
  const file = join(folder, "backup.json");
  const text = await readIfPresent(file, smallTextBytesMax).catch((error: unknown) => {
    throw storeErrorOf(file, error);
  });
  if (text === null) throw new StoreError(`${file}: is missing; ${folder} is no backup, or one that was not finished`);
  try {
    return backupSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StoreError(`${file}: is damaged; take another backup`, { cause });
  }
}

/** A backup's entries, for reading; the backup is not changed, nor need it be writable. @throws {StoreError} */
export async function openBackup(folder: string): Promise<LevelKeyValue> {
  const store = join(folder, "store");
  const damage = await findDamage(store);
  if (damage !== null) throw new StoreError(`${damage.file}: ${damage.what}; take another backup`);
  return LevelKeyValue.openUntouched(store).catch((error: unknown) => {
    throw new StoreError(`${store}: cannot be read (${(error as Error).message.split("\n")[0]}); take another backup`, {
      cause: error,
    });
  });
}

/** Whether the entries are those that were backed up. @throws {StoreError} when they are not. */
export async function checkBackup(
  folder: string,
  backup: BackupDescription,
  reader: KeyValueReader,
  progress: (entries: number) => void,
): Promise<void> {
  const digest = new EntriesDigest();
  for await (const page of reader.pages(everything)) {
    digest.add(page);
    progress(digest.entries);
  }
  requireSame(folder, backup, digest);
}

function requireSame(folder: string, backup: BackupDescription, digest: EntriesDigest): void {
  if (digest.entries === backup.entries && digest.sha256() === backup.sha256) return;
  throw new StoreError(`${join(folder, "store")}: is not what was backed up; it is damaged, take another backup`);
}

/** Copies a backup's store to a new folder and checks that it is what was backed up. @throws {StoreError} */
export async function copyBackup(
  folder: string,
  backup: BackupDescription,
  target: string,
  progress: (entries: number) => void,
): Promise<void> {
  const source = await openBackup(folder);
  try {
    requireSame(folder, backup, await copyStore(source, target, progress));
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    throw error;
  } finally {
    await source.close();
  }
}

/** Copies everything to a new store, and digests it in the order of its keys. */
async function copyStore(
  from: KeyValueReader,
  folder: string,
  progress: (entries: number) => void,
): Promise<EntriesDigest> {
  const to = await LevelKeyValue.open(folder);
  const digest = new EntriesDigest();
  try {
    for await (const page of from.pages(everything)) {
      const operations: Operation[] = page.map(([key, value]) => ({ type: "put", key, value }));
      digest.add(page);
      await to.write(operations, false);
      progress(digest.entries);
    }
    await to.flush();
  } finally {
    await to.close();
  }
  return digest;
}

/** SHA-256 over entries in the order of their keys, each after its lengths. */
class EntriesDigest {
  readonly #hash = createHash("sha256");
  entries = 0;

  add(page: readonly Entry[]): void {
    for (const [key, value] of page) {
      const lengths = Buffer.alloc(8);
      lengths.writeUInt32BE(key.length, 0);
      lengths.writeUInt32BE(value.length, 4);
      this.#hash.update(lengths).update(key).update(value);
    }
    this.entries += page.length;
  }

  /** Once, at the end. */
  sha256(): string {
    return this.#hash.digest("hex");
  }
}
