// Answers of the ledger's REST API under /v1. Times are RFC 3339 UTC, hashes lower-case hex, money and energy decimal strings.

import type { AccountRecord } from "./accounts.ts";
import type { OrderRecord, SlotRecord, TradeRecord } from "./energy.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import type { DeviceRecord } from "./telemetry.ts";
import type { Message, Transaction } from "./transaction.ts";

export type { LedgerEvent };

/** GET /v1/chain */
export interface ChainAnswer {
  readonly chain: string;
  readonly height: number;
  /** Earliest block that is kept; 1 until blocks are pruned. */
  readonly lowest: number;
  readonly time: string;
  readonly genesisTime: string;
  /** Hash of the genesis validator set: the light client's first trust. */
  readonly genesisValidatorsHash: string;
  readonly slotSeconds: number;
}

/** One transaction as it stands in a block. */
export interface TransactionAnswer {
  readonly id: string;
  /** sha256 of the transaction's bytes: CometBFT's transaction hash. */
  readonly hash: string;
  readonly height: number;
  readonly index: number;
  /** 0 when applied, else a refusal code. */
  readonly code: number;
  readonly refusal?: string;
  readonly params?: Readonly<Record<string, string | number>>;
  readonly transaction: Transaction;
  readonly events: readonly LedgerEvent[];
}

/** A page of a list: where it goes on, for `?cursor=`; null at the end. A page may be shorter than asked for all the same. */
export interface PageEnd {
  readonly next: string | null;
}

/** One line of GET /v1/blocks and of the event stream. */
export interface BlockSummary {
  readonly height: number;
  readonly time: string;
  readonly hash: string;
  readonly appHash: string;
  readonly transactions: readonly {
    readonly id: string;
    readonly code: number;
    readonly messages: readonly Message[];
  }[];
  /** Events of the block itself, such as a slot's clearing. */
  readonly events: readonly LedgerEvent[];
}

/** GET /v1/blocks */
export interface BlocksAnswer extends PageEnd {
  readonly blocks: readonly BlockSummary[];
}

/** GET /v1/blocks/:height */
export interface BlockAnswer extends Omit<BlockSummary, "transactions"> {
  readonly transactions: readonly TransactionAnswer[];
}

/** GET /v1/accounts/:id */
export interface AccountAnswer {
  readonly id: string;
  readonly account: AccountRecord;
  readonly money: string;
  readonly energyWh: string;
  readonly meter: string | null;
}

/** GET /v1/accounts */
export interface AccountsAnswer extends PageEnd {
  readonly accounts: readonly { readonly id: string; readonly account: AccountRecord }[];
}

/** GET /v1/transactions and GET /v1/accounts/:id/transactions */
export interface TransactionsAnswer extends PageEnd {
  readonly transactions: readonly TransactionAnswer[];
}

/** An event where it stands; `index` -1 and no transaction for one of the block itself. */
export interface HistoryEvent extends LedgerEvent {
  readonly height: number;
  readonly time: string;
  readonly index: number;
  /** Which event of its transaction or block. */
  readonly number: number;
  readonly transaction: string | null;
}

/** GET /v1/events/history */
export interface HistoryAnswer extends PageEnd {
  readonly events: readonly HistoryEvent[];
}

type Counts = Readonly<Record<string, number>>;

/** What a day or all days brought. Money in micro-units, energy in Wh, both decimal strings. */
export interface DayTotals {
  /** All in blocks, refused ones included. */
  readonly transactions: number;
  readonly blocks: number;
  readonly transactionBytes: number;
  readonly refusedTransactions: number;
  /** Refused transactions by the refusal's name. */
  readonly refusals: Counts;
  /** Applied messages by type. */
  readonly messages: Counts;
  /** Events by type. */
  readonly events: Counts;
  readonly accountsRegistered: number;
  /** Micro-units that moved between accounts. */
  readonly moneyMoved: string;
  readonly energyTradedWh: string;
}

export interface Totals extends DayTotals {
  readonly days: number;
}

/** One day (UTC, by block time) of GET /v1/statistics/daily. */
export interface DailyTotalsAnswer extends DayTotals {
  readonly day: string;
  readonly firstHeight: number;
  readonly lastHeight: number;
  /** By module: applied and refused messages, events. */
  readonly modules: Readonly<
    Record<string, { readonly messages: number; readonly refusedMessages: number; readonly events: number }>
  >;
  /** Sums of events' amounts by "<type>.<attribute>". */
  readonly sums: Readonly<Record<string, string>>;
}

/** GET /v1/statistics/daily: days without a block are left out. */
export interface DailyAnswer {
  readonly from: string;
  readonly to: string;
  readonly days: readonly DailyTotalsAnswer[];
}

/** GET /v1/statistics/summary */
export interface SummaryAnswer {
  readonly height: number;
  readonly time: string;
  readonly genesisTime: string;
  readonly lowest: number;
  /** Mean over the newest blocks; null before there are two. */
  readonly blockIntervalSeconds: number | null;
  /** In the mempool now. */
  readonly waiting: { readonly transactions: number; readonly bytes: number };
  readonly totals: Totals;
  readonly newestDay: DailyTotalsAnswer | null;
}

/** GET /v1/devices/:id */
export interface DeviceAnswer {
  readonly id: string;
  readonly device: DeviceRecord;
}

/** GET /v1/devices */
export interface DevicesAnswer extends PageEnd {
  readonly devices: readonly DeviceAnswer[];
}

/**
 * GET /v1/state?prefix=; with `prove=true` the state is the newest whose header exists, and each entry has its own proof. None says
 * that the list leaves nothing out: the tree is ordered by hash, so entries with like names stand all over it.
 */
export interface StateEntriesAnswer extends PageEnd {
  readonly height: number;
  readonly entries: readonly { readonly name: string; readonly value: unknown; readonly proof?: ProofAnswer }[];
}

/** GET /v1/state/:name?prove=true. With a proof the state is the newest whose header exists: header `height` + 1 carries its root. */
export interface StateEntryAnswer {
  readonly name: string;
  readonly height: number;
  /** Null when there is no such entry. Its canonical JSON is what is proven. */
  readonly value: unknown;
  /** Null unless asked for. */
  readonly proof: ProofAnswer | null;
}

/** One ICS-23 proof operation, as in `/abci_query`; key (sha256 of the name) and data in base64. */
export interface ProofAnswer {
  readonly type: "ics23:simple";
  readonly key: string;
  readonly data: string;
}

/** One entry from which an answer follows. Null when it is absent; the canonical JSON of the value is what is proven. */
export interface ProvenEntry {
  readonly name: string;
  readonly value: unknown;
  readonly proof: ProofAnswer;
}

/**
 * What `?prove=true` adds to a module's answer, and to the problem 404 when there is no such thing: the state read is that of
 * `height`, whose root stands in header `height` + 1. A list's proofs show each of its entries, not that there are no others.
 */
export interface ProvenAnswer {
  readonly height: number;
  readonly proofs: readonly ProvenEntry[];
}

/** GET /v1/energy/slots */
export interface SlotsAnswer extends PageEnd {
  readonly slots: readonly Omit<SlotAnswer, "orders" | "trades">[];
}

/** GET /v1/energy/slots/:slot/orders */
export interface OrdersAnswer extends PageEnd {
  readonly orders: SlotAnswer["orders"];
}

/** GET /v1/energy/slots/:slot/trades */
export interface SlotTradesAnswer extends PageEnd {
  readonly trades: SlotAnswer["trades"];
}

/** GET /v1/energy/slots/:slot; `current` in place of a number means the slot of now. */
export interface SlotAnswer {
  readonly slot: number;
  /** RFC 3339. */
  readonly start: string;
  readonly end: string;
  readonly record: SlotRecord | null;
  readonly orders: readonly ({ readonly id: string } & OrderRecord)[];
  readonly trades: readonly ({ readonly number: number } & TradeRecord)[];
}

/** GET /v1/energy/trades, newest first unless asked otherwise: those that the state still holds. */
export interface TradesAnswer extends PageEnd {
  readonly trades: readonly ({
    readonly slot: number;
    readonly number: number;
    readonly height: number;
    readonly time: string;
  } & TradeRecord)[];
}

/** POST /v1/transactions (body: the transaction) answers 202 once it is in the mempool; with ?wait=commit 200 once it is in a block. */
export interface SubmitAnswer {
  readonly id: string;
  /** 0 while only accepted. */
  readonly height: number;
  readonly code: number;
  readonly refusal?: string;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** What is wrong where: a pointer into the body (RFC 6901, as a URI fragment), or a parameter's name. */
export type ProblemFault =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly in: "path" | "query" | "header"; readonly detail: string };

/** RFC 9457 problem details; media type application/problem+json. */
export interface Problem {
  /** `urn:glasstown:problem:<kind>` or `urn:glasstown:refusal:<name>`; /docs/problems lists all. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** `urn:glasstown:request:<id>`: the request's id, as in X-Request-Id and in the log. */
  readonly instance?: string;
  readonly errors?: readonly ProblemFault[];
  /** Set when a refusal is the reason. */
  readonly code?: number;
  readonly refusal?: string;
  readonly params?: Readonly<Record<string, string | number>>;
}
