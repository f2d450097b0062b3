// What the API's routes stand on.

import type { Logger } from "pino";
import type { BlockBuilder } from "../consensus/block-building.ts";
import type { Clock } from "../consensus/clock.ts";
import type { SoloEngine } from "../consensus/solo.ts";
import type { Application } from "../modules/application.ts";
import { fromUtf8 } from "../protocol/bytes.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";

export interface LedgerContext {
  readonly builder: BlockBuilder;
  readonly application: Application;
  readonly store: LedgerStore;
  readonly engine: SoloEngine;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The parsed value of one entry in the last committed state, or null. The caller knows the record's type by its name. */
export function readRecord<T>(application: Application, name: string): T | null {
  const { value } = application.query(name, { prove: false });
  return value === null ? null : (JSON.parse(fromUtf8(value)) as T);
}
