// Genesis of the validators module: the network's first validators. A city with an embedded engine has none, and no entries here.

import type { AppState } from "../../protocol/genesis.ts";
import { isSoundKey } from "../../protocol/sound-key.ts";
import {
  type PowerRecord,
  type SeatRecord,
  type ValidatorParamsRecord,
  type ValidatorRecord,
  validatorParamsDefault,
  validatorsState,
} from "../../protocol/validators.ts";
import { accountOf } from "../accounts/interface.ts";
import type { Execution } from "../module.ts";
import { addressOfKey } from "./new-key.ts";
import { seatOf, validatorAt } from "./record.ts";

/** @throws {Error} for validators that cannot be. */
export function writeGenesis({ state }: Execution, appState: AppState): void {
  const { validators } = appState;
  if (validators === undefined) return;
  let sum = 0;
  for (const { key, power, name, account } of validators) {
    const address = addressOfKey(key);
    const fails = (why: string): Error => new Error(`genesis: the validator ${name} ${why}`);
    if (!isSoundKey(key)) throw fails("has an unsound key");
    if (accountOf(state, account) === null) throw fails("has no account");
    if (seatOf(state, account) !== null) throw fails("shares its account with another");
    if (validatorAt(state, address) !== null) throw fails("shares its key with another");
    const record: ValidatorRecord = { key, power, account, name, state: "active", since: 0, judged: 0 };
    state.set(validatorsState.validator(address), record);
    state.set(validatorsState.seat(account), { address } satisfies SeatRecord);
    sum += power;
  }
  const power = { validators: validators.length, power: sum, height: 0, before: sum, gained: 0, lost: 0 };
  state.set(validatorsState.power, power satisfies PowerRecord);
  const params: ValidatorParamsRecord = { ...validatorParamsDefault, ...appState.validatorParams };
  state.set(validatorsState.params, params);
}
