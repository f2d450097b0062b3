// Small files that must survive a crash at any moment: written beside, synced, then renamed over the old one.

import { randomBytes } from "node:crypto";
import { link, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StoreError } from "./store-error.ts";

const temporaryPrefix = ".new-";
/** Of any of these files: genesis with 10,000 accounts has some MiB. */
export const textBytesMax = 16 * 1_048_576;
/** Of a key or a sign state; they have some hundred bytes. */
export const smallTextBytesMax = 16_384;

/** Replaces the file atomically; after the promise resolves it is on disk. */
export async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const temporary = await writeBeside(path, text, mode);
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Creates the file unless there is one, and answers the text that stands there afterwards. */
export async function createDurably(path: string, text: string, mode: number): Promise<string> {
  const temporary = await writeBeside(path, text, mode);
  try {
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
  return (await readIfPresent(path, textBytesMax)) ?? text;
}

/** The file's text, or null when there is none. @throws {StoreError} when it is longer than it may be. */
export async function readIfPresent(path: string, bytesMax: number): Promise<string | null> {
  return (await readBytesIfPresent(path, bytesMax))?.toString("utf8") ?? null;
}

/** The file's bytes, or null when there is none. @throws {StoreError} when it is longer than it may be. */
export async function readBytesIfPresent(path: string, bytesMax: number): Promise<Buffer | null> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    if (size > bytesMax) throw new StoreError(`${path}: has ${size} bytes, but at most ${bytesMax} are read`);
    // Not readFile: what grows while it is read, or has no size, would be read without end.
    const bytes = Buffer.alloc(size);
    let read = 0;
    for (let step = 1; step > 0 && read < size; read += step)
      step = (await file.read(bytes, read, size - read, read)).bytesRead;
    return bytes.subarray(0, read);
  } finally {
    await file.close();
  }
}

/** Removes what a crash left half-written. Only while no other process writes here. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(temporaryPrefix)) await rm(join(folder, name), { force: true });
}

async function writeBeside(path: string, text: string, mode: number): Promise<string> {
  const temporary = join(dirname(path), `${temporaryPrefix}${process.pid}-${randomBytes(6).toString("hex")}`);
  const file = await open(temporary, "wx", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
