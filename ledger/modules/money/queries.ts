// What the money module answers: balances, reserves and limits. A list of an account's reserves is complete when they add up to
// what its proven balance says is pending.

import { z } from "zod";
import { accountIdSchema } from "../../protocol/accounts.ts";
import { nameCursorSchema } from "../../protocol/cursor.ts";
import {
  availableIn,
  type BalanceRecord,
  type Limits,
  type LimitsRecord,
  limitsAt,
  moneyState,
  postedIn,
  type ReserveRecord,
  reserveIdSchema,
  spentAt,
} from "../../protocol/money.ts";
import type { LimitsAnswer, MoneyAnswer, ReserveAnswer, ReservesAnswer } from "../../protocol/money-answers.ts";
import { wholeNumber } from "../../protocol/whole-number.ts";
import { bindQuery, NotThere, namesOfPage, type Query } from "../query.ts";
import { holderSchema } from "./events.ts";

/** Reserves of one page; an account may have more. */
const pageMax = 100;

const amount = z.string().regex(/^(0|[1-9][0-9]*)$/);
const timeMs = z.number().int();

const balanceRecord = z.object({
  creditsPosted: amount.exactOptional(),
  debitsPosted: amount.exactOptional(),
  creditsPending: amount.exactOptional(),
  debitsPending: amount.exactOptional(),
  reserves: z.number().int().exactOptional(),
}) satisfies z.ZodType<BalanceRecord>;

const reserveAnswer = z.object({
  id: reserveIdSchema,
  record: z.object({
    from: z.string(),
    to: z.string(),
    amount,
    expiresMs: timeMs,
    mayPost: z.array(z.string()).readonly().exactOptional(),
    mayVoid: z.array(z.string()).readonly().exactOptional(),
    note: z.string().exactOptional(),
    spentDay: z.number().int().exactOptional(),
  }) satisfies z.ZodType<ReserveRecord>,
}) satisfies z.ZodType<ReserveAnswer>;

const limits = z.object({
  perTransfer: amount.exactOptional(),
  perDay: amount.exactOptional(),
}) satisfies z.ZodType<Limits>;

const money = bindQuery({
  path: "/v1/accounts/{id}/money",
  summary: "What an account, a citizen's or the system's, has, may spend and has pending",
  params: z.object({ id: holderSchema }),
  query: z.object({}),
  answer: z.object({
    id: z.string(),
    record: balanceRecord,
    balance: z.string(),
    available: z.string(),
  }) satisfies z.ZodType<MoneyAnswer>,
  read: (reader, { params: { id } }) => {
    const record = reader.get<BalanceRecord>(moneyState.balance(id));
    if (record === null) return new NotThere(`the account ${id} has never had money`);
    return { id, record, balance: postedIn(record).toString(), available: availableIn(record).toString() };
  },
});

const reserve = bindQuery({
  path: "/v1/reserves/{id}",
  summary: "One open reserve",
  params: z.object({ id: reserveIdSchema }),
  query: z.object({}),
  answer: reserveAnswer,
  read: (reader, { params: { id } }) => {
    const record = reader.get<ReserveRecord>(moneyState.reserve(id));
    return record === null ? new NotThere(`no open reserve is ${id}`) : { id, record };
  },
});

const reserves = bindQuery({
  path: "/v1/accounts/{id}/reserves",
  summary: "Open reserves that an account gave, receives, or may post or void; ordered by id",
  params: z.object({ id: accountIdSchema }),
  query: z.object({
    limit: wholeNumber(1, pageMax).default(pageMax),
    cursor: nameCursorSchema.optional(),
    sort: z.enum(["asc", "desc"]).default("asc"),
  }),
  answer: z.object({
    reserves: z.array(reserveAnswer).readonly(),
    next: z.string().nullable(),
  }) satisfies z.ZodType<ReservesAnswer>,
  read: (reader, { params: { id: account }, query }) => {
    const prefix = moneyState.reserveOf(account, "");
    const { names, next } = namesOfPage(reader, prefix, query);
    const ids = names.map((name) => name.slice(prefix.length));
    return { reserves: ids.map((id) => ({ id, record: reader.get<ReserveRecord>(moneyState.reserve(id))! })), next };
  },
});

const limitsOf = bindQuery({
  path: "/v1/accounts/{id}/limits",
  summary: "An account's spending limits, what waits to take their place, and what counts against today's",
  params: z.object({ id: accountIdSchema }),
  query: z.object({}),
  answer: z.object({
    id: z.string(),
    record: limits
      .extend({
        raise: limits.extend({ effectiveMs: timeMs }).exactOptional(),
        day: z.number().int().exactOptional(),
        spent: amount.exactOptional(),
      })
      .nullable() satisfies z.ZodType<LimitsRecord | null>,
    limits,
    spent: amount,
  }) satisfies z.ZodType<LimitsAnswer>,
  usesNow: true,
  read: (reader, { params: { id }, nowMs }) => {
    const record = reader.get<LimitsRecord>(moneyState.limits(id));
    return { id, record, limits: limitsAt(record, nowMs), spent: spentAt(record, nowMs).toString() };
  },
});

export const queries: readonly Query[] = [money, reserve, reserves, limitsOf];
