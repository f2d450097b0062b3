// money/post-reserved: pays out a reserve, whole or in part; the rest returns to the payer (MO-11 to MO-13).

import type { z } from "zod";
import type { postReservedSchema } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { posted } from "./events.ts";
import { closeReserve, reserveOf } from "./interface.ts";

export function postReserved(execution: MessageExecution, message: z.infer<typeof postReservedSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, reserve } = message;
  const record = reserveOf(state, reserve);
  if (record === null) return refuse("money_reserve_must_exist", { reserve });
  if (record.expiresMs <= timeMs) return refuse("money_reserve_must_not_be_expired", { reserve });
  if (!(record.mayPost ?? [record.to]).includes(by))
    return refuse("money_account_must_be_allowed_to_post", { account: by, reserve });
  const amount = BigInt(message.amount ?? record.amount);
  if (amount > BigInt(record.amount))
    return refuse("money_amount_must_not_exceed_reserve", { amount: amount.toString(), reserved: record.amount });
  // The rest would return to the payer, who may not void: posting one unit must not be a way around it.
  if (by === record.from && amount < BigInt(record.amount) && record.mayVoid?.includes(by) !== true)
    return refuse("money_payer_must_post_all", { amount: amount.toString(), reserved: record.amount });
  posted.emit(execution, { ...closeReserve(execution, reserve, amount), by });
  return null;
}
