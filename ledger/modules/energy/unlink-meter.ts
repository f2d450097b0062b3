// energy/unlink-meter: gives a meter back (EN-2).

import type { z } from "zod";
import { energyState, type MeterLinkRecord, type unlinkMeterSchema } from "../../protocol/energy.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { meterUnlinked } from "./events.ts";
import { type BookRecord, book, openSlotsOf } from "./state.ts";

export function unlinkMeter(execution: MessageExecution, message: z.infer<typeof unlinkMeterSchema>): Refusal | null {
  const { state } = execution;
  const { by, meter } = message;
  if (state.get<MeterLinkRecord>(energyState.meter(meter))?.account !== by)
    return refuse("energy_meter_must_be_linked_to_account", { meter });
  for (const slot of openSlotsOf(state)) {
    const open = state.get<BookRecord>(book(slot, by))?.open ?? [];
    if (open.some(({ side }) => side === "offer")) return refuse("energy_account_must_have_no_open_offers", { slot });
  }
  state.remove(energyState.meter(meter));
  state.remove(energyState.meterOf(by));
  meterUnlinked.emit(execution, { meter, account: by });
  return null;
}
