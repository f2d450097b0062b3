// What the engine has to say beside blocks, for the log.

import type { Refusal } from "../protocol/refusals.ts";

export type EngineReport =
  /** A transaction that was accepted will be in no block; `restart` when the process had ended meanwhile. */
  | { readonly kind: "dropped"; readonly id: string; readonly refusal: Refusal; readonly restart: boolean }
  /** What the journal of the mempool held at the start. */
  | {
      readonly kind: "recovered";
      readonly taken: number;
      readonly inBlock: number;
      readonly dropped: number;
      readonly tornBytes: number;
    }
  /** Something went wrong that the engine can go on without. */
  | { readonly kind: "failed"; readonly what: string; readonly error: unknown };
