// validators/leave: an active or jailed validator ends by itself (VA-12).

import type { z } from "zod";
import type { Refusal } from "../../protocol/refusals.ts";
import type { leaveSchema } from "../../protocol/validators.ts";
import type { MessageExecution } from "../module.ts";
import { refuseLargeChange, refuseLast, seatFor, unseat, writeValidator } from "./record.ts";

export function leave(execution: MessageExecution, { by }: z.infer<typeof leaveSchema>): Refusal | null {
  const found = seatFor(execution.state, by);
  if ("ok" in found) return found;
  const { jail: _, ...validator } = found.validator;
  const refusal = refuseLast(execution.state, validator) ?? refuseLargeChange(execution, { lost: validator.power });
  if (refusal !== null) return refusal;
  unseat(execution, by);
  writeValidator(execution, found.seat.address, { ...validator, power: 0, state: "left", since: execution.height });
  return null;
}
