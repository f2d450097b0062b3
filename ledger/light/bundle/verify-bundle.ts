// The verdict on a bundle, with no server: is it sound in itself, and on what does it stand for whoever looks at it?
// Sound alone is never green: anyone can make validators of their own.

import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import { msOfTimestamp, timestampText } from "../../protocol/comet.ts";
import { type LightBlock, totalPower, trustedPowerBehind, type VerifiedHeader } from "../light-block.ts";
import { type Failed, fail, type Outcome, pass, type Unanswered } from "../outcome.ts";
import type { FailureReason } from "../verdict.ts";
import { checkNotExpired, checkSound, defaultPolicy, type StepOptions, verifyStep } from "../verify-step.ts";
import { type Bundle, decodeBundle } from "./bundle.ts";
import { type Claim, checkBundle } from "./check-bundle.ts";

/** What whoever looks at a bundle trusts already. */
export interface BundleTrust {
  /** Headers that this browser has verified itself. */
  readonly headers: readonly VerifiedHeader[];
  /** A header's hash from somebody whom the person believes. Hash in hex. */
  readonly checkpoint?: { readonly chain: string; readonly height: number; readonly hash: string } | null;
  /** The hash of the validators, in hex or its first 16 bytes, from somebody whom the person believes. */
  readonly validators?: string | null;
}

/** On what a sound bundle stands. */
export type BundleStanding =
  /** Its header, or validators who signed it, are known to this browser. */
  | { readonly on: "known"; readonly height: number }
  /** It is the header, or of the validators, that the person was told of. */
  | { readonly on: "checkpoint" }
  /** Nothing: whoever made up the validators could have made it. `mismatch`: the person was told of others. */
  | { readonly on: "none"; readonly mismatch: boolean };

export interface BundleSigner {
  /** Lower-case hex. */
  readonly address: string;
  /** Share of all power, from 0 to 1. */
  readonly share: number;
  readonly signed: boolean;
}

export type BundleVerdict =
  | {
      /** Sound and standing on something, or only sound. */
      readonly state: "verified" | "sound";
      readonly claim: Claim;
      readonly standing: BundleStanding;
      /** Of the header whose validators signed. */
      readonly chain: string;
      readonly height: number;
      readonly hash: string;
      /** RFC 3339. */
      readonly time: string;
      /** From the header's time to now, at least 0. */
      readonly ageMs: number;
      readonly signers: readonly BundleSigner[];
      /** Hash of the validators, hex: to compare with what others see. */
      readonly fingerprint: string;
    }
  | { readonly state: "failed"; readonly reason: FailureReason; readonly detail: string }
  /** This device could not decide: a part of the program is missing. */
  | { readonly state: "unverified"; readonly detail: string };

/** @param nowMs UNIX milliseconds. */
export async function verifyBundle(
  core: LightCore,
  bytes: Uint8Array,
  trust: BundleTrust,
  nowMs: number,
): Promise<BundleVerdict> {
  const read = readBundle(core, bytes);
  if (!read.ok) return refused(read);
  const { block } = read.value;
  const options: StepOptions = { ...defaultPolicy, nowMs };
  const claim = await checkBundle(core, read.value);
  if (!claim.ok) return refused(claim);
  // The chain is the one that it names; whether that is the right one is for the standing to say.
  const sound = await checkSound(core, block.header.chainId, block, options);
  if (!sound.ok) return refused(sound);
  const { header, hash } = sound.value;
  const standing = await standingOf(core, { ...block, hash }, trust, options);
  return {
    state: standing.on === "none" ? "sound" : "verified",
    claim: claim.value,
    standing,
    chain: header.chainId,
    height: Number(header.height),
    hash: hex(hash),
    time: timestampText(header.time),
    ageMs: Math.max(0, nowMs - msOfTimestamp(header.time)),
    signers: signersOf(block),
    fingerprint: hex(header.validatorsHash),
  };
}

function readBundle(core: LightCore, bytes: Uint8Array): Outcome<Bundle> {
  try {
    return pass(decodeBundle(core, bytes));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail("bundle_must_be_well_formed", error.message, { length: bytes.length });
  }
}

function refused(outcome: Failed | Unanswered): BundleVerdict {
  const { detail } = outcome;
  return outcome.state === "failed"
    ? { state: "failed", reason: outcome.reason, detail }
    : { state: "unverified", detail };
}

async function standingOf(
  core: LightCore,
  block: LightBlock & { readonly hash: Uint8Array },
  trust: BundleTrust,
  options: StepOptions,
): Promise<BundleStanding> {
  const { header } = block;
  for (const known of trust.headers)
    if (await followsFrom(core, known, block, options)) return { on: "known", height: Number(known.header.height) };
  const { checkpoint, validators } = trust;
  const isCheckpoint =
    checkpoint?.chain === header.chainId &&
    BigInt(checkpoint.height) === header.height &&
    checkpoint.hash.toLowerCase() === hex(block.hash);
  const told = validators?.toLowerCase() ?? "";
  const areValidators = /^(?:[0-9a-f]{32}){1,2}$/.test(told) && hex(header.validatorsHash).startsWith(told);
  if (isCheckpoint || areValidators) return { on: "checkpoint" };
  // A checkpoint of another height says nothing about this one.
  const contradicted =
    checkpoint != null && (checkpoint.chain !== header.chainId || BigInt(checkpoint.height) === header.height);
  return { on: "none", mismatch: contradicted || told !== "" };
}

/**
 * The same header, or one that validators stand behind whom this browser trusts: after it by the rules of every step forwards; before
 * it only when more than two thirds of those trusted now have signed it, for keys of validators who left may have been sold.
 */
async function followsFrom(
  core: LightCore,
  known: VerifiedHeader,
  block: LightBlock & { readonly hash: Uint8Array },
  options: StepOptions,
): Promise<boolean> {
  if (hex(known.hash) === hex(block.hash)) return true;
  const { chainId, height, time, nextValidatorsHash } = known.header;
  if (chainId !== block.header.chainId || height === block.header.height) return false;
  const trusted = { chain: chainId, height, time, nextValidatorsHash, validators: known.validators };
  if (block.header.height > height) return (await verifyStep(core, trusted, block, options)).ok;
  if (checkNotExpired(trusted, options) !== null || secondsAfter(block, known)) return false;
  return trustedPowerBehind(block, known.validators) * 3n > totalPower(known.validators) * 2n;
}

/** An older header that claims to be later than a newer one. */
function secondsAfter({ header }: LightBlock, known: VerifiedHeader): boolean {
  return msOfTimestamp(header.time) >= msOfTimestamp(known.header.time);
}

function signersOf({ commit, validators }: LightBlock): readonly BundleSigner[] {
  const total = Number(totalPower(validators));
  return validators.map(({ address, power }, i) => ({
    address: hex(address),
    share: Number(power) / total,
    signed: commit.signatures[i]!.flag === 2,
  }));
}
