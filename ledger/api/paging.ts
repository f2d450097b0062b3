// Pages of lists: `limit`, `cursor` and `sort` in the query, `next` in the body and a Link header (RFC 8288) to the next page. Ranges
// of heights and times. A page may hold fewer lines than asked for, even none: the list ends where `next` is null.

import { z } from "zod";
import { placeCursorSchema } from "../protocol/cursor.ts";
import type { PageEnd } from "../protocol/rest.ts";
import { wholeNumber } from "../protocol/whole-number.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import { revalidate } from "./conditional.ts";
import type { LedgerRequest } from "./route.ts";

export const linesMax = 100;
const linesDefault = 20;

export const limitParam = wholeNumber(1, linesMax)
  .default(linesDefault)
  .describe(`lines of a page, at most ${linesMax}`);

export const pageParams = {
  limit: limitParam,
  cursor: placeCursorSchema.optional(),
  sort: z.enum(["asc", "desc"]).default("desc").describe("by place in the chain; desc is newest first"),
} as const;

const heightParam = wholeNumber(1);
/** RFC 3339 with any offset, or a day in UTC. */
const timeParam = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

export const rangeParams = {
  fromHeight: heightParam.optional().describe("no block below this height"),
  toHeight: heightParam.optional().describe("no block above this height"),
  from: timeParam.optional().describe("no block before this time (RFC 3339) or day (UTC)"),
  to: timeParam.optional().describe("no block after this time (RFC 3339) or day (UTC)"),
} as const;

export interface WantedRange {
  readonly fromHeight?: number | undefined;
  readonly toHeight?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const dayMs = 86_400_000;

/** The heights that are wanted and kept, both included; from > to when there are none. */
export async function heightsOf(
  store: LedgerStore,
  newest: number,
  { fromHeight, toHeight, from, to }: WantedRange,
): Promise<{ readonly from: number; readonly to: number }> {
  let lowest = Math.max(store.lowest, fromHeight ?? 1);
  let highest = Math.min(newest, toHeight ?? newest);
  if (from !== undefined) lowest = Math.max(lowest, (await store.heightAtTime(Date.parse(from))) ?? newest + 1);
  if (to !== undefined) {
    const endMs = to.length === "2026-11-22".length ? Date.parse(to) + dayMs - 1 : Date.parse(to);
    const after = await store.heightAtTime(endMs + 1);
    if (after !== null) highest = Math.min(highest, after - 1);
  }
  return { from: lowest, to: highest };
}

/** A page that follows from the newest block, with a link to the next one. */
export function answerPage(request: LedgerRequest, tag: string, body: PageEnd): Response {
  const page = withNext(request, body);
  return request.json(page, 200, { etag: tag, "cache-control": revalidate, ...pageHeaders(request, page) });
}

/** The page as its caller gets it: where it goes on is a position of this list only. */
export function withNext<Body extends object>(request: LedgerRequest, body: Body): Body {
  const { next } = body as Partial<PageEnd>;
  return typeof next === "string" ? { ...body, next: request.get("listMark") + next } : body;
}

/** A link to the next page, relative to the page itself, so that it also holds behind a proxy's prefix. */
export function pageHeaders(request: LedgerRequest, body: object): { readonly link?: string } {
  const { next } = body as Partial<PageEnd>;
  if (typeof next !== "string") return {};
  const query = new URL(request.req.url).searchParams;
  query.set("cursor", next);
  return { link: `<?${query}>; rel="next"` };
}
