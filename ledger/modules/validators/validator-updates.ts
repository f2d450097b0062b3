// What a block changed of the validators' powers, for CometBFT: each key once, sorted, and only what is different after the block.

import { type ValidatorRecord, validatorsState } from "../../protocol/validators.ts";
import type { RecordChange } from "../../state/overlay.ts";
import type { ValidatorUpdate } from "../application.ts";

const prefix = validatorsState.validator("");

/** A key has one record for good, so its record's change is the key's net change. */
export function validatorUpdates(changes: readonly RecordChange[]): readonly ValidatorUpdate[] {
  const updates: ValidatorUpdate[] = [];
  for (const { name, before, after } of changes) {
    if (!name.startsWith(prefix)) continue;
    const { key, power } = after as ValidatorRecord;
    if (power !== ((before as ValidatorRecord | null)?.power ?? 0)) updates.push({ key, power });
  }
  return updates.sort((a, b) => (a.key < b.key ? -1 : 1));
}
