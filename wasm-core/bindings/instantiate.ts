// Turns the compiled core (build/wasm/core.wasm) into the typed `Core`. Imports nothing, so it runs wherever WebAssembly does.
// Bounds: a proof 1 MiB, a key 64 KiB, a value 1 MiB (longer ones do not verify); strings in headers and votes 256 bytes (RangeError).

import type { BlockId, CommitSignature, Core, HashedParams, HeaderFields, ValidatorKey, VoteFields } from "./core.ts";
import { coreExports } from "./exports.ts";
import { InputRegion } from "./input-region.ts";
import { RecordWriter } from "./record-writer.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes handed over at once. Longer inputs are streamed in pieces of this size. */
const pieceBytes = 65_536;
const proofBytesMax = 1 << 20;
const valueBytesMax = 1 << 20;
const keyBytesMax = 65_536;
/** Hashes in an audit path or a consistency proof; the core refuses longer ones. */
const pathLengthMax = 64;

/** Compiles and instantiates without blocking. @throws {WebAssembly.CompileError} when the bytes are not the core. */
export async function instantiateCore(source: BufferSource | WebAssembly.Module): Promise<Core> {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  return bindCore(await WebAssembly.instantiate(module, {}));
}

/** As `instantiateCore`, at once. Browsers allow this in workers only. */
export function instantiateCoreSync(source: BufferSource | WebAssembly.Module): Core {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  return bindCore(new WebAssembly.Instance(module, {}));
}

function bindCore(instance: WebAssembly.Instance): Core {
  const exports = coreExports(instance);
  const input = new InputRegion(exports);
  const output = exports.outputStart();

  const take = (length: number): Bytes => input.bytes().slice(output, output + length);
  const requireSound = (sound: number | boolean): void => {
    if (!sound) throw new RangeError("a field is longer than 256 bytes");
  };

  const digest = (data: Uint8Array, leaf: boolean): void => {
    exports.digestBegin(leaf ? 1 : 0);
    for (let from = 0; from < data.length; from += pieceBytes) {
      const piece = data.subarray(from, from + pieceBytes);
      exports.digestUpdate(input.place(piece), piece.length);
    }
  };
  const hash = (data: Uint8Array, leaf: boolean): Bytes => {
    digest(data, leaf);
    exports.digestFinish();
    return take(32);
  };

  const rootOfRange = (hashes: readonly Uint8Array[], from: number, to: number): Bytes => {
    exports.treeBegin();
    const perPiece = pieceBytes / 32;
    for (let first = from; first < to; first += perPiece) {
      const last = Math.min(first + perPiece, to);
      exports.treeHashes(input.placeHashes(hashes, first, last), last - first);
    }
    exports.treeFinish();
    return take(32);
  };

  /** Streams records into the tree, as many at once as fit into a piece. */
  const rootOfRecords = <T>(
    items: readonly T[],
    write: (record: RecordWriter, item: T) => void,
    feed: (from: number, length: number, count: number) => number,
  ): Bytes => {
    exports.treeBegin();
    const record = new RecordWriter();
    let count = 0;
    const flush = (): void => {
      const bytes = record.take();
      requireSound(feed(input.place(bytes), bytes.length, count));
      count = 0;
    };
    for (const item of items) {
      write(record, item);
      count++;
      if (record.length > pieceBytes) flush();
    }
    flush();
    exports.treeFinish();
    return take(32);
  };

  const ofRecord = (write: (record: RecordWriter) => void, call: (from: number, length: number) => number): number => {
    const record = new RecordWriter();
    write(record);
    const bytes = record.take();
    const answer = call(input.place(bytes), bytes.length);
    requireSound(answer);
    return answer;
  };

  const isHash = (bytes: Uint8Array): boolean => bytes.length === 32;
  const isPath = (path: readonly Uint8Array[]): boolean => path.length <= pathLengthMax && path.every(isHash);
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

  const core: Core = {
    sha256: (data) => hash(data, false),
    leafHash: (leaf) => hash(leaf, true),
    innerHash(left, right) {
      requireHashes([left, right]);
      exports.innerHash(input.placeAll([left, right]));
      return take(32);
    },
    merkleRoot(leaves) {
      exports.treeBegin();
      let pieceStart = 0;
      let packed = 0;
      const flush = (end: number): void => {
        if (end > pieceStart) exports.treeLeaves(input.placePacked(leaves, pieceStart, end, packed), packed);
        pieceStart = end;
        packed = 0;
      };
      for (const [index, leaf] of leaves.entries()) {
        if (packed + leaf.length + 4 > pieceBytes) flush(index);
        if (leaf.length + 4 > pieceBytes) {
          digest(leaf, true);
          exports.treeDigest();
          pieceStart = index + 1;
        } else {
          packed += leaf.length + 4;
        }
      }
      flush(leaves.length);
      exports.treeFinish();
      return take(32);
    },
    merkleRootOfHashes(hashes) {
      requireHashes(hashes);
      return rootOfRange(hashes, 0, hashes.length);
    },
    inclusionPath(leafHashes, index) {
      requireHashes(leafHashes);
      if (!isCount(index) || index >= leafHashes.length) {
        throw new RangeError(`index ${index} is not in a tree of ${leafHashes.length}`);
      }
      const path: Bytes[] = [];
      let from = 0;
      let to = leafHashes.length;
      // From the root down: the sibling is the half that the leaf is not in.
      while (to - from > 1) {
        const middle = from + largestPowerOfTwoBelow(to - from);
        if (index < middle) {
          path.push(rootOfRange(leafHashes, middle, to));
          to = middle;
        } else {
          path.push(rootOfRange(leafHashes, from, middle));
          from = middle;
        }
      }
      return path.reverse();
    },
    verifyInclusion(root, leafHash, index, size, path) {
      if (!isHash(root) || !isHash(leafHash) || !isPath(path) || !isCount(index) || !isCount(size)) return false;
      return exports.verifyInclusion(input.placeAll([root, leafHash, ...path]), index, size, path.length) !== 0;
    },
    verifyConsistency(size1, size2, root1, root2, path) {
      if (!isHash(root1) || !isHash(root2) || !isPath(path) || !isCount(size1) || !isCount(size2)) return false;
      return exports.verifyConsistency(input.placeAll([root1, root2, ...path]), size1, size2, path.length) !== 0;
    },
    headerHash(header) {
      ofRecord((record) => writeHeader(record, header), exports.headerHash);
      return take(32);
    },
    voteSignBytes: (vote) => take(ofRecord((record) => writeVote(record, vote), exports.voteSignBytes)),
    validatorsHash: (validators) => rootOfRecords(validators, writeValidator, exports.treeValidators),
    commitHash: (signatures) => rootOfRecords(signatures, writeSignature, exports.treeCommitSignatures),
    consensusHash(params) {
      ofRecord((record) => writeParams(record, params), exports.consensusHash);
      return take(32);
    },
    dataHash: (transactions) => core.merkleRoot(transactions.map((transaction) => hash(transaction, false))),
    verifyMembership(root, key, value, proof) {
      if (!isHash(root) || key.length > keyBytesMax || value.length > valueBytesMax || proof.length > proofBytesMax) {
        return false;
      }
      const from = input.placeAll([root, key, value, proof]);
      return exports.verifyMembership(from, key.length, value.length, proof.length) !== 0;
    },
    verifyNonMembership(root, key, proof) {
      if (!isHash(root) || key.length > keyBytesMax || proof.length > proofBytesMax) return false;
      return exports.verifyNonMembership(input.placeAll([root, key, proof]), key.length, proof.length) !== 0;
    },
  };
  return core;
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  for (const hash of hashes) if (hash.length !== 32) throw new RangeError(`a hash has 32 bytes, not ${hash.length}`);
}

function largestPowerOfTwoBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
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

function writeParams(record: RecordWriter, params: HashedParams): void {
  record.int64(params.blockMaxBytes);
  record.int64(params.blockMaxGas);
}
