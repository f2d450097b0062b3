// The core as a page or a worker has it: loads it, hashes, verifies, hashes with workers, and reports what came out.

import { loadCore } from "../../wasm-core/bindings/browser.ts";
import { type HashingPool, leavesRoom } from "../../wasm-core/bindings/parallel.ts";
import { openHashingPool } from "../../wasm-core/bindings/parallel-browser.ts";
import { simdIsSupported } from "../../wasm-core/bindings/simd.ts";

/** What a browser test reads: hex, verdicts, and errors as text. */
export interface CoreReport {
  readonly simd: boolean;
  readonly isolated: boolean;
  readonly root: string;
  /** Of a right proof, and of one with a wrong root. */
  readonly verdicts: readonly boolean[];
  /** The root again by two workers, from memory that is shared where it can be, and from memory of the caller's own. */
  readonly pooled: readonly string[];
}

async function coreReport(): Promise<CoreReport> {
  const core = await loadCore();
  const leaves = leavesRoom(32 * 10_000);
  for (let i = 0; i < leaves.length; i++) leaves[i] = i * 7 + (i >> 8);
  const root = core.merkleRootOfPacked(leaves, 32);
  const hashes = [0, 1, 2].map((byte) => core.leafHash(Uint8Array.of(byte)));
  const small = core.merkleRootOfHashes(hashes);
  const path = [core.innerHash(hashes[0]!, hashes[1]!)];
  const verdicts = [small, root].map((one) => core.verifyInclusion(one, hashes[2]!, 2, 3, path));
  const pool = await openHashingPool(2);
  const pooled = [await outcomeOf(pool, leaves), await outcomeOf(pool, new Uint8Array(leaves))];
  pool.close();
  return { simd: simdIsSupported, isolated: crossOriginIsolated, root: hex(root), verdicts, pooled };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function outcomeOf(pool: HashingPool, leaves: Uint8Array): Promise<string> {
  return pool.merkleRootOfPacked(leaves, 32).then(hex, String);
}

declare global {
  /** Set in a page; a worker posts it. */
  var coreReported: Promise<CoreReport> | undefined;
}

const report = coreReport();
if ("document" in globalThis) globalThis.coreReported = report;
else
  report.then(
    (done) => postMessage(done),
    (error) =>
      setTimeout(() => {
        throw error;
      }),
  );
