// What goes out on one WebSocket: frames of a server (RFC 6455 section 5.2: one text frame a message, unmasked), and what of them the
// client has not taken. Events of a block leave in one write; the long ones are one text in memory for all who get them.

import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Held, UnsentRoom } from "./unsent-room.ts";

const finalText = 0x81;
/** A text of at most so many bytes is copied beside its neighbours: that costs less than a write of its own. */
const copiedBytesMax = 4_096;
/** What is gathered before it is written. */
const gatheredBytesMax = 65_536;

export class Outlet<Client extends object> {
  readonly #socket: WebSocket;
  /** What it stands on. */
  readonly #stream: Duplex;
  readonly #room: UnsentRoom<Client>;
  readonly #client: Client;
  /** Called whenever something was handed to the system. */
  readonly #sent: () => void;
  #pieces: Buffer[] = [];
  /** Whose events are among the pieces. */
  #block: Held | null = null;
  /** Of the pieces that are this client's own. */
  #ownBytes = 0;
  /** Of those handed over, the same. */
  #ownUnsentBytes = 0;
  #gatheredBytes = 0;

  constructor(socket: WebSocket, stream: Duplex, room: UnsentRoom<Client>, client: Client, sent: () => void) {
    this.#socket = socket;
    this.#stream = stream;
    this.#room = room;
    this.#client = client;
    this.#sent = sent;
  }

  /** Bytes that the system has not taken. */
  get unsentBytes(): number {
    return this.#stream.writableLength;
  }

  /** Those among them that no other client holds as well. */
  get ownUnsentBytes(): number {
    return this.#ownUnsentBytes;
  }

  /** Whether it is time to flush. */
  get hasGathered(): boolean {
    return this.#gatheredBytes >= gatheredBytesMax;
  }

  /** Sends a message of this client alone. */
  answer(text: Buffer): void {
    this.#add(frameHead(text.length), text);
    void this.flush();
  }

  /** Gathers an event of a block, whose end is shared. All of one block must be flushed before the next. */
  event(block: Held, head: Buffer, tail: Buffer): void {
    this.#block = block;
    this.#add(frameHead(head.length + tail.length), head);
    this.#pieces.push(tail);
    this.#gatheredBytes += tail.length;
    if (tail.length <= copiedBytesMax) this.#ownBytes += tail.length;
  }

  /** Hands over what was gathered. Resolves when the system has it, or cannot get it any more; null for nothing. */
  flush(): Promise<void> | null {
    // Nothing may follow the frame that closes the connection.
    if (this.#socket.readyState !== this.#socket.OPEN) this.forget();
    if (this.#pieces.length === 0) return null;
    const block = this.#block;
    if (block !== null) this.#room.recount(block);
    const pieces = joined(this.#pieces);
    const bytes = this.#ownBytes;
    const releaseOwn = this.#room.hold(this.#client, { bytes });
    this.#ownUnsentBytes += bytes;
    const releaseBlock = block === null ? null : this.#room.hold(this.#client, block);
    this.forget();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#ownUnsentBytes -= bytes;
        releaseOwn();
        releaseBlock?.();
        resolve();
        this.#sent();
      };
      this.#stream.cork();
      for (const [index, piece] of pieces.entries())
        this.#stream.write(piece, index === pieces.length - 1 ? done : undefined);
      this.#stream.uncork();
    });
  }

  /** Drops what was gathered and not flushed. */
  forget(): void {
    this.#pieces = [];
    this.#block = null;
    this.#ownBytes = 0;
    this.#gatheredBytes = 0;
  }

  #add(...own: readonly Buffer[]): void {
    for (const piece of own) {
      this.#pieces.push(piece);
      this.#ownBytes += piece.length;
      this.#gatheredBytes += piece.length;
    }
  }
}

function frameHead(bytes: number): Buffer {
  if (bytes < 126) return Buffer.of(finalText, bytes);
  if (bytes < 65_536) return Buffer.of(finalText, 126, bytes >> 8, bytes & 0xff);
  const head = Buffer.alloc(10);
  head[0] = finalText;
  head[1] = 127;
  head.writeUIntBE(bytes, 4, 6);
  return head;
}

/** Neighbours that are short become one. */
function joined(pieces: readonly Buffer[]): Buffer[] {
  const all: Buffer[] = [];
  let short: Buffer[] = [];
  const join = (): void => {
    if (short.length > 0) all.push(short.length === 1 ? short[0]! : Buffer.concat(short));
    short = [];
  };
  for (const piece of pieces) {
    if (piece.length <= copiedBytesMax) short.push(piece);
    else {
      join();
      all.push(piece);
    }
  }
  join();
  return all;
}
