// What waits in the mempool, on disk: an append-only file, so that a restart finds what was accepted and in no block yet. Written in
// the background and not synced: what power loss takes was never promised. Records: length, CRC-32, the transaction's bytes.
// A tail that is torn, damaged or past the bound ends the file; it is read in pieces. Bounds: rewritten past 1 MiB and four times what waits; 48 MiB at most.

import { type FileHandle, open, rename, rm, truncate } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { transactionBytesMax } from "../protocol/transaction-limits.ts";

const headerBytes = 8;
const fileBytesMax = 48 * 1_048_576;
const pieceBytes = 1_048_576;
const rewriteBytesMin = 1_048_576;

export interface RecoveredMempool {
  /** In the order in which they were accepted. */
  readonly transactions: readonly Uint8Array[];
  readonly wholeBytes: number;
  /** Bytes behind the last whole record. */
  readonly tornBytes: number;
}

export class MempoolJournal {
  readonly file: string;
  /** Called once for each spell in which the journal cannot be written. The ledger goes on without it. */
  readonly #onFault: (error: unknown) => void;
  #handle: FileHandle | null = null;
  #fileBytes = 0;
  #unwritten: Uint8Array[] = [];
  #unwrittenBytes = 0;
  /** The write or rewrite under way. */
  #busy: Promise<void> | null = null;
  #faulty = false;
  #closed = false;

  constructor(file: string, onFault: (error: unknown) => void) {
    this.file = file;
    this.#onFault = onFault;
  }

  /** Bytes on disk and on their way there. */
  get bytes(): number {
    return this.#fileBytes + this.#unwrittenBytes;
  }

  /** Reads what the file holds, nothing where there is none, and cuts off a torn tail. What cannot be read is told as a fault. */
  async recover(): Promise<RecoveredMempool> {
    try {
      const handle = await open(this.file, "r");
      const recovered = await read(handle).finally(() => handle.close());
      this.#fileBytes = recovered.wholeBytes;
      if (recovered.tornBytes > 0) await truncate(this.file, recovered.wholeBytes);
      return recovered;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#fault(error);
      return { transactions: [], wholeBytes: 0, tornBytes: 0 };
    }
  }

  /** Adds a transaction that was accepted. */
  append(bytes: Uint8Array): void {
    // Past the bound nothing is kept until the next rewrite makes room. Nor is it after a fault: the file may end torn, and what stood
    // behind that would not be read again; the next rewrite holds it.
    if (this.#closed || this.#faulty || this.bytes + headerBytes + bytes.length > fileBytesMax) return;
    this.#unwritten.push(recordHeader(bytes), bytes);
    this.#unwrittenBytes += headerBytes + bytes.length;
    this.#busy ??= this.#run(() => this.#write());
  }

  /** Rewrites the file when nothing waits, or most of it is past. Asked after each block. */
  trim(waiting: Iterable<{ readonly bytes: Uint8Array }>, waitingBytes: number): void {
    if (this.#closed || this.#busy !== null) return;
    const most = waitingBytes === 0 ? 0 : Math.max(rewriteBytesMin, 4 * waitingBytes);
    if (!this.#faulty && this.#fileBytes <= most) return;
    const records = recordsOf(waiting);
    this.#busy = this.#run(() => (records.length === 0 ? this.#empty() : this.#rewrite(records, false)));
  }

  /** Writes exactly what waits, syncs it, and takes no more. */
  async close(waiting: Iterable<{ readonly bytes: Uint8Array }>): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
    await this.#busy;
    await this.#run(() => this.#rewrite(recordsOf(waiting), true));
    await this.#release().catch(() => undefined);
  }

  /** Runs one write, then those that came meanwhile. Never rejects. */
  async #run(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#faulty = false;
      while (this.#unwritten.length > 0 && !this.#closed) await this.#write();
    } catch (error) {
      this.#unwritten = [];
      this.#unwrittenBytes = 0;
      this.#fault(error);
    } finally {
      this.#busy = null;
    }
  }

  async #write(): Promise<void> {
    const records = this.#unwritten;
    const bytes = this.#unwrittenBytes;
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
    this.#handle ??= await open(this.file, "a", 0o600);
    await this.#handle.appendFile(Buffer.concat(records));
    this.#fileBytes += bytes;
  }

  async #empty(): Promise<void> {
    await truncate(this.file, 0);
    this.#fileBytes = 0;
  }

  async #rewrite(records: readonly Uint8Array[], sync: boolean): Promise<void> {
    const temporary = `${this.file}.new`;
    const all = Buffer.concat(records);
    try {
      const handle = await open(temporary, "w", 0o600);
      try {
        await handle.writeFile(all);
        if (sync) await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    this.#fileBytes = all.length;
    await this.#release();
  }

  /** The next write opens the file anew. */
  async #release(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  #fault(error: unknown): void {
    if (this.#faulty) return;
    this.#faulty = true;
    this.#onFault(error);
  }
}

function recordHeader(bytes: Uint8Array): Uint8Array {
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  view.setUint32(0, bytes.length);
  view.setUint32(4, crc32(bytes));
  return header;
}

function recordsOf(waiting: Iterable<{ readonly bytes: Uint8Array }>): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (const { bytes } of waiting) records.push(recordHeader(bytes), bytes);
  return records;
}

/** Reads records up to the first that is not whole, or to the bound. */
async function read(handle: FileHandle): Promise<RecoveredMempool> {
  const { size } = await handle.stat();
  const transactions: Uint8Array[] = [];
  let wholeBytes = 0;
  /** What is read and not yet taken begins at `wholeBytes`. */
  let piece = new Uint8Array();
  for (;;) {
    const taken = take(piece, transactions);
    wholeBytes += taken.bytes;
    const rest = piece.subarray(taken.bytes);
    const from = wholeBytes + rest.length;
    const more = taken.broken ? 0 : Math.min(pieceBytes, Math.min(size, fileBytesMax) - from);
    if (more <= 0) break;
    const next = new Uint8Array(rest.length + more);
    next.set(rest);
    const { bytesRead } = await handle.read(next, rest.length, more, from);
    if (bytesRead === 0) break;
    piece = next.subarray(0, rest.length + bytesRead);
  }
  return { transactions, wholeBytes, tornBytes: Math.max(0, size - wholeBytes) };
}

/** Takes the whole records; `broken` when what follows is none, however much more is read. */
function take(piece: Uint8Array, transactions: Uint8Array[]): { readonly bytes: number; readonly broken: boolean } {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
  let at = 0;
  while (at + headerBytes <= piece.length) {
    const length = view.getUint32(at);
    const end = at + headerBytes + length;
    if (length === 0 || length > transactionBytesMax) return { bytes: at, broken: true };
    if (end > piece.length) break;
    const bytes = piece.slice(at + headerBytes, end);
    if (crc32(bytes) !== view.getUint32(at + 4)) return { bytes: at, broken: true };
    transactions.push(bytes);
    at = end;
  }
  return { bytes: at, broken: false };
}
