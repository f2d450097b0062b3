// Frames of ABCI over a socket (cometbft abci/types/messages.go): each message has its length before it, an unsigned varint.
// Bound: 128 MiB a message, for a genesis that carries the state of a city; memory grows with what has come, not with what is said.

const messageBytesMax = 128 * 1_048_576;
/** Of a length up to 2^28. */
const prefixBytesMax = 4;
/** What a message that is said to be long begins with; it doubles as bytes come. */
const roomBytesMin = 65_536;

/** What came is no frame; the connection cannot go on. */
export class FramingError extends RangeError {
  override readonly name = "FramingError";
}

/** Takes bytes as they come and gives whole messages. */
export class FrameReader {
  readonly #bytesMax: number;
  /** Of the length, as far as it has come. */
  #length = 0;
  #prefixBytes = 0;
  /** Of the message that is under way; null between two. It ends where the message ends. */
  #room: Uint8Array<ArrayBuffer> | null = null;
  #filled = 0;

  constructor(bytesMax: number = messageBytesMax) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes of an unfinished message, its length included: 0 between two messages. */
  get pending(): number {
    return this.#prefixBytes + this.#filled;
  }

  /**
   * The messages that are whole now, in order; they share no memory with `part`.
   * @throws {FramingError} after which nothing more can be read.
   */
  push(part: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at < part.length) {
      if (this.#room === null) {
        if (!this.#takeOfPrefix(part[at++]!)) continue;
        this.#room = new Uint8Array(Math.min(this.#length, roomBytesMin));
      }
      const count = Math.min(part.length - at, this.#length - this.#filled);
      this.#makeRoom(this.#filled + count);
      this.#room.set(part.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < this.#length) continue;
      messages.push(this.#room);
      this.#room = null;
      this.#length = this.#prefixBytes = this.#filled = 0;
    }
    return messages;
  }

  /** Whether the length is whole with this byte. */
  #takeOfPrefix(byte: number): boolean {
    this.#length |= (byte & 0x7f) << (7 * this.#prefixBytes++);
    if (byte >= 0x80 && this.#prefixBytes < prefixBytesMax) return false;
    if (byte >= 0x80 || this.#length > this.#bytesMax)
      throw new FramingError(`a message is said to be longer than ${this.#bytesMax} bytes`);
    return true;
  }

  #makeRoom(bytes: number): void {
    const room = this.#room!;
    if (bytes <= room.length) return;
    this.#room = new Uint8Array(Math.min(this.#length, Math.max(bytes, room.length * 2)));
    this.#room.set(room.subarray(0, this.#filled));
  }
}

/** A message with its length before it. */
export function framed(message: Uint8Array): Uint8Array {
  const prefix: number[] = [];
  let rest = message.length;
  for (; rest >= 0x80; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80);
  prefix.push(rest);
  const frame = new Uint8Array(prefix.length + message.length);
  frame.set(prefix);
  frame.set(message, prefix.length);
  return frame;
}
