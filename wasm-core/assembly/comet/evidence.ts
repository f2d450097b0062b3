// Evidence in a block (CometBFT v0.38, proto/tendermint/types/evidence.proto, types/evidence.go). Its form is read strictly, since
// what is hashed is what was read; whether it proves anything is for the evidence pool to say.

import { merkleBegin, merkleFinish, merkleLeaf } from "../merkle/root";
import {
  contentLength,
  contentStart,
  enter,
  leave,
  nextIs,
  readBegin,
  spoil,
  takeBytes,
  takeElement,
  takeNumber,
} from "./canonical";
import { readCommit } from "./commit";
import { readHeader } from "./header";
import { blockIdIsZero, blockIdLength, readBlockId, readTime } from "./parts";
import { hasProposer, readValidator, readValidators, toldPower } from "./validators";

/** MaxVoteExtensionSize. */
const extensionLengthMax: u32 = 1 << 20;
const int32Max: u64 = 0x7fffffff;
/** A block id with hash, a number of parts of one byte at least, and their hash. */
const completeIdLengthMin: u32 = 72;

/** Vote {type 1, height 2, round 3, block_id 4, timestamp 5, address 6, index 7, signature 8, extension 9, its signature 10}. */
function readVote(tag: u32): void {
  const outer = enter(tag);
  const type = takeNumber(0x08);
  const height = <i64>takeNumber(0x10);
  const round = takeNumber(0x18);
  readBlockId(0x22);
  // Either complete or none: hash, number of parts and their hash.
  if (!blockIdIsZero && blockIdLength < completeIdLengthMin) spoil();
  const mayExtend = type == 2 && !blockIdIsZero;
  readTime(0x2a);
  takeBytes(0x32, 20);
  if (contentLength != 20) spoil();
  const index = takeNumber(0x38);
  takeBytes(0x42, 64);
  if (contentLength == 0) spoil();
  if (!mayExtend && (nextIs(0x4a) || nextIs(0x52))) spoil();
  takeBytes(0x4a, extensionLengthMax);
  takeBytes(0x52, 64);
  if (type < 1 || type > 2 || height < 1 || round > int32Max || index > int32Max) spoil();
  leave(outer);
}

/** DuplicateVoteEvidence {vote_a 1, vote_b 2, total_voting_power 3, validator_power 4, timestamp 5}. */
function readDuplicateVote(): void {
  readVote(0x0a);
  readVote(0x12);
  takeNumber(0x18);
  takeNumber(0x20);
  readTime(0x2a);
}

/** LightClientAttackEvidence {conflicting_block 1, common_height 2, byzantine_validators 3, total_voting_power 4, timestamp 5}. */
function readLightClientAttack(): void {
  const block = enter(0x0a);
  const signed = enter(0x0a);
  readHeader(0x0a);
  readCommit(0x12);
  leave(signed);
  readValidators(0x12);
  // As ToProto leaves it.
  if (toldPower != 0 || !hasProposer) spoil();
  leave(block);
  if (<i64>takeNumber(0x10) < 1) spoil();
  while (nextIs(0x1a)) readValidator(0x1a);
  if (<i64>takeNumber(0x20) < 1) spoil();
  readTime(0x2a);
}

/** EvidenceList {evidence 1 {duplicate_vote_evidence 1 | light_client_attack_evidence 2}}. */
export function readEvidence(tag: u32): void {
  const outer = enter(tag);
  while (nextIs(0x0a)) {
    const evidence = enter(0x0a);
    const isDuplicateVote = nextIs(0x0a);
    const member = enter(isDuplicateVote ? 0x0a : 0x12);
    if (isDuplicateVote) readDuplicateVote();
    else readLightClientAttack();
    leave(member);
    leave(evidence);
  }
  leave(outer);
}

/** Merkle root of the evidence, each without its oneof. The list must have been read before. */
export function hashEvidence(from: usize, length: u32, to: usize): void {
  readBegin(from, length);
  merkleBegin();
  while (nextIs(0x0a)) {
    const evidence = enter(0x0a);
    takeElement();
    merkleLeaf(contentStart, contentLength);
    leave(evidence);
  }
  merkleFinish(to);
}
