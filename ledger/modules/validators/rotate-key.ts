// validators/rotate-key: a new key in the place of the validator's own, at once (VA-11). A jailed one may, and stays jailed.

import type { z } from "zod";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { type rotateKeySchema, rotationMsMin, type SeatRecord, validatorsState } from "../../protocol/validators.ts";
import type { MessageExecution } from "../module.ts";
import { addressOfKey, refuseKey } from "./new-key.ts";
import { powerOf, refuseLargeChange, seatFor, writeValidator } from "./record.ts";

export function rotateKey(execution: MessageExecution, message: z.infer<typeof rotateKeySchema>): Refusal | null {
  const { state, timeMs, height } = execution;
  const { by, key } = message;
  const found = seatFor(state, by);
  if ("ok" in found) return found;
  const { seat, validator } = found;
  const freeMs = (validator.rotatedMs ?? -rotationMsMin) + rotationMsMin;
  if (freeMs > timeMs) return refuse("validators_rotation_must_wait", { untilMs: freeMs });
  const { power } = validator;
  // A stolen key must go, however heavy its validator is: then it is the block's only change.
  const isFirst = powerOf(state).height !== height;
  const refusal =
    refuseKey(state, key) ?? (isFirst ? null : refuseLargeChange(execution, { gained: power, lost: power }));
  if (refusal !== null) return refusal;
  const { jail: _, ...old } = validator;
  const address = addressOfKey(key);
  // The new one first, so that there is always one that is active.
  writeValidator(execution, address, { ...validator, key, since: height, rotatedMs: timeMs });
  writeValidator(execution, seat.address, { ...old, power: 0, state: "replaced", since: height });
  state.set(validatorsState.seat(by), { ...seat, address } satisfies SeatRecord);
  return null;
}
