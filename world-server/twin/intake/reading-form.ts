// Checks a message's form, before anything costly: topic, size, schema, canonical bytes (RFC 8785), time.

import { fromUtf8 } from "../../../ledger/protocol/bytes.ts";
import { canonicalText } from "../../../ledger/protocol/canonical.ts";
import { type Reading, readingBytesMax, readingSchema } from "../../../ledger/protocol/telemetry-records.ts";

const readingTopicPrefix = "glasstown/readings/";
/** A device's clock may be this far ahead of ours. */
const aheadMsMax = 60_000;
/** A device may deliver what it kept while it was cut off, this far back. */
const behindMsMax = 7 * 86_400_000;

/** Why a message was not taken. Names are stable: they are the counters that /health shows. */
export type RefusalReason =
  | "packet_bytes_must_not_exceed_limit"
  | "topic_must_be_of_readings"
  | "reading_bytes_must_not_exceed_limit"
  | "reading_must_be_json"
  | "reading_must_match_schema"
  | "reading_must_be_canonical"
  | "reading_device_must_match_topic"
  | "reading_time_must_be_near"
  | "reading_stream_must_exist"
  | "reading_device_must_be_registered"
  | "reading_signature_must_be_valid"
  | "reading_sequence_must_grow"
  | "intake_must_have_room"
  | "intake_must_be_open"
  | "ledger_must_answer"
  | "store_must_accept";

export type Formed =
  | { readonly ok: true; readonly reading: Reading; readonly entry: string }
  | { readonly ok: false; readonly reason: RefusalReason };

/** Reads a message; `entry` is its canonical JSON, the same bytes as the payload. */
export function parseReading(topic: string, payload: Uint8Array, nowMs: number): Formed {
  const refuse = (reason: RefusalReason): Formed => ({ ok: false, reason });
  if (!topic.startsWith(readingTopicPrefix)) return refuse("topic_must_be_of_readings");
  if (payload.length > readingBytesMax) return refuse("reading_bytes_must_not_exceed_limit");
  let text: string;
  let value: unknown;
  try {
    text = fromUtf8(payload);
    value = JSON.parse(text);
  } catch {
    return refuse("reading_must_be_json");
  }
  const parsed = readingSchema.safeParse(value);
  if (!parsed.success) return refuse("reading_must_match_schema");
  const reading = parsed.data;
  // A byte order mark would vanish in decoding, so lengths are compared as well.
  if (canonicalText(reading) !== text || Buffer.byteLength(text) !== payload.length) {
    return refuse("reading_must_be_canonical");
  }
  if (topic !== readingTopicPrefix + reading.device) return refuse("reading_device_must_match_topic");
  const timeMs = Date.parse(reading.time);
  if (!(timeMs <= nowMs + aheadMsMax && timeMs >= nowMs - behindMsMax)) return refuse("reading_time_must_be_near");
  return { ok: true, reading, entry: text };
}
