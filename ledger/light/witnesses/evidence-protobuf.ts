// Evidence as the bytes that CometBFT v0.38 hashes and gossips (proto/tendermint/types/evidence.proto): each kind without the oneof around
// it, which is what `Bytes()` gives and what a header's evidence hash is over. Bounds: 10,000 validators, hashes of 256 bytes.

import { readBlockId, readCommit, readHeader, readTime, whole } from "../../../wasm-core/bindings/comet-decoding.ts";
import { writeBlockId, writeCommit, writeHeader, writeTime } from "../../../wasm-core/bindings/comet-encoding.ts";
import type { ProtoReader } from "../../../wasm-core/bindings/proto-reader.ts";
import { ProtoWriter } from "../../../wasm-core/bindings/proto-writer.ts";
import type {
  ConflictingBlock,
  DuplicateVoteEvidence,
  LightClientAttackEvidence,
  Misbehaviour,
  RankedValidator,
  Vote,
} from "./evidence.ts";

const validatorsMax = 10_000;
const hashBytesMax = 256;
/** Longest vote extension. CometBFT sets no bound; ours never carries one. */
const extensionBytesMax = 65_536;

/** `Evidence.Bytes()`. @throws {RangeError} when a number has more than 64 bits or a text no UTF-8. */
export function encodeEvidence(evidence: Misbehaviour): Uint8Array<ArrayBuffer> {
  const to = new ProtoWriter();
  if (evidence.kind === "duplicate_vote") {
    writeVote(to, 1, evidence.voteA);
    writeVote(to, 2, evidence.voteB);
    to.number(3, evidence.totalPower);
    to.number(4, evidence.validatorPower);
  } else {
    to.message(1, () => writeConflictingBlock(to, evidence.conflictingBlock));
    to.number(2, evidence.commonHeight);
    for (const validator of evidence.byzantineValidators) writeValidator(to, 3, validator);
    to.number(4, evidence.totalPower);
  }
  writeTime(to, 5, evidence.timestamp);
  return to.take();
}

/** The way back. @throws {RangeError} for bytes that CometBFT would not write. */
export function decodeDuplicateVoteEvidence(bytes: Uint8Array): DuplicateVoteEvidence {
  return whole(bytes, (from) => ({
    kind: "duplicate_vote",
    voteA: from.message(1, readVote),
    voteB: from.message(2, readVote),
    totalPower: from.signed(3),
    validatorPower: from.signed(4),
    timestamp: readTime(from, 5),
  }));
}

/** The way back. @throws {RangeError} for bytes that CometBFT would not write, or a set without a proposer. */
export function decodeLightClientAttackEvidence(bytes: Uint8Array): LightClientAttackEvidence {
  return whole(bytes, (from) => ({
    kind: "light_client_attack",
    conflictingBlock: from.message(1, readConflictingBlock),
    commonHeight: from.signed(2),
    byzantineValidators: from.messages(3, validatorsMax, readValidator),
    totalPower: from.signed(4),
    timestamp: readTime(from, 5),
  }));
}

function writeVote(to: ProtoWriter, field: number, vote: Vote): void {
  to.message(field, () => {
    to.number(1, vote.type);
    to.number(2, vote.height);
    to.number(3, vote.round);
    writeBlockId(to, 4, vote.blockId);
    writeTime(to, 5, vote.timestamp);
    to.bytes(6, vote.validatorAddress);
    to.number(7, vote.validatorIndex);
    to.bytes(8, vote.signature);
    to.bytes(9, vote.extension);
    to.bytes(10, vote.extensionSignature);
  });
}

function readVote(from: ProtoReader): Vote {
  const type = from.small(1, 2);
  if (type !== 1 && type !== 2) throw new RangeError(`a vote of type ${type} is none`);
  return {
    type,
    height: from.signed(2),
    round: from.signed(3),
    blockId: readBlockId(from, 4),
    timestamp: readTime(from, 5),
    validatorAddress: from.bytes(6, hashBytesMax),
    validatorIndex: from.small(7, 0x7fff_ffff),
    signature: from.bytes(8, hashBytesMax),
    extension: from.bytes(9, extensionBytesMax),
    extensionSignature: from.bytes(10, hashBytesMax),
  };
}

function writeConflictingBlock(to: ProtoWriter, { header, commit, validators, proposer }: ConflictingBlock): void {
  to.message(1, () => {
    writeHeader(to, header);
    writeCommit(to, 2, commit);
  });
  to.message(2, () => {
    for (const validator of validators) writeValidator(to, 1, validator);
    writeValidator(to, 2, proposer);
  });
}

function readConflictingBlock(from: ProtoReader): ConflictingBlock {
  const signed = from.message(1, (inner) => ({
    header: inner.message(1, readHeader),
    commit: inner.message(2, readCommit),
  }));
  const set = from.message(2, (inner) => ({
    validators: inner.messages(1, validatorsMax, readValidator),
    proposer: inner.message(2, readValidator),
  }));
  return { ...signed, ...set };
}

function writeValidator(
  to: ProtoWriter,
  field: number,
  { address, publicKey, power, priority }: RankedValidator,
): void {
  to.message(field, () => {
    to.bytes(1, address);
    to.message(2, () => to.element(1, publicKey));
    to.number(3, power);
    to.number(4, priority);
  });
}

/** Ed25519 keys only. */
function readValidator(from: ProtoReader): RankedValidator {
  const address = from.bytes(1, hashBytesMax);
  const publicKey = from.message(2, (key) => key.element(1, hashBytesMax));
  if (publicKey === null) throw new RangeError("a validator's key is of an unknown kind");
  return { address, publicKey, power: from.signed(3), priority: from.signed(4) };
}
