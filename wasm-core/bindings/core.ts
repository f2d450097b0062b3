// The typed way into the WASM core: same module in Node, browser main thread and workers.
// Hashes and proofs of CometBFT v0.38 (RFC 6962 Merkle) and ICS-23. All inputs are hostile: a verdict is returned, never a trap.

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

/** A precommit's signed content. `blockId` null for a nil vote. */
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

/** `HashedParams` of the consensus parameters. */
export interface HashedParams {
  readonly blockMaxBytes: bigint;
  readonly blockMaxGas: bigint;
}

export interface ValidatorKey {
  readonly publicKey: Uint8Array;
  readonly power: bigint;
}

/** What the core offers. Every function is synchronous; inputs are copied once into linear memory. */
export interface Core {
  sha256(data: Uint8Array): Uint8Array<ArrayBuffer>;
  /** sha256(00 | leaf) */
  leafHash(leaf: Uint8Array): Uint8Array<ArrayBuffer>;
  /** sha256(01 | left | right) */
  innerHash(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer>;
  /** RFC 6962 root over leaves of any length; sha256("") when there are none. */
  merkleRoot(leaves: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** RFC 6962 root over leaf hashes of 32 bytes each. */
  merkleRootOfHashes(hashes: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** RFC 6962 §2.1.1 audit path of leaf `index` among `leafHashes`. */
  inclusionPath(leafHashes: readonly Uint8Array[], index: number): Uint8Array<ArrayBuffer>[];
  /** RFC 9162 §2.1.3.2. False for anything that does not verify, size 0 included. */
  verifyInclusion(
    root: Uint8Array,
    leafHash: Uint8Array,
    index: number,
    size: number,
    path: readonly Uint8Array[],
  ): boolean;
  /** RFC 9162 §2.1.4.2. */
  verifyConsistency(
    size1: number,
    size2: number,
    root1: Uint8Array,
    root2: Uint8Array,
    path: readonly Uint8Array[],
  ): boolean;
  headerHash(header: HeaderFields): Uint8Array<ArrayBuffer>;
  /** Canonical, length-delimited sign bytes of a precommit. */
  voteSignBytes(vote: VoteFields): Uint8Array<ArrayBuffer>;
  /** Merkle root of SimpleValidator encodings, in the order given. */
  validatorsHash(validators: readonly ValidatorKey[]): Uint8Array<ArrayBuffer>;
  /** Merkle root of CommitSig protos. */
  commitHash(signatures: readonly CommitSignature[]): Uint8Array<ArrayBuffer>;
  /** sha256 of the HashedParams proto. */
  consensusHash(params: HashedParams): Uint8Array<ArrayBuffer>;
  /** Merkle root over sha256(tx). */
  dataHash(transactions: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** ICS-23 existence proof (encoded CommitmentProof, tendermint spec) of key → value under root. */
  verifyMembership(root: Uint8Array, key: Uint8Array, value: Uint8Array, proof: Uint8Array): boolean;
  /** ICS-23 non-existence proof (encoded CommitmentProof, tendermint spec) of key under root. */
  verifyNonMembership(root: Uint8Array, key: Uint8Array, proof: Uint8Array): boolean;
}
