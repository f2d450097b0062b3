// The state before the lowest kept block, from which a pruned chain is replayed: base/<height>.state beside the store.
// A sequence of sealed records (record-codec.ts), each after its length (4 bytes): pages of entries, and an empty one at the end.
// What it holds is checked against the header of the lowest block, so the file itself need not be trusted.

import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { nameFromUtf8, utf8 } from "../protocol/bytes.ts";
import { syncFolder } from "./durable-file.ts";
import { openRecord, sealRecord } from "./record-codec.ts";
import { repairAdvice, StoreError } from "./store-error.ts";

export type EntryPage = readonly (readonly [name: string, value: Uint8Array])[];

const recordBytesMax = 64 * 1_048_576;
const unfinished = ".unfinished";

/** The file that holds the state after a block, in the chain's folder. */
export function baseFile(chainFolder: string, height: number): string {
  return join(chainFolder, "base", `${height}.state`);
}

/** Writes pages of entries; the file is there, whole and synced, when the promise resolves. */
export async function writeBase(
  path: string,
  pages: AsyncIterable<EntryPage> | Iterable<EntryPage>,
  goOn: () => boolean = () => true,
): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path + unfinished, "w", 0o600);
  let whole = false;
  try {
    // writeFile goes on where it stands until all is written; write may take less, as on a disk that is nearly full.
    for await (const page of pages) {
      if (!goOn()) return false;
      await file.writeFile(framed(encodePage(page)));
    }
    await file.writeFile(framed(encodePage([])));
    await file.sync();
    whole = true;
  } finally {
    await file.close();
    if (!whole) await rm(path + unfinished, { force: true });
  }
  await rename(path + unfinished, path);
  await syncFolder(dirname(path));
  return true;
}

/** The entries of a file, page by page. @throws {StoreError} when it is missing, cut off or damaged. */
export async function* readBase(path: string): AsyncGenerator<EntryPage, void, undefined> {
  const damaged = (what: string, cause?: unknown): StoreError =>
    new StoreError(`${path}: ${what}; ${repairAdvice}`, { cause });
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    throw damaged(cause.code === "ENOENT" ? "is missing" : cause.message, cause);
  });
  try {
    for (;;) {
      const head = Buffer.alloc(4);
      if ((await file.read(head, 0, 4)).bytesRead !== 4) throw damaged("is cut off");
      const length = head.readUInt32BE(0);
      if (length > recordBytesMax) throw damaged("is damaged");
      const record = Buffer.alloc(length);
      if ((await file.read(record, 0, length)).bytesRead !== length) throw damaged("is cut off");
      const page = decodePage(record, damaged);
      if (page.length === 0) return;
      yield page;
    }
  } finally {
    await file.close();
  }
}

/** Heights of which there is a file, ascending. */
export async function baseHeights(chainFolder: string): Promise<number[]> {
  const names = await readdir(join(chainFolder, "base")).catch(() => []);
  const found = names.flatMap((name) => (/^\d+\.state$/.test(name) ? [Number.parseInt(name, 10)] : []));
  return found.sort((a, b) => a - b);
}

/** Removes the files of heights below, and what a crash left unfinished. Not while a file is written. */
export async function removeBasesBelow(chainFolder: string, height: number): Promise<void> {
  for (const each of await baseHeights(chainFolder))
    if (each < height) await rm(baseFile(chainFolder, each), { force: true });
  for (const name of await readdir(join(chainFolder, "base")).catch(() => []))
    if (name.endsWith(unfinished)) await rm(join(chainFolder, "base", name), { force: true });
}

function framed(record: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(record.length, 0);
  return Buffer.concat([head, record]);
}

/** Pairs of name and value, each after its length in 4 bytes. */
function encodePage(page: EntryPage): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of page)
    for (const bytes of [utf8(name), value]) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length, 0);
      parts.push(length, bytes);
    }
  return sealRecord(Buffer.concat(parts));
}

function decodePage(record: Uint8Array, damaged: (what: string, cause?: unknown) => StoreError): EntryPage {
  try {
    const opened = openRecord(record);
    const bytes = Buffer.from(opened.buffer, opened.byteOffset, opened.length);
    const entries: [string, Uint8Array][] = [];
    let at = 0;
    const next = (): Uint8Array => {
      const start = at + 4;
      at = start + bytes.readUInt32BE(at);
      if (at > bytes.length) throw new RangeError("an entry is cut off");
      return opened.subarray(start, at);
    };
    while (at < bytes.length) entries.push([nameFromUtf8(next()), next()]);
    return entries;
  } catch (cause) {
    throw damaged("is damaged", cause);
  }
}
