// The ledger's REST API as the page uses it. Forms follow ledger/protocol/rest.ts; every list has a bound.
// Messages stay `unknown` here: what is not understood is shown raw rather than refused.

import { z } from "zod";
import { keyRecordSchema, keysMax } from "../../ledger/protocol/keys.ts";
import type { Transaction } from "../../ledger/protocol/transaction.ts";
import { RequestError, type RequestOptions, request } from "./http.ts";

export const ledgerUrl = "/ledger";

const integerText = z.string().regex(/^-?[0-9]{1,40}$/);
const time = z.string().max(40);
const hash = z.string().max(130);
const params = z.record(z.string(), z.union([z.string(), z.number()]));
const event = z.object({ type: z.string().max(100), attributes: z.record(z.string(), z.string()) });

const chainSchema = z.object({
  chain: z.string().min(1).max(50),
  height: z.number().int().min(0),
  time,
  genesisTime: time,
  slotSeconds: z.number().int().min(1),
});
export type Chain = z.infer<typeof chainSchema>;

export const blockSummarySchema = z.object({
  height: z.number().int().min(1),
  time,
  hash,
  appHash: hash,
  transactions: z
    .array(z.object({ id: hash, code: z.number().int(), messages: z.array(z.unknown()).max(100) }))
    .max(10_000),
  events: z.array(event).max(10_000),
});
export type BlockSummary = z.infer<typeof blockSummarySchema>;

const transactionAnswerSchema = z.object({
  id: hash,
  hash,
  height: z.number().int().min(0),
  index: z.number().int().min(0),
  code: z.number().int(),
  refusal: z.string().max(100).optional(),
  params: params.optional(),
  transaction: z.object({ body: z.object({ messages: z.array(z.unknown()).max(100) }).loose() }).loose(),
  events: z.array(event).max(10_000),
});
export type TransactionAnswer = z.infer<typeof transactionAnswerSchema>;

const blockSchema = blockSummarySchema.extend({ transactions: z.array(transactionAnswerSchema).max(10_000) });
export type Block = z.infer<typeof blockSchema>;

const accountSchema = z.object({
  id: z.string().max(60),
  account: z.object({
    name: z.string().max(64),
    keys: z.array(keyRecordSchema).max(keysMax),
    roles: z
      .array(
        z
          .object({
            role: z.string().max(40),
            scope: z.string().max(64).exactOptional(),
            untilMs: z.number().int().min(0).exactOptional(),
          })
          .loose(),
      )
      .max(32),
    registered: z.number().int(),
  }),
  money: integerText,
  energyWh: integerText,
  meter: z.string().max(60).nullable(),
});
export type Account = z.infer<typeof accountSchema>;

/** Balances and reserves are proven entry by entry, so what the page does not know of them stays as it is. */
const balanceSchema = z
  .object({
    creditsPosted: integerText.exactOptional(),
    debitsPosted: integerText.exactOptional(),
    creditsPending: integerText.exactOptional(),
    debitsPending: integerText.exactOptional(),
    reserves: z.number().int().min(0).exactOptional(),
  })
  .loose();
const moneySchema = z.object({ id: z.string().max(60), record: balanceSchema });

const reserveSchema = z.object({
  id: z.string().max(80),
  record: z
    .object({
      from: z.string().max(60),
      to: z.string().max(60),
      amount: integerText,
      expiresMs: z.number().int().min(0),
      mayPost: z.array(z.string().max(60)).max(8).exactOptional(),
      mayVoid: z.array(z.string().max(60)).max(8).exactOptional(),
      note: z.string().max(200).exactOptional(),
    })
    .loose(),
});
export type Reserve = z.infer<typeof reserveSchema>;

const historySchema = z.object({
  events: z
    .array(
      event.extend({
        height: z.number().int().min(0),
        time,
        index: z.number().int(),
        number: z.number().int(),
      }),
    )
    .max(1000),
  next: z.string().max(608).nullable(),
});
export type HistoryEvent = z.infer<typeof historySchema>["events"][number];

const limitsShape = { perTransfer: integerText.exactOptional(), perDay: integerText.exactOptional() };
const limitsSchema = z
  .object({
    ...limitsShape,
    raise: z.object({ ...limitsShape, effectiveMs: z.number().int().min(0) }).exactOptional(),
    day: z.number().int().min(0).exactOptional(),
    spent: integerText.exactOptional(),
  })
  .loose();

const orderSchema = z.object({
  id: z.string().max(80),
  side: z.enum(["offer", "bid"]),
  by: z.string().max(60),
  meter: z.string().max(60).optional(),
  energyWh: integerText,
  price: integerText,
  sequence: z.number().int(),
  held: integerText.optional(),
});
export type Order = z.infer<typeof orderSchema>;

const tradeSchema = z.object({
  number: z.number().int().min(0),
  seller: z.string().max(60),
  buyer: z.string().max(60),
  meter: z.string().max(60),
  energyWh: integerText,
  price: integerText,
  amount: integerText,
  offer: z.string().max(80),
  bid: z.string().max(80),
});

const slotSchema = z.object({
  slot: z.number().int().min(0),
  start: time,
  end: time,
  record: z
    .object({
      status: z.enum(["open", "cleared"]),
      orders: z.number().int(),
      price: integerText.optional(),
      tradedWh: integerText.optional(),
      trades: z.number().int().optional(),
      clearedAt: z.number().int().optional(),
    })
    .nullable(),
  orders: z.array(orderSchema).max(10_000),
  trades: z.array(tradeSchema).max(10_000),
});
export type Slot = z.infer<typeof slotSchema>;

const settledTradeSchema = tradeSchema.extend({ slot: z.number().int().min(0), height: z.number().int(), time });
export type SettledTrade = z.infer<typeof settledTradeSchema>;

const submitSchema = z.object({
  id: hash,
  height: z.number().int().min(0),
  code: z.number().int(),
  refusal: z.string().max(100).optional(),
  params: params.optional(),
});
export type Submitted = z.infer<typeof submitSchema>;

const transactionsSchema = z.object({
  transactions: z.array(transactionAnswerSchema).max(1000),
  next: z.string().max(608).nullable(),
});

const counted = z.number().int().min(0);
const daySchema = z.object({
  day: z.iso.date(),
  firstHeight: counted,
  lastHeight: counted,
  blocks: counted,
  transactions: counted,
  refusedTransactions: counted,
  accountsRegistered: counted,
  moneyMoved: integerText,
  energyTradedWh: integerText,
});
export type Day = z.infer<typeof daySchema>;

const rpcBlockSchema = z.object({
  result: z.object({
    block: z.object({ header: z.object({ height: z.string().regex(/^[0-9]{1,15}$/) }) }).nullable(),
  }),
});

/** What a list of transactions is narrowed to. */
export interface TransactionFilter {
  readonly account?: string;
  readonly module?: string;
  readonly outcome?: "applied" | "refused";
  /** Days in UTC, "2026-11-22", both included. */
  readonly from?: string;
  readonly to?: string;
}

/**
 * An answer about somebody else than was asked for is none: what is proven of it would be of the other's entries.
 * @throws {RequestError}
 */
async function about<T extends { readonly id: string }>(id: string, answer: Promise<T>): Promise<T> {
  const given = await answer;
  if (given.id !== id) throw new RequestError("malformed", `asked for ${id}, the ledger answered about ${given.id}`);
  return given;
}

export const ledgerApi = {
  transactions: (filter: TransactionFilter, limit: number, cursor: string | null) => {
    const query = new URLSearchParams({ limit: String(limit) });
    for (const [name, value] of Object.entries(filter)) if (value !== undefined && value !== "") query.set(name, value);
    if (cursor !== null) query.set("cursor", cursor);
    return request(`${ledgerUrl}/v1/transactions?${query}`, transactionsSchema);
  },
  accountByName: (name: string) => request(`${ledgerUrl}/v1/names/${encodeURIComponent(name)}`, accountSchema),
  device: (id: string) => request(`${ledgerUrl}/v1/devices/${encodeURIComponent(id)}`, z.object({ id: z.string() })),
  /** Height of the block with a hash; null when there is none. */
  heightOfHash: async (hash: string): Promise<number | null> => {
    const { result } = await request(`${ledgerUrl}/block_by_hash?hash=0x${hash}`, rpcBlockSchema);
    return result.block === null ? null : Number(result.block.header.height);
  },
  /** Days (UTC) on which blocks were made, ascending. */
  daily: (from: string, to: string) =>
    request(`${ledgerUrl}/v1/statistics/daily?from=${from}&to=${to}`, z.object({ days: z.array(daySchema).max(366) })),
  chain: (options?: RequestOptions) => request(`${ledgerUrl}/v1/chain`, chainSchema, options),
  blocks: (limit: number, before?: number) =>
    request(
      `${ledgerUrl}/v1/blocks?limit=${limit}${before === undefined ? "" : `&before=${before}`}`,
      z.object({ blocks: z.array(blockSummarySchema).max(1000) }),
    ),
  block: (height: number) => request(`${ledgerUrl}/v1/blocks/${height}`, blockSchema),
  transaction: (id: string) =>
    request(`${ledgerUrl}/v1/transactions/${encodeURIComponent(id)}`, transactionAnswerSchema),
  account: (id: string) => about(id, request(`${ledgerUrl}/v1/accounts/${encodeURIComponent(id)}`, accountSchema)),
  money: (id: string) => about(id, request(`${ledgerUrl}/v1/accounts/${encodeURIComponent(id)}/money`, moneySchema)),
  reserves: (account: string, cursor: string | null) =>
    request(
      `${ledgerUrl}/v1/accounts/${encodeURIComponent(account)}/reserves${cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`}`,
      z.object({ reserves: z.array(reserveSchema).max(1000), next: z.string().max(608).nullable() }),
    ),
  /** Events that name the account, newest first. */
  history: (account: string, cursor: string | null) =>
    request(
      `${ledgerUrl}/v1/events/history?limit=50&account=${encodeURIComponent(account)}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
      historySchema,
    ),
  limits: (account: string) =>
    request(
      `${ledgerUrl}/v1/accounts/${encodeURIComponent(account)}/limits`,
      z.object({ record: limitsSchema.nullable() }),
    ),
  /** The value of a state entry, as the server tells it; null when there is none. */
  entry: async (name: string): Promise<unknown> =>
    (await request(`${ledgerUrl}/v1/state/${encodeURIComponent(name)}`, z.object({ value: z.unknown() }))).value ??
    null,
  slot: (slot: number | "current") => request(`${ledgerUrl}/v1/energy/slots/${slot}`, slotSchema),
  trades: (account: string | null, limit: number) =>
    request(
      `${ledgerUrl}/v1/energy/trades?limit=${limit}${account === null ? "" : `&account=${account}`}`,
      z.object({ trades: z.array(settledTradeSchema).max(1000) }),
    ),
  submit: (transaction: Transaction) =>
    request(`${ledgerUrl}/v1/transactions?wait=commit`, submitSchema, {
      method: "POST",
      body: transaction,
      timeoutMs: 20_000,
    }),
};
