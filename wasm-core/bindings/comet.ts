// CometBFT v0.38 hashes and sign bytes: what is handed in, and what the core makes of it. Proto definitions: proto/tendermint/types.

import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";
import { RecordWriter } from "./record-writer.ts";

/** Fourteen header fields (CometBFT v0.38, proto types.Header). Hashes are raw bytes, empty where the field is empty. */
export interface HeaderFields {
  readonly versionBlock: bigint;
  readonly versionApp: bigint;
  readonly chainId: string;
  readonly height: bigint;
  readonly time: Timestamp;
  readonly lastBlockId: BlockId;
  readonly lastCommitHash: Uint8Array;
  readonly dataHash: Uint8Array;
  readonly validatorsHash: Uint8Array;
  readonly nextValidatorsHash: Uint8Array;
  readonly consensusHash: Uint8Array;
  readonly appHash: Uint8Array;
  readonly lastResultsHash: Uint8Array;
  readonly evidenceHash: Uint8Array;
  readonly proposerAddress: Uint8Array;
}

/** protobuf Timestamp: seconds since the UNIX epoch and nanoseconds 0 to 999,999,999. */
export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

export interface BlockId {
  readonly hash: Uint8Array;
  readonly partsTotal: number;
  readonly partsHash: Uint8Array;
}

/** A precommit's signed content. `blockId` null, or with nothing set, for a nil vote. */
export interface VoteFields {
  readonly chainId: string;
  readonly height: bigint;
  readonly round: bigint;
  readonly blockId: BlockId | null;
  readonly timestamp: Timestamp;
}

/** One signature slot of a commit: flag 1 absent, 2 commit, 3 nil. */
export interface CommitSignature {
  readonly flag: 1 | 2 | 3;
  readonly validatorAddress: Uint8Array;
  readonly timestamp: Timestamp;
  readonly signature: Uint8Array;
}

/** A commit: who signed a block, a slot for every validator. */
export interface CommitFields {
  readonly height: bigint;
  readonly round: bigint;
  readonly blockId: BlockId;
  readonly signatures: readonly CommitSignature[];
}

/** `HashedParams` of the consensus parameters. */
export interface HashedParams {
  readonly blockMaxBytes: bigint;
  readonly blockMaxGas: bigint;
}

export interface ValidatorKey {
  readonly publicKey: Uint8Array;
  readonly power: bigint;
}

/** What of a transaction's result every node must agree on. */
export interface DeterministicResult {
  /** uint32; 0 for success. */
  readonly code: number;
  /** At most 60,000 bytes. */
  readonly data: Uint8Array;
  readonly gasWanted: bigint;
  readonly gasUsed: bigint;
}

/** Hashes and sign bytes of CometBFT. @throws {RangeError} when a field is longer than 256 bytes, a number wider than its field, or a text no UTF-8. */
export interface Comet {
  headerHash(header: HeaderFields): Uint8Array<ArrayBuffer>;
  /** Canonical, length-delimited sign bytes of a precommit. */
  voteSignBytes(vote: VoteFields): Uint8Array<ArrayBuffer>;
  /** Merkle root of SimpleValidator encodings, in the order given. */
  validatorsHash(validators: readonly ValidatorKey[]): Uint8Array<ArrayBuffer>;
  /** Merkle root of CommitSig protos. */
  commitHash(signatures: readonly CommitSignature[]): Uint8Array<ArrayBuffer>;
  /** sha256 of the HashedParams proto. */
  consensusHash(params: HashedParams): Uint8Array<ArrayBuffer>;
  /** Merkle root of the results: LastResultsHash of the block that follows. @throws {RangeError} when data is longer than 60,000 bytes. */
  resultsHash(results: readonly DeterministicResult[]): Uint8Array<ArrayBuffer>;
}

const resultBytesMax = 60_000;

export interface CometExports {
  readonly treeBegin: () => void;
  readonly treeFinish: () => void;
  readonly treeCommitSignatures: (from: number, length: number, count: number) => number;
  readonly treeValidators: (from: number, length: number, count: number) => number;
  readonly treeResults: (from: number, length: number, count: number) => number;
  readonly headerHash: (from: number, length: number) => number;
  readonly consensusHash: (from: number, length: number) => number;
  readonly voteSignBytes: (from: number, length: number) => number;
}

export const cometExportNames = [
  "treeBegin",
  "treeFinish",
  "treeCommitSignatures",
  "treeValidators",
  "treeResults",
  "headerHash",
  "consensusHash",
  "voteSignBytes",
] as const satisfies readonly (keyof CometExports)[];

export function bindComet(exports: CometExports, region: InputRegion): Comet {
  const requireSound = (sound: number): void => {
    if (!sound) throw new RangeError("a field is longer than 256 bytes");
  };

  /** Streams records into the tree, as many at once as fit into a piece. */
  const rootOfRecords = <T>(
    items: readonly T[],
    write: (record: RecordWriter, item: T) => void,
    feed: (from: number, length: number, count: number) => number,
  ): Uint8Array<ArrayBuffer> => {
    exports.treeBegin();
    const record = new RecordWriter();
    let count = 0;
    const flush = (): void => {
      const bytes = record.take();
      requireSound(feed(region.place(bytes), bytes.length, count));
      count = 0;
    };
    for (const item of items) {
      write(record, item);
      count++;
      if (record.length > pieceBytes) flush();
    }
    flush();
    exports.treeFinish();
    return region.output(32);
  };

  const ofRecord = (write: (record: RecordWriter) => void, call: (from: number, length: number) => number): number => {
    const record = new RecordWriter();
    write(record);
    const bytes = record.take();
    const answer = call(region.place(bytes), bytes.length);
    requireSound(answer);
    return answer;
  };

  return {
    headerHash(header) {
      ofRecord((record) => writeHeader(record, header), exports.headerHash);
      return region.output(32);
    },
    voteSignBytes: (vote) => region.output(ofRecord((record) => writeVote(record, vote), exports.voteSignBytes)),
    validatorsHash: (validators) => rootOfRecords(validators, writeValidator, exports.treeValidators),
    commitHash: (signatures) => rootOfRecords(signatures, writeSignature, exports.treeCommitSignatures),
    resultsHash: (results) => rootOfRecords(results, writeResult, exports.treeResults),
    consensusHash(params) {
      ofRecord((record) => writeParams(record, params), exports.consensusHash);
      return region.output(32);
    },
  };
}

function writeBlockId(record: RecordWriter, id: BlockId): void {
  record.bytes(id.hash);
  record.uint32(id.partsTotal);
  record.bytes(id.partsHash);
}

function writeHeader(record: RecordWriter, header: HeaderFields): void {
  record.int64(header.versionBlock);
  record.int64(header.versionApp);
  record.text(header.chainId);
  record.int64(header.height);
  record.int64(header.time.seconds);
  record.uint32(header.time.nanos);
  writeBlockId(record, header.lastBlockId);
  record.bytes(header.lastCommitHash);
  record.bytes(header.dataHash);
  record.bytes(header.validatorsHash);
  record.bytes(header.nextValidatorsHash);
  record.bytes(header.consensusHash);
  record.bytes(header.appHash);
  record.bytes(header.lastResultsHash);
  record.bytes(header.evidenceHash);
  record.bytes(header.proposerAddress);
}

const noBlock: BlockId = { hash: new Uint8Array(), partsTotal: 0, partsHash: new Uint8Array() };

function writeVote(record: RecordWriter, vote: VoteFields): void {
  record.text(vote.chainId);
  record.int64(vote.height);
  record.int64(vote.round);
  record.int64(vote.timestamp.seconds);
  record.uint32(vote.timestamp.nanos);
  record.uint32(vote.blockId === null ? 0 : 1);
  writeBlockId(record, vote.blockId ?? noBlock);
}

function writeSignature(record: RecordWriter, signature: CommitSignature): void {
  record.uint32(signature.flag);
  record.bytes(signature.validatorAddress);
  record.int64(signature.timestamp.seconds);
  record.uint32(signature.timestamp.nanos);
  record.bytes(signature.signature);
}

function writeValidator(record: RecordWriter, validator: ValidatorKey): void {
  record.int64(validator.power);
  record.bytes(validator.publicKey);
}

function writeResult(record: RecordWriter, result: DeterministicResult): void {
  record.uint32(result.code);
  record.int64(result.gasWanted);
  record.int64(result.gasUsed);
  record.bytes(result.data, resultBytesMax);
}

function writeParams(record: RecordWriter, params: HashedParams): void {
  record.int64(params.blockMaxBytes);
  record.int64(params.blockMaxGas);
}
