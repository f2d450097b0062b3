// REST: the chain, its blocks, its transactions.

import { z } from "@hono/zod-openapi";
import { hex } from "../protocol/bytes.ts";
import { canonicalBytes } from "../protocol/canonical.ts";
import { refuse } from "../protocol/refusals.ts";
import type { BlockSummary, BlocksAnswer, ChainAnswer, SubmitAnswer } from "../protocol/rest.ts";
import { type Transaction, transactionBytesMax, transactionId, transactionSchema } from "../protocol/transaction.ts";
import { blockAnswerOf, readBlock, summaryOf, transactionAtPlace } from "./blocks-read.ts";
import { answerFinal, answerNewest, newestTag } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { faultsOf, problem, refusalProblem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";
import {
  blockAnswerSchema,
  blocksAnswerSchema,
  chainAnswerSchema,
  submitAnswerSchema,
  transactionAnswerSchema,
} from "./schemas.ts";

/** A page of blocks ends early once it holds so many transactions. */
const pageTransactionsMax = 2_000;
/** A read's token is worth so many blocks of a list. */
const blocksPerRead = 10;
/** How long `?wait=commit` waits. */
const commitWaitMs = 10_000;

const none = z.object({});

export function addChainRoutes(app: LedgerApp, ledger: LedgerContext): void {
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
      problems: [],
    },
    async (request) => {
      const tag = newestTag(ledger);
      const height = engine.height;
      const newest = await store.block(height);
      const answer: ChainAnswer = {
        chain: genesis.chain,
        height,
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
      summary: "Blocks, newest first",
      params: none,
      query: z.object({
        limit: z.coerce.number().int().min(1).max(100).default(20),
        before: z.coerce.number().int().min(1).optional(),
      }),
      answers: { 200: blocksAnswerSchema },
      problems: [400],
    },
    async (request, { query }) => {
      request.get("charge")("read", Math.floor(query.limit / blocksPerRead));
      const tag = newestTag(ledger);
      const blocks: BlockSummary[] = [];
      let transactions = 0;
      let height = Math.min(engine.height, (query.before ?? Number.MAX_SAFE_INTEGER) - 1);
      for (; height >= 1 && blocks.length < query.limit && transactions < pageTransactionsMax; height--) {
        const block = await readBlock(store, height);
        if (block === null) break;
        blocks.push(summaryOf(block.stored, block.results));
        transactions += block.results.ids.length;
      }
      return answerNewest(request, tag, { blocks } satisfies BlocksAnswer);
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/blocks/{height}",
      tag: "chain",
      summary: "One block with its transactions and events",
      params: z.object({ height: z.coerce.number().int().min(1) }),
      query: none,
      answers: { 200: blockAnswerSchema },
      problems: [400, 404],
    },
    async (request, { params }) => {
      const block = params.height <= engine.height ? await readBlock(store, params.height) : null;
      if (block === null) throw problem(404, `there is no block ${params.height} yet; the newest is ${engine.height}`);
      const answer = blockAnswerOf(block.stored, block.results);
      return answerFinal(request, answer.hash, answer);
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/transactions/{id}",
      tag: "transactions",
      summary: "One transaction by its id",
      params: z.object({ id: z.string().regex(/^[0-9a-f]{64}$/) }),
      query: none,
      answers: { 200: transactionAnswerSchema },
      problems: [400, 404],
    },
    async (request, { params }) => {
      const answer = await transactionAtPlace(store, await store.place("id", params.id));
      if (answer !== null) return answerFinal(request, answer.hash, answer);
      throw problem(
        404,
        engine.mempool.has(params.id) ? "the transaction waits for a block" : "there is no such transaction",
      );
    },
  );

  addRoute(
    app,
    {
      method: "post",
      path: "/v1/transactions",
      tag: "transactions",
      summary: "Submits a signed transaction",
      params: none,
      query: z.object({ wait: z.enum(["commit"]).optional() }),
      body: transactionSchema,
      answers: { 200: submitAnswerSchema, 202: submitAnswerSchema },
      problems: [400, 409, 413, 422, 429, 503],
    },
    async (request, { query }) => {
      const { bytes, id } = readTransaction(await request.req.text());
      const submission = engine.submit(bytes);
      if (!submission.ok) {
        const place = submission.name === "transaction_must_not_be_repeated" ? await store.place("id", id) : null;
        const params = place === null ? submission.params : { ...submission.params, height: place.height };
        throw refusalProblem({ ...submission, params });
      }
      const accepted: SubmitAnswer = { id: submission.id, height: 0, code: 0 };
      if (query.wait === undefined) return request.json(accepted, 202);
      const outcome = await engine.outcomeOf(submission.id, commitWaitMs);
      if (outcome === null) return request.json(accepted, 202);
      if (outcome.kind === "dropped") throw refusalProblem(outcome.refusal);
      const { height, result } = outcome;
      const refused = result.code === 0 ? {} : { refusal: result.refusal, params: result.params };
      return request.json({ id: submission.id, height, code: result.code, ...refused } satisfies SubmitAnswer);
    },
  );
}

/** The canonical bytes of a transaction in any JSON form. What is signed is its canonical body, so spaces and order do not matter. */
function readTransaction(text: string): { bytes: Uint8Array; id: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refusalProblem(refuse("transaction_must_be_json"));
  }
  const checked = transactionSchema.safeParse(parsed);
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    throw refusalProblem(
      refuse("transaction_must_match_schema", {
        path: issue.path.join(".").slice(0, 100),
        issue: issue.message.slice(0, 200),
      }),
      faultsOf(checked.error.issues, "body"),
    );
  }
  const transaction: Transaction = checked.data;
  const bytes = canonicalOrNull(transaction);
  if (bytes === null) throw refusalProblem(refuse("transaction_must_be_canonical"));
  if (bytes.length > transactionBytesMax)
    throw refusalProblem(
      refuse("transaction_bytes_must_not_exceed_limit", { bytes: bytes.length, limit: transactionBytesMax }),
    );
  return { bytes, id: transactionId(transaction.body) };
}

/** Null for texts with lone surrogates, for which RFC 8785 has no form. */
function canonicalOrNull(transaction: Transaction): Uint8Array | null {
  try {
    return canonicalBytes(transaction);
  } catch {
    return null;
  }
}
