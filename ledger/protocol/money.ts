// Wire types of the money module: balances in micro-units, moved by double entry.

import { z } from "zod";
import { accountIdSchema } from "./accounts.ts";

/** Money in micro-units as a decimal string: "1000000" is 1.00. Positive, at most 15 digits. */
export const positiveMoneySchema = z.string().regex(/^[1-9][0-9]{0,14}$/);

/** Moves money between citizens. */
export const transferSchema = z.strictObject({
  type: z.literal("money/transfer"),
  by: accountIdSchema,
  to: accountIdSchema,
  amount: positiveMoneySchema,
  note: z.string().max(140).optional(),
});

/** Refusals of the money module: numbers 400 to 499, append-only (ledger/protocol/refusals.ts). */
export const moneyRefusals = {
  money_balance_must_suffice: 400,
  money_recipient_must_exist: 401,
  money_recipient_must_differ: 402,
} as const;

/** State `money/balance/<id>`: micro-units as a signed decimal string. Only `city:issuance` may be negative. */
export interface BalanceRecord {
  readonly money: string;
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
};
