// What every question to the light client needs.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import type { HeaderChain } from "./header-chain.ts";
import type { HistoryLeaves } from "./late-history.ts";
import type { LogMemory } from "./log-memory.ts";
import type { Provider } from "./provider.ts";
import type { Server } from "./server.ts";
import type { StateProver } from "./state-prover.ts";

export interface LightParts {
  readonly core: LightCore;
  readonly server: Server;
  readonly provider: Provider;
  readonly headers: HeaderChain;
  readonly history: HistoryLeaves;
  readonly state: StateProver;
  readonly log: LogMemory;
  readonly ledgerUrl: string;
  readonly logUrl: string;
}
