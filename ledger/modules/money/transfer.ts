// money/transfer: moves money between citizens (MO-1, MO-2).

import type { z } from "zod";
import type { transferSchema } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { accountOf } from "../accounts/interface.ts";
import type { MessageExecution } from "../module.ts";
import { transferred } from "./events.ts";
import { moneyOf, move } from "./interface.ts";

export function transfer(execution: MessageExecution, message: z.infer<typeof transferSchema>): Refusal | null {
  const { state } = execution;
  const { by, to, amount } = message;
  if (to === by) return refuse("money_recipient_must_differ", { account: by });
  if (accountOf(state, to) === null) return refuse("money_recipient_must_exist", { account: to });
  if (!move(state, by, to, BigInt(amount)))
    return refuse("money_balance_must_suffice", { balance: moneyOf(state, by).toString(), amount });
  transferred.emit(execution, { from: by, to, amount });
  return null;
}
