// Heights and pages as CometBFT checks them (rpc/core/env.go), on a chain that has been pruned; and what waits.

import { describe, expect, test } from "vitest";
import { blockMethods } from "./rpc-blocks.ts";
import { heightOf, pageOf, type RpcContext } from "./rpc-method.ts";
import { transactionMethods } from "./rpc-transactions.ts";

const pruned = {
  ledger: { engine: { height: 30 }, store: { lowest: 5, block: async () => null, results: async () => null } },
} as unknown as RpcContext;

describe("heights of a chain that is kept from 5 to 30", () => {
  test.each([
    [undefined, 30],
    [5, 5],
    [30, 30],
  ])("%s is %i", (height, wanted) => expect(heightOf(pruned, height === undefined ? {} : { height })).toBe(wanted));

  test.each([
    [4, "height 4 is not available, lowest height is 5"],
    [1, "height 1 is not available, lowest height is 5"],
    [0, "height must be greater than 0, but got 0"],
    [-1, "height must be greater than 0, but got -1"],
    [31, "height 31 must be less than or equal to the current blockchain height 30"],
  ])("%i is refused", (height, data) =>
    expect(() => heightOf(pruned, { height })).toThrow(expect.objectContaining({ code: -32603, data })),
  );

  test("a block that is pruned while it is asked for", async () => {
    await expect(blockMethods["block"]!.call(pruned, { height: 6 })).rejects.toMatchObject({
      data: "height 6 is not available, lowest height is 5",
    });
  });

  test.each([
    [{}, 30, 11],
    [{ minHeight: 1, maxHeight: 10 }, 10, 5],
    [{ minHeight: 8, maxHeight: 9 }, 9, 8],
    [{ maxHeight: 1_000 }, 30, 11],
  ])("blockchain %j is from %i down to %i", async (params, to, from) => {
    const asked: number[] = [];
    const store = {
      lowest: 5,
      block: async (height: number) => {
        asked.push(height);
        return { block_id: {}, size: 1, block: { header: {}, data: { txs: [] } } };
      },
      results: async () => ({}),
    };
    const context = { ledger: { ...pruned.ledger, store } } as unknown as RpcContext;
    await blockMethods["blockchain"]!.call(context, params);
    expect(asked).toEqual(Array.from({ length: to - from + 1 }, (_, at) => to - at));
  });
});

test.each([
  [{}, 0, { skip: 0, length: 0 }],
  [{}, 45, { skip: 0, length: 30 }],
  [{ page: 2 }, 45, { skip: 30, length: 15 }],
  [{ page: 2, per_page: 10 }, 45, { skip: 10, length: 10 }],
  [{ per_page: 1_000 }, 450, { skip: 0, length: 100 }],
  [{ per_page: -1 }, 45, { skip: 0, length: 30 }],
])("page %j of %i", (params, total, page) => expect(pageOf(params, total)).toEqual(page));

test.each([
  [{ page: 0 }, 45, 2],
  [{ page: 3 }, 45, 2],
  [{ page: 2 }, 0, 1],
])("page %j of %i is refused", (params, total, pages) =>
  expect(() => pageOf(params, total)).toThrow(
    expect.objectContaining({ data: `page should be within [1, ${pages}] range, given ${params.page}` }),
  ),
);

test.each([
  [{}, 30],
  [{ limit: 2 }, 2],
  [{ limit: 1_000 }, 40],
])("of 40 transactions that wait, unconfirmed_txs %j shows %i", (params, shown) => {
  const waiting = Array.from({ length: 40 }, (_, at) => ({ bytes: Uint8Array.of(at) }));
  const mempool = { size: 40, bytes: 40, [Symbol.iterator]: () => waiting.values() };
  const context = { ledger: { engine: { mempool } } } as unknown as RpcContext;
  const txs = waiting.slice(0, shown).map(({ bytes }) => Buffer.from(bytes).toString("base64"));
  const counts = { total: "40", total_bytes: "40" };
  expect(transactionMethods["unconfirmed_txs"]!.call(context, params)).toEqual({
    n_txs: String(shown),
    ...counts,
    txs,
  });
  expect(transactionMethods["num_unconfirmed_txs"]!.call(context, {})).toEqual({ n_txs: "40", ...counts, txs: null });
});
