// Writes of validators, seats and proposals that keep the sums and lists beside them right, and what several messages refuse.

import { type Refusal, refuse } from "../../protocol/refusals.ts";
import {
  type PowerRecord,
  type ProposalRecord,
  type SeatRecord,
  type ValidatorParamsRecord,
  type ValidatorRecord,
  validatorsState,
} from "../../protocol/validators.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import type { Execution } from "../module.ts";
import { changed, closed } from "./events.ts";

export function validatorAt(state: StateReader, address: string): ValidatorRecord | null {
  return state.get<ValidatorRecord>(validatorsState.validator(address));
}

export function seatOf(state: StateReader, account: string): SeatRecord | null {
  return state.get<SeatRecord>(validatorsState.seat(account));
}

/** Of a network. @throws {Error} in a city without validators: a bug. */
export function powerOf(state: StateReader): PowerRecord {
  const record = state.get<PowerRecord>(validatorsState.power);
  if (record === null) throw new Error("this city has no validators");
  return record;
}

export function paramsOf(state: StateReader): ValidatorParamsRecord {
  return state.get<ValidatorParamsRecord>(validatorsState.params)!;
}

/** An account's seat with its validator, or why there is none. */
export function seatFor(
  state: StateReader,
  account: string,
): { readonly seat: SeatRecord; readonly validator: ValidatorRecord } | Refusal {
  if (state.get(validatorsState.power) === null) return refuse("validators_network_must_exist");
  const seat = seatOf(state, account);
  if (seat === null) return refuse("validators_account_must_have_seat", { account });
  return { seat, validator: validatorAt(state, seat.address)! };
}

/** The same for those who decide: jailed validators do not. */
export function activeSeatFor(state: StateReader, account: string): ReturnType<typeof seatFor> {
  const found = seatFor(state, account);
  if ("ok" in found || found.validator.state === "active") return found;
  return refuse("validators_account_must_be_active", { account });
}

/** Writes a validator, counts its power and tells of it. */
export function writeValidator(execution: Execution, address: string, after: ValidatorRecord): void {
  const { state, height } = execution;
  const before = validatorAt(state, address)?.power ?? 0;
  state.set(validatorsState.validator(address), after);
  if (before !== after.power) countPower(state, height, before, after.power);
  changed.emit(execution, { address, account: after.account, state: after.state, power: `${after.power}` });
}

function countPower(state: StateWriter, height: number, from: number, to: number): void {
  const sums = powerOf(state);
  const block = sums.height === height ? sums : { before: sums.power, gained: 0, lost: 0 };
  const after: PowerRecord = {
    validators: sums.validators + Number(to > 0) - Number(from > 0),
    power: sums.power + to - from,
    height,
    before: block.before,
    gained: block.gained + Math.max(0, to - from),
    lost: block.lost + Math.max(0, from - to),
  };
  state.set(validatorsState.power, after);
}

/**
 * Refuses what would take, or give, more than a third of the power before the block (VA-9): then whoever trusted the set before
 * still finds more than a third of it among those who sign after, and may skip the blocks between.
 */
export function refuseLargeChange(
  { state, height }: Execution,
  { gained = 0, lost = 0 }: { readonly gained?: number; readonly lost?: number },
): Refusal | null {
  if (gained === 0 && lost === 0) return null;
  const sums = powerOf(state);
  const block = sums.height === height ? sums : { before: sums.power, gained: 0, lost: 0 };
  const most = Math.max(block.gained + gained, block.lost + lost);
  return most * 3 > block.before ? refuse("validators_change_must_be_small", { power: block.before }) : null;
}

/** Refuses to take away the last active validator: CometBFT stops at an empty set. */
export function refuseLast(state: StateReader, { state: is }: ValidatorRecord): Refusal | null {
  return is === "active" && powerOf(state).validators === 1 ? refuse("validators_last_must_stay") : null;
}

/** Takes an account's seat, with its open proposal. */
export function unseat(execution: Execution, account: string): void {
  withdraw(execution, account);
  execution.state.remove(validatorsState.seat(account));
}

/** Closes an account's open proposal, if there is one: who has no say proposes nothing. */
export function withdraw(execution: Execution, account: string): void {
  const { proposal } = seatOf(execution.state, account)!;
  if (proposal !== undefined) close(execution, proposal, "withdrawn");
}

export function open(state: StateWriter, id: string, record: ProposalRecord): void {
  const seat = seatOf(state, record.by)!;
  state.set(validatorsState.seat(record.by), { ...seat, proposal: id } satisfies SeatRecord);
  state.set(validatorsState.proposal(id), record);
  state.set(validatorsState.expiry(record.expiresMs, id), {});
}

export function close(execution: Execution, id: string, outcome: "passed" | "failed" | "expired" | "withdrawn"): void {
  const { state } = execution;
  const { by, expiresMs } = state.get<ProposalRecord>(validatorsState.proposal(id))!;
  const { proposal: _, ...seat } = seatOf(state, by)!;
  state.set(validatorsState.seat(by), seat satisfies SeatRecord);
  state.remove(validatorsState.proposal(id));
  state.remove(validatorsState.expiry(expiresMs, id));
  closed.emit(execution, { proposal: id, outcome });
}
