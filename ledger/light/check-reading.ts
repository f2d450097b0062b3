// A reading of the telemetry log: the device that signed it, the checkpoint in ledger state, and its place in the log (RFC 6962).
// Pure: records of proven state and what the log answered go in, a verdict comes out.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import type { InclusionAnswer } from "../../world-server/protocol/telemetry-log.ts";
import { fromHex, utf8 } from "../protocol/bytes.ts";
import { canonicalText } from "../protocol/canonical.ts";
import { verifyEd25519 } from "../protocol/ed25519.ts";
import { type Form, finite, list, members, text, whole } from "../protocol/json-form.ts";
import type { DeviceRecord } from "../protocol/telemetry.ts";
import {
  deviceIdPattern,
  type LogRecord,
  type Reading,
  readingBytesMax,
  readingSchema,
  readingSignBytes,
} from "../protocol/telemetry-records.ts";
import { decided } from "./light-block.ts";
import { fail, type Outcome, pass } from "./outcome.ts";
import type { ShownReading } from "./verdict.ts";

/** A log's tree at one size, as ledger state has it. Root in hex. */
export type LogHead = Pick<LogRecord, "size" | "root">;

const hashText = text(64, /^[0-9a-f]{64}$/);
export const inclusionSchema: Form<InclusionAnswer> = members({
  index: whole(0),
  size: whole(1),
  entry: text(readingBytesMax),
  path: list(64, hashText),
});
export const shownSchema: Form<ShownReading> = members({
  device: text(48, deviceIdPattern),
  stream: text(32),
  time: text(64),
  result: finite,
  logIndex: whole(0, Number.MAX_SAFE_INTEGER - 1),
});
const logRecordSchema: Form<LogRecord> = members({ size: whole(1), root: hashText, time: text(64) });
const deviceRecordSchema: Form<Pick<DeviceRecord, "key">> = members({ key: hashText });

/** The key in a device's record. */
export function deviceKey(device: string, record: unknown): Outcome<Uint8Array> {
  const known = deviceRecordSchema.safeParse(record);
  if (known.success) return pass(fromHex(known.data.key));
  const detail = record === null ? `${device} is proven absent` : `${device} has no key in ledger state`;
  return fail("device_must_be_registered", detail, { device, record });
}

/** The anchored checkpoint in ledger state; none yet counts as a log of size 0. */
export function logHead(record: unknown): Outcome<LogHead & { readonly time: string }> {
  if (record === null) return pass({ size: 0, root: "", time: "" });
  const log = logRecordSchema.safeParse(record);
  if (log.success) return pass(log.data);
  return fail("checkpoint_must_be_in_state", "what ledger state holds is not a checkpoint", record);
}

/** The entry stands at this place in the log of the checkpoint. */
export function checkInclusion(
  core: LightCore,
  answer: InclusionAnswer,
  index: number,
  checkpoint: LogHead,
): Outcome<true> {
  const evidence = { answer, checkpoint };
  if (answer.index !== index || answer.size !== checkpoint.size)
    return fail("entry_must_be_in_log", `the proof is of ${answer.index} in ${answer.size}`, evidence);
  const leaf = core.leafHash(utf8(answer.entry));
  if (core.verifyInclusion(fromHex(checkpoint.root), leaf, index, checkpoint.size, answer.path.map(fromHex)))
    return pass(true);
  return fail("entry_must_be_in_log", "the audit path does not lead to the anchored root", evidence);
}

/** The entry says exactly what is shown, and the device signed it. */
export async function checkEntry(
  entry: string,
  shown: Omit<ShownReading, "logIndex">,
  key: Uint8Array,
): Promise<Outcome<Reading>> {
  const evidence = { entry, shown };
  const reading = parseEntry(entry);
  if (reading === null)
    return fail("answer_must_be_well_formed", "the log's entry is not a canonical reading", evidence);
  const fields = ["device", "stream", "time", "result"] as const;
  const wrong = fields.find((field) => reading[field] !== shown[field]);
  if (wrong !== undefined) {
    const detail = `${wrong} is ${shown[wrong]} on the screen and ${reading[wrong]} in the log`;
    return fail("value_must_match_entry", detail, evidence);
  }
  const valid = await decided(verifyEd25519(key, readingSignBytes(reading), fromHex(reading.signature)));
  if (!valid.ok) return valid;
  if (valid.value) return pass(reading);
  return fail("device_signature_must_be_valid", `the signature is not of ${reading.device}`, evidence);
}

/** The reading that an entry of the log is; null when it is none in canonical form. */
export function parseEntry(entry: string): Reading | null {
  try {
    const reading = readingSchema.safeParse(JSON.parse(entry));
    return reading.success && canonicalText(reading.data) === entry ? reading.data : null;
  } catch {
    return null;
  }
}
