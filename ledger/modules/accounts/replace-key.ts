// accounts/replace-key: rotation in one step, so that there is no moment with both keys or with none (AC-12).

import type { z } from "zod";
import type { replaceKeySchema } from "../../protocol/accounts.ts";
import { keyRecordOf } from "../../protocol/keys.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { isSoundKey } from "../../protocol/sound-key.ts";
import type { MessageExecution } from "../module.ts";
import { keyReplaced } from "./events.ts";
import { writeAccount } from "./record.ts";
import { sweptAccount } from "./sweep.ts";

export function replaceKey(execution: MessageExecution, message: z.infer<typeof replaceKeySchema>): Refusal | null {
  const { by, old, key, rpId } = message;
  const before = sweptAccount(execution, by)!;
  const replaced = before.keys.find((known) => known.key === old);
  if (replaced === undefined) return refuse("accounts_key_must_exist", { key: old });
  if (replaced.scope !== undefined) return refuse("accounts_key_must_be_full", { key: old });
  if (before.keys.some((known) => known.key === key)) return refuse("accounts_key_must_be_new", { key });
  if (!isSoundKey(key)) return refuse("accounts_key_must_be_sound", { key });
  const label = message.label ?? replaced.label;
  const record = { ...keyRecordOf(key, rpId), ...(label === undefined ? {} : { label }) };
  const keys = before.keys.map((known) => (known === replaced ? record : known));
  writeAccount(execution.state, by, before, { ...before, keys });
  keyReplaced.emit(execution, { account: by, old, key });
  return null;
}
