// Wire types of the money module: double-entry balances, transfers in one and in two phases, spending limits.
// Money is an integer of micro-units in a decimal string: "1000000" is 1.00. A message moves less than 10^15 of them.

import { z } from "zod";
import { accountIdSchema } from "./accounts.ts";

/** Money in micro-units as a decimal string: "1000000" is 1.00. Positive, at most 15 digits. */
export const positiveMoneySchema = z.string().regex(/^[1-9][0-9]{0,14}$/);
/** The same with "0". */
const moneySchema = z.string().regex(/^(0|[1-9][0-9]{0,14})$/);
export const noteSchema = z.string().max(140);

export const dayMs = 86_400_000;
/** A reserve expires at most this long after it is made. */
export const reserveMsMax = 90 * dayMs;
/** Open reserves that one account may have given. */
export const reservesPerAccountMax = 100;
/** Accounts that a reserve may name to post, and to void. */
export const reservePartiesMax = 3;
/** How long a raise of spending limits waits. */
export const raiseDelayMs = 24 * 3_600_000;

/** `<transaction id>.<message index>` of the message that made the reserve. */
export const reserveIdSchema = z.string().regex(/^[0-9a-f]{64}\.(0|[1-9][0-9]?)$/);

const partiesSchema = z
  .array(accountIdSchema)
  .min(1)
  .max(reservePartiesMax)
  .refine((parties) => new Set(parties).size === parties.length, "each party once");

/** Moves money between citizens at once. */
export const transferSchema = z.strictObject({
  type: z.literal("money/transfer"),
  by: accountIdSchema,
  to: accountIdSchema,
  amount: positiveMoneySchema,
  note: noteSchema.optional(),
});

/**
 * First phase: sets money aside for `to` until `expiresMs` (block time, UNIX milliseconds). Those in `mayPost` (left out: the payee)
 * may pay it out, at most `amount`; those in `mayVoid`, and always the payee, may give it back. At expiry it goes back by itself.
 */
export const reserveSchema = z.strictObject({
  type: z.literal("money/reserve"),
  by: accountIdSchema,
  to: accountIdSchema,
  amount: positiveMoneySchema,
  expiresMs: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  mayPost: partiesSchema.exactOptional(),
  mayVoid: partiesSchema.exactOptional(),
  note: noteSchema.exactOptional(),
});
/** Second phase: pays out `amount` of a reserve, all of it when left out; the rest returns to the payer. */
export const postReservedSchema = z.strictObject({
  type: z.literal("money/post-reserved"),
  by: accountIdSchema,
  reserve: reserveIdSchema,
  amount: positiveMoneySchema.optional(),
});
/** Second phase: gives a whole reserve back to the payer. */
export const voidReservedSchema = z.strictObject({
  type: z.literal("money/void-reserved"),
  by: accountIdSchema,
  reserve: reserveIdSchema,
});

/**
 * Sets the account's spending limits: the most a transfer, reserve or bid may move, and the most per day of block time (UTC).
 * Left out: no limit; "0": nothing. What is lower than before holds at once, what is higher after a day.
 */
export const setLimitsSchema = z.strictObject({
  type: z.literal("money/set-limits"),
  by: accountIdSchema,
  perTransfer: moneySchema.optional(),
  perDay: moneySchema.optional(),
});
/** Drops a raise of limits that is waiting. */
export const cancelRaiseSchema = z.strictObject({ type: z.literal("money/cancel-raise"), by: accountIdSchema });

/** Refusals of the money module: numbers 400 to 499, append-only (ledger/protocol/refusals.ts). */
export const moneyRefusals = {
  money_balance_must_suffice: 400,
  money_recipient_must_exist: 401,
  money_recipient_must_differ: 402,
  money_party_must_exist: 403,
  money_expiry_must_be_ahead: 404,
  money_expiry_must_be_near: 405,
  money_reserves_must_not_exceed_limit: 406,
  money_reserve_must_exist: 407,
  money_reserve_must_not_be_expired: 408,
  money_account_must_be_allowed_to_post: 409,
  money_account_must_be_allowed_to_void: 410,
  money_amount_must_not_exceed_reserve: 411,
  money_payer_must_post_all: 412,
  money_amount_must_not_exceed_transfer_limit: 413,
  money_amount_must_not_exceed_day_limit: 414,
  money_raise_must_be_waiting: 415,
} as const;

/**
 * State `money/balance/<id>`: what the account ever received and gave, posted, and what open reserves and bids hold.
 * Decimal strings of at most 36 digits; what is zero is left out.
 */
export interface BalanceRecord {
  readonly creditsPosted?: string;
  readonly debitsPosted?: string;
  readonly creditsPending?: string;
  readonly debitsPending?: string;
  /** Open reserves that the account has given; at most `reservesPerAccountMax`. */
  readonly reserves?: number;
}

/** Micro-units that belong to the account: credits less debits, posted. Negative only for `city:issuance`. */
export function postedIn(record: BalanceRecord | null): bigint {
  return sumOf(record?.creditsPosted) - sumOf(record?.debitsPosted);
}

/** Micro-units that the account may spend: what belongs to it less what is held. */
export function availableIn(record: BalanceRecord | null): bigint {
  return postedIn(record) - sumOf(record?.debitsPending);
}

/** A sum of a balance; zero when it is left out. */
export function sumOf(sum: string | undefined): bigint {
  return sum === undefined ? 0n : BigInt(sum);
}

/** State `money/reserve/<id>`: an open reserve; it leaves the state when posted, voided or expired. */
export interface ReserveRecord {
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly expiresMs: number;
  /** Left out: the payee alone. */
  readonly mayPost?: readonly string[];
  /** Beside the payee. */
  readonly mayVoid?: readonly string[];
  readonly note?: string;
  /** The day against whose limit it counts: ⌊block time / day⌋; left out when the payer had no limits. */
  readonly spentDay?: number;
}

/** Spending limits; what is left out is without limit. */
export interface Limits {
  readonly perTransfer?: string;
  readonly perDay?: string;
}

/** State `money/limits/<account>`: there while the account has limits, or has spent under some today. */
export interface LimitsRecord extends Limits {
  /** What takes the place of the limits above from `effectiveMs` on. */
  readonly raise?: Limits & { readonly effectiveMs: number };
  /** ⌊block time / day⌋ in which `spent` was spent; both left out before the first. */
  readonly day?: number;
  readonly spent?: string;
}

/** The limits in force at a block time. */
export function limitsAt(record: LimitsRecord | null, timeMs: number): Limits {
  if (record === null) return {};
  const source = record.raise !== undefined && record.raise.effectiveMs <= timeMs ? record.raise : record;
  return limitsOf(source.perTransfer, source.perDay);
}

/** Limits without members for what has none. */
export function limitsOf(perTransfer: string | undefined, perDay: string | undefined): Limits {
  return { ...(perTransfer === undefined ? {} : { perTransfer }), ...(perDay === undefined ? {} : { perDay }) };
}

/** Micro-units spent in the day of a block time, as far as limits count them. */
export function spentAt(record: LimitsRecord | null, timeMs: number): bigint {
  return record?.day === Math.floor(timeMs / dayMs) ? BigInt(record.spent ?? "0") : 0n;
}

/** Accounts that belong to no key. Their balances obey double entry like all others. */
export const systemAccounts = {
  issuance: "city:issuance",
  treasury: "city:treasury",
  energyEscrow: "energy:escrow",
} as const;

/** State names of this module. */
export const moneyState = {
  balance: (id: string): string => `money/balance/${id}`,
  reserve: (id: string): string => `money/reserve/${id}`,
  /** Holds `{}` for each open reserve that an account gave, receives, or may post or void. */
  reserveOf: (account: string, id: string): string => `money/reserve-of/${account}/${id}`,
  /** Holds `{}`; the time has 16 digits, so that names sort by it. */
  reserveExpiry: (expiresMs: number, id: string): string =>
    `money/reserve-expiry/${String(expiresMs).padStart(16, "0")}/${id}`,
  limits: (account: string): string => `money/limits/${account}`,
};
