// money/transfer: moves money between citizens (MO-1, MO-2).

import type { z } from "zod";
import type { transferSchema } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { accountOf } from "../accounts/interface.ts";
import type { MessageExecution } from "../module.ts";
import { transferred } from "./events.ts";
import { spend } from "./interface.ts";

export function transfer(execution: MessageExecution, message: z.infer<typeof transferSchema>): Refusal | null {
  const { by, to, amount, note } = message;
  if (to === by) return refuse("money_recipient_must_differ", { account: by });
  if (accountOf(execution.state, to) === null) return refuse("money_recipient_must_exist", { account: to });
  const refusal = spend(execution, by, to, BigInt(amount));
  if (refusal !== null) return refusal;
  transferred.emit(execution, { from: by, to, amount, ...(note === undefined ? {} : { note }) });
  return null;
}
