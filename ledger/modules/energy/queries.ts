// What the energy module answers: slots of the market with their orders and trades. Times follow from slot numbers.

import { z } from "zod";
import { nameCursorSchema } from "../../protocol/cursor.ts";
import { energyState, type OrderRecord, type SlotRecord, type TradeRecord } from "../../protocol/energy.ts";
import type { OrdersAnswer, SlotAnswer, SlotsAnswer, SlotTradesAnswer } from "../../protocol/rest.ts";
import { timeText } from "../../protocol/time-text.ts";
import { wholeNumber } from "../../protocol/whole-number.ts";
import { bindQuery, NotThere, namesOfPage, type Query, type QueryReader } from "../query.ts";
import { paramsOf, slotAt, slotPrefix } from "./state.ts";

/** Orders, and trades, that one answer about a slot shows; their own lists go on. */
const slotLinesMax = 2_000;
const slotNumberMax = 999_999_999_999;

const slotNumberParam = wholeNumber(0, slotNumberMax);
const slotParam = z.union([z.literal("current").describe("the slot of now"), slotNumberParam]);
const limitParam = wholeNumber(1, 100).default(20);
const sortParam = z.enum(["asc", "desc"]);
const time = z.string().describe("RFC 3339, UTC");
const account = z.string();

const recordSchema = z.object({
  status: z.enum(["open", "cleared"]),
  orders: z.number().int(),
  price: z.string().exactOptional(),
  tradedWh: z.string().exactOptional(),
  trades: z.number().int().exactOptional(),
  clearedAt: z.number().int().exactOptional(),
}) satisfies z.ZodType<SlotRecord>;

const orderSchema = z.object({
  id: z.string(),
  side: z.enum(["offer", "bid"]),
  by: account,
  meter: z.string().exactOptional(),
  energyWh: z.string(),
  price: z.string(),
  sequence: z.number().int(),
  held: z.string().exactOptional(),
  spentDay: z.number().int().exactOptional(),
});

const tradeSchema = z.object({
  number: z.number().int(),
  seller: account,
  buyer: account,
  meter: z.string(),
  energyWh: z.string(),
  price: z.string(),
  amount: z.string(),
  offer: z.string(),
  bid: z.string(),
});

const slotSchema = z.object({ slot: z.number().int(), start: time, end: time, record: recordSchema.nullable() });
export const slotAnswerSchema = slotSchema.extend({
  orders: z.array(orderSchema),
  trades: z.array(tradeSchema),
}) satisfies z.ZodType<SlotAnswer>;
const next = z.string().nullable();

const slot = bindQuery({
  path: "/v1/energy/slots/{slot}",
  summary: "One market slot with its orders and trades; `current` is the slot of now",
  params: z.object({ slot: slotParam }),
  query: z.object({
    lines: wholeNumber(0, slotLinesMax).default(slotLinesMax).describe("most orders, and trades, shown"),
  }),
  answer: slotAnswerSchema,
  usesNow: true,
  read: (reader, { params, query, nowMs }) => {
    const number = params.slot === "current" ? slotAt(paramsOf(reader), nowMs) : params.slot;
    const times = timesOf(reader, number);
    if (times === null) return new NotThere(`slot ${number} is after the end of time`);
    return {
      slot: number,
      ...times,
      record: reader.get<SlotRecord>(energyState.slot(number)),
      orders: linesOf(reader, energyState.ordersOf(number), query.lines, orderLine),
      trades: linesOf(reader, energyState.tradesOf(number), query.lines, tradeLine),
    };
  },
});

const slots = bindQuery({
  path: "/v1/energy/slots",
  summary: "Market slots that had orders, newest first",
  params: z.object({}),
  query: z.object({
    limit: limitParam,
    cursor: nameCursorSchema.optional(),
    sort: sortParam.default("desc"),
  }),
  answer: z.object({ slots: z.array(slotSchema), next }) satisfies z.ZodType<SlotsAnswer>,
  read: (reader, { query }) => {
    const page = pageOf(reader, slotPrefix, query, (name) => {
      const number = Number(name.slice(slotPrefix.length));
      return { slot: number, ...timesOf(reader, number)!, record: reader.get<SlotRecord>(name) };
    });
    return { slots: page.lines, next: page.next };
  },
});

const orders = bindQuery({
  path: "/v1/energy/slots/{slot}/orders",
  summary: "Open orders of a slot, by id",
  params: z.object({ slot: slotNumberParam }),
  query: z.object({
    limit: limitParam,
    cursor: nameCursorSchema.optional(),
    sort: sortParam.default("asc"),
  }),
  answer: z.object({ orders: z.array(orderSchema), next }) satisfies z.ZodType<OrdersAnswer>,
  read: (reader, { params, query }) => {
    const prefix = energyState.ordersOf(params.slot);
    const page = pageOf(reader, prefix, query, (name) =>
      orderLine(name.slice(prefix.length), reader.get<OrderRecord>(name)!),
    );
    return { orders: page.lines, next: page.next };
  },
});

const trades = bindQuery({
  path: "/v1/energy/slots/{slot}/trades",
  summary: "Trades of a cleared slot, in order",
  params: z.object({ slot: slotNumberParam }),
  query: z.object({
    limit: limitParam,
    cursor: nameCursorSchema.optional(),
    sort: sortParam.default("asc"),
  }),
  answer: z.object({ trades: z.array(tradeSchema), next }) satisfies z.ZodType<SlotTradesAnswer>,
  read: (reader, { params, query }) => {
    const prefix = energyState.tradesOf(params.slot);
    const page = pageOf(reader, prefix, query, (name) =>
      tradeLine(name.slice(prefix.length), reader.get<TradeRecord>(name)!),
    );
    return { trades: page.lines, next: page.next };
  },
});

export const queries: readonly Query[] = [slots, slot, orders, trades];

const orderLine = (id: string, order: OrderRecord): { readonly id: string } & OrderRecord => ({ id, ...order });
const tradeLine = (number: string, trade: TradeRecord): { readonly number: number } & TradeRecord => ({
  number: Number(number),
  ...trade,
});

/** Null when no date can name them. */
function timesOf(reader: QueryReader, slot: number): { readonly start: string; readonly end: string } | null {
  const { slotSeconds } = paramsOf(reader);
  const startMs = slot * slotSeconds * 1000;
  const endMs = startMs + slotSeconds * 1000;
  const start = timeText(startMs);
  const end = timeText(endMs);
  return start === null || end === null ? null : { start, end };
}

function linesOf<T extends object, Line>(
  reader: QueryReader,
  prefix: string,
  limit: number,
  line: (id: string, record: T) => Line,
): Line[] {
  return reader.page(prefix, { limit }).map((name) => line(name.slice(prefix.length), reader.get<T>(name)!));
}

function pageOf<Line>(
  reader: QueryReader,
  prefix: string,
  query: { readonly limit: number; readonly cursor?: string | undefined; readonly sort: "asc" | "desc" },
  line: (name: string) => Line,
): { readonly lines: Line[]; readonly next: string | null } {
  const { names, next } = namesOfPage(reader, prefix, query);
  return { lines: names.map(line), next };
}
