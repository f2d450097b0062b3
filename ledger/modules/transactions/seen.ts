// Ids of transactions that have been in a block, remembered in the state until they expire (TX-8, TX-14).
// State `transactions/seen/<expires, 12 digits>/<id>`: names sort by expiry, so that forgetting is a walk from the front.

import type { StateReader, StateWriter } from "../../state/overlay.ts";

/** A receipt that can be proven: where the transaction stands and how it ended. */
export interface SeenRecord {
  readonly height: number;
  /** 0 when applied, else the refusal code. */
  readonly code: number;
}

const prefix = "transactions/seen/";
/** Ids forgotten in a block: this many, or twice the block's transactions if that is more, so that forgetting keeps up. */
const forgottenPerBlockMin = 1_000;

function seenName(expires: number, id: string): string {
  return `${prefix}${String(expires).padStart(12, "0")}/${id}`;
}

export function wasSeen(state: StateReader, expires: number, id: string): boolean {
  return state.get<SeenRecord>(seenName(expires, id)) !== null;
}

export function remember(state: StateWriter, expires: number, id: string, record: SeenRecord): void {
  state.set(seenName(expires, id), record);
}

/** Forgets ids that expired before this height, oldest first. */
export function forgetExpired(state: StateWriter, height: number, transactions: number): void {
  const hasExpired = (name: string): boolean => Number(name.slice(prefix.length, prefix.length + 12)) < height;
  // Most blocks of a quiet city have nothing to forget, and listing is most of the work.
  if (!state.list(prefix, 1).some(hasExpired)) return;
  for (const name of state.list(prefix, Math.max(forgottenPerBlockMin, 2 * transactions))) {
    if (!hasExpired(name)) return;
    state.remove(name);
  }
}
