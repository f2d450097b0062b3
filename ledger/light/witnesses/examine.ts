// Where two chains part: a source's diverging header is verified along the trace by which another source's header was verified, until the
// two differ (CometBFT v0.38, light/detector.go, examineConflictingHeaderAgainstTrace). Bounds: those of skipping, for each header of the trace.

import type { CommitFields, HeaderFields } from "../../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import { type LightBlock, nanosecondsOf, type SoundBlock, type Validator } from "../light-block.ts";
import { fail, type Outcome, pass } from "../outcome.ts";
import type { Provider } from "../provider.ts";
import { trustIn, verifySkipping } from "../skipping.ts";
import type { StepOptions } from "../verify-step.ts";

/** One of the headers by which trust came to another. The commit of one that was remembered is not kept. */
export interface TraceBlock {
  readonly header: HeaderFields;
  readonly hash: Uint8Array;
  readonly validators: readonly Validator[];
  readonly commit: CommitFields | null;
}

export interface Divergence {
  /** The last header that both chains have. */
  readonly common: TraceBlock;
  /** The source's verified headers after it, the one that differs last. Never empty. */
  readonly sourceTrace: readonly SoundBlock[];
  /** The trace's own header there. */
  readonly divergent: TraceBlock;
}

/**
 * `trace` begins with a header that is trusted, in its period, whatever the source says of it. `target` is the source's header that is
 * not the trace's. An outcome that is not ok says why the source's chain does not hold.
 */
export async function examine(
  core: LightCore,
  trace: readonly TraceBlock[],
  target: LightBlock,
  source: Pick<Provider, "lightBlock">,
  options: StepOptions,
): Promise<Outcome<Divergence>> {
  const verify = (from: TraceBlock, to: LightBlock) => verifySkipping(core, source, trustIn(from), to, options);
  const no = (detail: string) =>
    fail("header_hash_must_match_commit", detail, { height: String(target.header.height) });
  let common = trace[0]!;
  if (target.header.height <= common.header.height) return no("the header does not come after a trusted one");
  for (const divergent of trace.slice(1)) {
    const { height } = divergent.header;
    if (height > target.header.height) {
      // Only time can contradict where the source has no header of this height yet (forward lunatic attack).
      if (nanosecondsOf(divergent.header.time) > nanosecondsOf(target.header.time))
        return no("the source is behind, and nothing that it says contradicts");
      const sourceTrace = await verify(common, target);
      return sourceTrace.ok ? pass({ common, sourceTrace: sourceTrace.value, divergent }) : sourceTrace;
    }
    const told = height === target.header.height ? pass(target) : await source.lightBlock(Number(height));
    if (!told.ok) return told;
    const sourceTrace = await verify(common, told.value);
    if (!sourceTrace.ok) return sourceTrace;
    const reached = sourceTrace.value.at(-1)!;
    if (hex(reached.hash) !== hex(divergent.hash)) return pass({ common, sourceTrace: sourceTrace.value, divergent });
    common = divergent;
  }
  return no("the headers do not diverge");
}
