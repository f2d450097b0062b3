// REST: events as they happened, of transactions and of blocks themselves, such as trades when a slot clears.

import { z } from "zod";
import { accountIdSchema } from "../protocol/accounts.ts";
import { placeCursor, readPlaceCursor } from "../protocol/cursor.ts";
import type { HistoryAnswer } from "../protocol/rest.ts";
import { newestTag } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { attributeParam, readAttribute } from "./filter-params.ts";
import { answerPage, heightsOf, pageParams, rangeParams } from "./paging.ts";
import type { Term } from "./place-search.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";
import { historyAnswerSchema } from "./schemas.ts";
import { eventFits, findEvents } from "./transaction-search.ts";

const linesPerRead = 4;

export function addHistoryRoute(app: LedgerApp, ledger: LedgerContext): void {
  const { engine, store } = ledger;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/events/history",
      tag: "events",
      summary: "Events that name an account or have an attribute",
      description: "At least one of `account` and `event` is needed: they are what the index knows.",
      params: z.object({}),
      query: z.object({
        ...pageParams,
        ...rangeParams,
        account: accountIdSchema.optional(),
        event: attributeParam.optional(),
      }),
      answers: { 200: historyAnswerSchema },
      caches: "newest",
      problems: [400],
    },
    async (request, { query }) => {
      const { account, limit } = query;
      const event = query.event === undefined ? undefined : readAttribute(query.event);
      const terms: Term[] = [];
      if (account !== undefined) terms.push((page) => store.placesOfAccount(account, page));
      if (event !== undefined) terms.push((page) => store.placesOfEvent(event.key, event.value, page));
      if (terms.length === 0) {
        const fault = {
          parameter: "event",
          in: "query",
          detail: "an account or an event's attribute is needed",
        } as const;
        throw problem(400, fault.detail, {}, [fault]);
      }
      const charge = request.get("charge");
      charge("read", Math.floor(limit / linesPerRead));
      const tag = newestTag(ledger);
      const heights = await heightsOf(store, engine.height, query);
      const cursor = query.cursor === undefined ? {} : { cursor: readPlaceCursor(query.cursor)! };
      const range = { ...heights, ...cursor, descending: query.sort === "desc" };
      const fits = (one: Parameters<typeof eventFits>[0]): boolean => eventFits(one, { account, event });
      const { lines, next } = await findEvents(store, charge, terms, fits, range, limit);
      const answer: HistoryAnswer = { events: lines, next: next === null ? null : placeCursor(next) };
      return answerPage(request, tag, answer);
    },
  );
}
