// Requests as they come over ABCI's socket: which kinds there are, how long each may be, and that the bytes are one of them.
// A decoded list takes up to two hundred times its bytes, so what has lists is bounded before it is decoded.

import { Request } from "cosmjs-types/tendermint/abci/types";

/** The other end asks what cannot be answered. Nothing was done; that connection ends. */
export class RequestError extends RangeError {
  override readonly name = "RequestError";
}

const mebibyte = 1_048_576;
/** CometBFT's blocks have 1 MiB in our chains; besides there are the votes of the block before, about 60 bytes a validator. */
const requestBytesMax = 4 * mebibyte;
/** By field: requests that may be longer. */
const longerBytesMax: ReadonlyMap<number, number> = new Map([
  // InitChain has the state of genesis: as long as a frame may be.
  [5, 128 * mebibyte],
  // ApplySnapshotChunk: CometBFT takes chunks of 16 MiB from others and asks us what they are.
  [15, 17 * mebibyte],
]);
/** A block of 1 MiB may be full of empty transactions: its proposer may be anybody, and what he proposes must be refused, not choke on. */
const membersMax = 600_000;

/** By field, for those that a setting of CometBFT brings on. */
const wrongSettings: ReadonlyMap<number, string> = new Map([
  [18, "vote extensions are enabled in the genesis of CometBFT, this application has none"],
  [19, "vote extensions are enabled in the genesis of CometBFT, this application has none"],
  [21, 'CometBFT\'s mempool has type "app", but must have type "flood"'],
  [22, 'CometBFT\'s mempool has type "app", but must have type "flood"'],
]);
const kinds: ReadonlySet<number> = new Set([1, 2, 3, 5, 6, 8, 11, 12, 13, 14, 15, 16, 17, 20]);

/** @throws {RequestError} in words for the operator. */
export function requestOf(message: Uint8Array): Request {
  const reader = new FieldReader(message);
  const kind = reader.next();
  if (kind === null) throw new RequestError("a request that is empty");
  const wrongSetting = wrongSettings.get(kind.field);
  if (wrongSetting !== undefined) throw new RequestError(wrongSetting);
  if (!kinds.has(kind.field) || kind.bytes === null)
    throw new RequestError(`a request of an unknown kind, field ${kind.field}`);
  if (reader.next() !== null) throw new RequestError("a request of two kinds at once");
  const bytesMax = longerBytesMax.get(kind.field) ?? requestBytesMax;
  if (kind.bytes.length > bytesMax)
    throw new RequestError(`a request of ${kind.bytes.length} bytes; ${bytesMax} at most`);
  const members = new FieldReader(kind.bytes);
  for (let count = 0; members.next() !== null; count++)
    if (count === membersMax) throw new RequestError(`a request of more than ${membersMax} members`);
  try {
    return Request.decode(message);
  } catch (cause) {
    throw new RequestError("a message that is no request", { cause });
  }
}

/** One after another the fields of a protobuf message, unread. */
class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** `bytes` is null for numbers; null at the end. @throws {RequestError} */
  next(): { readonly field: number; readonly bytes: Uint8Array | null } | null {
    if (this.#at === this.#bytes.length) return null;
    const tag = this.#varint();
    const field = Math.floor(tag / 8);
    if (field === 0) throw noProtobuf();
    switch (tag % 8) {
      case 0:
        this.#varint();
        return { field, bytes: null };
      case 1:
        this.#skip(8);
        return { field, bytes: null };
      case 2: {
        const length = this.#varint();
        const start = this.#at;
        this.#skip(length);
        return { field, bytes: this.#bytes.subarray(start, this.#at) };
      }
      case 5:
        this.#skip(4);
        return { field, bytes: null };
      default:
        throw noProtobuf();
    }
  }

  #skip(count: number): void {
    if (count > this.#bytes.length - this.#at) throw noProtobuf();
    this.#at += count;
  }

  /** Up to ten bytes. What is beyond 2^53 is not exact, and as a length too long in any case. */
  #varint(): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw noProtobuf();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw noProtobuf();
  }
}

function noProtobuf(): RequestError {
  return new RequestError("a message that is no request");
}
