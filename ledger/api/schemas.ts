// Shapes of the REST API's answers for the OpenAPI document. Each is checked against its interface in ledger/protocol/rest.ts.

import { z } from "zod";
import type { HistoryProofAnswer } from "../protocol/history.ts";
import type {
  BlockAnswer,
  BlockSummary,
  BlocksAnswer,
  ChainAnswer,
  HistoryAnswer,
  LedgerEvent,
  Problem,
  ProvenAnswer,
  StateEntriesAnswer,
  StateEntryAnswer,
  SubmitAnswer,
  TradesAnswer,
  TransactionAnswer,
  TransactionsAnswer,
} from "../protocol/rest.ts";
import { messageSchema, transactionSchema } from "../protocol/transaction.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const height = z.number().int().min(0);
const time = z.string().describe("RFC 3339, UTC");
const money = z
  .string()
  .regex(/^-?[0-9]+$/)
  .describe("micro-units; 1000000 is 1.00");
const params = z.record(z.string(), z.union([z.string(), z.number()]));

export const chainAnswerSchema = z.object({
  chain: z.string(),
  height,
  lowest: height,
  time,
  genesisTime: time,
  genesisValidatorsHash: hash,
  slotSeconds: z.number().int(),
}) satisfies z.ZodType<ChainAnswer>;

export const historyProofAnswerSchema = z.object({
  height,
  size: height.describe("the path leads to the root in state `history/tree/blocks` after block `size`"),
  header: hash.describe("hash of the block's header"),
  events: hash.describe(
    "RFC 6962's root over the block's own events, each as canonical JSON of `attributes` and `type`",
  ),
  path: z.array(hash).max(53).describe("inclusion path of leaf `height - 1`, which is `header` and `events`"),
}) satisfies z.ZodType<HistoryProofAnswer>;

const next = z.string().nullable().describe("for `cursor`; null at the end of the list");

export const eventSchema = z.object({
  type: z.string(),
  attributes: z.record(z.string(), z.string()),
}) satisfies z.ZodType<LedgerEvent>;

export const transactionAnswerSchema = z.object({
  id: hash,
  hash,
  height,
  index: z.number().int(),
  code: z.number().int().describe("0 when applied, else a refusal code"),
  refusal: z.string().exactOptional(),
  params: params.exactOptional(),
  transaction: transactionSchema,
  events: z.array(eventSchema),
}) satisfies z.ZodType<TransactionAnswer>;

const blockHead = { height, time, hash, appHash: z.string(), events: z.array(eventSchema) };

export const blockSummarySchema = z.object({
  ...blockHead,
  transactions: z.array(z.object({ id: hash, code: z.number().int(), messages: z.array(messageSchema) })),
}) satisfies z.ZodType<BlockSummary>;

export const blocksAnswerSchema = z.object({
  blocks: z.array(blockSummarySchema),
  next,
}) satisfies z.ZodType<BlocksAnswer>;

export const blockAnswerSchema = z.object({
  ...blockHead,
  transactions: z.array(transactionAnswerSchema),
}) satisfies z.ZodType<BlockAnswer>;

export const submitAnswerSchema = z.object({
  id: hash,
  height,
  code: z.number().int(),
  refusal: z.string().exactOptional(),
  params: params.exactOptional(),
}) satisfies z.ZodType<SubmitAnswer>;

export const transactionsAnswerSchema = z.object({
  transactions: z.array(transactionAnswerSchema),
  next,
}) satisfies z.ZodType<TransactionsAnswer>;

export const historyAnswerSchema = z.object({
  events: z.array(
    eventSchema.extend({
      height,
      time,
      index: z.number().int().min(-1).describe("of the transaction; -1 for the block itself"),
      number: z.number().int().min(0),
      transaction: hash.nullable(),
    }),
  ),
  next,
}) satisfies z.ZodType<HistoryAnswer>;

export const tradesAnswerSchema = z.object({
  trades: z.array(
    z.object({
      slot: z.number().int(),
      height,
      time,
      number: z.number().int(),
      seller: z.string(),
      buyer: z.string(),
      meter: z.string(),
      energyWh: z.string(),
      price: z.string(),
      amount: money,
      offer: z.string(),
      bid: z.string(),
    }),
  ),
  next,
}) satisfies z.ZodType<TradesAnswer>;

const proofSchema = z.object({ type: z.literal("ics23:simple"), key: z.base64(), data: z.base64() });

export const provenAnswerSchema = z.object({
  height,
  proofs: z.array(z.object({ name: z.string(), value: z.unknown(), proof: proofSchema })),
}) satisfies z.ZodType<ProvenAnswer>;

export const stateEntriesAnswerSchema = z.object({
  height,
  entries: z.array(z.object({ name: z.string(), value: z.unknown(), proof: proofSchema.exactOptional() })),
  next,
}) satisfies z.ZodType<StateEntriesAnswer>;

export const stateEntryAnswerSchema = z.object({
  name: z.string(),
  height,
  value: z.unknown(),
  proof: proofSchema.nullable(),
}) satisfies z.ZodType<StateEntryAnswer>;

export const rootAnswerSchema = z.object({
  chain: z.string(),
  version: z.string(),
  documentation: z.string(),
  problems: z.string(),
  openapi: z.string(),
  rest: z.string(),
  rpc: z.string(),
});

export const readyAnswerSchema = z.object({ ready: z.literal(true), height, version: z.string(), node: z.string() });

const faultSchema = z.union([
  z.object({ pointer: z.string().describe("RFC 6901, as a URI fragment"), detail: z.string() }),
  z.object({ parameter: z.string(), in: z.enum(["path", "query", "header"]), detail: z.string() }),
]);

export const problemSchema = z.object({
  type: z.string().describe("urn:glasstown:problem:<kind> or urn:glasstown:refusal:<name>; see /docs/problems"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string().exactOptional().describe("urn:glasstown:request:<id>"),
  errors: z.array(faultSchema).exactOptional(),
  code: z.number().int().exactOptional(),
  refusal: z.string().exactOptional(),
  params: params.exactOptional(),
}) satisfies z.ZodType<Problem>;
