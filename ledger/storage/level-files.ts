// The files of a LevelDB folder, checked by their own checksums (doc/log_format.md, doc/table_format.md of google/leveldb).
// LevelDB skips damaged records of its write-ahead log without a word, and its reads check nothing: so this is looked at before it
// is opened (logs and tables' ends whole, tables' data up to a bound), and by `verify` in full. Memory: 1 MiB, or one block
// where that is longer, at a time.

import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { maskedCrc32c } from "./crc32c.ts";
import { readIfPresent, smallTextBytesMax } from "./durable-file.ts";
import { snappyDecompress } from "./snappy.ts";

export interface FileDamage {
  readonly file: string;
  readonly what: string;
}

const logBlockBytes = 32_768;
const logHeaderBytes = 7;
const footerBytes = 48;
const trailerBytes = 5;
const tableBlockBytesMax = 64 * 1_048_576;
const windowBytes = 1_048_576;

/** The first damaged file of the folder; null when there is none. Tables are read whole until `wholeBytesMax` are, then their ends. */
export async function findDamage(folder: string, wholeBytesMax = Number.POSITIVE_INFINITY): Promise<FileDamage | null> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const current = names.includes("CURRENT")
    ? (await readIfPresent(join(folder, "CURRENT"), smallTextBytesMax))!.trim()
    : null;
  if (current === null) {
    const orphan = names.find((name) => /\.(ldb|sst|log)$/.test(name) || name.startsWith("MANIFEST-"));
    return orphan === undefined ? null : { file: join(folder, "CURRENT"), what: "is missing" };
  }
  if (!/^MANIFEST-\d+$/.test(current)) return { file: join(folder, "CURRENT"), what: "names no manifest" };
  if (!names.includes(current)) return { file: join(folder, current), what: "is missing" };
  let wholeBytes = 0;
  for (const name of names) {
    const file = join(folder, name);
    if (/^\d+\.(ldb|sst)$/.test(name)) wholeBytes += (await stat(file)).size;
    const what =
      /^\d+\.log$/.test(name) || name === current
        ? await logFileDamage(file)
        : /^\d+\.(ldb|sst)$/.test(name)
          ? await tableDamage(file, wholeBytes <= wholeBytesMax)
          : null;
    if (what !== null) return { file, what };
  }
  return null;
}

/**
 * What is wrong with a log, read block by block: a log has some MiB, but a file that is damaged may have any length. An end that is torn
 * is not wrong: power fails while it is written, and nothing of it was acknowledged. But after a record that does not hold no batch may
 * begin that does.
 */
async function logFileDamage(path: string): Promise<string | null> {
  const file = await open(path, "r");
  try {
    const check = new LogCheck();
    const bytes = Buffer.alloc(logBlockBytes);
    for (let from = 0; ; from += logBlockBytes) {
      let filled = 0;
      for (let step = 1; step > 0 && filled < logBlockBytes; filled += step)
        step = (await file.read(bytes, filled, logBlockBytes - filled, from + filled)).bytesRead;
      const what = check.block(bytes.subarray(0, filled), from);
      if (what !== null || filled < logBlockBytes) return what;
    }
  } finally {
    await file.close();
  }
}

/** Records never cross blocks, so a log is checked a block at a time. */
class LogCheck {
  #bad: number | null = null;

  block(bytes: Buffer, from: number): string | null {
    const end = bytes.length;
    for (let at = 0; end - at >= logHeaderBytes; ) {
      const length = bytes.readUInt16LE(at + 4);
      const type = bytes[at + 6]!;
      const next = at + logHeaderBytes + length;
      // What is left of a block that was preallocated.
      if (type === 0 && length === 0 && bytes.readUInt32LE(at) === 0) break;
      const holds =
        next <= end && type >= 1 && type <= 4 && bytes.readUInt32LE(at) === maskedCrc32c(bytes.subarray(at + 6, next));
      // Pieces of the batch that was torn may be there without its beginning: disks write sectors in any order.
      const begins = type === 1 || type === 2;
      if (holds && begins && this.#bad !== null)
        return `is damaged: the record at byte ${this.#bad} does not hold its checksum`;
      if (!holds) this.#bad ??= from + at;
      // A record that does not hold may lie about its length too.
      at = holds ? next : nextRecord(bytes, at + 1, end);
    }
    return null;
  }
}

/** Where the next record that holds begins within a block; its end when there is none. */
function nextRecord(bytes: Buffer, from: number, end: number): number {
  for (let at = from; end - at >= logHeaderBytes; at++) {
    const next = at + logHeaderBytes + bytes.readUInt16LE(at + 4);
    const type = bytes[at + 6]!;
    if (type < 1 || type > 4 || next > end || next === at + logHeaderBytes) continue;
    if (bytes.readUInt32LE(at) === maskedCrc32c(bytes.subarray(at + 6, next))) return at;
  }
  return end;
}

async function tableDamage(path: string, full: boolean): Promise<string | null> {
  const file = await open(path, "r");
  try {
    const { size } = await stat(path);
    // Blocks have some KiB and follow each other: one read brings many.
    let window = { from: 0, bytes: Buffer.alloc(0) };
    const readAt = async (offset: number, length: number): Promise<Buffer> => {
      if (offset < 0 || length < 0 || length > tableBlockBytesMax || offset + length > size)
        throw new RangeError("a block lies outside of the file");
      if (offset < window.from || offset + length > window.from + window.bytes.length) {
        const bytes = Buffer.alloc(Math.min(size - offset, Math.max(length, full ? windowBytes : 0)));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
        if (bytesRead !== bytes.length) throw new RangeError("the file is shorter than it was");
        window = { from: offset, bytes };
      }
      return window.bytes.subarray(offset - window.from, offset - window.from + length);
    };
    const block = async ([offset, length]: Handle): Promise<Buffer> => {
      const bytes = await readAt(offset, length + trailerBytes);
      if (bytes.readUInt32LE(length + 1) !== maskedCrc32c(bytes.subarray(0, length + 1)))
        throw new RangeError(`the block at byte ${offset} does not hold its checksum`);
      return bytes;
    };
    if (size < footerBytes) return "is cut off";
    const footer = await readAt(size - footerBytes, footerBytes);
    if (footer.readUInt32LE(40) !== 0x8b80fb57 || footer.readUInt32LE(44) !== 0xdb477524) return "is cut off";
    const [meta, afterMeta] = handleAt(footer, 0);
    const [index] = handleAt(footer, afterMeta);
    // The meta block leads to the filter, without which keys would seem to be absent; the index to the data.
    for (const each of full ? [meta, index] : [meta])
      for (const handle of handlesOf(await contentOf(each, block))) await block(handle);
    if (!full) await block(index);
    return null;
  } catch (error) {
    if (error instanceof RangeError) return `is damaged: ${error.message}`;
    throw error;
  } finally {
    await file.close();
  }
}

async function contentOf(handle: Handle, block: (handle: Handle) => Promise<Buffer>): Promise<Buffer> {
  const bytes = await block(handle);
  const content = bytes.subarray(0, handle[1]);
  return bytes[handle[1]] === 1 ? Buffer.from(snappyDecompress(content, tableBlockBytesMax)) : content;
}

type Handle = readonly [offset: number, length: number];

function varintAt(bytes: Buffer, start: number): readonly [value: number, next: number] {
  let value = 0;
  for (let at = start, scale = 1; at < start + 8; at++, scale *= 0x80) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at + 1];
  }
  throw new RangeError("a number of the table does not end");
}

function handleAt(bytes: Buffer, start: number): readonly [handle: Handle, next: number] {
  const [offset, middle] = varintAt(bytes, start);
  const [length, next] = varintAt(bytes, middle);
  return [[offset, length], next];
}

/** The values of an index block: where the data blocks are. */
function* handlesOf(block: Buffer): Generator<Handle> {
  const restarts = block.readUInt32LE(block.length - 4);
  const end = block.length - 4 - 4 * restarts;
  for (let at = 0; at < end; ) {
    const [, afterShared] = varintAt(block, at);
    const [own, afterOwn] = varintAt(block, afterShared);
    const [valueBytes, start] = varintAt(block, afterOwn);
    yield handleAt(block, start + own)[0];
    at = start + own + valueBytes;
  }
}
