// A socket that lets through only MQTT packets of bounded length (the parser behind it would buffer up to 256 MiB a packet)
// and ends when its peer leaves too much unread.
// MQTT 3.1.1 §2.2: one type byte, then the remaining length in up to four bytes of seven bits.

import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A reading of 1,024 bytes with its topic fits; so does a CONNECT with name and password. */
const packetBytesMax = 4096;
/** What may wait for a peer that does not read. The broker would let everybody wait for the slowest; here that one leaves. */
const unreadBytesMax = 256 * 1024;

export class PacketTooLongError extends Error {
  override readonly name = "PacketTooLongError";
}

export class PacketGate extends Duplex {
  readonly #socket: Socket;
  #state: "type" | "length" | "body" = "type";
  #length = 0;
  #scale = 1;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      if (!this.#fits(chunk)) this.destroy(new PacketTooLongError(`a packet is longer than ${packetBytesMax} bytes`));
      else if (!this.push(chunk)) socket.pause();
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk);
    if (this.#socket.writableLength > unreadBytesMax) done(new Error(`${unreadBytesMax} bytes wait unread`));
    else done();
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #fits(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === "body") {
        const skipped = Math.min(this.#length, chunk.length - at);
        at += skipped;
        this.#length -= skipped;
      } else {
        const byte = chunk[at++]!;
        if (this.#state === "type") {
          this.#state = "length";
          this.#length = 0;
          this.#scale = 1;
          continue;
        }
        this.#length += (byte & 0x7f) * this.#scale;
        this.#scale *= 128;
        if (this.#length > packetBytesMax || (byte >= 0x80 && this.#scale > 128 ** 3)) return false;
        if (byte >= 0x80) continue;
        this.#state = "body";
      }
      if (this.#length === 0) this.#state = "type";
    }
    return true;
  }
}
