// Events of the telemetry module.

import { z } from "zod";
import { deviceIdSchema, deviceKinds } from "../../protocol/telemetry.ts";
import { countText, declareEvent, type EventType } from "../event.ts";

export const deviceRegistered = declareEvent("telemetry/device-registered", {
  device: deviceIdSchema,
  kind: z.enum(deviceKinds),
});

export const logAnchored = declareEvent("telemetry/log-anchored", {
  size: countText,
  root: z.string().regex(/^[0-9a-f]{64}$/),
  time: z.iso.datetime({ precision: 3 }),
});

export const events: readonly EventType[] = [deviceRegistered, logAnchored];
