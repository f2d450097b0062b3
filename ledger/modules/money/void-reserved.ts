// money/void-reserved: gives a reserve back to the payer (MO-11, MO-14).

import type { z } from "zod";
import type { voidReservedSchema } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { voided } from "./events.ts";
import { closeReserve, reserveOf } from "./interface.ts";

export function voidReserved(execution: MessageExecution, message: z.infer<typeof voidReservedSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, reserve } = message;
  const record = reserveOf(state, reserve);
  if (record === null) return refuse("money_reserve_must_exist", { reserve });
  if (record.expiresMs <= timeMs) return refuse("money_reserve_must_not_be_expired", { reserve });
  if (by !== record.to && record.mayVoid?.includes(by) !== true)
    return refuse("money_account_must_be_allowed_to_void", { account: by, reserve });
  const { amount: _, ...closed } = closeReserve(execution, reserve, 0n);
  voided.emit(execution, { ...closed, by });
  return null;
}
