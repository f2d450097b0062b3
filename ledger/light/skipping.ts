// Forwards over many heights at once, as CometBFT's light client does it (light/client.go, verifySkipping): straight to the target where
// enough trusted power signed it, else over blocks in between, at 9/16 of the way. Bounds: 64 blocks in between a question.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import type { LightBlock, SoundBlock } from "./light-block.ts";
import { type Outcome, pass } from "./outcome.ts";
import type { Provider } from "./provider.ts";
import { type StepOptions, type TrustedHeader, verifyStep } from "./verify-step.ts";

const bridgesMax = 64;

/** The height asked for next between two: at 9/16 of the way, since validators change slowly and trust decays towards the target. */
export function pivotOf(trusted: bigint, target: bigint): bigint {
  return trusted + ((target - trusted) * 9n) / 16n;
}

/** Whom to trust in a step from this block. */
export function trustIn({ header, validators }: Pick<LightBlock, "header" | "validators">): TrustedHeader {
  const { chainId, height, time, nextValidatorsHash } = header;
  return { chain: chainId, height, time, nextValidatorsHash, validators };
}

/**
 * The blocks by which trust came to the target, in order, the target last. Blocks that were fetched and not yet reached are kept and
 * tried again, the farthest first, so that none is asked for twice.
 */
export async function verifySkipping(
  core: LightCore,
  provider: Pick<Provider, "lightBlock">,
  from: TrustedHeader,
  target: LightBlock,
  options: StepOptions,
): Promise<Outcome<readonly SoundBlock[]>> {
  const trace: SoundBlock[] = [];
  let trusted = from;
  /** From the target down, each nearer to what is trusted. */
  let ahead: LightBlock[] = [target];
  let bridges = 0;
  for (let depth = 0; ; ) {
    const next = ahead[depth]!;
    const outcome = await verifyStep(core, trusted, next, options);
    if (outcome.ok) {
      trace.push(outcome.value);
      if (depth === 0) return pass(trace);
      trusted = trustIn(outcome.value);
      ahead = ahead.slice(0, depth);
      depth = 0;
      continue;
    }
    const gap = next.header.height - trusted.height;
    if (outcome.state !== "failed" || outcome.reason !== "validators_must_be_trusted" || gap <= 1n) return outcome;
    if (depth === ahead.length - 1) {
      if (++bridges > bridgesMax) return outcome;
      const middle = await provider.lightBlock(Number(pivotOf(trusted.height, next.header.height)));
      if (!middle.ok) return middle;
      ahead.push(middle.value);
    }
    depth++;
  }
}
