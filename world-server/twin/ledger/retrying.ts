// Does a piece of work again while the ledger is away, waiting 1 s to 30 s between tries.

import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { LedgerAwayError } from "./ledger-client.ts";

const waitMsMax = 30_000;

/** Settles when the work is done or `stop` is aborted. Rejects on anything but an absent ledger. */
export async function retrying(stop: AbortSignal, log: Logger, work: () => Promise<void>): Promise<void> {
  for (let waitMs = 1000; !stop.aborted; waitMs = Math.min(waitMsMax, waitMs * 2)) {
    try {
      return await work();
    } catch (error) {
      if (stop.aborted) return;
      if (!(error instanceof LedgerAwayError)) throw error;
      log.warn({ reason: error.message }, "waiting for the ledger");
      await sleep(waitMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}
