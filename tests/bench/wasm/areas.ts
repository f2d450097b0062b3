// The areas of the WASM core's bench by name, in the order in which their lines come.

import { blockLines } from "./blocks.ts";
import { ed25519Lines } from "./ed25519.ts";
import { hashingLines } from "./hashing.ts";
import { proofLines } from "./proofs.ts";
import { sizeAndLoadLines } from "./size-and-load.ts";
import { stateTreeLines } from "./state-tree.ts";
import { threadLines } from "./threads.ts";
import type { WasmBench, WasmBenchArea } from "./wasm-bench.ts";

const areas: Readonly<Record<string, WasmBenchArea>> = {
  hashing: hashingLines,
  threads: threadLines,
  proofs: proofLines,
  blocks: blockLines,
  ed25519: ed25519Lines,
  "state-tree": stateTreeLines,
  "size-and-load": sizeAndLoadLines,
};

/** Runs all areas, or the one of that name. @throws {Error} when there is none of that name. */
export async function runAreas(bench: WasmBench, only: string | undefined): Promise<void> {
  const names = only === undefined ? Object.keys(areas) : [only];
  for (const name of names) {
    const area = areas[name];
    if (area === undefined) throw new Error(`no area ${name}; there are ${Object.keys(areas).join(", ")}`);
    await area(bench);
  }
}
