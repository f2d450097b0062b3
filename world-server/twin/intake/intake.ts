// The way of a reading from message to disk: form, stream, key, signature, then a batch of one synced transaction.
// A batch closes after 20 ms or 500 readings; at most 20,000 readings are on the way at once.

import { fromHex } from "../../../ledger/protocol/bytes.ts";
import { verifyEd25519Sync } from "../../../ledger/protocol/ed25519-node.ts";
import { readingSignBytes } from "../../../ledger/protocol/telemetry-records.ts";
import type { CheckedReading, TelemetryStore } from "../store/telemetry-store.ts";
import type { DeviceKeys } from "./device-keys.ts";
import { parseReading, type RefusalReason } from "./reading-form.ts";

export type Receipt =
  | { readonly ok: true; readonly stored: boolean }
  | { readonly ok: false; readonly reason: RefusalReason };

interface Pending {
  readonly checked: CheckedReading;
  readonly settle: (receipt: Receipt) => void;
}

export interface IntakeOptions {
  readonly store: TelemetryStore;
  readonly keys: DeviceKeys;
  readonly now: () => number;
  /** Called after each batch with what is newly on disk, in log order. */
  readonly onStored: (stored: readonly CheckedReading[]) => void;
  readonly onStoreFailed: (error: unknown) => void;
}

const batchMs = 20;
const batchMax = 500;
const pendingMax = 20_000;
/** Between two tries whether what failed works again. */
const trialMs = 1000;

export class Intake {
  readonly #options: IntakeOptions;
  readonly #refused: Map<string, number>;
  #batch: Pending[] = [];
  #timer: NodeJS.Timeout | null = null;
  #pending = 0;
  #accepted = 0;
  #duplicates = 0;
  #closed = false;
  #refusedChanged = false;
  /** What failed for no fault of the message, until it works again. */
  #storeFailed = false;
  #lookupFailed: string | null = null;
  #trial: { readonly atMs: number; readonly able: Promise<boolean> } | null = null;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#refused = options.store.refusedCounts();
  }

  /** Readings stored since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Readings that came again because an acknowledgement was lost. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Refused messages by reason, over all runs. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  /** Settles when the reading is on disk or refused. */
  async receive(topic: string, payload: Uint8Array): Promise<Receipt> {
    if (this.#closed) return this.refuse("intake_must_be_open");
    if (this.#pending >= pendingMax) return this.refuse("intake_must_have_room");
    this.#pending++;
    try {
      const { store } = this.#options;
      const formed = parseReading(topic, payload, this.#options.now());
      if (!formed.ok) return this.refuse(formed.reason);
      const { reading, entry } = formed;
      const datastream = store.datastreamOf(reading.device, reading.stream);
      if (datastream === undefined) return this.refuse("reading_stream_must_exist");
      const checked: CheckedReading = { reading, datastream, entry };
      const verdict = await this.#verify(checked);
      if (verdict !== null) return this.refuse(verdict);
      // The intake may have closed while the ledger was asked.
      if (this.#closed) return this.refuse("intake_must_be_open");
      return await this.#enqueue(checked);
    } finally {
      this.#pending--;
    }
  }

  async #verify({ reading }: CheckedReading): Promise<RefusalReason | null> {
    let key = this.#options.keys.known(reading.device);
    if (key === undefined) {
      try {
        key = await this.#options.keys.lookup(reading.device);
      } catch {
        this.#lookupFailed = reading.device;
        return "ledger_must_answer";
      }
    }
    if (key === null) return "reading_device_must_be_registered";
    const valid = verifyEd25519Sync(key, readingSignBytes(reading), fromHex(reading.signature));
    return valid ? null : "reading_signature_must_be_valid";
  }

  #enqueue(checked: CheckedReading): Promise<Receipt> {
    return new Promise((settle) => {
      this.#batch.push({ checked, settle });
      if (this.#batch.length >= batchMax) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), batchMs);
    });
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    try {
      const outcome = this.#options.store.commit(batch.map((pending) => pending.checked));
      const stored = batch.filter((_, i) => outcome[i] === "stored").map((pending) => pending.checked);
      this.#accepted += stored.length;
      this.#options.onStored(stored);
      for (const [i, pending] of batch.entries()) {
        if (outcome[i] === "duplicate") this.#duplicates++;
        pending.settle(
          outcome[i] === "stale"
            ? this.refuse("reading_sequence_must_grow")
            : { ok: true, stored: outcome[i] === "stored" },
        );
      }
    } catch (error) {
      this.#storeFailed = true;
      this.#options.onStoreFailed(error);
      for (const pending of batch) pending.settle(this.refuse("store_must_accept"));
    }
  }

  /**
   * False while readings would be refused for no fault of theirs: the disk is full, or the ledger away and a device not
   * known. Devices that are told so keep their readings; after a refusal they could only believe theirs to be wrong.
   */
  able(): Promise<boolean> {
    if (!this.#storeFailed && this.#lookupFailed === null) return Promise.resolve(true);
    const now = this.#options.now();
    if (this.#trial === null || Math.abs(now - this.#trial.atMs) >= trialMs) {
      this.#trial = { atMs: now, able: this.#try() };
    }
    return this.#trial.able;
  }

  async #try(): Promise<boolean> {
    const { store, keys } = this.#options;
    try {
      if (this.#storeFailed) store.probe();
      this.#storeFailed = false;
      const device = this.#lookupFailed;
      if (device !== null) await keys.lookup(device);
      this.#lookupFailed = null;
      return true;
    } catch {
      return false;
    }
  }

  /** Counts a refusal. */
  refuse(reason: RefusalReason): Receipt {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
    this.#refusedChanged = true;
    return { ok: false, reason };
  }

  /** Writes the counters if they changed; called from time to time and at the end. */
  saveRefused(): void {
    if (!this.#refusedChanged) return;
    try {
      this.#options.store.setRefusedCounts(this.#refused);
      this.#refusedChanged = false;
    } catch {
      // The counters stay in memory and are written when the disk takes them; readings that it refuses are reported.
    }
  }

  /** Takes nothing more and commits what is under way. */
  close(): void {
    this.#closed = true;
    this.#flush();
    this.saveRefused();
  }
}
