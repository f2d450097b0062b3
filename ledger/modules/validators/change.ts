// What can be proposed: why a change cannot be made, and making it.

import { type Refusal, refuse } from "../../protocol/refusals.ts";
import {
  type Change,
  firstVersion,
  type SeatRecord,
  seatsMax,
  type UpgradeRecord,
  upgradeBlocksMax,
  type ValidatorRecord,
  validatorsState,
} from "../../protocol/validators.ts";
import { accountOf } from "../accounts/interface.ts";
import type { Execution } from "../module.ts";
import { upgradeDecided } from "./events.ts";
import { addressOfKey, refuseKey } from "./new-key.ts";
import { refuseLargeChange, refuseLast, seatOf, unseat, validatorAt, writeValidator } from "./record.ts";

type Of<Kind extends Change["kind"]> = Extract<Change, { kind: Kind }>;

/** Why the change cannot be made now, but for its size, which only counts in the block that makes it. */
export function refuseChange(execution: Execution, change: Change): Refusal | null {
  switch (change.kind) {
    case "add":
      return refuseAdding(execution, change);
    case "upgrade":
      return refuseUpgrade(execution, change);
    default:
      return refuseTarget(execution, change);
  }
}

/** Makes the change, or answers why not; then nothing is written that its caller may keep. */
export function makeChange(execution: Execution, change: Change): Refusal | null {
  const refusal = refuseChange(execution, change);
  if (refusal !== null) return refusal;
  switch (change.kind) {
    case "add":
      return add(execution, change);
    case "upgrade":
      return decideUpgrade(execution, change);
    default:
      return changeTarget(execution, change);
  }
}

function refuseAdding({ state }: Execution, { key, account }: Of<"add">): Refusal | null {
  const refusal = refuseKey(state, key);
  if (refusal !== null) return refusal;
  if (accountOf(state, account) === null) return refuse("validators_account_must_exist", { account });
  if (seatOf(state, account) !== null) return refuse("validators_account_must_be_free", { account });
  const seats = state.list(validatorsState.seat(""), seatsMax).length;
  return seats < seatsMax ? null : refuse("validators_seats_must_not_exceed_limit", { most: seatsMax });
}

function add(execution: Execution, { key, power, account, name }: Of<"add">): Refusal | null {
  const refusal = refuseLargeChange(execution, { gained: power });
  if (refusal !== null) return refusal;
  const { height, state } = execution;
  const address = addressOfKey(key);
  const record: ValidatorRecord = { key, power, account, name, state: "active", since: height, judged: height };
  writeValidator(execution, address, record);
  state.set(validatorsState.seat(account), { address } satisfies SeatRecord);
  return null;
}

function refuseTarget({ state, timeMs }: Execution, change: Of<"remove" | "weigh" | "release">): Refusal | null {
  const { address } = change;
  const validator = validatorAt(state, address);
  if (validator?.state !== "active" && validator?.state !== "jailed")
    return refuse("validators_validator_must_have_seat", { address });
  if (change.kind === "remove") return refuseLast(state, validator);
  if (change.kind === "weigh") {
    if (validator.state !== "active") return refuse("validators_validator_must_be_active", { address });
    return validator.power === change.power ? refuse("validators_power_must_change", { power: change.power }) : null;
  }
  if (validator.state !== "jailed") return refuse("validators_validator_must_be_jailed", { address });
  const { untilMs } = validator.jail!;
  return untilMs > timeMs ? refuse("validators_jail_time_must_be_over", { untilMs }) : null;
}

function changeTarget(execution: Execution, change: Of<"remove" | "weigh" | "release">): Refusal | null {
  const { height, state } = execution;
  const { address } = change;
  const { jail: _, ...validator } = validatorAt(state, address)!;
  const power = change.kind === "remove" ? 0 : change.power;
  const by = power - validator.power;
  const refusal = refuseLargeChange(execution, { gained: Math.max(0, by), lost: Math.max(0, -by) });
  if (refusal !== null) return refusal;
  if (change.kind === "remove") {
    unseat(execution, validator.account);
    writeValidator(execution, address, { ...validator, power, state: "left", since: height });
  } else if (change.kind === "weigh") writeValidator(execution, address, { ...validator, power });
  // Its votes count again from the block after the next: what it signed until then it did before.
  else writeValidator(execution, address, { ...validator, power, state: "active", since: height, judged: height + 1 });
  return null;
}

function refuseUpgrade({ state, height }: Execution, change: Of<"upgrade">): Refusal | null {
  // The block before it sets the parameter, so this one is the earliest that can.
  if (change.height <= height || change.height > height + upgradeBlocksMax)
    return refuse("validators_upgrade_must_be_ahead", { height });
  const { from } = nextUpgrade(state.get<UpgradeRecord>(validatorsState.upgrade), height, change);
  return change.version > from ? null : refuse("validators_upgrade_version_must_rise", { version: from });
}

/** One that is still ahead is replaced, so it never was. */
function nextUpgrade(last: UpgradeRecord | null, height: number, change: Of<"upgrade">): UpgradeRecord {
  const from = last === null ? firstVersion : last.height > height ? last.from : last.version;
  return { height: change.height, version: change.version, from };
}

function decideUpgrade(execution: Execution, change: Of<"upgrade">): null {
  const { state, height } = execution;
  const record = nextUpgrade(state.get<UpgradeRecord>(validatorsState.upgrade), height, change);
  state.set(validatorsState.upgrade, record);
  upgradeDecided.emit(execution, { height: `${change.height}`, version: `${change.version}` });
  return null;
}
