// Results of transactions in protobuf, by hand: a block has thousands of them, and cosmjs-types takes several times as long.
// ExecTxResult and ResponseCheckTx have the same fields (tendermint/abci/types.proto): code 1, data 2, log 3, events 7, codespace 8.

import type { LedgerEvent } from "../../protocol/rest.ts";
import type { AbciTransactionResult, CheckAnswer } from "./abci-handler.ts";

const responseCheckTx = 9;
const responseFinalizeBlock = 21;
const finalizeBlockTxResults = 2;
/** An answer to a check fits; a block's grows by doubling. */
const roomBytesMin = 256;

/** Response { check_tx }. */
export function encodeCheckAnswer(answer: CheckAnswer): Uint8Array {
  const writer = new Writer();
  const { code, codespace, log } = answer;
  writer.nested(responseCheckTx, () => {
    writer.number(1, code);
    writer.text(3, log);
    writer.text(8, codespace);
  });
  return writer.finish();
}

/** Response { finalize_block }, of which `rest` has all but the results, as protobuf. The order of fields is free. */
export function encodeFinalizeBlock(results: readonly AbciTransactionResult[], rest: Uint8Array): Uint8Array {
  const writer = new Writer();
  writer.nested(responseFinalizeBlock, () => {
    writer.raw(rest);
    for (const { code, codespace, log, data, events } of results)
      writer.nested(finalizeBlockTxResults, () => {
        writer.number(1, code);
        writer.bytes(2, data);
        writer.text(3, log);
        for (const event of events) writer.nested(7, () => writeEvent(writer, event));
        writer.text(8, codespace);
      });
  });
  return writer.finish();
}

function writeEvent(writer: Writer, { type, attributes }: LedgerEvent): void {
  writer.text(1, type);
  for (const [key, value] of Object.entries(attributes))
    writer.nested(2, () => {
      writer.text(1, key);
      writer.text(2, value);
      // CometBFT indexes it.
      writer.number(3, 1);
    });
}

/** Writes fields one after the other. What is empty or 0 is left out, as in proto3, but for nested messages. */
class Writer {
  #room = Buffer.allocUnsafeSlow(roomBytesMin);
  #at = 0;

  number(field: number, value: number): void {
    if (value === 0) return;
    if (!Number.isSafeInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError(`${value} is no uint32`);
    this.#need(12);
    this.#varint(field * 8);
    this.#varint(value);
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length === 0) return;
    this.#need(12 + value.length);
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    this.raw(value);
  }

  text(field: number, value: string): void {
    if (value === "") return;
    const length = Buffer.byteLength(value);
    this.#need(12 + length);
    this.#varint(field * 8 + 2);
    this.#varint(length);
    this.#at += this.#room.write(value, this.#at);
  }

  raw(value: Uint8Array): void {
    this.#need(value.length);
    this.#room.set(value, this.#at);
    this.#at += value.length;
  }

  /** One byte is left for the length; where it needs more, what was written moves. */
  nested(field: number, write: () => void): void {
    this.#need(12);
    this.#varint(field * 8 + 2);
    const start = ++this.#at;
    write();
    const end = this.#at;
    this.#at = start - 1;
    const more = varintBytes(end - start) - 1;
    this.#need(end - start + 12);
    if (more > 0) this.#room.copyWithin(start + more, start, end);
    this.#varint(end - start);
    this.#at = end + more;
  }

  finish(): Uint8Array {
    return this.#room.subarray(0, this.#at);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#room[this.#at++] = (rest % 0x80) + 0x80;
    this.#room[this.#at++] = rest;
  }

  #need(count: number): void {
    if (this.#at + count <= this.#room.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#room.length * 2, this.#at + count));
    // All of it: what a nested message has written stands behind its length.
    grown.set(this.#room);
    this.#room = grown;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
