// The areas of the WASM core's bench, in the order in which their lines come.

import { hashingLines } from "./hashing.ts";
import { proofLines } from "./proofs.ts";
import { sizeAndLoadLines } from "./size-and-load.ts";
import type { WasmBenchArea } from "./wasm-bench.ts";

export const areas: readonly WasmBenchArea[] = [hashingLines, proofLines, sizeAndLoadLines];
