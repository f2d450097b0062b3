// money/reserve: the first phase of a transfer; the terms say who may end it and until when (MO-7 to MO-10).

import type { z } from "zod";
import { reserveMsMax, type reserveSchema, reservesPerAccountMax } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { accountOf } from "../accounts/interface.ts";
import type { MessageExecution } from "../module.ts";
import { openReserve, reservesGivenBy } from "./interface.ts";

export function reserve(execution: MessageExecution, message: z.infer<typeof reserveSchema>): Refusal | null {
  const { state, timeMs, timeMsLatest, transactionId, messageIndex } = execution;
  const { type: _, by: from, amount, ...terms } = message;
  const { to, expiresMs, mayPost = [], mayVoid = [] } = terms;
  if (to === from) return refuse("money_recipient_must_differ", { account: from });
  if (accountOf(state, to) === null) return refuse("money_recipient_must_exist", { account: to });
  const stranger = [...mayPost, ...mayVoid].find((party) => accountOf(state, party) === null);
  if (stranger !== undefined) return refuse("money_party_must_exist", { account: stranger });
  if (expiresMs <= timeMs) return refuse("money_expiry_must_be_ahead", { expiresMs, timeMs });
  if (expiresMs > timeMsLatest + reserveMsMax)
    return refuse("money_expiry_must_be_near", { expiresMs, latestMs: timeMs + reserveMsMax });
  if (reservesGivenBy(state, from) >= reservesPerAccountMax)
    return refuse("money_reserves_must_not_exceed_limit", { limit: reservesPerAccountMax });
  return openReserve(execution, `${transactionId}.${messageIndex}`, { ...terms, from, amount: BigInt(amount) });
}
