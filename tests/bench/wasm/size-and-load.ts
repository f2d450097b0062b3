// Size of all modules over the wire, and the time from bytes to a core that answers.

import { instantiateCoreSync } from "../../../wasm-core/bindings/instantiate.ts";
import { coreModules, coreVariants } from "../../../wasm-core/modules.ts";
import { millisecondsOf } from "../measure.ts";
import type { WasmBench } from "./wasm-bench.ts";

export async function sizeAndLoadLines({
  quick,
  moduleBytes,
  gzipBytes,
  emit,
  compareRounds,
}: WasmBench): Promise<void> {
  let bytes = 0;
  for (const { name } of coreModules)
    for (const variant of coreVariants) bytes += await gzipBytes(moduleBytes(name, variant));
  emit({
    bench: "wasm/gzip-bytes",
    ours: bytes,
    unit: "bytes of all modules, with SIMD and without",
    goal: 40_000,
    higherIsBetter: false,
  });
  const core = moduleBytes("core");
  await compareRounds({
    bench: "wasm/load-ms",
    unit: "ms from bytes to the first hash",
    goal: 20,
    higherIsBetter: false,
    rounds: quick ? 5 : 51,
    ours: () => millisecondsOf(() => instantiateCoreSync(core).sha256(new Uint8Array(64))),
  });
}
