// CometBFT v0.38 RPC: blocks, headers, commits and results (rpc/core/blocks.go).

import { hex } from "../protocol/bytes.ts";
import { methodFailed } from "./rpc-error.ts";
import { blockResultsJson } from "./rpc-json.ts";
import { blockAt, bytesOf, headerAt, heightOf, numberOf, type RpcMethods } from "./rpc-method.ts";
import type { Params } from "./rpc-params.ts";

/** Headers of one `blockchain` answer. */
const headersMax = 20;

export const blockMethods: RpcMethods = {
  block: {
    params: { height: "int64" },
    async call(context, params) {
      const { stored } = await blockAt(context, heightOf(context, params));
      return { block_id: stored.block_id, block: stored.block };
    },
  },

  block_by_hash: {
    params: { hash: "bytes" },
    async call(context, params) {
      const height = await context.ledger.store.heightOf(hex(bytesOf(params, "hash")));
      if (height === null) return { block_id: { hash: "", parts: { total: 0, hash: "" } }, block: null };
      const { stored } = await blockAt(context, height);
      return { block_id: stored.block_id, block: stored.block };
    },
  },

  header: {
    params: { height: "int64" },
    async call(context, params) {
      const { header } = await headerAt(context, heightOf(context, params));
      return { header };
    },
  },

  header_by_hash: {
    params: { hash: "hexBytes" },
    async call(context, params) {
      const height = await context.ledger.store.heightOf(hex(bytesOf(params, "hash")));
      return { header: height === null ? null : (await headerAt(context, height)).header };
    },
  },

  blockchain: {
    params: { minHeight: "int64", maxHeight: "int64" },
    reads: headersMax / 2,
    async call(context, params) {
      const { engine, store } = context.ledger;
      const newest = engine.height;
      const { from, to } = heightRange(params, store.lowest, newest);
      const metas: unknown[] = [];
      for (let height = to; height >= from; height--) {
        const { stored } = await blockAt(context, height);
        metas.push({
          block_id: stored.block_id,
          block_size: String(stored.size),
          header: stored.block.header,
          num_txs: String(stored.block.data.txs?.length ?? 0),
        });
      }
      return { last_height: String(newest), block_metas: metas };
    },
  },

  commit: {
    params: { height: "int64" },
    async call(context, params) {
      const height = heightOf(context, params);
      const { header, commit } = await headerAt(context, height);
      return {
        signed_header: { header, commit },
        // As in CometBFT: canonical once the next block contains it.
        canonical: height < context.ledger.engine.height,
      };
    },
  },

  block_results: {
    params: { height: "int64" },
    async call(context, params) {
      const height = heightOf(context, params);
      const { results } = await blockAt(context, height);
      return blockResultsJson(height, results);
    },
  },
};

/** CometBFT's filterMinMax: what is missing or beyond the chain is brought into it, and the newest headers count. */
function heightRange(params: Params, lowest: number, newest: number): { readonly from: number; readonly to: number } {
  const least = numberOf(params, "minHeight") ?? 0;
  const most = numberOf(params, "maxHeight") ?? 0;
  if (least < 0 || most < 0) throw methodFailed("heights must be non-negative");
  const to = Math.min(newest, most === 0 ? newest : most);
  const from = Math.max(lowest, least, to - headersMax + 1);
  if (from > to) throw methodFailed(`min height ${from} can't be greater than max height ${to}`);
  return { from, to };
}
