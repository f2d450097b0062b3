import { describe, expect, it } from "vitest";
import { RequestError, requestOf } from "./abci-request.ts";
import { requestBytes } from "./test-abci.ts";

/** A field of kind `bytes`. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  const varint = (value: number): number[] =>
    value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
  return Buffer.concat([Uint8Array.from(varint(number * 8 + 2)), Uint8Array.from(varint(bytes.length)), bytes]);
}

describe("requests of ABCI", () => {
  it("are decoded, each of its kind", () => {
    expect(requestOf(requestBytes({ echo: { message: "hello" } })).echo?.message).toBe("hello");
    expect(requestOf(requestBytes({ flush: {} })).flush).toEqual({});
    expect(requestOf(requestBytes({ finalizeBlock: { height: 7n } })).finalizeBlock?.height).toBe(7n);
    const tx = new Uint8Array(1_000).fill(3);
    expect(Buffer.compare(requestOf(requestBytes({ checkTx: { tx } })).checkTx!.tx, tx)).toBe(0);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["nothing at all", new Uint8Array(), /empty/],
    ["a number instead of a message", Uint8Array.of(0x08, 0x01), /unknown kind/],
    ["a field that ABCI 2.0 has no more (BeginBlock, 7)", field(7, new Uint8Array()), /unknown kind, field 7/],
    ["a field beyond all", field(536_870_911, new Uint8Array()), /unknown kind/],
    ["an application's mempool (InsertTx, 21)", field(21, new Uint8Array()), /must have type "flood"/],
    ["an application's mempool (ReapTxs, 22)", field(22, new Uint8Array()), /must have type "flood"/],
    ["vote extensions (ExtendVote, 18)", field(18, new Uint8Array()), /vote extensions/],
    ["two kinds at once", Buffer.concat([field(1, new Uint8Array()), field(11, new Uint8Array())]), /two kinds/],
    ["a kind twice", Buffer.concat([field(11, new Uint8Array()), field(11, new Uint8Array())]), /two kinds/],
    ["bytes after it", Buffer.concat([field(11, new Uint8Array()), Uint8Array.of(0)]), /no request/],
    ["a length beyond the message", Uint8Array.of(0x5a, 0x05, 0), /no request/],
    ["a length of 2^64 - 1", Uint8Array.of(0x5a, ...new Uint8Array(9).fill(0xff), 0x01), /no request/],
    ["a member that ends beyond it", field(5, Uint8Array.of(0x12, 0x7f)), /no request/],
    ["a group", field(5, Uint8Array.of(0x0b, 0x0c)), /no request/],
    ["groups in groups", field(5, new Uint8Array(1_000_000).fill(0x0b)), /no request/],
    ["an inner message cut short", field(5, Uint8Array.of(0x0a, 0x01, 0x08)), /no request/],
    [
      "a request of HTTP",
      Buffer.from("OST / HTTP/1.1\r\nHost: 127.0.0.1:26658\r\nContent-Length: 0\r\n"),
      /no request/,
    ],
  ])("are refused: %s", (_, bytes, words) => {
    expect(() => requestOf(bytes)).toThrow(RequestError);
    expect(() => requestOf(bytes)).toThrow(words);
  });

  it("are bounded by their kind: 4 MiB, but more for genesis and for a snapshot's chunks", () => {
    const bytes = (length: number): Uint8Array => new Uint8Array(length);
    expect(() => requestOf(requestBytes({ checkTx: { tx: bytes(5_000_000) } }))).toThrow(/4194304 at most/);
    expect(() => requestOf(requestBytes({ query: { data: bytes(5_000_000) } }))).toThrow(/4194304 at most/);
    expect(
      requestOf(requestBytes({ applySnapshotChunk: { chunk: bytes(16_777_216) } })).applySnapshotChunk,
    ).toBeDefined();
    expect(() => requestOf(requestBytes({ applySnapshotChunk: { chunk: bytes(18_000_000) } }))).toThrow(/at most/);
    expect(requestOf(requestBytes({ initChain: { appStateBytes: bytes(30_000_000) } })).initChain).toBeDefined();
  });

  it("may have a block full of empty transactions, which somebody may propose, but not more", () => {
    const full = requestBytes({ processProposal: { txs: Array<Uint8Array>(524_288).fill(new Uint8Array()) } });
    expect(requestOf(full).processProposal?.txs.length).toBe(524_288);
    const tooMany = field(
      5,
      new Uint8Array(1_200_004).map((_, i) => (i % 2 === 0 ? 0x22 : 0)),
    );
    expect(() => requestOf(tooMany)).toThrow(/more than 600000 members/);
  });
});
