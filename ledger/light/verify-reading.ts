// A shown reading, from the device to the signatures: entry in the log, log's root in the checkpoint, checkpoint and device's key in
// ledger state, state in a signed header. An entry younger than the checkpoint stands on the device's signature alone: "signed".

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
  telemetryState,
} from "../protocol/telemetry-records.ts";
import { decided, type VerifiedHeader } from "./light-block.ts";
import type { LightParts } from "./light-parts.ts";
import { fail, type Outcome, pass } from "./outcome.ts";
import type { ProvenEntry } from "./state-prover.ts";
import { type CustodyStep, custodySteps, type ShownReading, type Verdict } from "./verdict.ts";
import { headerStep, stepsOf, verdictOf, verified } from "./verdict-building.ts";

const hashText = text(64, /^[0-9a-f]{64}$/);
const inclusionSchema: Form<InclusionAnswer> = members({
  index: whole(0),
  size: whole(1),
  entry: text(readingBytesMax),
  path: list(64, hashText),
});
const shownSchema: Form<ShownReading> = members({
  device: text(48, deviceIdPattern),
  stream: text(32),
  time: text(64),
  result: finite,
  logIndex: whole(0, Number.MAX_SAFE_INTEGER - 1),
});
const logRecordSchema: Form<LogRecord> = members({ size: whole(1), root: hashText, time: text(64) });
const deviceRecordSchema: Form<Pick<DeviceRecord, "key">> = members({ key: hashText });

export async function verifyReading(parts: LightParts, reading: ShownReading): Promise<Verdict> {
  const passed: CustodyStep[] = [];
  const ended = (outcome: Parameters<typeof verdictOf>[0], at: CustodyStep): Verdict =>
    verdictOf(outcome, at, custodySteps, passed);

  const shown = shownSchema.safeParse(reading);
  if (!shown.success) return ended(fail("answer_must_be_well_formed", "the reading shown is none", reading), "device");

  const head = await parts.headers.latest();
  if (!head.ok) return ended(head, headerStep(head));
  // Independent of each other; both bind to signed headers.
  const [deviceEntry, logEntry] = await Promise.all([
    deviceEntryOf(parts, reading.device, head.value),
    parts.state.settled(telemetryState.log, head.value),
  ]);
  passed.push("block", "signatures");
  if (!deviceEntry.ok) return ended(deviceEntry, "device");
  if (!logEntry.ok) return ended(logEntry, "checkpoint");
  const key = keyOf(deviceEntry.value.value, reading);
  if (!key.ok) return ended(key, "device");
  const checkpoint = checkpointOf(logEntry.value.value);
  if (!checkpoint.ok) return ended(checkpoint, "checkpoint");

  const anchored = reading.logIndex < checkpoint.value.size;
  // A young entry has no anchored tree yet; the smallest tree that holds it gives its bytes.
  const size = anchored ? checkpoint.value.size : reading.logIndex + 1;
  const url = `${parts.logUrl}/inclusion?index=${reading.logIndex}&size=${size}`;
  const inclusion = await parts.server.json(url, inclusionSchema);
  if (!inclusion.ok) return ended(inclusion, "log");
  if (anchored) {
    const included = checkInclusion(parts, inclusion.value, reading.logIndex, checkpoint.value);
    if (!included.ok) return ended(included, "log");
    passed.push("log", "checkpoint");
  }
  const entry = await checkEntry(inclusion.value.entry, reading, key.value);
  if (!entry.ok) return ended(entry, "device");

  if (anchored) return verified(logEntry.value.header, custodySteps, entry.value);
  return {
    state: "signed",
    height: Number(deviceEntry.value.header.header.height),
    steps: stepsOf({ device: "passed", log: "pending", checkpoint: "pending", block: "passed", signatures: "passed" }),
    value: entry.value,
  };
}

/** A device that was registered in the newest block stands on the register, though no header has shown it yet. */
async function deviceEntryOf(parts: LightParts, device: string, head: VerifiedHeader): Promise<Outcome<ProvenEntry>> {
  const name = telemetryState.device(device);
  const entry = await parts.state.settled(name, head);
  if (!entry.ok || entry.value.value !== null) return entry;
  return parts.state.newest(name, head, (value) => value !== null);
}

function keyOf(record: unknown, reading: ShownReading): Outcome<Uint8Array> {
  const device = deviceRecordSchema.safeParse(record);
  if (device.success) return pass(fromHex(device.data.key));
  const detail =
    record === null ? `${reading.device} is proven absent` : `${reading.device} has no key in ledger state`;
  return fail("device_must_be_registered", detail, { device: reading.device, record });
}

/** No checkpoint yet counts as a log of size 0. */
function checkpointOf(record: unknown): Outcome<Pick<LogRecord, "size" | "root">> {
  if (record === null) return pass({ size: 0, root: "" });
  const log = logRecordSchema.safeParse(record);
  if (log.success) return pass(log.data);
  return fail("checkpoint_must_be_in_state", "what ledger state holds is not a checkpoint", record);
}

function checkInclusion(
  parts: LightParts,
  answer: InclusionAnswer,
  index: number,
  checkpoint: Pick<LogRecord, "size" | "root">,
): Outcome<true> {
  const evidence = { answer, checkpoint };
  if (answer.index !== index || answer.size !== checkpoint.size)
    return fail("entry_must_be_in_log", `the proof is of ${answer.index} in ${answer.size}`, evidence);
  const leaf = parts.core.leafHash(utf8(answer.entry));
  const holds = parts.core.verifyInclusion(
    fromHex(checkpoint.root),
    leaf,
    index,
    checkpoint.size,
    answer.path.map(fromHex),
  );
  if (holds) return pass(true);
  return fail("entry_must_be_in_log", "the audit path does not lead to the anchored root", evidence);
}

/** The entry says exactly what is shown, and the device signed it. */
async function checkEntry(entry: string, shown: ShownReading, key: Uint8Array): Promise<Outcome<Reading>> {
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

function parseEntry(entry: string): Reading | null {
  try {
    const reading = readingSchema.safeParse(JSON.parse(entry));
    return reading.success && canonicalText(reading.data) === entry ? reading.data : null;
  } catch {
    return null;
  }
}
