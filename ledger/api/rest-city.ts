// REST: accounts, the energy market and any state entry.

import { z } from "@hono/zod-openapi";
import type { Application, StateAnswer } from "../modules/application.ts";
import { type AccountRecord, accountsState } from "../protocol/accounts.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { toBase64 } from "../protocol/comet.ts";
import {
  type EnergyBalanceRecord,
  energyState,
  type OrderRecord,
  type SlotRecord,
  type TradeRecord,
} from "../protocol/energy.ts";
import { type BalanceRecord, moneyState, postedIn } from "../protocol/money.ts";
import type {
  AccountAnswer,
  AccountTransactionsAnswer,
  SlotAnswer,
  StateEntryAnswer,
  TradesAnswer,
  TransactionAnswer,
} from "../protocol/rest.ts";
import { readBlock, transactionAnswerOf } from "./blocks-read.ts";
import { type LedgerContext, readRecord } from "./context.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";
import {
  accountAnswerSchema,
  accountIdParam,
  accountTransactionsAnswerSchema,
  nameQuery,
  slotAnswerSchema,
  stateEntryAnswerSchema,
  tradesAnswerSchema,
} from "./schemas.ts";

/** Longest state name, in bytes. */
const nameBytesMax = 256;
/** Orders and trades shown of one slot. */
const slotLinesMax = 2_000;
/** Trades looked through for one answer; older ones are not found. */
const tradesScannedMax = 20_000;
const scanPage = 500;
/** A search for one account's trades may look through all of them: what it costs in reads. */
const searchReads = 20;
/** A read's token is worth so many blocks that must be read for one answer. */
const blocksPerRead = 4;
const none = z.object({});

export function addCityRoutes(app: LedgerApp, ledger: LedgerContext): void {
  addAccountRoutes(app, ledger);
  addEnergyRoutes(app, ledger);
  const { application, engine, builder } = ledger;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/state/{name+}",
      tag: "state",
      summary: "One state entry by its name, with a proof on demand",
      params: z.object({ name: z.string().min(1).max(nameBytesMax) }),
      query: z.object({ prove: z.enum(["true", "false"]).optional() }),
      answers: { 200: stateEntryAnswerSchema },
      problems: [400, 503],
    },
    (request, { params, query }) => {
      const key = utf8(params.name);
      if (key.length > nameBytesMax) throw problem(400, `names have at most ${nameBytesMax} bytes`);
      const prove = query.prove === "true";
      const found = queryEntry(application, params.name, prove ? Math.max(0, engine.height - 1) : undefined);
      const answer: StateEntryAnswer = {
        name: params.name,
        height: found.height,
        value: found.value === null ? null : JSON.parse(fromUtf8(found.value)),
        proof:
          found.proof === null
            ? null
            : { type: "ics23:simple", key: toBase64(builder.core.sha256(key)), data: toBase64(found.proof) },
      };
      return request.json(answer);
    },
  );
}

/** With a proof when a height is given. After a start only the newest state is kept, under which no header is made yet. */
function queryEntry(application: Application, name: string, height: number | undefined): StateAnswer {
  if (height === undefined) return application.query(name, { prove: false });
  try {
    return application.query(name, { height, prove: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw problem(503, `the state of height ${height} is not kept`, { "retry-after": "1" });
  }
}

function addAccountRoutes(app: LedgerApp, { application, store }: LedgerContext): void {
  const accountAnswer = (id: string): AccountAnswer => {
    const account = readRecord<AccountRecord>(application, accountsState.account(id));
    if (account === null) throw problem(404, `there is no account ${id}`);
    return {
      id,
      account,
      money: postedIn(readRecord<BalanceRecord>(application, moneyState.balance(id))).toString(),
      energyWh: readRecord<EnergyBalanceRecord>(application, energyState.balance(id))?.energyWh ?? "0",
      meter: readRecord<{ meter: string }>(application, energyState.meterOf(id))?.meter ?? null,
    };
  };

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/accounts/{id}",
      tag: "accounts",
      summary: "One account by its id",
      params: z.object({ id: accountIdParam }),
      query: none,
      answers: { 200: accountAnswerSchema },
      problems: [400, 404],
    },
    (request, { params }) => request.json(accountAnswer(params.id)),
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/accounts",
      tag: "accounts",
      summary: "One account by its name; case does not matter",
      params: none,
      query: z.object({ name: nameQuery }),
      answers: { 200: accountAnswerSchema },
      problems: [400, 404],
    },
    (request, { query }) => {
      const holder = readRecord<{ account: string }>(application, accountsState.name(query.name));
      if (holder === null) throw problem(404, `nobody has the name ${query.name}`);
      return request.json(accountAnswer(holder.account));
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/accounts/{id}/transactions",
      tag: "accounts",
      summary: "Transactions in which an account acted or was named, newest first",
      params: z.object({ id: accountIdParam }),
      query: z.object({
        limit: z.coerce.number().int().min(1).max(100).default(20),
        before: z.coerce.number().int().min(1).optional(),
      }),
      answers: { 200: accountTransactionsAnswerSchema },
      problems: [400],
    },
    async (request, { params, query }) => {
      request.get("charge")("read", Math.floor(query.limit / blocksPerRead));
      const transactions: TransactionAnswer[] = [];
      // Several transactions of one block follow each other, so that each block is read once.
      let block: Awaited<ReturnType<typeof readBlock>> = null;
      const range = { descending: true, limit: query.limit, to: (query.before ?? Number.MAX_SAFE_INTEGER) - 1 };
      for (const { height, index } of await store.placesOfAccount(params.id, range)) {
        if (index < 0) continue;
        if (Number(block?.stored.block.header.height) !== height) block = await readBlock(store, height);
        if (block !== null) transactions.push(transactionAnswerOf(block.stored, block.results, index));
      }
      return request.json({ transactions } satisfies AccountTransactionsAnswer);
    },
  );
}

function addEnergyRoutes(app: LedgerApp, ledger: LedgerContext): void {
  const { application, builder, clock, store } = ledger;
  const slotSeconds = builder.genesis.appState.energy.slotSeconds;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/energy/slots/{slot}",
      tag: "energy",
      summary: "One market slot with its orders and trades; `current` is the slot of now",
      params: z.object({ slot: z.union([z.literal("current"), z.coerce.number().int().min(0).max(999_999_999_999)]) }),
      query: none,
      answers: { 200: slotAnswerSchema },
      problems: [400],
    },
    (request, { params }) => {
      const slot = params.slot === "current" ? Math.floor(clock.nowMs() / 1000 / slotSeconds) : params.slot;
      const startMs = slot * slotSeconds * 1000;
      const endMs = startMs + slotSeconds * 1000;
      if (endMs > 8.64e15) throw problem(400, `slot ${slot} is after the end of time`);
      const lines = <T>(prefix: string): [string, T][] =>
        application
          .list(prefix, { limit: slotLinesMax })
          .map(([name, value]) => [name.slice(prefix.length), JSON.parse(fromUtf8(value)) as T]);
      const answer: SlotAnswer = {
        slot,
        start: new Date(startMs).toISOString(),
        end: new Date(endMs).toISOString(),
        record: readRecord<SlotRecord>(application, energyState.slot(slot)),
        orders: lines<OrderRecord>(energyState.ordersOf(slot)).map(([id, order]) => ({ id, ...order })),
        trades: lines<TradeRecord>(energyState.tradesOf(slot)).map(([number, trade]) => ({
          number: Number(number),
          ...trade,
        })),
      };
      return request.json(answer);
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/energy/trades",
      tag: "energy",
      summary: "Trades, newest first",
      params: none,
      query: z.object({
        account: accountIdParam.optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
      answers: { 200: tradesAnswerSchema },
      problems: [400],
    },
    async (request, { query }) => {
      request.get("charge")(
        "read",
        query.account === undefined ? Math.floor(query.limit / blocksPerRead) : searchReads,
      );
      const trades: TradesAnswer["trades"][number][] = [];
      const clearings = new Map<number, { height: number; time: string }>();
      for (const { slot, number, trade } of tradesNewestFirst(ledger)) {
        if (query.account !== undefined && trade.seller !== query.account && trade.buyer !== query.account) continue;
        const cleared = clearings.get(slot) ?? (await clearingOf(slot));
        clearings.set(slot, cleared);
        trades.push({ slot, number, ...cleared, ...trade });
        if (trades.length >= query.limit) break;
      }
      return request.json({ trades } satisfies TradesAnswer);
    },
  );

  const clearingOf = async (slot: number): Promise<{ height: number; time: string }> => {
    const height = readRecord<SlotRecord>(application, energyState.slot(slot))?.clearedAt ?? 0;
    const block = await store.block(height);
    return { height, time: block?.block.header.time ?? new Date((slot + 1) * slotSeconds * 1000).toISOString() };
  };
}

function* tradesNewestFirst({
  application,
}: LedgerContext): Generator<{ slot: number; number: number; trade: TradeRecord }> {
  const prefix = "energy/trade/";
  let after: string | undefined;
  for (let scanned = 0; scanned < tradesScannedMax; scanned += scanPage) {
    const page = application.list(prefix, {
      limit: scanPage,
      descending: true,
      ...(after === undefined ? {} : { after }),
    });
    for (const [name, value] of page) {
      const [slot, number] = name.slice(prefix.length).split("/");
      yield { slot: Number(slot), number: Number(number), trade: JSON.parse(fromUtf8(value)) as TradeRecord };
    }
    if (page.length < scanPage) return;
    after = page.at(-1)![0];
  }
}
