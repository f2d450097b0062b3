// Events of the money module.

import { accountIdSchema } from "../../protocol/accounts.ts";
import { positiveMoneySchema } from "../../protocol/money.ts";
import { declareEvent, type EventType } from "../event.ts";

export const transferred = declareEvent("money/transferred", {
  from: accountIdSchema,
  to: accountIdSchema,
  amount: positiveMoneySchema,
});

export const events: readonly EventType[] = [transferred];
