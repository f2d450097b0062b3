// energy/link-meter: ties a free smart meter to an account (EN-1).

import type { z } from "zod";
import { energyState, type linkMeterSchema, type MeterLinkRecord } from "../../protocol/energy.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { deviceOf } from "../telemetry/interface.ts";
import { meterLinked } from "./events.ts";
import type { MeterOfRecord } from "./state.ts";

export function linkMeter(execution: MessageExecution, message: z.infer<typeof linkMeterSchema>): Refusal | null {
  const { state, height } = execution;
  const { by, meter } = message;
  if (deviceOf(state, meter)?.kind !== "meter") return refuse("energy_meter_must_exist", { meter });
  if (state.get(energyState.meter(meter)) !== null) return refuse("energy_meter_must_be_free", { meter });
  const linked = state.get<MeterOfRecord>(energyState.meterOf(by));
  if (linked !== null) return refuse("energy_account_must_have_no_meter", { meter: linked.meter });
  state.set(energyState.meter(meter), { account: by, since: height } satisfies MeterLinkRecord);
  state.set(energyState.meterOf(by), { meter } satisfies MeterOfRecord);
  meterLinked.emit(execution, { meter, account: by });
  return null;
}
