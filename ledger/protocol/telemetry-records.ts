// What the telemetry module keeps in state, and the form of a device's signed reading, which is a log entry. Without the messages of
// telemetry.ts, so that the light client checks readings with as little code as can be.

import { utf8 } from "./bytes.ts";
import { canonicalText } from "./canonical.ts";
import { exactly, type FormOf, finite, text, where, whole } from "./json-form.ts";

/** State names of this module. */
export const telemetryState = {
  device: (device: string): string => `telemetry/device/${device}`,
  log: "telemetry/log",
};

/** State `telemetry/log`: the newest anchored checkpoint. */
export interface LogRecord {
  readonly size: number;
  readonly root: string;
  readonly time: string;
}

/** Device ids: lower-case words with digits, such as `meter-0042`. */
export const deviceIdPattern = /^[a-z0-9][a-z0-9-]{0,47}$/;

/** RFC 3339 UTC with milliseconds, of a day that there is. */
const timeText = where(text(24, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/), "a time", (time) => {
  const ms = Date.parse(time);
  return Number.isFinite(ms) && new Date(ms).toISOString() === time;
});

/**
 * A device's signed reading. Its canonical JSON, signature included, is the MQTT payload
 * (topic `glasstown/readings/<device>`) and, byte for byte, the telemetry log's entry.
 */
export const readingSchema = exactly({
  device: text(48, deviceIdPattern),
  /** The datastream of the device, such as `power`. */
  stream: text(32, /^[a-z0-9][a-z0-9-]*$/),
  /** Time of measurement. */
  time: timeText,
  /** In the datastream's unit. */
  result: finite,
  /** Counts up by at least one per device; a number seen before is a replay. */
  sequence: whole(0),
  /** Ed25519 over `readingSignBytes`, hex. */
  signature: text(128, /^[0-9a-f]{128}$/),
});
export type Reading = FormOf<typeof readingSchema>;
export type UnsignedReading = Omit<Reading, "signature">;

/** Longest reading accepted, in bytes of its JSON. */
export const readingBytesMax = 1024;

/** What the device signs: a domain line, then canonical JSON without the signature. */
export function readingSignBytes(reading: UnsignedReading): Uint8Array<ArrayBuffer> {
  const { device, stream, time, result, sequence } = reading;
  return utf8(`glasstown/reading/1\n${canonicalText({ device, stream, time, result, sequence })}`);
}
