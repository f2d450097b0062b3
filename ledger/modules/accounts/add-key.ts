// accounts/add-key: enters a further key, full or for a session (AC-8 to AC-10).

import type { z } from "zod";
import type { addKeySchema } from "../../protocol/accounts.ts";
import { type KeyRecord, keyRecordOf, keysMax } from "../../protocol/keys.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { isSoundKey } from "../../protocol/sound-key.ts";
import type { MessageExecution } from "../module.ts";
import { keyAdded } from "./events.ts";
import { writeAccount } from "./record.ts";
import { sweptAccount } from "./sweep.ts";

export function addKey(execution: MessageExecution, message: z.infer<typeof addKeySchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, key, rpId, label, scope } = message;
  const before = sweptAccount(execution, by)!;
  if (before.keys.some((known) => known.key === key)) return refuse("accounts_key_must_be_new", { key });
  if (before.keys.length >= keysMax) return refuse("accounts_keys_must_not_exceed_limit", { limit: keysMax });
  if (scope !== undefined && scope.untilMs <= timeMs)
    return refuse("accounts_until_must_be_ahead", { untilMs: scope.untilMs, timeMs });
  if (!isSoundKey(key)) return refuse("accounts_key_must_be_sound", { key });
  const record: KeyRecord = {
    ...keyRecordOf(key, rpId),
    ...(label === undefined ? {} : { label }),
    ...(scope === undefined ? {} : { scope }),
  };
  writeAccount(state, by, before, { ...before, keys: [...before.keys, record] });
  keyAdded.emit(execution, {
    account: by,
    key,
    kind: record.kind,
    ...(scope === undefined ? {} : { untilMs: scope.untilMs.toString() }),
  });
  return null;
}
