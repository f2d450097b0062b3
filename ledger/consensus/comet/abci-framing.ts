// Frames of ABCI over a socket (cometbft abci/types/messages.go): each message has its length before it, an unsigned varint.
// Bound: 128 MiB a message, a little more than the largest block that CometBFT makes; memory grows with what has come, not with what is said.

/** A block of 100 MiB, CometBFT's own limit, with its framing. */
const messageBytesMax = 128 * 1_048_576;
/** Of a length up to 2^28. */
const prefixBytesMax = 4;

/** What came is no frame; the connection cannot go on. */
export class FramingError extends RangeError {
  override readonly name = "FramingError";
}

/** Takes bytes as they come and gives whole messages. */
export class FrameReader {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** Bytes of an unfinished message. */
  get pending(): number {
    return this.#length;
  }

  /** The messages that are whole now, in order; they share no memory with what comes later. @throws {FramingError} */
  push(part: Uint8Array): Uint8Array[] {
    this.#parts.push(part);
    this.#length += part.length;
    const messages: Uint8Array[] = [];
    for (;;) {
      const prefix = this.#prefix();
      if (prefix === null || this.#length < prefix.bytes + prefix.length) return messages;
      const all = this.#joined();
      const end = prefix.bytes + prefix.length;
      messages.push(all.slice(prefix.bytes, end));
      const rest = all.subarray(end);
      this.#parts = rest.length === 0 ? [] : [rest];
      this.#length = rest.length;
    }
  }

  #prefix(): { readonly length: number; readonly bytes: number } | null {
    let length = 0;
    let bytes = 0;
    for (const part of this.#parts)
      for (const byte of part) {
        length |= (byte & 0x7f) << (7 * bytes++);
        if (byte < 0x80) {
          if (length > messageBytesMax)
            throw new FramingError(`a message of ${length} bytes; ${messageBytesMax} at most`);
          return { length, bytes };
        }
        if (bytes === prefixBytesMax) throw new FramingError(`a message of more than ${messageBytesMax} bytes`);
      }
    return null;
  }

  #joined(): Uint8Array {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] ?? new Uint8Array();
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
