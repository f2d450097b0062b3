// Evidence in CometBFT's JSON, as `/broadcast_evidence` takes it: what has a tag in Go's structures is in snake case, the rest as Go names
// it. Bounds of what is read: 1,000 validators.

import { fromHex } from "../../protocol/bytes.ts";
import {
  type BlockIdJson,
  blockIdFromJson,
  blockIdJsonSchema,
  blockIdToJson,
  commitFromJson,
  commitToJson,
  fromBase64,
  headerFromJson,
  headerToJson,
  hexUpper,
  signedHeaderJsonSchema,
  timestampFromText,
  timestampText,
  toBase64,
  type ValidatorJson,
  validatorJsonSchema,
  validatorsMax,
} from "../../protocol/comet.ts";
import { list, members, nullable, oneOf, optional, text, whole } from "../../protocol/json-form.ts";
import type { Evidence } from "../provider.ts";
import type { Misbehaviour, RankedValidator, Vote } from "./evidence.ts";

const int64 = text(20, /^-?[0-9]{1,19}$/);
const time = text(30, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/);
const address = text(40, /^(?:[0-9A-Fa-f]{40})$/);
const base64 = text(88, /^[A-Za-z0-9+/]*={0,2}$/);

interface VoteJson {
  type: 1 | 2;
  height: string;
  round: number;
  block_id: BlockIdJson;
  timestamp: string;
  validator_address: string;
  validator_index: number;
  signature: string | null;
  extension?: string | null | undefined;
  extension_signature?: string | null | undefined;
}

const voteForm = members({
  type: oneOf(1, 2),
  height: int64,
  round: whole(0, 0x7fff_ffff),
  block_id: blockIdJsonSchema,
  timestamp: time,
  validator_address: address,
  validator_index: whole(0, 0x7fff_ffff),
  signature: nullable(base64),
  extension: optional(nullable(text(90_000, /^[A-Za-z0-9+/]*={0,2}$/))),
  extension_signature: optional(nullable(base64)),
});
const duplicateVoteForm = members({
  vote_a: voteForm,
  vote_b: voteForm,
  TotalVotingPower: int64,
  ValidatorPower: int64,
  Timestamp: time,
});
const attackForm = members({
  ConflictingBlock: members({
    signed_header: signedHeaderJsonSchema,
    validator_set: members({ validators: list(validatorsMax, validatorJsonSchema), proposer: validatorJsonSchema }),
  }),
  CommonHeight: int64,
  ByzantineValidators: nullable(list(validatorsMax, validatorJsonSchema)),
  TotalVotingPower: int64,
  Timestamp: time,
});

export function evidenceToJson(evidence: Misbehaviour): Evidence {
  const powers = { TotalVotingPower: String(evidence.totalPower), Timestamp: timestampText(evidence.timestamp) };
  if (evidence.kind === "duplicate_vote") {
    const value = {
      vote_a: voteToJson(evidence.voteA),
      vote_b: voteToJson(evidence.voteB),
      ValidatorPower: String(evidence.validatorPower),
      ...powers,
    };
    return { type: "tendermint/DuplicateVoteEvidence", value };
  }
  const { header, commit, validators, proposer } = evidence.conflictingBlock;
  const byzantine = evidence.byzantineValidators.map(validatorToJson);
  const value = {
    ConflictingBlock: {
      signed_header: { header: headerToJson(header), commit: commitToJson(commit) },
      validator_set: { validators: validators.map(validatorToJson), proposer: validatorToJson(proposer) },
    },
    CommonHeight: String(evidence.commonHeight),
    // Nodes compare with Go's nil: an empty list is refused where there must be none.
    ByzantineValidators: byzantine.length === 0 ? null : byzantine,
    ...powers,
  };
  return { type: "tendermint/LightClientAttackEvidence", value };
}

/** The way back. @throws {RangeError} when it is not evidence in this form. */
export function evidenceFromJson({ type, value }: Evidence): Misbehaviour {
  if (type === "tendermint/DuplicateVoteEvidence") {
    const read = duplicateVoteForm.safeParse(value);
    if (!read.success) throw read.error;
    return {
      kind: "duplicate_vote",
      voteA: voteFromJson(read.data.vote_a),
      voteB: voteFromJson(read.data.vote_b),
      totalPower: BigInt(read.data.TotalVotingPower),
      validatorPower: BigInt(read.data.ValidatorPower),
      timestamp: timestampFromText(read.data.Timestamp),
    };
  }
  const read = attackForm.safeParse(value);
  if (!read.success) throw read.error;
  const { signed_header, validator_set } = read.data.ConflictingBlock;
  return {
    kind: "light_client_attack",
    conflictingBlock: {
      header: headerFromJson(signed_header.header),
      commit: commitFromJson(signed_header.commit),
      validators: validator_set.validators.map(validatorFromJson),
      proposer: validatorFromJson(validator_set.proposer),
    },
    commonHeight: BigInt(read.data.CommonHeight),
    byzantineValidators: (read.data.ByzantineValidators ?? []).map(validatorFromJson),
    totalPower: BigInt(read.data.TotalVotingPower),
    timestamp: timestampFromText(read.data.Timestamp),
  };
}

function voteToJson(vote: Vote): VoteJson {
  const bytesToJson = (bytes: Uint8Array): string | null => (bytes.length === 0 ? null : toBase64(bytes));
  return {
    type: vote.type,
    height: String(vote.height),
    round: Number(vote.round),
    block_id: blockIdToJson(vote.blockId),
    timestamp: timestampText(vote.timestamp),
    validator_address: hexUpper(vote.validatorAddress),
    validator_index: vote.validatorIndex,
    signature: bytesToJson(vote.signature),
    extension: bytesToJson(vote.extension),
    extension_signature: bytesToJson(vote.extensionSignature),
  };
}

function voteFromJson(json: VoteJson): Vote {
  return {
    type: json.type,
    height: BigInt(json.height),
    round: BigInt(json.round),
    blockId: blockIdFromJson(json.block_id),
    timestamp: timestampFromText(json.timestamp),
    validatorAddress: fromHex(json.validator_address),
    validatorIndex: json.validator_index,
    signature: fromBase64(json.signature ?? ""),
    extension: fromBase64(json.extension ?? ""),
    extensionSignature: fromBase64(json.extension_signature ?? ""),
  };
}

function validatorToJson({ address, publicKey, power, priority }: RankedValidator): ValidatorJson {
  return {
    address: hexUpper(address),
    pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(publicKey) },
    voting_power: String(power),
    proposer_priority: String(priority),
  };
}

function validatorFromJson(json: ValidatorJson): RankedValidator {
  return {
    address: fromHex(json.address),
    publicKey: fromBase64(json.pub_key.value),
    power: BigInt(json.voting_power),
    priority: BigInt(json.proposer_priority ?? "0"),
  };
}
