// Wire types of the telemetry module: which devices exist, and the anchored roots of the telemetry log. Signed readings and names of
// state stand in telemetry-records.ts.

import { z } from "zod";
import { accountIdSchema } from "./accounts.ts";
import { publicKeySchema } from "./keys.ts";
import { deviceIdPattern } from "./telemetry-records.ts";

export const deviceIdSchema = z.string().regex(deviceIdPattern);
export const deviceKinds = ["meter", "lamp", "air", "traffic", "river", "tram", "bus", "weather"] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** Puts a device and its key on the register. Only accounts with the role `registrar`. */
export const registerDeviceSchema = z.strictObject({
  type: z.literal("telemetry/register-device"),
  by: accountIdSchema,
  device: deviceIdSchema,
  kind: z.enum(deviceKinds),
  key: publicKeySchema,
  /** Id of the CityJSON object on which the device sits. */
  cityObject: z.string().min(1).max(100).optional(),
  /** Meters only: the home has solar panels. */
  solar: z.boolean().optional(),
});
/** Anchors the telemetry log: its size and RFC 6962 root. Only accounts with the role `twin`; sizes only grow. */
export const anchorLogSchema = z.strictObject({
  type: z.literal("telemetry/anchor-log"),
  by: accountIdSchema,
  size: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  root: z.string().regex(/^[0-9a-f]{64}$/),
  /** Time of the checkpoint, RFC 3339 UTC with milliseconds. */
  time: z.iso.datetime({ precision: 3 }),
});

/** Refusals of the telemetry module: numbers 300 to 399, append-only (ledger/protocol/refusals.ts). */
export const telemetryRefusals = {
  telemetry_role_must_be_registrar: 300,
  telemetry_role_must_be_twin: 301,
  telemetry_device_must_not_exist: 302,
  telemetry_size_must_grow: 303,
  telemetry_time_must_not_go_back: 304,
  telemetry_key_must_be_unused: 305,
  telemetry_key_must_be_sound: 306,
} as const;

/** State `telemetry/device/<id>`. */
export interface DeviceRecord {
  readonly kind: DeviceKind;
  readonly key: string;
  readonly cityObject?: string;
  readonly solar?: boolean;
  readonly registered: number;
}
