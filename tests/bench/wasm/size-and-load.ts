// Size of all modules over the wire, and the time from bytes to a core that answers.

import { instantiateCoreSync } from "../../../wasm-core/bindings/instantiate.ts";
import { coreModules, coreVariants, fileOf } from "../../../wasm-core/modules.ts";
import { millisecondsOf } from "../measure.ts";
import type { WasmBench } from "./wasm-bench.ts";

export async function sizeAndLoadLines({
  quick,
  moduleBytes,
  gzipBytes,
  emit,
  compareRounds,
}: WasmBench): Promise<void> {
  const sizes = new Map<string, number>();
  for (const { name } of coreModules)
    for (const variant of coreVariants)
      sizes.set(fileOf({ name }, variant), await gzipBytes(moduleBytes(name, variant)));
  const emitSum = (bench: string, unit: string, ends: string): void =>
    emit({
      bench,
      ours: [...sizes].reduce((sum, [name, bytes]) => sum + (name.endsWith(ends) ? bytes : 0), 0),
      unit,
      goal: 40_000,
      higherIsBetter: false,
    });
  emitSum("wasm/gzip-bytes", "bytes of all modules with SIMD, all that an engine may load", ".simd.wasm");
  emitSum("wasm/gzip-bytes-both-variants", "bytes of all modules, with SIMD and without", ".wasm");
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
