// validators/vote, and what the votes come to (VA-6 to VA-8). A vote that decides makes the change in the same message: when that
// cannot be, the vote is refused and may be sent again.

import type { z } from "zod";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { type ProposalRecord, validatorsState, type voteSchema } from "../../protocol/validators.ts";
import type { MessageExecution } from "../module.ts";
import { makeChange } from "./change.ts";
import { voted } from "./events.ts";
import { activeSeatFor, close, powerOf } from "./record.ts";

export function vote(execution: MessageExecution, message: z.infer<typeof voteSchema>): Refusal | null {
  const { state } = execution;
  const { by, proposal, yes } = message;
  const found = activeSeatFor(state, by);
  if ("ok" in found) return found;
  const record = state.get<ProposalRecord>(validatorsState.proposal(proposal));
  if (record === null) return refuse("validators_proposal_must_exist", { proposal });
  voted.emit(execution, { proposal, by, yes: yes ? "true" : "false" });
  if (record.by === by && !yes) {
    close(execution, proposal, "withdrawn");
    return null;
  }
  return count(execution, proposal, { ...record, votes: { ...record.votes, [by]: yes } });
}

/** Counts with today's powers. Votes of those who are not active are dropped, so there are never more than validators. */
export function count(execution: MessageExecution, id: string, record: ProposalRecord): Refusal | null {
  const { state } = execution;
  const votes: Record<string, boolean> = {};
  const sums = { yes: 0, no: 0 };
  for (const [account, yes] of Object.entries(record.votes)) {
    const found = activeSeatFor(state, account);
    if ("ok" in found) continue;
    votes[account] = yes;
    sums[yes ? "yes" : "no"] += found.validator.power;
  }
  const { power } = powerOf(state);
  if (sums.yes * 3 > power * 2) {
    // First closed: the change may take the proposer's seat.
    close(execution, id, "passed");
    return makeChange(execution, record.change);
  }
  if (sums.no * 3 >= power) close(execution, id, "failed");
  else state.set(validatorsState.proposal(id), { ...record, votes } satisfies ProposalRecord);
  return null;
}
