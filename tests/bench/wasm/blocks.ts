// Blocks of CometBFT as raw bytes: a commit of 100 validators up to its signatures, header hashes, a whole block, results.

import { sha256 } from "@noble/hashes/sha2.js";
import type { CommitFields, HeaderFields } from "../../../wasm-core/bindings/comet.ts";
import { encodeBlock, encodeLightBlock } from "../../../wasm-core/bindings/comet-encoding.ts";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import type { WasmBench } from "./wasm-bench.ts";

const chainId = "glasstown-bench";
const noble = "@noble/hashes 2";

export function blockLines(bench: WasmBench): void {
  commitCheck(bench);
  headerHash(bench);
  wholeBlock(bench);
  results(bench);
}

/** The same bytes in every run. */
function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => seed * 31 + i * 17 + (i >> 8));
}

function headerOf(core: Core, fields: Partial<HeaderFields>): HeaderFields {
  const empty = core.merkleRoot([]);
  return {
    versionBlock: 11n,
    versionApp: 1n,
    chainId,
    height: 1_234_567n,
    time: { seconds: 1_767_225_600n, nanos: 123_456_789 },
    lastBlockId: { hash: bytesOf(32, 1), partsTotal: 3, partsHash: bytesOf(32, 2) },
    lastCommitHash: bytesOf(32, 3),
    dataHash: empty,
    validatorsHash: empty,
    nextValidatorsHash: empty,
    consensusHash: bytesOf(32, 4),
    appHash: bytesOf(32, 5),
    lastResultsHash: empty,
    evidenceHash: empty,
    proposerAddress: bytesOf(20, 6),
    ...fields,
  };
}

/** From raw bytes to the list of keys, sign bytes and signatures. The keys and signatures are noise: they are not looked into. */
function commitCheck({ core, compareRates }: WasmBench): void {
  const validators = Array.from({ length: 100 }, (_, i) => {
    const publicKey = bytesOf(32, i);
    return { publicKey, address: core.sha256(publicKey).subarray(0, 20), power: BigInt(1000 - i) };
  });
  const validatorsHash = core.validatorsHash(validators);
  const header = headerOf(core, { validatorsHash, nextValidatorsHash: validatorsHash });
  const commit: CommitFields = {
    height: header.height,
    round: 0n,
    blockId: { hash: core.headerHash(header), partsTotal: 1, partsHash: bytesOf(32, 7) },
    signatures: validators.map(({ address }, i) => ({
      flag: 2,
      validatorAddress: address,
      timestamp: { seconds: header.time.seconds + 1n, nanos: i * 1_000_003 },
      signature: bytesOf(64, i),
    })),
  };
  const bytes = encodeLightBlock({ header, commit, validators });
  compareRates({
    bench: "wasm/commit-check-100",
    unit: "commits of 100 validators up to the signatures/s",
    units: 10,
    goal: 3,
    ours: () => {
      for (let i = 0; i < 10; i++)
        if (core.checkLightBlock(bytes, chainId).signatures.length !== 100) throw new Error("the commit was refused");
    },
    peer: {
      name: "the same core, a call a hash and a vote",
      work: () => {
        for (let i = 0; i < 10; i++) {
          core.headerHash(header);
          for (const { publicKey } of validators) core.sha256(publicKey);
          core.validatorsHash(validators);
          for (const { timestamp } of commit.signatures)
            core.voteSignBytes({
              chainId,
              height: commit.height,
              round: commit.round,
              blockId: commit.blockId,
              timestamp,
            });
        }
      },
    },
  });
}

/** The hash of a header; the peer hashes fourteen leaves of the same lengths into the same tree. */
function headerHash({ core, compareRates }: WasmBench): void {
  const header = headerOf(core, {});
  const leaves = [4, 17, 5, 12, 72, 34, 34, 34, 34, 34, 34, 34, 34, 22].map((length) => bytesOf(length + 1, length));
  const node = new Uint8Array(65).fill(1);
  const hashPair = (left: Uint8Array, right: Uint8Array): Uint8Array => {
    node.set(left, 1);
    node.set(right, 33);
    return sha256(node);
  };
  compareRates({
    bench: "wasm/header-hash",
    unit: "header hashes/s",
    units: 50,
    goal: 3,
    ours: () => {
      for (let i = 0; i < 50; i++) core.headerHash(header);
    },
    peer: {
      name: noble,
      work: () => {
        for (let i = 0; i < 50; i++) {
          let level: Uint8Array[] = leaves.map((leaf) => sha256(leaf));
          while (level.length > 1)
            level = level.flatMap((hash, at) =>
              at % 2 === 1 ? [] : at + 1 < level.length ? [hashPair(hash, level[at + 1]!)] : [hash],
            );
        }
      },
    },
  });
}

/** 1 MiB of 2,048 transactions: form, data hash, last commit, parts, header. The peer works out data hash and parts alone. */
function wholeBlock({ core, compareRates }: WasmBench): void {
  const transactions = Array.from({ length: 2048 }, (_, i) => bytesOf(500, i));
  const header = headerOf(core, {
    height: 1n,
    lastBlockId: { hash: new Uint8Array(), partsTotal: 0, partsHash: new Uint8Array() },
    lastCommitHash: core.merkleRoot([]),
    dataHash: core.dataHash(transactions),
  });
  const block = encodeBlock(header, transactions, {
    height: 0n,
    round: 0n,
    blockId: header.lastBlockId,
    signatures: [],
  });
  const leaf = (content: Uint8Array): Uint8Array => sha256(Uint8Array.of(0, ...content));
  compareRates({
    bench: "wasm/block-check-1mib",
    unit: "blocks of 1 MiB with 2,048 transactions/s",
    units: 1,
    goal: 3,
    ours: () => {
      if (core.checkBlock(block, chainId).verdict !== "sound") throw new Error("the block was refused");
    },
    peer: {
      name: noble,
      work: () => {
        for (const transaction of transactions) leaf(sha256(transaction));
        for (let i = 1; i < transactions.length; i++) sha256(bytes65);
        for (let at = 0; at < block.length; at += 65_536) sha256(block.subarray(at, at + 65_536));
      },
    },
  });
}

const bytes65 = bytesOf(65, 1);

function results({ core, compareRates }: WasmBench): void {
  const some = Array.from({ length: 1000 }, (_, i) => ({
    code: i % 7 === 0 ? 205 : 0,
    data: bytesOf(i % 40, i),
    gasWanted: 0n,
    gasUsed: BigInt(i * 1000),
  }));
  compareRates({
    bench: "wasm/results-hash-1000",
    unit: "results/s",
    units: some.length,
    goal: null,
    ours: () => core.resultsHash(some),
  });
}
