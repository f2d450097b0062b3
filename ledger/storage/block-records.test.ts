// Records of blocks: what goes in comes out, and whatever is changed on the way is noticed.

import fc from "fast-check";
import { expect, test } from "vitest";
import { commitToJson, timestampText } from "../protocol/comet.ts";
import {
  decodeHead,
  decodeResults,
  decodeTransactions,
  encodeHead,
  encodeResults,
  encodeTransactions,
  storedBlockOf,
} from "./block-records.ts";
import { DamagedRecord, openRecord, sealRecord } from "./record-codec.ts";
import type { StoredResults } from "./records.ts";
import { blockRecord, digest } from "./test-blocks.ts";

const bytes = fc.uint8Array({ maxLength: 300 });

test("a block comes back as it was", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.integer({ min: 0, max: 2 ** 41 }),
      fc.array(bytes, { maxLength: 5 }),
      (height, timeMs, transactions) => {
        const { encoded, commit } = blockRecord(height, timeMs, transactions);
        const stored = storedBlockOf(encodeHead(encoded, commit), decodeTransactions(encodeTransactions(transactions)));
        expect(stored.commit).toEqual(commitToJson(commit));
        expect(stored.size).toBe(encoded.length);
        expect(stored.block.header.height).toBe(String(height));
        expect(stored.block.header.time).toBe(
          timestampText({ seconds: BigInt(Math.floor(timeMs / 1000)), nanos: (timeMs % 1000) * 1e6 }),
        );
        expect(stored.block.last_commit?.height).toBe(String(height - 1));
        expect(stored.block.data.txs).toEqual(transactions.map((each) => Buffer.from(each).toString("base64")));
      },
    ),
  );
});

test("results come back as they were", () => {
  const text = fc.string({ maxLength: 20 });
  const event = fc.record({ type: text, attributes: fc.dictionary(text, text, { noNullPrototype: true }) });
  const result = fc.record({
    code: fc.nat(500),
    codespace: text,
    refusal: text,
    params: fc.dictionary(text, fc.oneof(text, fc.integer()), { noNullPrototype: true }),
    data: fc.base64String(),
    events: fc.array(event, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(result, { maxLength: 5 }), fc.array(event, { maxLength: 3 }), (transactions, events) => {
      const ids = transactions.map((_, index) => digest(`id ${index}`));
      const results: StoredResults = { appHash: digest("root"), ids, transactions, events };
      expect(decodeResults(encodeResults(results))).toEqual(results);
    }),
  );
});

test("a sealed record comes back, and no change of one byte goes unseen", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        bytes,
        fc.nat(5_000).map((length) => new Uint8Array(length).fill(7)),
      ),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (content, at, change) => {
        const sealed = sealRecord(content);
        expect(openRecord(sealed)).toEqual(content);
        sealed[at % sealed.length]! ^= change;
        expect(() => openRecord(sealed)).toThrow(DamagedRecord);
      },
    ),
  );
  for (let length = 0; length < 5; length++) expect(() => openRecord(new Uint8Array(length))).toThrow(DamagedRecord);
});

test("fields that CometBFT does not write are refused", () => {
  const { encoded, commit } = blockRecord(1, 0, []);
  const odd = Buffer.concat([encoded, Uint8Array.of(0x2a, 0x01, 0x00)]);
  expect(() => decodeHead(encodeHead(odd, commit))).toThrow(RangeError);
});
