// Which lane a waiting transaction takes. An engine's affair, not a rule of blocks: a block holds any order of transactions.

import type { StateReader } from "../../state/overlay.ts";
import { accountOf, hasRole, isService } from "../accounts/interface.ts";
import type { Lane } from "../application.ts";
import type { Decoded } from "./decode.ts";

export function laneOf(state: StateReader, decoded: Decoded, timeMs: number): Lane {
  const { messages } = decoded.transaction.body;
  if (messages.every(({ type, by }) => type === "telemetry/anchor-log" && hasRole(state, by, "twin", { timeMs })))
    return "anchor";
  const accounts = decoded.actors.map((actor) => accountOf(state, actor));
  if (accounts.includes(null)) return "newcomer";
  return accounts.every((account) => isService(account, timeMs)) ? "service" : "citizen";
}
