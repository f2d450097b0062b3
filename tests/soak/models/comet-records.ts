// What the core makes of its flat records, by a reader and an encoder of their own: CometBFT v0.38 hashes and sign bytes.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesField, type Field, fixed64Field, messageField, varint, varintField } from "./protobuf.ts";
import { leafHash, rootOf } from "./rfc6962.ts";

const fieldBytesMax = 256;

/** Thrown where a record is unsound. */
export class Unsound extends Error {}

class RecordReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #skip(length: number): number {
    if (this.#at + length > this.#bytes.length) throw new Unsound();
    this.#at += length;
    return this.#at - length;
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#skip(8), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  /** Nanoseconds are int32 in protobuf, and negative ones take ten bytes. */
  nanos(): bigint {
    return BigInt(this.uint32() | 0);
  }

  bytes(lengthMax = fieldBytesMax): Uint8Array {
    const length = this.uint32();
    if (length > lengthMax) throw new Unsound();
    const from = this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  finish(): void {
    if (this.#at !== this.#bytes.length) throw new Unsound();
  }
}

function blockId(record: RecordReader): Field {
  const hash = record.bytes();
  const parts = [...varintField(1, BigInt(record.uint32())), ...bytesField(2, record.bytes())];
  return [...bytesField(1, hash), ...messageField(2, parts)];
}

function rootOfFields(leaves: readonly Field[]): Uint8Array {
  return rootOf(leaves.map((leaf) => leafHash(Uint8Array.from(leaf))));
}

function headerHash(record: RecordReader): Uint8Array {
  const leaves: Field[] = [];
  leaves.push([...varintField(1, record.int64()), ...varintField(2, record.int64())]);
  leaves.push(bytesField(1, record.bytes()));
  leaves.push(varintField(1, record.int64()));
  leaves.push([...varintField(1, record.int64()), ...varintField(2, record.nanos())]);
  leaves.push(blockId(record));
  for (let i = 0; i < 9; i++) leaves.push(bytesField(1, record.bytes()));
  record.finish();
  return rootOfFields(leaves);
}

function consensusHash(record: RecordReader): Uint8Array {
  const fields = [...varintField(1, record.int64()), ...varintField(2, record.int64())];
  record.finish();
  return sha256(Uint8Array.from(fields));
}

function voteSignBytes(record: RecordReader): Uint8Array {
  const chain = record.bytes();
  const [height, round] = [record.int64(), record.int64()];
  const time = [...varintField(1, record.int64()), ...varintField(2, record.nanos())];
  const hasBlock = record.uint32() !== 0;
  const id = blockId(record);
  record.finish();
  // An id without hash, parts and their hash is that of nil (CanonicalizeBlockID).
  const isNil = !hasBlock || id.length === 2;
  const vote = [
    ...varintField(1, 2n),
    ...fixed64Field(2, height),
    ...fixed64Field(3, round),
    ...(isNil ? [] : messageField(4, id)),
    ...messageField(5, time),
    ...bytesField(6, chain),
  ];
  return Uint8Array.from([...varint(BigInt(vote.length)), ...vote]);
}

function commitSignature(record: RecordReader): Field {
  const head = [...varintField(1, BigInt(record.uint32())), ...bytesField(2, record.bytes())];
  const time = [...varintField(1, record.int64()), ...varintField(2, record.nanos())];
  return [...head, ...messageField(3, time), ...bytesField(4, record.bytes())];
}

function simpleValidator(record: RecordReader): Field {
  const power = record.int64();
  return [...messageField(1, messageField(1, record.bytes())), ...varintField(2, power)];
}

function transactionResult(record: RecordReader): Field {
  const code = varintField(1, BigInt(record.uint32()));
  const gas = [...varintField(5, record.int64()), ...varintField(6, record.int64())];
  return [...code, ...bytesField(2, record.bytes(Number.POSITIVE_INFINITY)), ...gas];
}

function rootOfRecords(read: (record: RecordReader) => Field): (record: RecordReader, count: number) => Uint8Array {
  return (record, count) => {
    const leaves: Field[] = [];
    for (let i = 0; i < count; i++) leaves.push(read(record));
    record.finish();
    return rootOfFields(leaves);
  };
}

const readers = {
  headerHash,
  consensusHash,
  voteSignBytes,
  treeCommitSignatures: rootOfRecords(commitSignature),
  treeValidators: rootOfRecords(simpleValidator),
  treeResults: rootOfRecords(transactionResult),
} satisfies Record<string, (record: RecordReader, count: number) => Uint8Array>;

export type RecordCall = keyof typeof readers;

/** The right answer for a record, or undefined when it is unsound. */
export function answerTo(call: RecordCall, bytes: Uint8Array, count: number): Uint8Array | undefined {
  try {
    return readers[call](new RecordReader(bytes), count);
  } catch (error) {
    if (error instanceof Unsound) return undefined;
    throw error;
  }
}
