// Evidence of misbehaviour as CometBFT v0.38 defines it (types/evidence.go): two votes of one validator for different blocks, and a
// conflicting block shown to a light client. Nothing here verifies signatures; evidence is made of blocks that were verified before.

import type {
  BlockId,
  CommitFields,
  CommitSignature,
  HeaderFields,
  Timestamp,
} from "../../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import { type LightBlock, totalPower, type Validator } from "../light-block.ts";

/** A vote as it stands in evidence. A block id without a hash is a vote for nil. */
export interface Vote {
  /** 1 prevote, 2 precommit. */
  readonly type: 1 | 2;
  readonly height: bigint;
  readonly round: bigint;
  readonly blockId: BlockId;
  readonly timestamp: Timestamp;
  readonly validatorAddress: Uint8Array;
  readonly validatorIndex: number;
  readonly signature: Uint8Array;
  /** Vote extensions, which no vote under a commit carries. */
  readonly extension: Uint8Array;
  readonly extensionSignature: Uint8Array;
}

export interface DuplicateVoteEvidence {
  readonly kind: "duplicate_vote";
  /** Their block ids ascend. */
  readonly voteA: Vote;
  readonly voteB: Vote;
  readonly totalPower: bigint;
  readonly validatorPower: bigint;
  /** Time of the block of that height. */
  readonly timestamp: Timestamp;
}

/** A validator with its place in the proposers' rotation, which the bytes of evidence hold too. */
export interface RankedValidator extends Validator {
  readonly priority: bigint;
}

export interface ConflictingBlock {
  readonly header: HeaderFields;
  readonly commit: CommitFields;
  readonly validators: readonly RankedValidator[];
  /** Nodes refuse a set that names no proposer; on which one it is nothing depends. */
  readonly proposer: RankedValidator;
}

export interface LightClientAttackEvidence {
  readonly kind: "light_client_attack";
  readonly conflictingBlock: ConflictingBlock;
  /** Height of the infraction: the last common block's when the header is invalid (lunatic), else the conflicting block's own. */
  readonly commonHeight: bigint;
  /** By power, descending, then address. Empty for amnesia. */
  readonly byzantineValidators: readonly RankedValidator[];
  readonly totalPower: bigint;
  /** Time of the block of the common height. */
  readonly timestamp: Timestamp;
}

export type Misbehaviour = DuplicateVoteEvidence | LightClientAttackEvidence;

export type AttackKind = "lunatic" | "equivocation" | "amnesia";

/**
 * `ConflictingHeaderIsInvalid`: whether a header differs from the trusted one in a field that follows from the blocks before it,
 * so that no valid block can have it.
 */
export function conflictingHeaderIsInvalid(trusted: HeaderFields, conflicting: HeaderFields): boolean {
  const derived = ["validatorsHash", "nextValidatorsHash", "consensusHash", "appHash", "lastResultsHash"] as const;
  return derived.some((name) => hex(trusted[name]) !== hex(conflicting[name]));
}

export function attackKind(
  trusted: Pick<LightBlock, "header" | "commit">,
  conflicting: Pick<LightBlock, "header" | "commit">,
): AttackKind {
  if (conflictingHeaderIsInvalid(trusted.header, conflicting.header)) return "lunatic";
  return trusted.commit.round === conflicting.commit.round ? "equivocation" : "amnesia";
}

/** `GetByzantineValidators`: those who can be told to have made the conflicting block. */
export function byzantineValidators(
  conflicting: LightBlock,
  trusted: Pick<LightBlock, "header" | "commit">,
  common: readonly Validator[],
): readonly Validator[] {
  const kind = attackKind(trusted, conflicting);
  // With other rounds it cannot be told who forgot the lock and who did not.
  if (kind === "amnesia") return [];
  const known = byAddress(kind === "lunatic" ? common : conflicting.validators);
  const voted = conflicting.commit.signatures.filter(
    // With equal validators the slots of both commits are in one order.
    ({ flag }, slot) => flag === 2 && (kind === "lunatic" || trusted.commit.signatures[slot]?.flag === 2),
  );
  return voted
    .map(({ validatorAddress }) => known.get(hex(validatorAddress)))
    .filter((validator) => validator !== undefined)
    .sort(byPower);
}

/** `newLightClientAttackEvidence`: against whoever made the conflicting block, for whoever holds the trusted one. */
export function attackEvidence(
  conflicting: LightBlock,
  trusted: LightBlock,
  common: Pick<LightBlock, "header" | "validators">,
): LightClientAttackEvidence {
  const from = conflictingHeaderIsInvalid(trusted.header, conflicting.header) ? common : trusted;
  const validators = conflicting.validators.map(ranked);
  const proposer = hex(conflicting.header.proposerAddress);
  return {
    kind: "light_client_attack",
    conflictingBlock: {
      header: conflicting.header,
      commit: conflicting.commit,
      validators,
      proposer: validators.find(({ address }) => hex(address) === proposer) ?? validators[0]!,
    },
    commonHeight: from.header.height,
    byzantineValidators: byzantineValidators(conflicting, trusted, common.validators).map(ranked),
    totalPower: totalPower(from.validators),
    timestamp: from.header.time,
  };
}

/**
 * Who voted for both of two blocks of one height and round, with both votes (`NewDuplicateVoteEvidence`). Powers and time are those of
 * the trusted block, by which a node that holds it judges.
 */
export function duplicateVotes(trusted: LightBlock, conflicting: LightBlock): readonly DuplicateVoteEvidence[] {
  const [ours, theirs] = [trusted.commit, conflicting.commit];
  const keyOf = ({ blockId }: CommitFields): string => blockKey(blockId);
  if (ours.height !== theirs.height || ours.round !== theirs.round || keyOf(ours) === keyOf(theirs)) return [];
  const found: DuplicateVoteEvidence[] = [];
  const others = slotsByAddress(conflicting);
  for (const [index, slot] of ours.signatures.entries()) {
    const validator = trusted.validators[index];
    const other = others.get(hex(slot.validatorAddress));
    if (slot.flag !== 2 || validator === undefined || other === undefined) continue;
    // An address is a shortened hash: both votes must be under one key.
    if (hex(other.publicKey) !== hex(validator.publicKey)) continue;
    const votes = [voteOf(ours, slot, index), voteOf(theirs, other.slot, index)] as const;
    const [voteA, voteB] = keyOf(ours) < keyOf(theirs) ? votes : [votes[1], votes[0]];
    found.push({
      kind: "duplicate_vote",
      voteA,
      voteB,
      totalPower: totalPower(trusted.validators),
      validatorPower: validator.power,
      timestamp: trusted.header.time,
    });
  }
  return found;
}

/**
 * `LightClientAttackEvidence.Hash`: over the conflicting header's hash and the common height as a signed (zigzag) varint. CometBFT
 * copies 31 of the hash's 32 bytes and leaves a zero in the place of the last; nodes compare this hash, so it is made the same way.
 */
export function attackHash(core: LightCore, header: HeaderFields, commonHeight: bigint): Uint8Array<ArrayBuffer> {
  const varint: number[] = [];
  let rest = BigInt.asUintN(64, (commonHeight << 1n) ^ (commonHeight >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) varint.push(Number(rest & 0x7fn) | 0x80);
  varint.push(Number(rest));
  const bytes = new Uint8Array(32 + varint.length);
  bytes.set(core.headerHash(header).subarray(0, 31));
  bytes.set(varint, 32);
  return core.sha256(bytes);
}

export function ranked(validator: Validator): RankedValidator {
  return { ...validator, priority: 0n };
}

function voteOf({ height, round, blockId }: CommitFields, slot: CommitSignature, validatorIndex: number): Vote {
  const { validatorAddress, timestamp, signature } = slot;
  const nothing = new Uint8Array();
  const rest = { extension: nothing, extensionSignature: nothing };
  return { type: 2, height, round, blockId, timestamp, validatorAddress, validatorIndex, signature, ...rest };
}

/** The votes for the block, by address, with the key that each is under. */
function slotsByAddress({ commit, validators }: LightBlock) {
  const slots = new Map<string, { readonly slot: CommitSignature; readonly publicKey: Uint8Array }>();
  for (const [index, slot] of commit.signatures.entries()) {
    const validator = validators[index];
    if (slot.flag === 2 && validator !== undefined)
      slots.set(hex(slot.validatorAddress), { slot, publicKey: validator.publicKey });
  }
  return slots;
}

/** Negative, 0 or positive: how the votes' block ids are ordered, which in evidence must ascend (`DuplicateVoteEvidence.ValidateBasic`). */
export function duplicateVoteOrder(voteA: Vote, voteB: Vote): number {
  const [a, b] = [blockKey(voteA.blockId), blockKey(voteB.blockId)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders as `BlockID.Key` does: by the hash, then by the part set header's bytes. */
function blockKey({ hash, partsTotal, partsHash }: BlockId): string {
  const total: number[] = [];
  for (let rest = partsTotal; rest > 0; rest = Math.floor(rest / 0x80))
    total.push((rest % 0x80) | (rest >= 0x80 ? 0x80 : 0));
  const parts = [
    ...(total.length > 0 ? [0x08, ...total] : []),
    ...(partsHash.length > 0 ? [0x12, partsHash.length] : []),
  ];
  return hex(hash) + hex(Uint8Array.from(parts)) + hex(partsHash);
}

function byAddress(validators: readonly Validator[]): ReadonlyMap<string, Validator> {
  return new Map(validators.map((validator) => [hex(validator.address), validator]));
}

function byPower(a: Validator, b: Validator): number {
  if (a.power !== b.power) return a.power > b.power ? -1 : 1;
  return hex(a.address) < hex(b.address) ? -1 : 1;
}
