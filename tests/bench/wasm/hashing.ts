// RFC 6962 roots of 32-byte leaves against the same rule with a peer's one-shot hash.

import { createSHA256 } from "hash-wasm";
import type { WasmBench } from "./wasm-bench.ts";

export async function hashingLines({ core, quick, compareRates }: WasmBench): Promise<void> {
  const hasher = await createSHA256();
  const hash = (...parts: readonly Uint8Array[]): Uint8Array => {
    hasher.init();
    for (const part of parts) hasher.update(part);
    return hasher.digest("binary");
  };
  for (const exponent of quick ? [10] : [16]) {
    const leaves = leavesOf(2 ** exponent);
    const ours = core.merkleRoot(leaves);
    const peers = rootBy(hash, leaves);
    if (ours.some((byte, i) => byte !== peers[i])) throw new Error("ours and the peer's roots differ");
    compareRates({
      bench: `wasm/merkle-root-2^${exponent}`,
      unit: "compressions/s",
      // 33-byte leaves take one compression, 65-byte inner nodes two.
      units: leaves.length + 2 * (leaves.length - 1),
      goal: 5,
      ours: () => core.merkleRoot(leaves),
      peer: { name: "hash-wasm 4.13.0", work: () => rootBy(hash, leaves) },
    });
  }
}

type Hash = (...parts: readonly Uint8Array[]) => Uint8Array;

/** Root of at least one leaf, level by level. */
function rootBy(hash: Hash, leaves: readonly Uint8Array[]): Uint8Array {
  const zero = Uint8Array.of(0);
  const one = Uint8Array.of(1);
  let level = leaves.map((leaf) => hash(zero, leaf));
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(hash(one, level[i]!, level[i + 1]!));
    if (level.length % 2 === 1) next.push(level[level.length - 1]!);
    level = next;
  }
  return level[0]!;
}

function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const leaf = new Uint8Array(32);
    new DataView(leaf.buffer).setUint32(0, i);
    return leaf;
  });
}
