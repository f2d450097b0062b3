// One step of trust from a trusted header to a later one (CometBFT light client: adjacent, skipping).

import type { LightBlockFinding } from "../../wasm-core/bindings/block-check.ts";
import type { Timestamp } from "../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { hex } from "../protocol/bytes.ts";
import {
  checkBinding,
  checkSignatures,
  evidenceOf,
  type LightBlock,
  nanosecondsOf,
  type SoundBlock,
  totalPower,
  trustedPowerBehind,
  type Validator,
} from "./light-block.ts";
import { type Failed, fail, type Outcome, pass } from "./outcome.ts";

/** How far trust reaches. */
export interface TrustPolicy {
  /** A header is trusted for so long after its time; less than validators' stakes stay bound. Default 14 days. */
  readonly trustingPeriodMs: number;
  /** Headers so far ahead of the clock are taken for clocks that differ. Default 10 s. */
  readonly clockDriftMs: number;
  /** More than this part of the trusted power must have signed in a skipping step. From 1/3 to 1, default 1/3. */
  readonly trustLevel: { readonly numerator: number; readonly denominator: number };
}

export const defaultPolicy: TrustPolicy = {
  trustingPeriodMs: 14 * 24 * 60 * 60 * 1000,
  clockDriftMs: 10_000,
  trustLevel: { numerator: 1, denominator: 3 },
};

/** @throws {RangeError} when a period is not above zero, the drift negative, or the level not within [1/3, 1]. */
export function checkPolicy({ trustingPeriodMs, clockDriftMs, trustLevel }: TrustPolicy): void {
  const { numerator, denominator } = trustLevel;
  const whole = [trustingPeriodMs, clockDriftMs, numerator, denominator].every(Number.isSafeInteger);
  if (!whole || trustingPeriodMs < 1 || clockDriftMs < 0)
    throw new RangeError("a period of trust must be whole and above 0");
  if (denominator < 1 || numerator > denominator || numerator * 3 < denominator)
    throw new RangeError(`a trust level of ${numerator}/${denominator} is not within 1/3 and 1`);
}

export interface TrustedHeader {
  readonly chain: string;
  readonly height: bigint;
  readonly time: Timestamp;
  readonly nextValidatorsHash: Uint8Array;
  /** Whose power counts in a skipping step: the validators of this height or of the next. */
  readonly validators: readonly Validator[];
}

export interface StepOptions extends TrustPolicy {
  /** UNIX milliseconds. */
  readonly nowMs: number;
}

/** Null while the trusted header is young enough to be trusted. */
export function checkNotExpired(trusted: TrustedHeader, options: StepOptions): Failed | null {
  const now = BigInt(Math.floor(options.nowMs)) * 1_000_000n;
  const until = nanosecondsOf(trusted.time) + BigInt(options.trustingPeriodMs) * 1_000_000n;
  if (until > now) return null;
  const evidence = { trustedHeight: String(trusted.height), trustedSeconds: String(trusted.time.seconds) };
  return fail(
    "trust_must_not_be_expired",
    `trust in height ${trusted.height} is older than the trusting period`,
    evidence,
  );
}

/** The last check of every way in: more than two thirds of the block's own validators signed it. */
async function checkCommit(block: LightBlock, found: LightBlockFinding): Promise<Outcome<SoundBlock>> {
  const commit = await checkSignatures(block, found);
  return commit.ok ? pass({ ...block, hash: found.hash, signers: commit.value.signers }) : commit;
}

/** A block that is sound in itself and not from the future. Enough only for a first contact. */
export async function checkSound(
  core: LightCore,
  chain: string,
  block: LightBlock,
  options: StepOptions,
): Promise<Outcome<SoundBlock>> {
  const bound = checkBinding(core, chain, block);
  if (!bound.ok) return bound;
  const future = checkNotFromFuture(block, options);
  if (future !== null) return future;
  return checkCommit(block, bound.value);
}

/**
 * A step forwards. `validators_must_be_trusted` on a step over more than one height means that too few of the trusted
 * validators signed: a header in between may still bridge it.
 */
export async function verifyStep(
  core: LightCore,
  trusted: TrustedHeader,
  block: LightBlock,
  options: StepOptions,
): Promise<Outcome<SoundBlock>> {
  const expired = checkNotExpired(trusted, options);
  if (expired !== null) return expired;
  const bound = checkBinding(core, trusted.chain, block);
  if (!bound.ok) return bound;
  const { header } = block;
  const no = (reason: Parameters<typeof fail>[0], detail: string) => fail(reason, detail, evidenceOf(block));
  if (header.height <= trusted.height)
    return no("header_height_must_match", `height ${header.height} does not come after ${trusted.height}`);
  if (nanosecondsOf(header.time) <= nanosecondsOf(trusted.time))
    return no("header_time_must_be_plausible", "the header is not later than the trusted one before it");
  const future = checkNotFromFuture(block, options);
  if (future !== null) return future;
  if (header.height === trusted.height + 1n) {
    if (hex(header.validatorsHash) !== hex(trusted.nextValidatorsHash))
      return no("validators_must_be_trusted", "the validators are not those that the trusted header named as next");
  } else {
    const untrusted = checkOverlap(trusted, block, options);
    if (untrusted !== null) return untrusted;
  }
  return checkCommit(block, bound.value);
}

function checkNotFromFuture(block: LightBlock, options: StepOptions): Failed | null {
  const limit = BigInt(Math.floor(options.nowMs) + options.clockDriftMs) * 1_000_000n;
  if (nanosecondsOf(block.header.time) < limit) return null;
  return fail("header_time_must_be_plausible", "the header is from the future", evidenceOf(block));
}

/** Counts by address only; that the signatures are valid is checked after, before anything is believed. */
function checkOverlap(trusted: TrustedHeader, block: LightBlock, { trustLevel }: TrustPolicy): Failed | null {
  const power = trustedPowerBehind(block, trusted.validators);
  const needed = (totalPower(trusted.validators) * BigInt(trustLevel.numerator)) / BigInt(trustLevel.denominator);
  if (power > needed) return null;
  return fail(
    "validators_must_be_trusted",
    `trusted power ${power} stands behind the header, more than ${needed} must`,
    evidenceOf(block),
  );
}
