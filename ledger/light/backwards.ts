// Back to an older header along the hash chain: each header names the hash of the one before it (CometBFT, light/verifier.go,
// VerifyBackwards). Nobody's signature counts here, so keys of validators who left long ago are worth nothing to who bought them.
// Bounds: 1,000 headers a question.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { hex } from "../protocol/bytes.ts";
import { evidenceOf, type LightBlock, nanosecondsOf } from "./light-block.ts";
import { fail, type Outcome, pass, unanswered } from "./outcome.ts";
import { type Provider, rangeMax } from "./provider.ts";

/** Most headers that are walked for one question. */
export const walkMax = 1_000;

/** The hash of the header at this height, by which the trusted header above it stands; with the block in which it came. */
export async function walkBack(
  core: LightCore,
  provider: Pick<Provider, "range">,
  trusted: Pick<LightBlock, "header">,
  height: number,
): Promise<Outcome<{ readonly hash: Uint8Array; readonly block: LightBlock }>> {
  let after = trusted.header;
  const distance = Number(after.height) - height;
  if (distance > walkMax)
    return unanswered(
      "server_must_answer",
      `block ${height} lies ${distance} blocks back, further than the ${walkMax} that are walked`,
    );
  for (;;) {
    const to = Number(after.height) - 1;
    const blocks = await provider.range(Math.max(height, to - rangeMax + 1), to);
    if (!blocks.ok) return blocks;
    for (const block of blocks.value.toReversed()) {
      const { header } = block;
      const hash = core.headerHash(header);
      const no = (reason: "header_hash_must_match_commit" | "header_time_must_be_plausible", detail: string) =>
        fail(reason, detail, evidenceOf(block));
      // The hash covers chain and height too; a chain of honest headers has both in order.
      if (hex(hash) !== hex(after.lastBlockId.hash))
        return no(
          "header_hash_must_match_commit",
          `header ${header.height} is not the one that ${after.height} follows`,
        );
      if (nanosecondsOf(header.time) >= nanosecondsOf(after.time))
        return no("header_time_must_be_plausible", "the header is not earlier than the one after it");
      if (Number(header.height) === height) return pass({ hash, block });
      after = header;
    }
  }
}
