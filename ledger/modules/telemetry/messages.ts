// Messages of the telemetry module.

import { anchorLogSchema, registerDeviceSchema } from "../../protocol/telemetry.ts";
import { bind, type MessageBinding } from "../module.ts";
import { anchorLog } from "./anchor-log.ts";
import { registerDevice } from "./register-device.ts";

export const messages: readonly MessageBinding[] = [
  bind("telemetry/register-device", registerDeviceSchema, registerDevice),
  bind("telemetry/anchor-log", anchorLogSchema, anchorLog),
];
