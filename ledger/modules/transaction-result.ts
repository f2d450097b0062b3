// What came of a transaction, as it enters the results hash.

import { eventsRoot } from "../protocol/event-root.ts";
import { codespaceOf, type Refusal } from "../protocol/refusals.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { TransactionResult } from "./application.ts";
import type { Hasher } from "./hasher.ts";

const noData = new Uint8Array(0);

/** What may go into a block: whatever it told of when it was tried does not count. */
export const admitted: TransactionResult = {
  code: 0,
  codespace: "",
  refusal: "",
  params: {},
  data: noData,
  events: [],
};

/** The root over its events is its data, so that the next header commits to what it told. */
export function applied(events: readonly LedgerEvent[], hasher: Hasher): TransactionResult {
  return { code: 0, codespace: "", refusal: "", params: {}, data: eventsRoot(hasher, events), events };
}

export function refused({ code, name, params }: Refusal): TransactionResult {
  return { code, codespace: codespaceOf(name), refusal: name, params, data: noData, events: [] };
}
