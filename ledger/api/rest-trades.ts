// REST: trades of the energy market, all or one account's. An account's are found through the index of events; each is then read
// from the state, which forgets trades after some time, so that each can be proven.

import { z } from "zod";
import { namesOfPage, type RunnableQuery } from "../modules/query.ts";
import { accountIdSchema } from "../protocol/accounts.ts";
import { type PlaceCursor, placeCursor, readPlaceCursor } from "../protocol/cursor.ts";
import { energyState, type SlotRecord, type TradeRecord } from "../protocol/energy.ts";
import type { TradesAnswer } from "../protocol/rest.ts";
import { newestTag } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { wrongCursor } from "./list-cursor.ts";
import { answerAsked, ask, provenSchema } from "./module-queries.ts";
import { limitParam } from "./paging.ts";
import { eitherOf } from "./place-search.ts";
import { addRoute, type Charge, type LedgerApp } from "./route.ts";
import { tradesAnswerSchema } from "./schemas.ts";
import { findEvents } from "./transaction-search.ts";

const linesPerRead = 4;
const prefix = "energy/trade/";

interface Search {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sort: "asc" | "desc";
}

interface Names {
  readonly names: readonly string[];
  readonly next: string | null;
}

export function addTradesRoute(app: LedgerApp, ledger: LedgerContext): void {
  const { engine, store, builder } = ledger;
  const slotSeconds = builder.genesis.appState.energy.slotSeconds;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/energy/trades",
      tag: "energy",
      summary: "Trades that the state holds, newest first",
      description:
        "The state forgets trades after some time; /v1/events/history?event=energy/trade.seller=<account> goes back further.",
      params: z.object({}),
      query: z.object({
        limit: limitParam,
        cursor: z.string().max(600).optional().describe("the `next` of the page before"),
        sort: z.enum(["asc", "desc"]).default("desc"),
        account: accountIdSchema.optional().describe("who sold or bought"),
        prove: z.enum(["true", "false"]).optional().describe("true adds the height and a proof of every entry read"),
      }),
      answers: { 200: provenSchema(tradesAnswerSchema) },
      caches: "newest",
      problems: [400, 503],
    },
    async (request, { query: { account, prove, ...search } }) => {
      const charge = request.get("charge");
      charge("read", Math.floor(search.limit / linesPerRead));
      const tag = newestTag(ledger);
      const found = account === undefined ? null : await namesOfAccount(charge, account, search, prove === "true");
      const asked = ask(ledger, tradesQuery(search, found), { params: {}, query: {}, nowMs: 0 }, prove === "true");
      const read = asked.answer as ReadTrades;
      // The time of the block in which a slot cleared is no state; blocks say it.
      const clearings = new Map<number, string>();
      for (const { height, slot } of read.trades)
        if (!clearings.has(height))
          clearings.set(
            height,
            (await store.block(height))?.block.header.time ?? new Date((slot + 1) * slotSeconds * 1000).toISOString(),
          );
      const answer: TradesAnswer = {
        trades: read.trades.map((trade) => ({ ...trade, time: clearings.get(trade.height)! })),
        next: read.next,
      };
      return answerAsked(request, ledger, asked, answer, prove === "true", { etag: tag });
    },
  );

  const namesOfAccount = async (charge: Charge, account: string, search: Search, prove: boolean): Promise<Names> => {
    const cursor = search.cursor === undefined ? null : readPlaceCursor(search.cursor);
    if (search.cursor !== undefined && cursor === null) throw wrongCursor();
    const term = eitherOf(
      (page) => store.placesOfEvent("energy/trade.seller", account, page),
      (page) => store.placesOfEvent("energy/trade.buyer", account, page),
    );
    const range = {
      from: store.lowest,
      // What can be proven ends a block earlier; a trade that is not there yet would be passed over for good.
      to: prove ? engine.height - 1 : engine.height,
      descending: search.sort === "desc",
      ...(cursor === null ? {} : { cursor: cursor satisfies PlaceCursor }),
    };
    const { lines, next } = await findEvents(
      store,
      charge,
      [term],
      ({ type, attributes }) =>
        type === "energy/trade" && (attributes["seller"] === account || attributes["buyer"] === account),
      range,
      search.limit,
    );
    const names = lines.map(({ attributes }) =>
      energyState.trade(Number(attributes["slot"]), Number(attributes["number"])),
    );
    return { names, next: next === null ? null : placeCursor(next) };
  };
}

interface ReadTrades {
  readonly trades: readonly ({
    readonly slot: number;
    readonly number: number;
    readonly height: number;
  } & TradeRecord)[];
  readonly next: string | null;
}

/** Reads trades by their names, or a page of all. */
function tradesQuery(search: Search, found: Names | null): RunnableQuery {
  return {
    read: (reader): ReadTrades => {
      const { names, next } = found ?? namesOfPage(reader, prefix, search);
      const trades = names.flatMap((name) => {
        const trade = reader.get<TradeRecord>(name);
        if (trade === null) return [];
        const [slot = "", number = ""] = name.slice(prefix.length).split("/");
        const height = reader.get<SlotRecord>(energyState.slot(Number(slot)))?.clearedAt ?? 0;
        return [{ slot: Number(slot), number: Number(number), height, ...trade }];
      });
      return { trades, next };
    },
  };
}
