// Whether evidence proves misbehaviour on this chain, by CometBFT v0.38's rules (evidence/verify.go, types/evidence.go ValidateBasic), in
// the order of what they cost: whoever holds no validator's key makes nobody verify more than a few signatures.

import type { CommitFinding, SignatureToVerify } from "../../wasm-core/bindings/block-check.ts";
import type { Timestamp } from "../../wasm-core/bindings/comet.ts";
import { encodeCommit, encodeLightBlock, encodeValidatorSet } from "../../wasm-core/bindings/comet-encoding.ts";
import type { Core } from "../../wasm-core/bindings/core.ts";
import { type LightBlock, nanosecondsOf, totalPower } from "../light/light-block.ts";
import {
  byzantineValidators,
  conflictingHeaderIsInvalid,
  type DuplicateVoteEvidence,
  duplicateVoteOrder,
  type LightClientAttackEvidence,
  type Misbehaviour,
  type Vote,
} from "../light/witnesses/evidence.ts";
import { hex } from "../protocol/bytes.ts";
import { timestampText } from "../protocol/comet.ts";

export interface EvidenceGround {
  readonly core: Core;
  readonly chain: string;
  /** The newest block's height, from 1. */
  readonly newest: number;
  /** Evidence counts until it is older than both. */
  readonly maxAge: { readonly blocks: bigint; readonly nanoseconds: bigint };
  /** Our own block; null when there is none, or it was pruned. */
  blockAt(height: number): Promise<LightBlock | null>;
  /** All signatures, under ZIP-215. */
  verify(items: readonly SignatureToVerify[]): readonly boolean[];
}

/** Null when it is proven, else why it is not. @throws {RangeError} when a number has more than 64 bits or a text no UTF-8. */
export async function faultOf(ground: EvidenceGround, evidence: Misbehaviour): Promise<string | null> {
  const height = evidence.kind === "duplicate_vote" ? evidence.voteA.height : evidence.commonHeight;
  const at = await ownBlock(ground, height);
  if (typeof at === "string") return at;
  const newest = await ground.blockAt(ground.newest);
  if (newest === null) return "the newest block is not there";
  if (nanosecondsOf(evidence.timestamp) !== nanosecondsOf(at.header.time))
    return `its time is ${shown(evidence.timestamp)}, block ${height} is of ${shown(at.header.time)}`;
  const ageBlocks = newest.header.height - height;
  const ageNanoseconds = nanosecondsOf(newest.header.time) - nanosecondsOf(at.header.time);
  if (ageBlocks > ground.maxAge.blocks && ageNanoseconds > ground.maxAge.nanoseconds)
    return `it is too old: ${ageBlocks} blocks, more than ${ground.maxAge.blocks}`;
  if (evidence.totalPower !== totalPower(at.validators))
    return `the total power is ${evidence.totalPower}, that of block ${height} is ${totalPower(at.validators)}`;
  return evidence.kind === "duplicate_vote"
    ? voteFault(ground, evidence, at)
    : attackFault(ground, evidence, at, newest);
}

async function ownBlock(ground: EvidenceGround, height: bigint): Promise<LightBlock | string> {
  if (height < 1n || height > BigInt(ground.newest))
    return `there is no block ${height}; the newest is ${ground.newest}`;
  return (await ground.blockAt(Number(height))) ?? `block ${height} was pruned`;
}

function voteFault(ground: EvidenceGround, evidence: DuplicateVoteEvidence, at: LightBlock): string | null {
  const { voteA, voteB } = evidence;
  if (voteA.height !== voteB.height || voteA.round !== voteB.round || voteA.type !== voteB.type)
    return "the votes are not of one height, round and type";
  if (hex(voteA.validatorAddress) !== hex(voteB.validatorAddress)) return "the votes are of two validators";
  const order = duplicateVoteOrder(voteA, voteB);
  if (order === 0) return "the votes are for one block";
  if (order > 0) return "the votes are not in the order of their block ids";
  const validator = at.validators.find(({ address }) => hex(address) === hex(voteA.validatorAddress));
  if (validator === undefined) return `${hex(voteA.validatorAddress)} was no validator at height ${voteA.height}`;
  if (evidence.validatorPower !== validator.power)
    return `the validator's power is ${evidence.validatorPower}, at height ${voteA.height} it is ${validator.power}`;
  const signed = [voteA, voteB].map((vote, slot) => ({
    slot,
    publicKey: new Uint8Array(validator.publicKey),
    message: signBytes(ground, vote),
    signature: new Uint8Array(vote.signature),
  }));
  const wrong = ground.verify(signed).indexOf(false);
  return wrong < 0 ? null : `the signature of vote ${wrong === 0 ? "A" : "B"} is not valid`;
}

/** The core writes those of precommits; a prevote's differ in the type alone, the first field behind the length. */
function signBytes({ core, chain }: EvidenceGround, vote: Vote): Uint8Array<ArrayBuffer> {
  const { height, round, timestamp } = vote;
  const blockId = vote.blockId.hash.length === 0 ? null : vote.blockId;
  const bytes = core.voteSignBytes({ chainId: chain, height, round, blockId, timestamp });
  let length = 1;
  while (bytes[length - 1]! >= 0x80) length++;
  bytes[length + 1] = vote.type;
  return bytes;
}

async function attackFault(
  ground: EvidenceGround,
  evidence: LightClientAttackEvidence,
  common: LightBlock,
  newest: LightBlock,
): Promise<string | null> {
  const { core, chain } = ground;
  const { conflictingBlock: conflicting, commonHeight } = evidence;
  const { height, time } = conflicting.header;
  if (height < commonHeight) return "the conflicting block lies below the common height";
  const own = height > newest.header.height ? newest : await ownBlock(ground, height);
  if (typeof own === "string") return own;
  const isAhead = height > newest.header.height;
  if (isAhead && nanosecondsOf(newest.header.time) < nanosecondsOf(time))
    return `the conflicting block is of ${shown(time)}, later than the newest block here`;
  if (!isAhead && hex(core.headerHash(own.header)) === hex(core.headerHash(conflicting.header)))
    return "the conflicting block is the chain's own";
  if (height === commonHeight) {
    if (conflictingHeaderIsInvalid(own.header, conflicting.header))
      return "at the common height, the conflicting header must follow from the blocks before it, and does not";
  } else {
    const level = { numerator: 1, denominator: 3 };
    const trusting = core.checkTrusting(
      encodeValidatorSet(common.validators),
      encodeCommit(conflicting.commit),
      chain,
      level,
    );
    const fault = commitFault(ground, trusting, `of the validators of block ${commonHeight}`);
    if (fault !== null) return fault;
  }
  const whole = core.checkLightBlock(encodeLightBlock(conflicting), chain);
  const fault = commitFault(ground, whole, "of its own validators");
  if (fault !== null) return fault;
  const named = (validators: LightClientAttackEvidence["byzantineValidators"]): string =>
    validators.map(({ address, publicKey, power }) => `${hex(address)} ${hex(publicKey)} ${power}`).join(", ");
  const guilty = byzantineValidators(conflicting, own, common.validators).map((one) => ({ ...one, priority: 0n }));
  return named(guilty) === named(evidence.byzantineValidators)
    ? null
    : "the validators that it names are not those who made the conflicting block";
}

function commitFault(ground: EvidenceGround, found: CommitFinding, whose: string): string | null {
  if (found.verdict !== "sound")
    return `the conflicting block's commit ${whose}: ${found.verdict.replaceAll("_", " ")}`;
  const wrong = ground.verify(found.signatures).indexOf(false);
  return wrong < 0
    ? null
    : `the signature in slot ${found.signatures[wrong]!.slot} of the conflicting block is not valid`;
}

function shown(time: Timestamp): string {
  try {
    return timestampText(time);
  } catch {
    return `${time.seconds} s`;
  }
}
