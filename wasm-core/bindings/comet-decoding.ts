// Light blocks of CometBFT v0.38 from their protobuf bytes (proto/tendermint/types): the way back from comet-encoding.ts. Only the form
// in which CometBFT writes is read, so what is read encodes to the same bytes again. Bounds: 10,000 validators, hashes of 256 bytes.

import type { BlockId, CommitFields, CommitSignature, HeaderFields, Timestamp } from "./comet.ts";
import type { LightBlockFields, Validator } from "./comet-encoding.ts";
import { ProtoReader } from "./proto-reader.ts";

const hashBytesMax = 256;
const chainBytesMax = 50;
const validatorsMax = 10_000;

/**
 * LightBlock {signed_header 1 {header 1, commit 2}, validator_set 2}. The set's proposer and total power are read and left out, for
 * nothing depends on them. Byte fields are views of the input. @throws {RangeError} for other bytes.
 */
export function decodeLightBlock(bytes: Uint8Array): LightBlockFields {
  return whole(bytes, (from) => {
    const signed = from.message(1, (inner) => ({
      header: inner.message(1, readHeader),
      commit: inner.message(2, readCommit),
    }));
    return { ...signed, validators: from.message(2, readValidatorSet) };
  });
}

/** A Header. @throws {RangeError} for other bytes. */
export function decodeHeader(bytes: Uint8Array): HeaderFields {
  return whole(bytes, readHeader);
}

/** The validators of a ValidatorSet. @throws {RangeError} for other bytes. */
export function decodeValidatorSet(bytes: Uint8Array): readonly Validator[] {
  return whole(bytes, readValidatorSet);
}

export function whole<T>(bytes: Uint8Array, read: (from: ProtoReader) => T): T {
  const from = new ProtoReader(bytes);
  const value = read(from);
  from.end();
  return value;
}

export function readHeader(from: ProtoReader): HeaderFields {
  const hash = (field: number): Uint8Array => from.bytes(field, hashBytesMax);
  // Members are read in the order in which they are written here.
  return {
    ...from.message(1, (version) => ({ versionBlock: version.unsigned(1), versionApp: version.unsigned(2) })),
    chainId: from.text(2, chainBytesMax),
    height: from.signed(3),
    time: readTime(from, 4),
    lastBlockId: readBlockId(from, 5),
    lastCommitHash: hash(6),
    dataHash: hash(7),
    validatorsHash: hash(8),
    nextValidatorsHash: hash(9),
    consensusHash: hash(10),
    appHash: hash(11),
    lastResultsHash: hash(12),
    evidenceHash: hash(13),
    proposerAddress: hash(14),
  };
}

export function readCommit(from: ProtoReader): CommitFields {
  return {
    height: from.signed(1),
    round: from.signed(2),
    blockId: readBlockId(from, 3),
    signatures: from.messages(4, validatorsMax, readSignature),
  };
}

function readSignature(from: ProtoReader): CommitSignature {
  const flag = from.small(1, 3);
  if (flag !== 1 && flag !== 2 && flag !== 3) throw new RangeError("a signature's flag is unknown");
  return {
    flag,
    validatorAddress: from.bytes(2, hashBytesMax),
    timestamp: readTime(from, 3),
    signature: from.bytes(4, hashBytesMax),
  };
}

function readValidatorSet(from: ProtoReader): readonly Validator[] {
  const validators = from.messages(1, validatorsMax, readValidator);
  from.optional(2, readValidator);
  from.signed(3);
  return validators;
}

/** Ed25519 keys only. The proposer's priority is left out. */
function readValidator(from: ProtoReader): Validator {
  const address = from.bytes(1, hashBytesMax);
  const publicKey = from.message(2, (key) => key.element(1, hashBytesMax));
  if (publicKey === null) throw new RangeError("a validator's key is of an unknown kind");
  const power = from.signed(3);
  from.signed(4);
  return { address, publicKey, power };
}

export function readTime(outer: ProtoReader, field: number): Timestamp {
  return outer.message(field, (from) => ({ seconds: from.signed(1), nanos: from.small(2, 999_999_999) }));
}

export function readBlockId(outer: ProtoReader, field: number): BlockId {
  return outer.message(field, (from) => ({
    hash: from.bytes(1, hashBytesMax),
    ...from.message(2, (parts) => ({
      partsTotal: parts.small(1, 0xffff_ffff),
      partsHash: parts.bytes(2, hashBytesMax),
    })),
  }));
}
