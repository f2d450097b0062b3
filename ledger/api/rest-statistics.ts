// REST: what the city did, by day (UTC, by block time) and in all. The store keeps the days' totals with each block, so that no
// answer reads blocks; the sum of the days before the newest is kept here.

import { z } from "zod";
import type { DailyAnswer, DayTotals, SummaryAnswer, Totals } from "../protocol/rest.ts";
import { answerNewest, newestTag } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";
import { dailyAnswerSchema, summaryAnswerSchema } from "./statistics-schemas.ts";

/** Days of one answer. */
const daysMax = 366;
const daysDefault = 30;
const dayMs = 86_400_000;
/** Blocks over which the mean interval is taken. */
const intervalBlocks = 20;
const firstDay = "0000-01-01";

const dayParam = z.iso.date();

export function addStatisticsRoutes(app: LedgerApp, ledger: LedgerContext): void {
  const { engine, store, builder } = ledger;
  const timeOf = async (height: number): Promise<string> =>
    (await store.block(height))?.block.header.time ?? builder.genesis.document.genesis_time;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/statistics/daily",
      tag: "statistics",
      summary: "Totals of each day on which blocks were made",
      description: `Days are UTC, by block time; at most ${daysMax} of them, by default the last ${daysDefault}. Amounts are decimal strings.`,
      params: z.object({}),
      query: z.object({
        from: dayParam.optional().describe("first day"),
        to: dayParam.optional().describe("last day; by default that of the newest block"),
      }),
      answers: { 200: dailyAnswerSchema },
      caches: "newest",
      problems: [400],
    },
    async (request, { query }) => {
      const tag = newestTag(ledger);
      const to = query.to ?? (await timeOf(engine.height)).slice(0, 10);
      const from = query.from ?? dayOf(Math.max(0, Date.parse(to) - (daysDefault - 1) * dayMs));
      const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
      if (days < 1 || days > daysMax) {
        const detail = days < 1 ? "the first day is after the last" : `at most ${daysMax} days in one answer`;
        throw problem(400, detail, {}, [{ parameter: "from", in: "query", detail }]);
      }
      request.get("charge")("read", Math.floor(days / 31));
      const answer: DailyAnswer = { from, to, days: await store.dailyTotals(from, to) };
      return answerNewest(request, tag, answer);
    },
  );

  let earlier: { readonly before: string; readonly totals: Totals } | null = null;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/statistics/summary",
      tag: "statistics",
      summary: "Totals since genesis, the newest day, and the pace of blocks",
      params: z.object({}),
      query: z.object({}),
      answers: { 200: summaryAnswerSchema },
      caches: "newest",
      problems: [],
    },
    async (request) => {
      // What waits changes between two blocks.
      const { size, bytes } = engine.mempool;
      const tag = `${newestTag(ledger).slice(0, -1)}.${size}.${bytes}"`;
      const height = engine.height;
      const time = await timeOf(height);
      const day = time.slice(0, 10);
      const [newestDay] = await store.dailyTotals(day, day);
      if (earlier?.before !== day) {
        const last = dayOf(Date.parse(day) - dayMs);
        earlier = { before: day, totals: (await store.dailyTotals(firstDay, last)).reduce(sum, noTotals) };
      }
      const { totals } = earlier;
      const span = Math.min(intervalBlocks, height - store.lowest);
      const spanMs = span > 0 ? Date.parse(time) - Date.parse(await timeOf(height - span)) : 0;
      const answer: SummaryAnswer = {
        height,
        time,
        genesisTime: builder.genesis.document.genesis_time,
        lowest: store.lowest,
        blockIntervalSeconds: span > 0 ? Math.round(spanMs / span) / 1000 : null,
        waiting: { transactions: size, bytes },
        totals: newestDay === undefined ? totals : sum(totals, newestDay),
        newestDay: newestDay ?? null,
      };
      return answerNewest(request, tag, answer);
    },
  );
}

const noTotals: Totals = {
  days: 0,
  blocks: 0,
  transactions: 0,
  transactionBytes: 0,
  refusedTransactions: 0,
  refusals: {},
  messages: {},
  events: {},
  accountsRegistered: 0,
  moneyMoved: "0",
  energyTradedWh: "0",
};

function sum(totals: Totals, day: DayTotals): Totals {
  return {
    days: totals.days + 1,
    blocks: totals.blocks + day.blocks,
    transactions: totals.transactions + day.transactions,
    transactionBytes: totals.transactionBytes + day.transactionBytes,
    refusedTransactions: totals.refusedTransactions + day.refusedTransactions,
    refusals: added(totals.refusals, day.refusals),
    messages: added(totals.messages, day.messages),
    events: added(totals.events, day.events),
    accountsRegistered: totals.accountsRegistered + day.accountsRegistered,
    moneyMoved: (BigInt(totals.moneyMoved) + BigInt(day.moneyMoved)).toString(),
    energyTradedWh: (BigInt(totals.energyTradedWh) + BigInt(day.energyTradedWh)).toString(),
  };
}

function added(
  totals: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { ...totals };
  for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
  return counts;
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
