// Shapes of the statistics' answers for the OpenAPI document, each checked against its interface in ledger/protocol/rest.ts.

import { z } from "zod";
import type { DailyAnswer, SummaryAnswer } from "../protocol/rest.ts";

const count = z.number().int().min(0);
const counts = z.record(z.string(), count);
const time = z.string().describe("RFC 3339, UTC");
const day = z.iso.date();

const dayTotals = {
  blocks: count,
  transactions: count.describe("all in blocks, refused ones included"),
  transactionBytes: count,
  refusedTransactions: count,
  refusals: counts.describe("refused transactions by the refusal's name"),
  messages: counts.describe("applied messages by type"),
  events: counts.describe("events by type"),
  accountsRegistered: count,
  moneyMoved: z.string().describe("micro-units that moved between accounts"),
  energyTradedWh: z.string(),
};

const dailyTotalsSchema = z.object({
  day,
  firstHeight: count,
  lastHeight: count,
  ...dayTotals,
  modules: z.record(z.string(), z.object({ messages: count, refusedMessages: count, events: count })),
  sums: z.record(z.string(), z.string()).describe("sums of events' amounts by <type>.<attribute>"),
});

export const dailyAnswerSchema = z.object({
  from: day,
  to: day,
  days: z.array(dailyTotalsSchema),
}) satisfies z.ZodType<DailyAnswer>;

export const summaryAnswerSchema = z.object({
  height: count,
  time,
  genesisTime: time,
  lowest: count.describe("earliest block that is kept"),
  blockIntervalSeconds: z.number().nullable().describe("mean over the newest blocks"),
  waiting: z.object({ transactions: count, bytes: count }).describe("in the mempool"),
  totals: z.object({ days: count, ...dayTotals }),
  newestDay: dailyTotalsSchema.nullable(),
}) satisfies z.ZodType<SummaryAnswer>;
