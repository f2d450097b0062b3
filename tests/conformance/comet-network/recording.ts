// What a recording of a real network holds, in CometBFT's RPC JSON, and how whole blocks are put together from it: the last commit of a
// block is the commit of the block before, so that each is kept once.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BlockJson, CommitJson, HeaderJson, ValidatorJson } from "../../../ledger/protocol/comet.ts";
import type { EvidenceJson } from "../comet-protobuf.ts";
import type { EvidenceValue } from "./forge.ts";

/** The deterministic part of a transaction's result. */
export interface RecordedResult {
  readonly code: number;
  readonly data: string | null;
  readonly gas_wanted: string;
  readonly gas_used: string;
}

export interface RecordedBlock {
  readonly header: HeaderJson;
  readonly commit: CommitJson;
  /** Base64; left out when there are none. */
  readonly txs?: readonly string[];
  readonly results?: readonly RecordedResult[];
  readonly evidence?: readonly EvidenceValue[];
}

/** What was posted to /broadcast_evidence, what the node answered, and the block that then held it. */
export interface RecordedEvidence {
  readonly kind: "duplicate-vote" | "lunatic" | "forward-lunatic" | "equivocation" | "amnesia";
  readonly sent: EvidenceValue;
  /** `Hash()` of the evidence as the node computed it; null when it refused. */
  readonly hash: string | null;
  readonly error: string | null;
  /** Null when no block took it in. */
  readonly includedAt: number | null;
}

/** What `cometbft light` tried, from its log: pairs of a verified height and the height that was checked against it. */
export interface RecordedTrace {
  readonly from: number;
  readonly to: number;
  readonly trustLevel: readonly [number, number];
  readonly tried: readonly (readonly [number, number])[];
}

export interface Recording {
  readonly version: string;
  readonly chain: string;
  /** Each set by its hash, as headers name it. */
  readonly validatorSets: Readonly<Record<string, readonly ValidatorJson[]>>;
  /** From height 1 on, without a gap. */
  readonly blocks: readonly RecordedBlock[];
  readonly evidence: readonly RecordedEvidence[];
  readonly traces: readonly RecordedTrace[];
  readonly consensusParams: { readonly block: { readonly max_bytes: string; readonly max_gas: string } };
}

/** All that were recorded, oldest version first. */
export const recordings: readonly Recording[] = readdirSync(import.meta.dirname)
  .filter((name) => /^cometbft-.*\.json$/.test(name))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8")) as Recording);

/** The validators of a height. @throws {Error} when the recording has not that height. */
export function validatorsAt(recording: Recording, height: number): readonly ValidatorJson[] {
  return recording.validatorSets[blockAt(recording, height).header.validators_hash]!;
}

/** @throws {Error} when the recording has not that height. */
export function blockAt(recording: Recording, height: number): RecordedBlock {
  const block = recording.blocks[height - 1];
  if (block === undefined || Number(block.header.height) !== height) throw new Error(`no block ${height}`);
  return block;
}

/** The whole block as `/block` answers it. */
export function wholeBlock(recording: Recording, height: number): BlockJson {
  const { header, txs, evidence } = blockAt(recording, height);
  const nothing: CommitJson = {
    height: "0",
    round: 0,
    block_id: { hash: "", parts: { total: 0, hash: "" } },
    signatures: [],
  };
  return {
    header,
    data: { txs: [...(txs ?? [])] },
    evidence: { evidence: (evidence ?? []).map(evidenceJson) },
    last_commit: height === 1 ? nothing : blockAt(recording, height - 1).commit,
  };
}

/** What has no tag in Go's structures is in snake case in other implementations, the encoder of these tests among them. */
export function evidenceJson(evidence: EvidenceValue): EvidenceJson {
  if (evidence.type === "tendermint/DuplicateVoteEvidence") {
    const { vote_a, vote_b, TotalVotingPower, ValidatorPower, Timestamp } = evidence.value;
    const powers = { total_voting_power: TotalVotingPower, validator_power: ValidatorPower };
    return { type: evidence.type, value: { vote_a, vote_b, ...powers, timestamp: Timestamp } };
  }
  const { ConflictingBlock, CommonHeight, ByzantineValidators, TotalVotingPower, Timestamp } = evidence.value;
  return {
    type: evidence.type,
    value: {
      conflicting_block: ConflictingBlock,
      common_height: CommonHeight,
      byzantine_validators: ByzantineValidators ?? [],
      total_voting_power: TotalVotingPower,
      timestamp: Timestamp,
    },
  };
}
