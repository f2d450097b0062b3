// One RFC 6962 root by two workers against the same by one thread; leaves in shared memory, and moved to the workers.

import { leavesRoom } from "../../../wasm-core/bindings/parallel.ts";
import { seededNumbers } from "../../seeded-numbers.ts";
import type { WasmBench } from "./wasm-bench.ts";

export async function threadLines({ core, quick, openHashingPool, compareRounds }: WasmBench): Promise<void> {
  const exponent = quick ? 14 : 20;
  const leaves = leavesRoom(2 ** exponent * 32);
  const random = seededNumbers(1);
  for (let i = 0; i < leaves.length; i++) leaves[i] = random(256);
  const own = new Uint8Array(leaves);
  const compressions = 3 * 2 ** exponent - 2;
  const perSecond = async (root: () => Uint8Array | Promise<Uint8Array>): Promise<number> => {
    const started = performance.now();
    await root();
    return (compressions * 1000) / (performance.now() - started);
  };
  const one = (): Uint8Array => core.merkleRootOfPacked(own, 32);
  const pool = await openHashingPool(2);
  const two = (bytes: Uint8Array): Promise<Uint8Array> => pool.merkleRootOfPacked(bytes, 32);
  try {
    const root = one();
    for (const bytes of [leaves, own])
      if ((await two(bytes)).some((byte, i) => byte !== root[i])) throw new Error("two threads' root differs");
    const compare = (bench: string, bytes: Uint8Array): Promise<void> =>
      compareRounds({
        bench,
        unit: "compressions/s",
        goal: 1.8,
        higherIsBetter: true,
        rounds: quick ? 3 : 15,
        ours: () => perSecond(() => two(bytes)),
        peer: { name: "one thread", round: () => perSecond(one) },
      });
    await compare(`wasm/merkle-root-2^${exponent}-2threads`, leaves);
    await compare(`wasm/merkle-root-2^${exponent}-2threads-moved`, own);
  } finally {
    pool.close();
  }
}
