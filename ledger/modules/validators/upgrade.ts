// What the validators decided about the version of the state machine.

import { type UpgradeRecord, validatorsState } from "../../protocol/validators.ts";
import type { StateReader } from "../../state/overlay.ts";
import type { Upgrade } from "../application.ts";

export function upgradeOf(state: StateReader): Upgrade | null {
  const record = state.get<UpgradeRecord>(validatorsState.upgrade);
  return record === null ? null : { height: record.height, version: record.version };
}
