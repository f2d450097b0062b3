// Writes the telemetry log's size and root to the ledger at a steady pace. When the ledger is away it tries until it is
// back, then anchors the newest size: one anchor covers all that came before it.

import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import { hex } from "../../../ledger/protocol/bytes.ts";
import { type LogRecord, telemetryState } from "../../../ledger/protocol/telemetry-records.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import type { CityAccount } from "./city-account.ts";
import { LedgerAwayError, type LedgerClient } from "./ledger-client.ts";

const retryMsMax = 30_000;
const logRecordSchema = z.looseObject({
  size: z.number().int(),
  root: z.string(),
  time: z.string(),
}) satisfies z.ZodType<LogRecord>;

/** What is known to stand on the ledger. */
export interface Anchored {
  readonly size: number;
  readonly root: string;
  readonly time: string;
}

export class Anchoring {
  readonly #options: AnchoringOptions;
  readonly #stop = new AbortController();
  #anchored: Anchored | null = null;
  #running: Promise<void> | null = null;

  constructor(options: AnchoringOptions) {
    this.#options = options;
  }

  get anchored(): Anchored | null {
    return this.#anchored;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { seconds, log } = this.#options;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      let waitMs = seconds * 1000;
      try {
        await this.anchorOnce();
        failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!(error instanceof LedgerAwayError)) throw error;
        waitMs = Math.min(retryMsMax, 1000 * 2 ** failures);
        failures = Math.min(failures + 1, 10);
        log.warn({ reason: error.message }, "anchoring waits for the ledger");
      }
      await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** Anchors the size of now if it grew. @throws {LedgerAwayError} */
  async anchorOnce(): Promise<void> {
    const { ledger, account, store, now, log } = this.#options;
    const record = await ledger.state(telemetryState.log, logRecordSchema);
    this.#anchored = record;
    const size = store.size;
    if (record !== null && record.size > size) {
      log.error({ anchored: record.size, size }, "the ledger holds a larger log than this store: is it an old copy?");
      return;
    }
    if (record !== null && record.root !== hex(store.tree.root(record.size))) {
      log.error({ anchored: record.size }, "the ledger holds another root than this store: is it another city's log?");
      return;
    }
    if (size === 0 || record?.size === size) return;
    const root = hex(store.tree.root(size));
    // The clock may have been set back since the last anchor; the ledger's time of the log may not.
    const timeMs = Math.max(now(), record === null ? 0 : Date.parse(record.time));
    const time = new Date(timeMs).toISOString();
    const message = { type: "telemetry/anchor-log", by: account.id, size, root, time } as const;
    const submitted = await account.send([message], this.#stop.signal);
    if (submitted.code !== 0) {
      log.error({ size, refusal: submitted.refusal ?? submitted.code }, "anchor refused");
      return;
    }
    this.#anchored = { size, root, time };
    log.info({ size, height: submitted.height }, "log anchored");
  }
}

export interface AnchoringOptions {
  readonly ledger: LedgerClient;
  readonly account: CityAccount;
  readonly store: TelemetryStore;
  readonly seconds: number;
  readonly now: () => number;
  readonly log: Logger;
}
