// accounts/remove-key: takes a key away, but never the last full one (AC-9, AC-11).

import type { z } from "zod";
import type { removeKeySchema } from "../../protocol/accounts.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { keyRemoved } from "./events.ts";
import { writeAccount } from "./record.ts";
import { sweptAccount } from "./sweep.ts";

export function removeKey(execution: MessageExecution, message: z.infer<typeof removeKeySchema>): Refusal | null {
  const { by, key } = message;
  const before = sweptAccount(execution, by)!;
  if (!before.keys.some((known) => known.key === key)) return refuse("accounts_key_must_exist", { key });
  const keys = before.keys.filter((known) => known.key !== key);
  if (!keys.some(({ scope }) => scope === undefined)) return refuse("accounts_last_full_key_must_stay", { key });
  writeAccount(execution.state, by, before, { ...before, keys });
  keyRemoved.emit(execution, { account: by, key });
  return null;
}
