// A shown reading, from the device to the signatures: entry in the log, log's root in the checkpoint, checkpoint and device's key in
// ledger state, state in a signed header. An entry younger than the checkpoint stands on the device's signature alone: "signed".

import { telemetryState } from "../protocol/telemetry-records.ts";
import { checkEntry, checkInclusion, deviceKey, inclusionSchema, logHead, shownSchema } from "./check-reading.ts";
import type { VerifiedHeader } from "./light-block.ts";
import type { LightParts } from "./light-parts.ts";
import { fail, type Outcome } from "./outcome.ts";
import type { ProvenEntry } from "./state-prover.ts";
import { type CustodyStep, custodySteps, type ShownReading, type Verdict } from "./verdict.ts";
import { headerStep, stepsOf, verdictOf, verified } from "./verdict-building.ts";

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
  const key = deviceKey(reading.device, deviceEntry.value.value);
  if (!key.ok) return ended(key, "device");
  const checkpoint = logHead(logEntry.value.value);
  if (!checkpoint.ok) return ended(checkpoint, "checkpoint");

  const followed = await parts.log.follow(checkpoint.value, logEntry.value.header);
  if (!followed.ok) return ended(followed, "log");

  const anchored = reading.logIndex < checkpoint.value.size;
  // A young entry has no anchored tree yet; the smallest tree that holds it gives its bytes.
  const size = anchored ? checkpoint.value.size : reading.logIndex + 1;
  const url = `${parts.logUrl}/inclusion?index=${reading.logIndex}&size=${size}`;
  const inclusion = await parts.server.json(url, inclusionSchema);
  if (!inclusion.ok) return ended(inclusion, "log");
  if (anchored) {
    const included = checkInclusion(parts.core, inclusion.value, reading.logIndex, checkpoint.value);
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
