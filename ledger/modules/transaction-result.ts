// What came of a transaction, as it enters the results hash.

import { codespaceOf, type Refusal } from "../protocol/refusals.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { TransactionResult } from "./application.ts";

const noData = new Uint8Array(0);

export function applied(events: readonly LedgerEvent[]): TransactionResult {
  return { code: 0, codespace: "", refusal: "", params: {}, data: noData, events };
}

export function refused({ code, name, params }: Refusal): TransactionResult {
  return { code, codespace: codespaceOf(name), refusal: name, params, data: noData, events: [] };
}
