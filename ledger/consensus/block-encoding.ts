// What a block and its results come to: the block's id over its encoded bytes, and the root over the results.

import type { BlockId, HeaderFields } from "../../wasm-core/bindings/comet.ts";
import type { Core } from "../../wasm-core/bindings/core.ts";
import type { TransactionResult } from "../modules/application.ts";

/** The id of a block: its header's hash and its parts. */
export function blockIdOf(core: Core, header: HeaderFields, encodedBlock: Uint8Array): BlockId {
  return { hash: core.headerHash(header), ...core.partSetHeader(encodedBlock) };
}

/** Root over the deterministic part of the results: the next header's LastResultsHash. Gas is always 0. */
export function resultsHash(core: Core, results: readonly Pick<TransactionResult, "code" | "data">[]): Uint8Array {
  return core.resultsHash(results.map(({ code, data }) => ({ code, data, gasWanted: 0n, gasUsed: 0n })));
}
