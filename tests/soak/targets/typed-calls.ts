// Random calls through the typed bindings: both variants give the same values and throw the same errors, whatever they are asked.

import type { BlockId, CommitSignature, DeterministicResult, Timestamp } from "../../../wasm-core/bindings/comet.ts";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import { CoreTrapped } from "../../../wasm-core/bindings/exports.ts";
import type { MembershipClaim } from "../../../wasm-core/bindings/ics23.ts";
import type { RootedInclusionProof } from "../../../wasm-core/bindings/merkle-proofs.ts";
import { Entropy } from "../entropy.ts";
import type { SoakInput } from "../soak-input.ts";
import { Answer, type Target } from "../target.ts";

/** Bytes in a call's description at most; longer arguments end in zeros. */
const bytesMax = 6_000;
/** One in so many calls is made by a fresh instance as well. */
const freshEvery = 128;

const text = (e: Entropy): string => "x".repeat(e.oneIn(20) ? e.below(300) : e.below(50));
const hash = (e: Entropy): Uint8Array => e.bytes(e.oneIn(30) ? e.below(300) : 32);
const time = (e: Entropy): Timestamp => ({ seconds: e.int64(), nanos: e.below(65_536) * 15_000 });
const data = (e: Entropy): Uint8Array => e.bytes(e.oneIn(200) ? 60_000 + e.below(9_000) : e.below(300));
const hashes = (e: Entropy): Uint8Array[] => e.list(e.oneIn(9) ? 300 : 20, () => e.bytes(32));
const count = (e: Entropy): number => e.pick([e.below(300), e.below(9), 2 ** 53 - 1, 2 ** 53, -1, 0.5, Number.NaN]);
const path = (e: Entropy): Uint8Array[] => e.list(e.oneIn(9) ? 70 : 9, () => hash(e));

function blockId(e: Entropy): BlockId {
  return { hash: hash(e), partsTotal: e.below(5), partsHash: hash(e) };
}

function commitSignature(e: Entropy): CommitSignature {
  return {
    flag: e.pick([1, 2, 3]),
    validatorAddress: hash(e),
    timestamp: time(e),
    signature: e.bytes(e.pick([0, 64])),
  };
}

function rootedProof(e: Entropy): RootedInclusionProof {
  return { root: hash(e), leafHash: hash(e), index: count(e), size: count(e), path: path(e) };
}

function claim(e: Entropy): MembershipClaim {
  return { key: e.bytes(e.below(40)), value: e.oneIn(3) ? null : e.bytes(e.below(40)), proof: e.bytes(e.below(200)) };
}

function transactionResult(e: Entropy): DeterministicResult {
  return { code: e.below(9), data: data(e), gasWanted: e.int64(), gasUsed: e.int64() };
}

function level(e: Entropy): { numerator: number; denominator: number } {
  return { numerator: e.below(4), denominator: e.below(4) };
}

const calls: readonly ((core: Core, e: Entropy) => unknown)[] = [
  (core, e) => core.sha256(data(e)),
  (core, e) => core.sha256All(e.list(20, () => data(e))),
  (core, e) => core.sha256Many(e.bytes(e.below(900)), e.pick([1, 32, 33, 64, e.below(70)])),
  (core, e) => core.leafHash(data(e)),
  (core, e) => core.leafHashesOfPacked(e.bytes(e.below(900)), e.pick([1, 32, 33, 64, e.below(70)])),
  (core, e) => core.merkleRootOfPacked(e.bytes(e.below(4_000)), e.pick([1, 32, 33, 64, e.below(70)])),
  (core, e) => core.innerHash(hash(e), hash(e)),
  (core, e) => core.merkleRoot(e.list(40, () => data(e))),
  (core, e) => core.merkleRootOfHashes(hashes(e)),
  (core, e) => core.dataHash(e.list(40, () => data(e))),
  (core, e) => core.inclusionPath(hashes(e), e.below(20)),
  (core, e) => core.verifyInclusion(hash(e), hash(e), count(e), count(e), path(e)),
  (core, e) => core.verifyConsistency(count(e), count(e), hash(e), hash(e), path(e)),
  (core, e) => {
    const leaves = hashes(e);
    if (leaves.length === 0) return 0;
    const index = e.below(leaves.length);
    const proof = core.inclusionPath(leaves, index);
    return core.verifyInclusion(core.merkleRootOfHashes(leaves), leaves[index]!, index, leaves.length, proof) || proof;
  },
  (core, e) =>
    core.headerHash({
      versionBlock: e.int64(),
      versionApp: e.int64(),
      chainId: text(e),
      height: e.int64(),
      time: time(e),
      lastBlockId: blockId(e),
      lastCommitHash: hash(e),
      dataHash: hash(e),
      validatorsHash: hash(e),
      nextValidatorsHash: hash(e),
      consensusHash: hash(e),
      appHash: hash(e),
      lastResultsHash: hash(e),
      evidenceHash: hash(e),
      proposerAddress: e.bytes(20),
    }),
  (core, e) =>
    core.voteSignBytes({
      chainId: text(e),
      height: e.int64(),
      round: e.int64(),
      blockId: e.oneIn(4) ? null : blockId(e),
      timestamp: time(e),
    }),
  (core, e) => core.validatorsHash(e.list(30, () => ({ publicKey: hash(e), power: e.int64() }))),
  (core, e) => core.commitHash(e.list(30, () => commitSignature(e))),
  (core, e) => core.consensusHash({ blockMaxBytes: e.int64(), blockMaxGas: e.int64() }),
  (core, e) => core.resultsHash(e.list(30, () => transactionResult(e))),
  (core, e) => core.checkLightBlock(e.bytes(e.below(400)), text(e)),
  (core, e) => core.checkBlock(e.bytes(e.below(400)), text(e)),
  (core, e) => core.checkTrusting(e.bytes(e.below(200)), e.bytes(e.below(200)), text(e), level(e)),
  (core, e) => core.partSetHeader(e.bytes(e.oneIn(9) ? e.below(65_536) + e.below(65_536) : e.below(300))),
  (core, e) => core.verifyInclusions(e.list(9, () => rootedProof(e))),
  (core, e) =>
    core.verifyInclusionsIn(
      { root: hash(e), size: count(e) },
      e.list(9, () => rootedProof(e)),
    ),
  (core, e) => core.verifyPackedInclusions(e.bytes(e.below(900))),
  (core, e) => core.verifyPackedInclusions(e.bytes(e.below(900)), { root: hash(e), size: count(e) }),
  (core, e) =>
    core.verifyMultiProof(
      { root: hash(e), size: count(e) },
      e.list(9, () => count(e)),
      path(e),
      e.oneIn(2) ? path(e) : e.bytes(e.below(300)),
    ),
  (core, e) => core.incrementalTree(e.bytes(e.below(300))),
  (core, e) =>
    core.verifyMemberships(
      hash(e),
      e.list(5, () => claim(e)),
    ),
  (core, e) => core.verifyMembership(hash(e), e.bytes(e.below(40)), e.bytes(e.below(40)), e.bytes(e.below(300))),
  (core, e) => core.verifyNonMembership(hash(e), e.bytes(e.below(40)), e.bytes(e.below(300))),
];

const textEncoder = new TextEncoder();

/** Writes a value so that different ones never look alike. */
function write(answer: Answer, value: unknown): void {
  if (value instanceof Uint8Array) {
    answer.add(textEncoder.encode(`bytes ${value.length} `));
    answer.add(value);
  } else if (Array.isArray(value)) {
    answer.add(textEncoder.encode(`list ${value.length} `));
    for (const item of value) write(answer, item);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      answer.add(textEncoder.encode(`${name} `));
      write(answer, item);
    }
  } else {
    answer.add(textEncoder.encode(`${typeof value} ${value} `));
  }
}

/** Makes the call that the input describes. */
function make(core: Core, input: SoakInput, answer: Answer): number {
  const entropy = new Entropy(input.bytes());
  const call = calls[entropy.byte() % calls.length]!;
  try {
    write(answer, call(core, entropy));
    return 1;
  } catch (error) {
    if (error instanceof CoreTrapped || !(error instanceof RangeError)) throw error;
    write(answer, error.message);
    return 0;
  }
}

export const typedCallTarget: Target = {
  name: "bindings/calls",
  cases: 1_000_000,
  casesQuick: 3_000,
  shrinks: true,

  generate(random, input) {
    input.appendByte(random.below(calls.length));
    input.appendNoise(random, random.oneIn(4) ? random.below(bytesMax) : random.below(800));
  },

  run(subject, input, answer) {
    const verdict = make(subject.core, input, answer);
    if (input.index % freshEvery !== 0) return verdict;
    // What was called before must leave no trace in the answer.
    const fresh = new Answer();
    make(subject.freshCore(), input, fresh);
    if (Buffer.compare(fresh.view(), answer.view()) !== 0) throw new Error("a fresh instance answers otherwise");
    return verdict;
  },

  label: (_, verdict) => (verdict === 1 ? "answered" : "refused by RangeError"),
};
