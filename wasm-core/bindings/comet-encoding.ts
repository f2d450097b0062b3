// Blocks and light blocks of CometBFT v0.38 as protobuf (proto/tendermint/types), from the fields that the rest of the house works with.

import type { BlockId, CommitFields, HeaderFields, Timestamp, ValidatorKey } from "./comet.ts";
import { ProtoWriter } from "./proto-writer.ts";

export interface Validator extends ValidatorKey {
  readonly address: Uint8Array;
}

export interface LightBlockFields {
  readonly header: HeaderFields;
  readonly commit: CommitFields;
  readonly validators: readonly Validator[];
}

/** A LightBlock; without the set's proposer, on whom nothing depends, unless one is given (CometBFT's own reader asks for one). @throws {RangeError} when a number has more than 64 bits or a text no UTF-8. */
export function encodeLightBlock({
  header,
  commit,
  validators,
  proposer,
}: LightBlockFields & { readonly proposer?: Validator }): Uint8Array<ArrayBuffer> {
  const to = new ProtoWriter();
  to.message(1, () => {
    writeHeader(to, header);
    writeCommit(to, 2, commit);
  });
  to.message(2, () => {
    writeValidators(to, validators);
    if (proposer !== undefined) writeValidator(to, 2, proposer);
  });
  return to.take();
}

/** A ValidatorSet without its proposer. @throws {RangeError} when a power has more than 64 bits. */
export function encodeValidatorSet(validators: readonly Validator[]): Uint8Array<ArrayBuffer> {
  const to = new ProtoWriter();
  writeValidators(to, validators);
  return to.take();
}

/** A Block without evidence. @throws {RangeError} when a number has more than 64 bits or a text no UTF-8. */
export function encodeBlock(
  header: HeaderFields,
  transactions: readonly Uint8Array[],
  lastCommit: CommitFields,
): Uint8Array<ArrayBuffer> {
  const to = new ProtoWriter();
  writeHeader(to, header);
  to.message(2, () => {
    for (const transaction of transactions) to.element(1, transaction);
  });
  to.message(3, () => {});
  writeCommit(to, 4, lastCommit);
  return to.take();
}

/** A Commit. @throws {RangeError} when a number has more than 64 bits. */
export function encodeCommit(commit: CommitFields): Uint8Array<ArrayBuffer> {
  return bare((to) => writeCommit(to, 1, commit));
}

/** A Header. @throws {RangeError} when a number has more than 64 bits or a text no UTF-8. */
export function encodeHeader(header: HeaderFields): Uint8Array<ArrayBuffer> {
  return bare((to) => writeHeader(to, header));
}

/** One message without the field and its length: a message of its own has neither. */
function bare(write: (to: ProtoWriter) => void): Uint8Array<ArrayBuffer> {
  const to = new ProtoWriter();
  write(to);
  const bytes = to.take();
  let start = 1;
  while (bytes[start++]! >= 0x80);
  return bytes.slice(start);
}

export function writeHeader(to: ProtoWriter, header: HeaderFields): void {
  to.message(1, () => {
    to.message(1, () => {
      to.number(1, header.versionBlock);
      to.number(2, header.versionApp);
    });
    to.text(2, header.chainId);
    to.number(3, header.height);
    writeTime(to, 4, header.time);
    writeBlockId(to, 5, header.lastBlockId);
    to.bytes(6, header.lastCommitHash);
    to.bytes(7, header.dataHash);
    to.bytes(8, header.validatorsHash);
    to.bytes(9, header.nextValidatorsHash);
    to.bytes(10, header.consensusHash);
    to.bytes(11, header.appHash);
    to.bytes(12, header.lastResultsHash);
    to.bytes(13, header.evidenceHash);
    to.bytes(14, header.proposerAddress);
  });
}

function writeValidators(to: ProtoWriter, validators: readonly Validator[]): void {
  for (const validator of validators) writeValidator(to, 1, validator);
}

function writeValidator(to: ProtoWriter, field: number, { address, publicKey, power }: Validator): void {
  to.message(field, () => {
    to.bytes(1, address);
    to.message(2, () => to.element(1, publicKey));
    to.number(3, power);
  });
}

export function writeCommit(to: ProtoWriter, field: number, commit: CommitFields): void {
  to.message(field, () => {
    to.number(1, commit.height);
    to.number(2, commit.round);
    writeBlockId(to, 3, commit.blockId);
    for (const { flag, validatorAddress, timestamp, signature } of commit.signatures)
      to.message(4, () => {
        to.number(1, flag);
        to.bytes(2, validatorAddress);
        writeTime(to, 3, timestamp);
        to.bytes(4, signature);
      });
  });
}

export function writeTime(to: ProtoWriter, field: number, { seconds, nanos }: Timestamp): void {
  to.message(field, () => {
    to.number(1, seconds);
    to.number(2, nanos);
  });
}

export function writeBlockId(to: ProtoWriter, field: number, { hash, partsTotal, partsHash }: BlockId): void {
  to.message(field, () => {
    to.bytes(1, hash);
    to.message(2, () => {
      to.number(1, partsTotal);
      to.bytes(2, partsHash);
    });
  });
}
