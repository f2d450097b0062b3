// A small chain for tests: deterministic Ed25519 keys, light blocks and blocks whose hashes bind and whose signatures are valid, as
// CometBFT's JSON, so that tests can change any field before they encode it.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  type BlockIdJson,
  type BlockJson,
  blockIdFromJson,
  type CommitJson,
  commitFromJson,
  fromBase64,
  type HeaderJson,
  headerFromJson,
  hexUpper,
  timestampFromText,
  toBase64,
  type ValidatorJson,
} from "../../../ledger/protocol/comet.ts";
import { type EvidenceJson, encodeEvidence } from "../../../tests/conformance/comet-protobuf.ts";
import type { Core } from "../core.ts";

export const madeChain = "glasstown-made";
const zeroTime = "0001-01-01T00:00:00Z";
const noBlockId: BlockIdJson = { hash: "", parts: { total: 0, hash: "" } };

export interface MadeLightBlock {
  readonly header: HeaderJson;
  readonly commit: CommitJson;
  readonly validators: readonly ValidatorJson[];
}

const seedOf = (index: number): Uint8Array => sha256(Uint8Array.of(index, index >> 8));
const digest = (text: string): string => hexUpper(sha256(new TextEncoder().encode(text)));

/** Validators with these powers, in that order. */
export function madeValidators(powers: readonly bigint[]): ValidatorJson[] {
  return powers.map((power, index) => {
    const key = ed25519.getPublicKey(seedOf(index));
    return {
      address: hexUpper(sha256(key).subarray(0, 20)),
      pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(key) },
      voting_power: String(power),
    };
  });
}

export function setHash(core: Core, validators: readonly ValidatorJson[]): string {
  const set = validators.map((one) => ({ publicKey: fromBase64(one.pub_key.value), power: BigInt(one.voting_power) }));
  return hexUpper(core.validatorsHash(set));
}

/** A header that names these validators. */
export function madeHeader(
  core: Core,
  validators: readonly ValidatorJson[],
  changes: Partial<HeaderJson> = {},
): HeaderJson {
  const validatorsHash = setHash(core, validators);
  return {
    version: { block: "11", app: "1" },
    chain_id: madeChain,
    height: "7",
    time: "2026-03-08T03:00:52.980342151Z",
    last_block_id: { hash: digest("block 6"), parts: { total: 3, hash: digest("parts 6") } },
    last_commit_hash: digest("commit 6"),
    data_hash: hexUpper(core.merkleRoot([])),
    validators_hash: validatorsHash,
    next_validators_hash: validatorsHash,
    consensus_hash: digest("params"),
    app_hash: digest("state"),
    last_results_hash: digest("results"),
    evidence_hash: hexUpper(core.merkleRoot([])),
    proposer_address: validators[0]?.address ?? digest("nobody").slice(0, 40),
    ...changes,
  };
}

/** How each validator votes: 1 absent, 2 for the block, 3 for nil. */
export function madeCommit(
  core: Core,
  header: HeaderJson,
  validators: readonly ValidatorJson[],
  flags: readonly (1 | 2 | 3)[],
): CommitJson {
  const hash = hexUpper(core.headerHash(headerFromJson(header)));
  const commit = { height: header.height, round: 2, block_id: { hash, parts: { total: 1, hash: digest(hash) } } };
  const signatures = validators.map(({ address }, index): CommitJson["signatures"][number] => {
    const flag = flags[index] ?? 2;
    if (flag === 1) return { block_id_flag: 1, validator_address: "", timestamp: zeroTime, signature: null };
    const timestamp = `2026-03-08T03:00:5${index % 10}.0${index}Z`;
    const message = core.voteSignBytes({
      chainId: header.chain_id,
      height: BigInt(header.height),
      round: 2n,
      blockId: flag === 2 ? blockIdFromJson(commit.block_id) : null,
      timestamp: timestampFromText(timestamp),
    });
    const signature = toBase64(ed25519.sign(message, seedOf(index)));
    return { block_id_flag: flag, validator_address: address, timestamp, signature };
  });
  return { ...commit, signatures };
}

/** A sound light block. */
export function madeLightBlock(
  core: Core,
  powers: readonly bigint[],
  flags: readonly (1 | 2 | 3)[] = [],
  chain = madeChain,
): MadeLightBlock {
  const validators = madeValidators(powers);
  const header = madeHeader(core, validators, { chain_id: chain });
  return { header, commit: madeCommit(core, header, validators, flags), validators };
}

/** A sound block with these transactions and this evidence, which follows a made one; the first of its chain when `first`. */
export function madeBlock(
  core: Core,
  transactions: readonly Uint8Array[],
  first = false,
  evidence: readonly EvidenceJson[] = [],
): BlockJson {
  const validators = madeValidators([5n, 3n, 2n]);
  const before = madeHeader(core, validators, { height: "6" });
  const lastCommit: CommitJson = first
    ? { height: "0", round: 0, block_id: noBlockId, signatures: [] }
    : madeCommit(core, before, validators, [2, 2, 1]);
  const header = madeHeader(core, validators, {
    height: first ? "1" : "7",
    last_block_id: lastCommit.block_id,
    last_commit_hash: hexUpper(core.commitHash(commitFromJson(lastCommit).signatures)),
    data_hash: hexUpper(core.dataHash(transactions)),
    evidence_hash: hexUpper(core.merkleRoot(evidence.map(encodeEvidence))),
  });
  return {
    header,
    data: { txs: transactions.map(toBase64) },
    evidence: { evidence: [...evidence] },
    last_commit: lastCommit,
  };
}
