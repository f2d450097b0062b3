// Small files that must survive a crash at any moment: written beside, synced, then renamed over the old one.

import { randomBytes } from "node:crypto";
import { link, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

const temporaryPrefix = ".new-";

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
  return readFile(path, "utf8");
}

/** The file's text, or null when there is none. */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
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
