// What other modules may use of telemetry: which devices exist.

import type { DeviceRecord } from "../../protocol/telemetry.ts";
import { telemetryState } from "../../protocol/telemetry-records.ts";
import type { StateReader } from "../../state/overlay.ts";

/** A device's record; null when it is not registered. */
export function deviceOf(state: StateReader, device: string): DeviceRecord | null {
  return state.get<DeviceRecord>(telemetryState.device(device));
}
