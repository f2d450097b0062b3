// telemetry/register-device: puts a device and its key on the register (TE-1 to TE-3, TE-10).

import type { z } from "zod";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { isSoundKey } from "../../protocol/sound-key.ts";
import type { DeviceRecord, registerDeviceSchema } from "../../protocol/telemetry.ts";
import { telemetryState } from "../../protocol/telemetry-records.ts";
import { hasRole } from "../accounts/interface.ts";
import type { MessageExecution } from "../module.ts";
import { deviceRegistered } from "./events.ts";
import { deviceOf } from "./interface.ts";
import { type DeviceKeyRecord, deviceKey } from "./state.ts";

export function registerDevice(
  execution: MessageExecution,
  message: z.infer<typeof registerDeviceSchema>,
): Refusal | null {
  const { state, timeMs } = execution;
  const { by, device, kind, key, cityObject, solar } = message;
  if (!hasRole(state, by, "registrar", { timeMs, scope: `devices/${kind}` }))
    return refuse("telemetry_role_must_be_registrar", { account: by });
  if (deviceOf(state, device) !== null) return refuse("telemetry_device_must_not_exist", { device });
  if (!isSoundKey(key)) return refuse("telemetry_key_must_be_sound", { device, key });
  const owner = state.get<DeviceKeyRecord>(deviceKey(key));
  if (owner !== null) return refuse("telemetry_key_must_be_unused", { device: owner.device });
  const record: DeviceRecord = {
    kind,
    key,
    ...(cityObject === undefined ? {} : { cityObject }),
    ...(solar === undefined ? {} : { solar }),
    registered: execution.height,
  };
  state.set(telemetryState.device(device), record);
  state.set(deviceKey(key), { device } satisfies DeviceKeyRecord);
  deviceRegistered.emit(execution, { device, kind });
  return null;
}
