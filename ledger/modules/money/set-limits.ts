// money/set-limits and money/cancel-raise: lower limits hold at once, higher ones after a delay that the owner can use
// to take them back (MO-20 to MO-22): who steals a key cannot spend more today than the owner allowed yesterday.

import type { z } from "zod";
import {
  type cancelRaiseSchema,
  dayMs,
  type LimitsRecord,
  limitsAt,
  limitsOf,
  moneyState,
  raiseDelayMs,
  type setLimitsSchema,
} from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { limitsSet, raiseCancelled } from "./events.ts";
import { limitsRecordOf } from "./limits.ts";

export function setLimits(execution: MessageExecution, message: z.infer<typeof setLimitsSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, perTransfer, perDay } = message;
  const record = limitsRecordOf(state, by);
  const now = limitsAt(record, timeMs);
  const lowered = limitsOf(lower(now.perTransfer, perTransfer), lower(now.perDay, perDay));
  const same = lowered.perTransfer === perTransfer && lowered.perDay === perDay;
  const effectiveMs = same ? timeMs : timeMs + raiseDelayMs;
  const raise = same ? {} : { raise: { ...limitsOf(perTransfer, perDay), effectiveMs } };
  // What was spent today stays counted even without limits: new ones may follow, and what is held may yet come back.
  const spending = record?.day === Math.floor(timeMs / dayMs) ? { day: record.day, spent: record.spent! } : {};
  const after: LimitsRecord = { ...lowered, ...raise, ...spending };
  if (Object.keys(after).length === 0) state.remove(moneyState.limits(by));
  else state.set(moneyState.limits(by), after);
  limitsSet.emit(execution, { account: by, effectiveMs: effectiveMs.toString() });
  return null;
}

export function cancelRaise(execution: MessageExecution, message: z.infer<typeof cancelRaiseSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by } = message;
  const record = limitsRecordOf(state, by);
  if (record?.raise === undefined || record.raise.effectiveMs <= timeMs)
    return refuse("money_raise_must_be_waiting", { account: by });
  const { raise: _, ...rest } = record;
  state.set(moneyState.limits(by), rest satisfies LimitsRecord);
  raiseCancelled.emit(execution, { account: by });
  return null;
}

/** The lower of two limits; undefined is no limit. */
function lower(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return BigInt(a) < BigInt(b) ? a : b;
}
