// The ledger's history, its code loaded when an old header is asked for the first time.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import type { History } from "./history.ts";
import { unanswered } from "./outcome.ts";
import type { Server } from "./server.ts";
import type { StateProver } from "./state-prover.ts";

export type HistoryLeaves = Pick<History, "leaf">;

export function lateHistory(core: LightCore, server: Server, ledgerUrl: string, state: StateProver): HistoryLeaves {
  let loading: Promise<History> | null = null;
  return {
    async leaf(height, head) {
      loading ??= import("./history.ts").then((late) => new late.History(core, server, ledgerUrl, state));
      let history: History;
      try {
        history = await loading;
      } catch (error) {
        loading = null;
        return unanswered("server_must_answer", `code could not be loaded: ${(error as Error).message}`);
      }
      return history.leaf(height, head);
    },
  };
}
