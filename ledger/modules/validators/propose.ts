// validators/propose: what cannot be made now is not proposed, but for the size of the change (VA-5). It counts as a vote at once.

import type { z } from "zod";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { ProposalRecord, proposeSchema } from "../../protocol/validators.ts";
import type { MessageExecution } from "../module.ts";
import { refuseChange } from "./change.ts";
import { changeAttributes, proposed } from "./events.ts";
import { activeSeatFor, open, paramsOf } from "./record.ts";
import { count } from "./vote.ts";

export function propose(execution: MessageExecution, message: z.infer<typeof proposeSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, change } = message;
  const found = activeSeatFor(state, by);
  if ("ok" in found) return found;
  const { proposal: other } = found.seat;
  if (other !== undefined) return refuse("validators_proposal_must_be_only_one", { proposal: other });
  const refusal = refuseChange(execution, change);
  if (refusal !== null) return refusal;
  const id = `${execution.transactionId}.${execution.messageIndex}`;
  const expiresMs = timeMs + paramsOf(state).proposalMs;
  const record: ProposalRecord = { by, change, expiresMs, votes: { [by]: true } };
  open(state, id, record);
  proposed.emit(execution, { ...changeAttributes(change), proposal: id, by, expiresMs: `${expiresMs}` });
  return count(execution, id, record);
}
