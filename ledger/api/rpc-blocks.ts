// CometBFT v0.38 RPC: blocks, headers, commits and results (rpc/core/blocks.go).

import { hex } from "../protocol/bytes.ts";
import { methodFailed } from "./rpc-error.ts";
import { blockResultsJson } from "./rpc-json.ts";
import {
  blockAt,
  bytesOf,
  type FoundBlock,
  heightOf,
  numberOf,
  type RpcContext,
  type RpcMethods,
} from "./rpc-method.ts";
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
      const found = await blockByHash(context, params);
      if (found === null) return { block_id: { hash: "", parts: { total: 0, hash: "" } }, block: null };
      return { block_id: found.stored.block_id, block: found.stored.block };
    },
  },

  header: {
    params: { height: "int64" },
    async call(context, params) {
      const { stored } = await blockAt(context, heightOf(context, params));
      return { header: stored.block.header };
    },
  },

  header_by_hash: {
    params: { hash: "hexBytes" },
    async call(context, params) {
      const found = await blockByHash(context, params);
      return { header: found?.stored.block.header ?? null };
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
      const { stored } = await blockAt(context, height);
      return {
        signed_header: { header: stored.block.header, commit: stored.commit },
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

async function blockByHash(context: RpcContext, params: Params): Promise<FoundBlock | null> {
  const height = await context.ledger.store.heightOf(hex(bytesOf(params, "hash")));
  return height === null ? null : blockAt(context, height);
}
