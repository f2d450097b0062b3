// What the API's routes stand on, and what an operator may set.

import type { Logger } from "pino";
import type { TrustedProxies } from "../../settings/trusted-proxies.ts";
import type { BlockBuilder } from "../consensus/block-building.ts";
import type { Clock } from "../consensus/clock.ts";
import type { Engine } from "../consensus/engine.ts";
import type { Application } from "../modules/application.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import type { EvidencePort } from "./evidence-port.ts";
import type { Readiness } from "./readiness.ts";

export interface LedgerContext {
  readonly builder: BlockBuilder;
  readonly application: Application;
  readonly store: LedgerStore;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options?: ApiOptions;
  /** Checks and keeps evidence of misbehaviour; without it all is refused. */
  readonly evidence?: EvidencePort;
  /** CometBFT's RPC, where it makes the blocks. */
  readonly network?: NetworkPort;
}

export interface NetworkPort {
  /** @throws {CometUnreachable | CometRefused} of ledger/consensus/comet/comet-rpc-client.ts */
  call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** How callers stand in the log: the network of their address, a keyed hash that changes with every start, or not at all. */
export type LogCallers = "network" | "hash" | "none";

export interface ApiOptions {
  /** Default: this machine. */
  readonly trustedProxies?: TrustedProxies;
  /** Who sends it as a bearer token may read /metrics from anywhere; without one only this machine may. */
  readonly metricsToken?: string;
  /** Default: the network. */
  readonly logCallers?: LogCallers;
  /** Most bytes that wait in all event streams together. Default: 128 MiB. */
  readonly heldBytesMax?: number;
  /** Default: one that says "serving". */
  readonly readiness?: Readiness;
}
