// A header with its commit and its validators, and what binds the three to each other (CometBFT v0.38, light client specification).
// Nothing here trusts anyone: it says whether a block is sound in itself.

import type { LightBlockFinding } from "../../wasm-core/bindings/block-check.ts";
import type { BlockRule } from "../../wasm-core/bindings/block-rules.ts";
import type { CommitFields, CommitSignature, HeaderFields, Timestamp } from "../../wasm-core/bindings/comet.ts";
import { encodeLightBlock } from "../../wasm-core/bindings/comet-encoding.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { hex } from "../protocol/bytes.ts";
import { verifyEd25519Batch } from "../protocol/ed25519.ts";
import { type Failed, fail, type Outcome, pass, unanswered } from "./outcome.ts";
import type { FailureReason } from "./verdict.ts";

export interface Validator {
  readonly address: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly power: bigint;
}

export interface LightBlock {
  readonly header: HeaderFields;
  readonly commit: CommitFields;
  readonly validators: readonly Validator[];
}

/** A block whose parts bind to each other, with more than two thirds of its own validators' power behind it. */
export interface SoundBlock extends LightBlock {
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly signers: number;
}

/** What is kept of a block once it is trusted. */
export interface VerifiedHeader {
  readonly header: HeaderFields;
  readonly hash: Uint8Array;
  readonly validators: readonly Validator[];
  readonly signers: number;
}

export function nanosecondsOf(time: Timestamp): bigint {
  return time.seconds * 1_000_000_000n + BigInt(time.nanos);
}

export function totalPower(validators: readonly Validator[]): bigint {
  return validators.reduce((sum, validator) => sum + validator.power, 0n);
}

/** What can be sent to a screen and copied from it: hashes as hex, numbers as text. */
export function evidenceOf({ header, commit, validators }: LightBlock): unknown {
  const plain = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return hex(value);
    if (typeof value === "bigint") return String(value);
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
  };
  return plain({ header, commit, validators });
}

/** What a broken rule says of the block, in words. */
const details: Partial<Record<BlockRule, (block: LightBlock, found: LightBlockFinding) => string>> = {
  protocol_must_be_known: ({ header }) => `block protocol ${header.versionBlock} is unknown`,
  height_must_be_positive: ({ header }) => `height ${header.height} cannot be`,
  commit_height_must_match: ({ header, commit }) =>
    `the commit is of height ${commit.height}, the header of ${header.height}`,
  hash_must_match_commit: ({ commit }, { hash }) =>
    `the commit signs ${hex(commit.blockId.hash)}, the header is ${hex(hash)}`,
  validators_must_be_present: () => "there are no validators",
  key_must_have_32_bytes: ({ validators }, { at }) =>
    `the key of ${nameOf(validators, at)} has ${validators[at]?.publicKey.length} bytes`,
  address_must_be_of_key: ({ validators }, { at }) => `${nameOf(validators, at)} is not the address of its key`,
  validator_must_stand_once: ({ validators }, { at }) => `${nameOf(validators, at)} stands twice`,
  power_must_be_positive: ({ validators }, { at }) => `${nameOf(validators, at)} has power ${validators[at]?.power}`,
  total_power_must_be_bounded: () => "the total power is beyond CometBFT's limit",
  validators_hash_must_match: (_, { validatorsHash }) => `the validators given hash to ${hex(validatorsHash)}`,
  slots_must_match_validators: ({ commit, validators }) =>
    `${commit.signatures.length} signature slots for ${validators.length} validators`,
  slot_must_be_of_validator: ({ commit }, { at }) =>
    `slot ${at} is of ${hex(commit.signatures[at]!.validatorAddress)}, who is not the validator there`,
  signature_must_have_64_bytes: ({ validators }, { at }) => `the signature of ${nameOf(validators, at)} is not valid`,
  two_thirds_must_be_exceeded: (_, { signedPower, neededPower }) =>
    `power ${signedPower} signed, more than ${neededPower} must`,
};

function nameOf(validators: readonly Validator[], index: number): string {
  return hex(validators[index]!.address);
}

function failBy(block: LightBlock, found: LightBlockFinding): Failed {
  const detail = details[found.rule]?.(block, found) ?? "a field of the header, its commit or its validators cannot be";
  // Sound blocks do not come here.
  return fail(found.verdict as FailureReason, detail, evidenceOf(block));
}

/**
 * The parts name the same chain, height, hash and validators; the commit has a slot for each. Power is counted, and judged by
 * `checkSignatures`, which the finding is for.
 */
export function checkBinding(core: LightCore, chain: string, block: LightBlock): Outcome<LightBlockFinding> {
  const { header } = block;
  const no = (reason: FailureReason, detail: string) => fail(reason, detail, evidenceOf(block));
  if (header.chainId !== chain)
    return no("header_chain_must_match", `the header is of chain ${header.chainId}, not ${chain}`);
  const encoded = encoding(block);
  if (encoded === null)
    return no("answer_must_be_well_formed", "a number has more than 64 bits, or the chain's name has no UTF-8");
  const found = core.checkLightBlock(encoded, chain);
  switch (found.verdict) {
    case "sound":
    case "signature_must_be_valid":
    case "signatures_must_exceed_two_thirds":
      break;
    default:
      return failBy(block, found);
  }
  return header.height > BigInt(Number.MAX_SAFE_INTEGER)
    ? no("header_height_must_match", `height ${header.height} cannot be`)
    : pass(found);
}

/** Of absent slots only that they are absent matters: servers write their time as Go's zero or as UNIX's. */
const absentSlot: CommitSignature = {
  flag: 1,
  validatorAddress: new Uint8Array(),
  timestamp: { seconds: -62135596800n, nanos: 0 },
  signature: new Uint8Array(),
};

function encoding({ header, commit, validators }: LightBlock): Uint8Array | null {
  const signatures = commit.signatures.map((slot) => (slot.flag === 1 ? absentSlot : slot));
  try {
    return encodeLightBlock({ header, commit: { ...commit, signatures }, validators });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Signatures that nothing could decide on, because the code for it did not load, are no verdict: it is tried again. */
export async function decided<T>(verdict: Promise<T>): Promise<Outcome<T>> {
  try {
    return pass(await verdict);
  } catch (error) {
    return unanswered("server_must_answer", `signatures could not be checked: ${(error as Error).message}`);
  }
}

/** The rest of the full commit check: every signature valid, more than two thirds of the power. */
export async function checkSignatures(
  block: LightBlock,
  found: LightBlockFinding,
): Promise<Outcome<{ readonly signers: number }>> {
  const { signatures } = found;
  const items = signatures.map(({ publicKey: key, message, signature }) => ({ key, message, signature }));
  const valid = await decided(verifyEd25519Batch(items));
  if (!valid.ok) return valid;
  const wrong = signatures[valid.value.indexOf(false)];
  if (wrong !== undefined) {
    const detail = `the signature of ${nameOf(block.validators, wrong.slot)} is not valid`;
    return fail("signature_must_be_valid", detail, evidenceOf(block));
  }
  return found.verdict === "sound" ? pass({ signers: found.signers }) : failBy(block, found);
}

/** Power of the trusted validators, found by address, whose signatures for the block stand in its (checked) commit. */
export function trustedPowerBehind(block: LightBlock, trusted: readonly Validator[]): bigint {
  const powers = new Map(trusted.map((validator) => [hex(validator.address), validator]));
  let power = 0n;
  for (const [index, slot] of block.commit.signatures.entries()) {
    if (slot.flag !== 2) continue;
    const name = hex(slot.validatorAddress);
    const validator = powers.get(name);
    const signed = block.validators[index];
    // An address is a shortened hash: the key itself must be the one that was trusted.
    if (validator === undefined || signed === undefined || hex(signed.publicKey) !== hex(validator.publicKey)) continue;
    power += validator.power;
    powers.delete(name);
  }
  return power;
}
