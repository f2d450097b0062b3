// How a block follows from the chain before it: every header field of CometBFT v0.38, for one validator.
// Solo production, restart and replay all go through here, so they cannot disagree.

import type {
  BlockId,
  CommitFields,
  CommitSignature,
  HeaderFields,
  Timestamp,
} from "../../wasm-core/bindings/comet.ts";
import { encodeBlock } from "../../wasm-core/bindings/comet-encoding.ts";
import type { Core } from "../../wasm-core/bindings/core.ts";
import { fromHex } from "../protocol/bytes.ts";
import { commitFromJson, headerFromJson, timestampOfMs } from "../protocol/comet.ts";
import { resultOfStored, type StoredBlock, type StoredResults } from "../storage/records.ts";
import { blockIdOf, resultsHash } from "./block-encoding.ts";
import { appVersion, blockBytesMax, type Genesis } from "./genesis.ts";

const blockProtocol = 11n;
const empty = new Uint8Array();
const noBlockId: BlockId = { hash: empty, partsTotal: 0, partsHash: empty };
const noCommit: CommitFields = { height: 0n, round: 0n, blockId: noBlockId, signatures: [] };

/** Room of a block that is not for transactions: header, commit of one validator, framing. */
const blockOverheadBytes = 2_048;
export const blockDataBytesMax = blockBytesMax - blockOverheadBytes;
/** Framing of one transaction inside the block: field tag and length. */
export const transactionFramingBytes = 5;

/** What the next block builds on. */
export interface ChainPosition {
  /** 0 before the first block. */
  readonly height: number;
  readonly blockId: BlockId;
  readonly commit: CommitFields;
  /** State root after the block. */
  readonly appHash: Uint8Array;
  readonly resultsHash: Uint8Array;
}

export interface BuiltBlock {
  readonly header: HeaderFields;
  readonly blockId: BlockId;
  readonly transactions: readonly Uint8Array[];
  readonly lastCommit: CommitFields;
  /** The protobuf bytes that its id binds. */
  readonly encoded: Uint8Array;
}

/** Builds blocks of one chain. */
export class BlockBuilder {
  readonly core: Core;
  readonly genesis: Genesis;
  readonly validatorsHash: Uint8Array;
  readonly #consensusHash: Uint8Array;
  readonly #emptyHash: Uint8Array;
  readonly #proposer: Uint8Array;

  constructor(core: Core, genesis: Genesis) {
    this.core = core;
    this.genesis = genesis;
    this.validatorsHash = core.validatorsHash(genesis.validators);
    this.#consensusHash = core.consensusHash({ blockMaxBytes: BigInt(blockBytesMax), blockMaxGas: -1n });
    this.#emptyHash = core.merkleRoot([]);
    this.#proposer = fromHex(genesis.validator.address);
  }

  /** The position before the first block. */
  start(appHash: Uint8Array): ChainPosition {
    return { height: 0, blockId: noBlockId, commit: noCommit, appHash, resultsHash: this.#emptyHash };
  }

  /** The position after a stored block. */
  positionAfter(stored: StoredBlock, results: StoredResults): ChainPosition {
    const commit = commitFromJson(stored.commit);
    return {
      height: Number(stored.block.header.height),
      blockId: commit.blockId,
      commit,
      appHash: fromHex(results.appHash),
      resultsHash: resultsHash(this.core, results.transactions.map(resultOfStored)),
    };
  }

  /** Genesis time at the first height, then the median of the last commit's times: with one validator, its vote's time. */
  timeAfter(position: ChainPosition): Timestamp {
    return position.commit.signatures[0]?.timestamp ?? timestampOfMs(this.genesis.timeMs);
  }

  /** The block with these transactions that follows. */
  build(position: ChainPosition, transactions: readonly Uint8Array[]): BuiltBlock {
    const lastCommit = position.commit;
    const header: HeaderFields = {
      versionBlock: blockProtocol,
      versionApp: BigInt(appVersion),
      chainId: this.genesis.chain,
      height: BigInt(position.height + 1),
      time: this.timeAfter(position),
      lastBlockId: position.blockId,
      lastCommitHash: this.core.commitHash(lastCommit.signatures),
      dataHash: this.core.dataHash(transactions),
      validatorsHash: this.validatorsHash,
      nextValidatorsHash: this.validatorsHash,
      consensusHash: this.#consensusHash,
      appHash: position.appHash,
      lastResultsHash: position.resultsHash,
      evidenceHash: this.#emptyHash,
      proposerAddress: this.#proposer,
    };
    const encoded = encodeBlock(header, transactions, lastCommit);
    const blockId = blockIdOf(this.core, header, encoded);
    return { header, blockId, transactions, lastCommit, encoded };
  }

  /** What the validator signs for a block. */
  voteSignBytes(block: BuiltBlock, timestamp: Timestamp): Uint8Array {
    return this.core.voteSignBytes({
      chainId: this.genesis.chain,
      height: block.header.height,
      round: 0n,
      blockId: block.blockId,
      timestamp,
    });
  }

  /** The commit of a block from the one validator's signature. */
  commitOf(block: BuiltBlock, timestamp: Timestamp, signature: Uint8Array): CommitFields {
    const vote: CommitSignature = { flag: 2, validatorAddress: this.#proposer, timestamp, signature };
    return { height: block.header.height, round: 0n, blockId: block.blockId, signatures: [vote] };
  }

  /** Whether a stored block is what `build` makes of its transactions at this position. */
  follows(position: ChainPosition, stored: StoredBlock, transactions: readonly Uint8Array[]): boolean {
    const built = this.build(position, transactions);
    const commit = commitFromJson(stored.commit);
    const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
    return (
      same(built.blockId.hash, this.core.headerHash(headerFromJson(stored.block.header))) &&
      same(built.blockId.hash, commit.blockId.hash) &&
      same(built.blockId.partsHash, commit.blockId.partsHash) &&
      built.blockId.partsTotal === commit.blockId.partsTotal
    );
  }
}
