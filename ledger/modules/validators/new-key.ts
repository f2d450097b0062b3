// Which keys may become a validator's (VA-3).

import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { isSoundKey } from "../../protocol/sound-key.ts";
import { accountIdOfKey } from "../../protocol/transaction.ts";
import type { StateReader } from "../../state/overlay.ts";
import { validatorAt } from "./record.ts";

/** CometBFT's address of a key: made as an account's id is. */
export const addressOfKey = accountIdOfKey;

/** Refuses keys that others could sign with, and keys that ever were a validator's. */
export function refuseKey(state: StateReader, key: string): Refusal | null {
  if (!isSoundKey(key)) return refuse("validators_key_must_be_sound");
  const address = addressOfKey(key);
  return validatorAt(state, address) === null ? null : refuse("validators_key_must_be_new", { address });
}
