// CometBFT v0.38 JSON as the protobuf that a node would write: an encoder of its own, so that the core is not tested by itself
// (proto/tendermint/types; gogoproto: ascending fields, no defaults, embedded messages that are not nullable always there).

import { fromHex, utf8 } from "../../ledger/protocol/bytes.ts";
import {
  type BlockIdJson,
  type BlockJson,
  type CommitJson,
  fromBase64,
  type HeaderJson,
  timestampFromText,
  type ValidatorJson,
} from "../../ledger/protocol/comet.ts";

type Bytes = readonly number[];

function varint(value: bigint): number[] {
  const rest = BigInt.asUintN(64, value);
  return rest < 128n ? [Number(rest)] : [Number(rest & 127n) | 128, ...varint(rest >> 7n)];
}

const number = (field: number, value: string | number): Bytes =>
  BigInt(value) === 0n ? [] : [field * 8, ...varint(BigInt(value))];
/** There even when empty. */
const message = (field: number, ...content: readonly Bytes[]): Bytes => {
  const flat = content.flat();
  return [field * 8 + 2, ...varint(BigInt(flat.length)), ...flat];
};
const bytes = (field: number, value: Uint8Array): Bytes => (value.length === 0 ? [] : message(field, [...value]));
const hash = (field: number, value: string): Bytes => bytes(field, fromHex(value));
const base64 = (field: number, value: string | null): Bytes => bytes(field, fromBase64(value ?? ""));

function time(field: number, text: string): Bytes {
  const { seconds, nanos } = timestampFromText(text);
  return message(field, number(1, String(seconds)), number(2, nanos));
}

const blockId = (field: number, id: BlockIdJson): Bytes =>
  message(field, hash(1, id.hash), message(2, number(1, id.parts.total), hash(2, id.parts.hash)));

function header(field: number, json: HeaderJson): Bytes {
  return message(
    field,
    message(1, number(1, json.version.block), number(2, json.version.app ?? "0")),
    bytes(2, utf8(json.chain_id)),
    number(3, json.height),
    time(4, json.time),
    blockId(5, json.last_block_id),
    hash(6, json.last_commit_hash),
    hash(7, json.data_hash),
    hash(8, json.validators_hash),
    hash(9, json.next_validators_hash),
    hash(10, json.consensus_hash),
    hash(11, json.app_hash),
    hash(12, json.last_results_hash),
    hash(13, json.evidence_hash),
    hash(14, json.proposer_address),
  );
}

function commitContent(json: CommitJson): Bytes {
  const signatures = json.signatures.map((one) =>
    message(
      4,
      number(1, one.block_id_flag),
      hash(2, one.validator_address),
      time(3, one.timestamp),
      base64(4, one.signature),
    ),
  );
  return [...number(1, json.height), ...number(2, json.round), ...blockId(3, json.block_id), ...signatures.flat()];
}

const validator = (field: number, json: ValidatorJson): Bytes =>
  message(
    field,
    hash(1, json.address),
    message(2, message(1, [...fromBase64(json.pub_key.value)])),
    number(3, json.voting_power),
    number(4, json.proposer_priority ?? "0"),
  );

export interface SetOptions {
  /** The set's proposer; none when not said. */
  readonly proposer?: ValidatorJson;
  readonly totalVotingPower?: string;
}

function setContent(validators: readonly ValidatorJson[], { proposer, totalVotingPower = "0" }: SetOptions): Bytes {
  return [
    ...validators.flatMap((one) => validator(1, one)),
    ...(proposer === undefined ? [] : validator(2, proposer)),
    ...number(3, totalVotingPower),
  ];
}

export function encodeCommit(commit: CommitJson): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(commitContent(commit));
}

export function encodeValidatorSet(validators: readonly ValidatorJson[], options: SetOptions = {}): Uint8Array {
  return Uint8Array.from(setContent(validators, options));
}

export function encodeLightBlock(
  { header: head, commit }: { readonly header: HeaderJson; readonly commit: CommitJson },
  validators: readonly ValidatorJson[],
  options: SetOptions = {},
): Uint8Array<ArrayBuffer> {
  const signed = message(1, header(1, head), message(2, commitContent(commit)));
  return Uint8Array.from([...signed, ...message(2, setContent(validators, options))]);
}

interface VoteJson {
  readonly type: number;
  readonly height: string;
  readonly round: number;
  readonly block_id: BlockIdJson;
  readonly timestamp: string;
  readonly validator_address: string;
  readonly validator_index: number;
  readonly signature: string;
}

interface DuplicateVoteJson {
  readonly vote_a: VoteJson;
  readonly vote_b: VoteJson;
  readonly total_voting_power: string;
  readonly validator_power: string;
  readonly timestamp: string;
}

const vote = (field: number, json: VoteJson): Bytes =>
  message(
    field,
    number(1, json.type),
    number(2, json.height),
    number(3, json.round),
    blockId(4, json.block_id),
    time(5, json.timestamp),
    hash(6, json.validator_address),
    number(7, json.validator_index),
    base64(8, json.signature),
  );

interface LightClientAttackJson {
  readonly conflicting_block: {
    readonly signed_header: { readonly header: HeaderJson; readonly commit: CommitJson };
    readonly validator_set: { readonly validators: readonly ValidatorJson[]; readonly proposer: ValidatorJson };
  };
  readonly common_height: string;
  readonly byzantine_validators: readonly ValidatorJson[];
  readonly total_voting_power: string;
  readonly timestamp: string;
}

export type EvidenceJson =
  | { readonly type: "tendermint/DuplicateVoteEvidence"; readonly value: DuplicateVoteJson }
  | { readonly type: "tendermint/LightClientAttackEvidence"; readonly value: LightClientAttackJson };

function evidenceContent(evidence: EvidenceJson): Bytes {
  if (evidence.type === "tendermint/DuplicateVoteEvidence") {
    const { value } = evidence;
    return [
      ...vote(1, value.vote_a),
      ...vote(2, value.vote_b),
      ...number(3, value.total_voting_power),
      ...number(4, value.validator_power),
      ...time(5, value.timestamp),
    ];
  }
  const { conflicting_block, common_height, byzantine_validators, total_voting_power, timestamp } = evidence.value;
  const { validators, proposer } = conflicting_block.validator_set;
  return [
    ...message(1, [...encodeLightBlock(conflicting_block.signed_header, validators, { proposer })]),
    ...number(2, common_height),
    ...byzantine_validators.flatMap((one) => validator(3, one)),
    ...number(4, total_voting_power),
    ...time(5, timestamp),
  ];
}

/** The leaf that a header's evidence hash is over. */
export function encodeEvidence(evidence: EvidenceJson): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(evidenceContent(evidence));
}

/** A whole block. */
export function encodeBlock(block: BlockJson): Uint8Array<ArrayBuffer> {
  const evidence = (block.evidence.evidence ?? []) as readonly EvidenceJson[];
  return Uint8Array.from([
    ...header(1, block.header),
    ...message(2, ...(block.data.txs ?? []).map((transaction) => message(1, [...fromBase64(transaction)]))),
    ...message(
      3,
      ...evidence.map((one) =>
        message(1, message(one.type === "tendermint/DuplicateVoteEvidence" ? 1 : 2, evidenceContent(one))),
      ),
    ),
    ...(block.last_commit === null ? [] : message(4, commitContent(block.last_commit))),
  ]);
}
