// Answers of the money module's queries under /v1. Money is micro-units in decimal strings; a record is the state entry itself,
// as it is proven.

import type { BalanceRecord, Limits, LimitsRecord, ReserveRecord } from "./money.ts";

/** GET /v1/accounts/:id/money */
export interface MoneyAnswer {
  readonly id: string;
  /** State `money/balance/<id>`. */
  readonly record: BalanceRecord;
  /** What belongs to the account; negative only for `city:issuance`. */
  readonly balance: string;
  /** What it may spend: the balance less what is held. */
  readonly available: string;
}

/** GET /v1/reserves/:id */
export interface ReserveAnswer {
  readonly id: string;
  /** State `money/reserve/<id>`. */
  readonly record: ReserveRecord;
}

/** GET /v1/accounts/:id/reserves?limit=&cursor=&sort= : open reserves that the account gave, receives, or may post or void, by id. */
export interface ReservesAnswer {
  readonly reserves: readonly ReserveAnswer[];
  /** The `cursor` of the next page; null on the last. */
  readonly next: string | null;
}

/** GET /v1/accounts/:id/limits */
export interface LimitsAnswer {
  readonly id: string;
  /** State `money/limits/<id>`; null for an account that has none. */
  readonly record: LimitsRecord | null;
  /** What is in force at the asker's time. */
  readonly limits: Limits;
  /** What counts against the limit of today. */
  readonly spent: string;
}
