// accounts/replace-key: rotation in one step, so that there is no moment with both keys or with none (AC-12).

import type { z } from "zod";
import type { replaceKeySchema } from "../../protocol/accounts.ts";
import { keyRecordOf } from "../../protocol/keys.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { isSoundKey } from "../../protocol/sound-key.ts";
import type { MessageExecution } from "../module.ts";
import { keyReplaced } from "./events.ts";
import { accountOf } from "./interface.ts";
import { keyHolds, writeAccount } from "./record.ts";

export function replaceKey(execution: MessageExecution, message: z.infer<typeof replaceKeySchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, old, key, rpId } = message;
  const before = accountOf(state, by)!;
  // As in add-key: a session key whose time is over is there no more, swept or not.
  const held = before.keys.filter((known) => keyHolds(known, timeMs));
  const replaced = held.find((known) => known.key === old);
  if (replaced === undefined) return refuse("accounts_key_must_exist", { key: old });
  if (replaced.scope !== undefined) return refuse("accounts_key_must_be_full", { key: old });
  if (held.some((known) => known.key === key)) return refuse("accounts_key_must_be_new", { key });
  if (!isSoundKey(key)) return refuse("accounts_key_must_be_sound", { key });
  const label = message.label ?? replaced.label;
  const record = { ...keyRecordOf(key, rpId), ...(label === undefined ? {} : { label }) };
  const keys = held.map((known) => (known === replaced ? record : known));
  writeAccount(state, by, before, { ...before, keys });
  keyReplaced.emit(execution, { account: by, old, key });
  return null;
}
