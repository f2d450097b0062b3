// Proofs of inclusion, verified one at a time.

import type { WasmBench } from "./wasm-bench.ts";

export function proofLines({ core, compareRates }: WasmBench): void {
  const hashes = Array.from({ length: 2 ** 10 }, (_, i) => core.leafHash(Uint8Array.of(i, i >> 8)));
  const root = core.merkleRootOfHashes(hashes);
  const index = 333;
  const path = core.inclusionPath(hashes, index);
  const leafHash = hashes[index]!;
  compareRates({
    bench: "wasm/proof-verify-single",
    unit: "proofs of depth 10/s",
    units: 1,
    goal: null,
    ours: () => {
      if (!core.verifyInclusion(root, leafHash, index, hashes.length, path))
        throw new Error("a right proof was refused");
    },
  });
}
