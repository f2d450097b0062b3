// The mempool's bounds.

import { expect, test } from "vitest";
import { Mempool, type PendingTransaction } from "./mempool.ts";

const limits = { transactionsMax: 4, bytesMax: 1_000, transactionsPerAccountMax: 2, bytesPerAccountMax: 500 };

function pending(number: number, by: string, bytes = 10): PendingTransaction {
  return {
    id: `id-${number}`,
    hash: `hash-${number}`,
    bytes: new Uint8Array(bytes),
    by: [by],
    expires: 100,
    checkedAt: 1,
  };
}

test("keeps the order of arrival", () => {
  const mempool = new Mempool(limits);
  for (const number of [3, 1, 2]) expect(mempool.add(pending(number, `a${number}`))).toBeNull();
  expect([...mempool].map(({ id }) => id)).toEqual(["id-3", "id-1", "id-2"]);
});

test("is bounded by count, by bytes, and by each account's share of both", () => {
  const mempool = new Mempool(limits);
  expect(mempool.add(pending(1, "a"))).toBeNull();
  expect(mempool.add(pending(2, "a"))).toBeNull();
  expect(mempool.add(pending(3, "a"))?.name).toBe("transaction_quota_must_not_be_exceeded");
  expect(mempool.add(pending(4, "b", 490))).toBeNull();
  expect(mempool.add(pending(5, "b", 20))?.name).toBe("transaction_quota_must_not_be_exceeded");
  expect(mempool.add(pending(6, "c", 491))?.name).toBe("transaction_mempool_must_have_room");
  expect(mempool.add(pending(7, "c"))).toBeNull();
  expect(mempool.add(pending(8, "d"))?.name).toBe("transaction_mempool_must_have_room");
  expect({ size: mempool.size, bytes: mempool.bytes }).toEqual({ size: 4, bytes: 520 });
});

test("refuses an id that waits already", () => {
  const mempool = new Mempool(limits);
  mempool.add(pending(1, "a"));
  expect(mempool.add({ ...pending(1, "a"), hash: "other" })?.name).toBe("transaction_must_not_be_repeated");
});

test("what is removed makes room", () => {
  const mempool = new Mempool(limits);
  mempool.add(pending(1, "a"));
  mempool.add(pending(2, "a"));
  mempool.remove("id-1");
  mempool.remove("id-1");
  mempool.remove("unknown");
  expect({ size: mempool.size, bytes: mempool.bytes, of: mempool.countOf("a") }).toEqual({ size: 1, bytes: 10, of: 1 });
  expect(mempool.idOfHash("hash-1")).toBeUndefined();
  expect(mempool.add(pending(3, "a"))).toBeNull();
});
