// Wire types of the telemetry module: which devices exist, and the anchored roots of the telemetry log.
// Also the form of a signed reading, which is a log entry.

import { z } from "zod";
import { accountIdSchema } from "./accounts.ts";
import { utf8 } from "./bytes.ts";
import { canonicalText } from "./canonical.ts";
import { publicKeySchema } from "./keys.ts";

/** Device ids: lower-case words with digits, such as `meter-0042`. */
export const deviceIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,47}$/);
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

/** State `telemetry/log`: the newest anchored checkpoint. */
export interface LogRecord {
  readonly size: number;
  readonly root: string;
  readonly time: string;
}

/** State names of this module. */
export const telemetryState = {
  device: (device: string): string => `telemetry/device/${device}`,
  log: "telemetry/log",
};

/**
 * A device's signed reading. Its canonical JSON, signature included, is the MQTT payload
 * (topic `glasstown/readings/<device>`) and, byte for byte, the telemetry log's entry.
 */
export const readingSchema = z.strictObject({
  device: deviceIdSchema,
  /** The datastream of the device, such as `power`. */
  stream: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  /** Time of measurement, RFC 3339 UTC with milliseconds. */
  time: z.iso.datetime({ precision: 3 }),
  /** In the datastream's unit. */
  result: z.number(),
  /** Counts up by at least one per device; a number seen before is a replay. */
  sequence: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Ed25519 over `readingSignBytes`, hex. */
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});
export type Reading = z.infer<typeof readingSchema>;
export type UnsignedReading = Omit<Reading, "signature">;

/** Longest reading accepted, in bytes of its JSON. */
export const readingBytesMax = 1024;

/** What the device signs: a domain line, then canonical JSON without the signature. */
export function readingSignBytes(reading: UnsignedReading): Uint8Array<ArrayBuffer> {
  const { device, stream, time, result, sequence } = reading;
  return utf8(`glasstown/reading/1\n${canonicalText({ device, stream, time, result, sequence })}`);
}
