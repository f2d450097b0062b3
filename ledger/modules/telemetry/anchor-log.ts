// telemetry/anchor-log: anchors the telemetry log's size and root (TE-4 to TE-6).

import type { z } from "zod";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { anchorLogSchema } from "../../protocol/telemetry.ts";
import { type LogRecord, telemetryState } from "../../protocol/telemetry-records.ts";
import { hasRole } from "../accounts/interface.ts";
import type { MessageExecution } from "../module.ts";
import { logAnchored } from "./events.ts";

export function anchorLog(execution: MessageExecution, message: z.infer<typeof anchorLogSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, size, root, time } = message;
  if (!hasRole(state, by, "twin", { timeMs })) return refuse("telemetry_role_must_be_twin", { account: by });
  const anchored = state.get<LogRecord>(telemetryState.log);
  if (anchored !== null) {
    if (size <= anchored.size) return refuse("telemetry_size_must_grow", { size, anchored: anchored.size });
    // The schema fixes the form (UTC, milliseconds, four-digit years), so text order is time order.
    if (time < anchored.time) return refuse("telemetry_time_must_not_go_back", { time, anchored: anchored.time });
  }
  state.set(telemetryState.log, { size, root, time } satisfies LogRecord);
  logAnchored.emit(execution, { size: size.toString(), root, time });
  return null;
}
