// REST: the chain and its blocks.

import { z } from "zod";
import { hex } from "../protocol/bytes.ts";
import { placeCursor, readPlaceCursor } from "../protocol/cursor.ts";
import type { BlockSummary, BlocksAnswer, ChainAnswer } from "../protocol/rest.ts";
import { wholeNumber } from "../protocol/whole-number.ts";
import { blockAnswerOf, readBlock, summaryOf } from "./blocks-read.ts";
import { answerFinal, answerNewest, newestTag, revalidate } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { answerPage, heightsOf, pageParams, rangeParams } from "./paging.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";
import { blockAnswerSchema, blocksAnswerSchema, chainAnswerSchema } from "./schemas.ts";

/** A page of blocks ends early once it holds so many transactions. */
const pageTransactionsMax = 2_000;
/** A read's token is worth so many blocks of a list. */
const blocksPerRead = 10;

const none = z.object({});

export function addBlockRoutes(app: LedgerApp, ledger: LedgerContext): void {
  const { builder, engine, store } = ledger;
  const { genesis } = builder;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/chain",
      tag: "chain",
      summary: "The chain and its newest block",
      params: none,
      query: none,
      answers: { 200: chainAnswerSchema },
      caches: "newest",
      problems: [],
    },
    async (request) => {
      const tag = newestTag(ledger);
      const height = engine.height;
      const newest = await store.block(height);
      const answer: ChainAnswer = {
        chain: genesis.chain,
        height,
        lowest: store.lowest,
        time: newest?.block.header.time ?? genesis.document.genesis_time,
        genesisTime: genesis.document.genesis_time,
        genesisValidatorsHash: hex(builder.validatorsHash),
        slotSeconds: genesis.appState.energy.slotSeconds,
      };
      return answerNewest(request, tag, answer);
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/blocks",
      tag: "chain",
      summary: "Blocks by height and time",
      params: none,
      query: z.object({
        ...pageParams,
        ...rangeParams,
        before: wholeNumber(1).optional().describe("only blocks below this height"),
      }),
      answers: { 200: blocksAnswerSchema },
      caches: "newest",
      problems: [400],
    },
    async (request, { query }) => {
      request.get("charge")("read", Math.floor(query.limit / blocksPerRead));
      const tag = newestTag(ledger);
      const range = await heightsOf(store, engine.height, query);
      const step = query.sort === "desc" ? -1 : 1;
      const after = query.cursor === undefined ? null : readPlaceCursor(query.cursor)!.height;
      const highest = Math.min(range.to, (query.before ?? Number.MAX_SAFE_INTEGER) - 1);
      let height = step < 0 ? highest : range.from;
      if (after !== null) height = step < 0 ? Math.min(height, after - 1) : Math.max(height, after + 1);
      const blocks: BlockSummary[] = [];
      let transactions = 0;
      for (; height >= range.from && height <= highest; height += step) {
        if (blocks.length >= query.limit || transactions >= pageTransactionsMax) break;
        const block = await readBlock(store, height);
        if (block === null) break;
        blocks.push(summaryOf(block.stored, block.results));
        transactions += block.results.ids.length;
      }
      const last = blocks.at(-1)?.height;
      const more = last !== undefined && last + step >= range.from && last + step <= highest;
      const next = more ? placeCursor({ height: last, index: -1, event: -1 }) : null;
      const answer: BlocksAnswer = { blocks, next };
      return answerPage(request, tag, answer);
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/blocks/{height}",
      tag: "chain",
      summary: "One block with its transactions and events",
      description: "A block never changes; only that it is the newest may. 410 for one that was pruned.",
      params: z.object({ height: wholeNumber(1) }),
      query: none,
      answers: { 200: blockAnswerSchema },
      caches: "final",
      problems: [400, 404, 410],
    },
    async (request, { params: { height } }) => {
      const newest = engine.height;
      if (height < store.lowest) throw problem(410, `block ${height} was pruned; the earliest kept is ${store.lowest}`);
      const block = height <= newest ? await readBlock(store, height) : null;
      if (block === null) throw problem(404, `there is no block ${height} yet; the newest is ${newest}`);
      const answer = blockAnswerOf(block.stored, block.results);
      if (height < newest) return answerFinal(request, answer.hash, answer);
      return request.json(answer, 200, { etag: `"${answer.hash}"`, "cache-control": revalidate });
    },
  );
}
