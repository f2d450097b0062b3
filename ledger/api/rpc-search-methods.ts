// CometBFT v0.38 RPC: tx_search and block_search (rpc/core/tx.go, blocks.go). Conditions on one event type must hold for one event,
// as CometBFT's indexer has it. Events of transactions are not found by block_search, nor the block's own by tx_search.

import { methodFailed } from "./rpc-error.ts";
import { transactionJson } from "./rpc-json.ts";
import { blockAt, type FoundBlock, pageOf, type RpcContext, type RpcMethods, textOf } from "./rpc-method.ts";
import type { Params } from "./rpc-params.ts";
import { type EventQuery, parseQuery, QueryError } from "./rpc-query.ts";
import type { Found } from "./rpc-search.ts";
import type { Searched } from "./rpc-search-plan.ts";

/** Of one answer, before it is written as JSON. */
const answerBytesMax = 8 * 1_048_576;
const searchReads = 20;

export const searchMethods: RpcMethods = {
  tx_search: {
    params: { query: "string", prove: "boolean", page: "int64", per_page: "int64", order_by: "string" },
    reads: searchReads,
    async call(context, params) {
      const { core } = context.ledger.builder;
      const line = ({ stored, results }: FoundBlock, index: number) =>
        transactionJson(core, stored, results, index, params["prove"] === true);
      const { lines, total } = await search(context, params, "tx", "asc", line);
      return { txs: lines, total_count: String(total) };
    },
  },

  block_search: {
    params: { query: "string", page: "int64", per_page: "int64", order_by: "string" },
    reads: searchReads,
    async call(context, params) {
      const line = ({ stored }: FoundBlock) => ({ block_id: stored.block_id, block: stored.block });
      const { lines, total } = await search(context, params, "block", "desc", line);
      return { blocks: lines, total_count: String(total) };
    },
  },
};

type Line = (block: FoundBlock, index: number) => unknown;
interface FoundPage {
  readonly lines: readonly unknown[];
  readonly total: number;
}

async function search(
  context: RpcContext,
  params: Params,
  searched: Searched,
  usual: "asc" | "desc",
  line: Line,
): Promise<FoundPage> {
  const order = textOf(params, "order_by") || usual;
  if (order !== "asc" && order !== "desc")
    throw methodFailed("expected order_by to be either `asc` or `desc` or empty");
  const query = queryOf(params);
  for (const thorough of [false, true]) {
    const found = await context.search.find(searched, query, thorough, context.owe);
    const page = await pageOfFound(context, params, found, order, line);
    if (page !== null) return page;
  }
  throw new Error("a thorough search found what does not fit");
}

/** Null when something on the page does not satisfy the query after all. */
async function pageOfFound(
  context: RpcContext,
  params: Params,
  { places, fits }: Found,
  order: "asc" | "desc",
  line: Line,
): Promise<FoundPage | null> {
  const total = places.length;
  const { skip, length } = pageOf(params, total);
  const lines: unknown[] = [];
  let bytes = 0;
  let block: FoundBlock | null = null;
  let blockHeight = 0;
  for (let at = 0; at < length; at++) {
    const { height, index } = places[order === "asc" ? skip + at : total - 1 - skip - at]!;
    if (block === null || blockHeight !== height) block = await blockAt(context, height);
    blockHeight = height;
    const { events, transactions } = block.results;
    if (!fits(index === -1 ? events : transactions[index]!.events)) return null;
    const answer = line(block, index);
    bytes += JSON.stringify(answer).length;
    if (bytes > answerBytesMax)
      throw methodFailed(`the page would have more than ${answerBytesMax} bytes; ask for fewer per_page`);
    lines.push(answer);
  }
  return { lines, total };
}

function queryOf(params: Params): EventQuery {
  try {
    return parseQuery(textOf(params, "query"));
  } catch (error) {
    throw error instanceof QueryError ? methodFailed(error.message) : error;
  }
}
