// A node as the command that serves sees it, whichever engine makes its blocks.

import type { Logger } from "pino";
import type { NetworkPort } from "../api/context.ts";
import type { BlockBuilder } from "../consensus/block-building.ts";
import type { Engine } from "../consensus/engine.ts";
import type { EngineReport } from "../consensus/engine-report.ts";
import type { Genesis } from "../consensus/genesis.ts";
import type { MempoolJournal } from "../consensus/mempool-journal.ts";
import type { Application } from "../modules/application.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";

/** What makes the blocks, and what it stands on. */
export interface LedgerNode {
  readonly genesis: Genesis;
  readonly builder: BlockBuilder;
  readonly store: LedgerStore;
  readonly application: Application;
  readonly engine: Engine;
  readonly network?: NetworkPort;
  /** Once the API listens. */
  start(): Promise<void>;
  /** What is under way ends; the store stays open. */
  stop(): Promise<void>;
}

/** What a node tells of itself while it runs. */
export interface NodeEvents {
  readonly onFatal: (error: unknown) => void;
  readonly report: (report: EngineReport) => void;
  readonly journal: MempoolJournal;
  readonly log: Logger;
}
