// energy/offer: sells up to an amount of energy at a price or more (EN-3).

import type { z } from "zod";
import { energyState, type MeterLinkRecord, type offerSchema } from "../../protocol/energy.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { deviceOf } from "../telemetry/interface.ts";
import { enterOrder, type NewOrder, refuseOrder } from "./place-order.ts";

export function offer(execution: MessageExecution, message: z.infer<typeof offerSchema>): Refusal | null {
  const { state } = execution;
  const { by, meter, slot, energyWh, price } = message;
  const device = deviceOf(state, meter);
  if (device?.kind !== "meter") return refuse("energy_meter_must_exist", { meter });
  if (state.get<MeterLinkRecord>(energyState.meter(meter))?.account !== by)
    return refuse("energy_meter_must_be_linked_to_account", { meter });
  if (device.solar !== true) return refuse("energy_meter_must_have_solar", { meter });
  const order: NewOrder = { side: "offer", by, meter, energyWh, price };
  const refusal = refuseOrder(execution, slot, order);
  if (refusal !== null) return refusal;
  enterOrder(execution, slot, order);
  return null;
}
