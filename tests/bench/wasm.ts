// Bench of the WASM core: RFC 6962 roots against hash-wasm, single proofs, size and load time.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createSHA256 } from "hash-wasm";
import { instantiateCoreSync } from "../../wasm-core/bindings/instantiate.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { compareRates, line, print, quick } from "./measure.ts";

const core = loadCore();
const hasher = await createSHA256();

/** The same rule with the peer's one-shot hash, level by level. */
function peerRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const hash = (...parts: readonly Uint8Array[]): Uint8Array => {
    hasher.init();
    for (const part of parts) hasher.update(part);
    return hasher.digest("binary");
  };
  const zero = new Uint8Array([0]);
  const one = new Uint8Array([1]);
  let level = leaves.map((leaf) => hash(zero, leaf));
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2)
      next.push(hash(one, level[i] as Uint8Array, level[i + 1] as Uint8Array));
    if (level.length % 2 === 1) next.push(level[level.length - 1] as Uint8Array);
    level = next;
  }
  return level[0] as Uint8Array;
}

function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const leaf = new Uint8Array(32);
    new DataView(leaf.buffer).setUint32(0, i);
    return leaf;
  });
}

const exponents = quick ? [10] : [16];
for (const exponent of exponents) {
  const leaves = leavesOf(2 ** exponent);
  const root = core.merkleRoot(leaves);
  if (Buffer.compare(root, peerRoot(leaves)) !== 0) throw new Error("ours and the peer's roots differ");
  // 33-byte leaves take one compression, 65-byte inner nodes two.
  const compressions = leaves.length + 2 * (leaves.length - 1);
  print(
    compareRates(
      `wasm/merkle-root-2^${exponent}`,
      "compressions/s",
      compressions,
      () => core.merkleRoot(leaves),
      { name: "hash-wasm 4.13.0", work: () => peerRoot(leaves) },
      5,
    ),
  );
}

const hashes = leavesOf(2 ** 10).map((leaf) => core.leafHash(leaf));
const root = core.merkleRootOfHashes(hashes);
const path = core.inclusionPath(hashes, 333);
const leafHash = hashes[333] as Uint8Array;
print(
  compareRates(
    "wasm/proof-verify-single",
    "proofs of depth 10/s",
    1,
    () => {
      if (!core.verifyInclusion(root, leafHash, 333, hashes.length, path)) throw new Error("a right proof was refused");
    },
    null,
    null,
  ),
);

const bytes = readFileSync(join(import.meta.dirname, "../../build/wasm/core.simd.wasm"));
print(
  line({
    bench: "wasm/gzip-bytes",
    ours: gzipSync(bytes).length,
    peer: null,
    peerName: null,
    unit: "bytes",
    goal: 40_000,
    higherIsBetter: false,
  }),
);
const started = performance.now();
const loads = quick ? 5 : 50;
for (let i = 0; i < loads; i++) instantiateCoreSync(bytes);
print(
  line({
    bench: "wasm/load-ms",
    ours: (performance.now() - started) / loads,
    peer: null,
    peerName: null,
    unit: "ms",
    goal: 20,
    higherIsBetter: false,
  }),
);
