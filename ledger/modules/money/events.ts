// Events of the money module. Who paid and who received stands in each, so that an account's statement is the events that name it.

import { z } from "zod";
import { accountIdSchema } from "../../protocol/accounts.ts";
import { noteSchema, positiveMoneySchema, reserveIdSchema } from "../../protocol/money.ts";
import { countText, declareEvent, type EventType } from "../event.ts";

/** A citizen's account or one of the system's, such as `city:treasury`. */
export const holderSchema = z.string().regex(/^([0-9a-f]{40}|[a-z]+:[a-z]+)$/);

export const transferred = declareEvent("money/transferred", {
  from: accountIdSchema,
  to: accountIdSchema,
  amount: positiveMoneySchema,
  note: noteSchema.exactOptional(),
});

const reserve = { reserve: reserveIdSchema, from: holderSchema, to: holderSchema };

export const reserved = declareEvent("money/reserved", {
  ...reserve,
  amount: positiveMoneySchema,
  expiresMs: countText,
  note: noteSchema.exactOptional(),
});

/** `amount` was paid to the payee, `released` went back to the payer. */
export const posted = declareEvent("money/posted", {
  ...reserve,
  amount: positiveMoneySchema,
  released: countText,
  by: accountIdSchema,
});

export const voided = declareEvent("money/voided", { ...reserve, released: countText, by: accountIdSchema });

/** Of the block: nobody sends it. */
export const expired = declareEvent("money/expired", { ...reserve, released: countText });

/** The limits that were asked for hold in full from `effectiveMs` on. */
export const limitsSet = declareEvent("money/limits-set", { account: accountIdSchema, effectiveMs: countText });

export const raiseCancelled = declareEvent("money/raise-cancelled", { account: accountIdSchema });

export const events: readonly EventType[] = [transferred, reserved, posted, voided, expired, limitsSet, raiseCancelled];
