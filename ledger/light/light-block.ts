// A header with its commit and its validators, and what binds the three to each other (CometBFT v0.38, light client specification).
// Nothing here trusts anyone: it says whether a block is sound in itself.

import type { HeaderFields, Timestamp } from "../../wasm-core/bindings/comet.ts";
import type { Core } from "../../wasm-core/bindings/core.ts";
import { hex } from "../protocol/bytes.ts";
import type { CommitFields } from "../protocol/comet.ts";
import { verifyEd25519 } from "../protocol/ed25519.ts";
import { fail, type Outcome, pass } from "./outcome.ts";

/** CometBFT's MaxTotalVotingPower: an eighth of int64. */
const totalPowerMax = (2n ** 63n - 1n) / 8n;
const blockProtocol = 11n;

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

/** The parts name the same chain, height, hash and validators; the commit has a slot for each. Signatures are not looked at. */
export function checkBinding(core: Core, chain: string, block: LightBlock): Outcome<Uint8Array<ArrayBuffer>> {
  const { header, commit, validators } = block;
  const no = (reason: Parameters<typeof fail>[0], detail: string) => fail(reason, detail, evidenceOf(block));
  if (header.versionBlock !== blockProtocol)
    return no("answer_must_be_well_formed", `block protocol ${header.versionBlock} is unknown`);
  if (header.chainId !== chain)
    return no("header_chain_must_match", `the header is of chain ${header.chainId}, not ${chain}`);
  if (header.height < 1n || header.height > BigInt(Number.MAX_SAFE_INTEGER))
    return no("header_height_must_match", `height ${header.height} cannot be`);
  if (commit.height !== header.height)
    return no("header_height_must_match", `the commit is of height ${commit.height}, the header of ${header.height}`);
  const hash = core.headerHash(header);
  if (hex(commit.blockId.hash) !== hex(hash))
    return no(
      "header_hash_must_match_commit",
      `the commit signs ${hex(commit.blockId.hash)}, the header is ${hex(hash)}`,
    );
  const set = checkValidators(core, validators);
  if (set !== null) return no("validators_must_match_header", set);
  const setHash = core.validatorsHash(validators);
  if (hex(setHash) !== hex(header.validatorsHash))
    return no("validators_must_match_header", `the validators given hash to ${hex(setHash)}`);
  const slots = checkSlots(block);
  if (slots !== null) return no("commit_must_match_validators", slots);
  return pass(hash);
}

function checkValidators(core: Core, validators: readonly Validator[]): string | null {
  if (validators.length === 0) return "there are no validators";
  const addresses = new Set<string>();
  for (const { address, publicKey, power } of validators) {
    const name = hex(address);
    if (publicKey.length !== 32) return `the key of ${name} has ${publicKey.length} bytes`;
    if (hex(core.sha256(publicKey).subarray(0, 20)) !== name) return `${name} is not the address of its key`;
    if (addresses.has(name)) return `${name} stands twice`;
    if (power < 1n) return `${name} has power ${power}`;
    addresses.add(name);
  }
  return totalPower(validators) > totalPowerMax ? "the total power is beyond CometBFT's limit" : null;
}

/** A slot for every validator, in order, no signer twice. */
function checkSlots({ commit, validators }: LightBlock): string | null {
  if (commit.signatures.length !== validators.length)
    return `${commit.signatures.length} signature slots for ${validators.length} validators`;
  const addresses = new Set<string>();
  for (const [index, slot] of commit.signatures.entries()) {
    if (slot.flag === 1) continue;
    const address = hex(slot.validatorAddress);
    if (addresses.has(address)) return `${address} signed twice`;
    addresses.add(address);
    if (address !== hex(validators[index]!.address))
      return `slot ${index} is of ${address}, who is not the validator there`;
  }
  return null;
}

/** The rest of the full commit check: every signature valid, more than two thirds of the power. Slots must have been checked. */
export async function checkSignatures(core: Core, block: LightBlock): Promise<Outcome<{ readonly signers: number }>> {
  const { header, commit, validators } = block;
  const no = (reason: Parameters<typeof fail>[0], detail: string) => fail(reason, detail, evidenceOf(block));
  let tally = 0n;
  let signers = 0;
  for (const [index, slot] of commit.signatures.entries()) {
    if (slot.flag === 1) continue;
    const validator = validators[index]!;
    const message = core.voteSignBytes({
      chainId: header.chainId,
      height: commit.height,
      round: commit.round,
      blockId: slot.flag === 2 ? commit.blockId : null,
      timestamp: slot.timestamp,
    });
    if (!(await verifyEd25519(validator.publicKey, message, slot.signature)))
      return no("signature_must_be_valid", `the signature of ${hex(validator.address)} is not valid`);
    if (slot.flag === 2) {
      tally += validator.power;
      signers++;
    }
  }
  const needed = (totalPower(validators) * 2n) / 3n;
  if (tally <= needed)
    return no("signatures_must_exceed_two_thirds", `power ${tally} signed, more than ${needed} must`);
  return pass({ signers });
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
