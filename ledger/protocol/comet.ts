// CometBFT v0.38 JSON of headers, commits, blocks and validators, to and from the fields that the WASM core hashes.
// int64 are decimal strings, hashes upper-case hex, other bytes base64, times RFC 3339 with up to nine fraction digits.

import type { BlockId, CommitFields, HeaderFields, Timestamp } from "../../wasm-core/bindings/comet.ts";
import { fromHex, hex } from "./bytes.ts";
import {
  anything,
  type Form,
  type FormOf,
  list,
  members,
  nullable,
  oneOf,
  optional,
  text,
  whole,
} from "./json-form.ts";

/** Most validators whose commit is read. */
export const validatorsMax = 1_000;

const hashText = text(128, /^(?:[0-9A-Fa-f]{2})*$/);
const int64Text = text(20, /^-?[0-9]{1,19}$/);
const uint64Text = text(20, /^[0-9]+$/);
const timeText = text(30, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/);
const uint32 = whole(0, 0xffff_ffff);

/** Standard base64 of at most so many bytes. */
export function base64Text(bytesMax: number): Form<string> {
  return text(Math.ceil(bytesMax / 3) * 4, /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
}

export const blockIdJsonSchema = members({ hash: hashText, parts: members({ total: uint32, hash: hashText }) });
export type BlockIdJson = FormOf<typeof blockIdJsonSchema>;

export interface HeaderJson {
  version: { block: string; app?: string | undefined };
  chain_id: string;
  height: string;
  time: string;
  last_block_id: BlockIdJson;
  last_commit_hash: string;
  data_hash: string;
  validators_hash: string;
  next_validators_hash: string;
  consensus_hash: string;
  app_hash: string;
  last_results_hash: string;
  evidence_hash: string;
  proposer_address: string;
}
export const headerJsonSchema: Form<HeaderJson> = members({
  version: members({ block: uint64Text, app: optional(uint64Text) }),
  chain_id: text(50),
  height: int64Text,
  time: timeText,
  last_block_id: blockIdJsonSchema,
  last_commit_hash: hashText,
  data_hash: hashText,
  validators_hash: hashText,
  next_validators_hash: hashText,
  consensus_hash: hashText,
  app_hash: hashText,
  last_results_hash: hashText,
  evidence_hash: hashText,
  proposer_address: hashText,
});

export const commitSignatureJsonSchema = members({
  block_id_flag: oneOf(1, 2, 3),
  validator_address: hashText,
  timestamp: timeText,
  signature: nullable(base64Text(64)),
});

export const commitJsonSchema = members({
  height: int64Text,
  round: whole(0, 0x7fff_ffff),
  block_id: blockIdJsonSchema,
  signatures: list(validatorsMax, commitSignatureJsonSchema),
});
export type CommitJson = FormOf<typeof commitJsonSchema>;

/** `signed_header` of `/commit`. */
export const signedHeaderJsonSchema = members({ header: headerJsonSchema, commit: commitJsonSchema });

/** `block` of `/block`. Blocks hold at most 2,000 transactions here; foreign ones may hold more. */
export const blockJsonSchema = members({
  header: headerJsonSchema,
  data: members({ txs: nullable(list(100_000, base64Text(1_048_576))) }),
  evidence: members({ evidence: nullable(list(1_000, anything)) }),
  last_commit: nullable(commitJsonSchema),
});
export type BlockJson = FormOf<typeof blockJsonSchema>;

/** One line of `/validators`. Only Ed25519 keys are known. */
export interface ValidatorJson {
  address: string;
  pub_key: { type: "tendermint/PubKeyEd25519"; value: string };
  voting_power: string;
  proposer_priority?: string | undefined;
}
export const validatorJsonSchema: Form<ValidatorJson> = members({
  address: hashText,
  pub_key: members({ type: oneOf("tendermint/PubKeyEd25519"), value: base64Text(32) }),
  voting_power: int64Text,
  proposer_priority: optional(int64Text),
});

/** Upper-case hex, as CometBFT's HexBytes. */
export function hexUpper(bytes: Uint8Array): string {
  return hex(bytes).toUpperCase();
}

/** Node's own coder, a hundred times as fast as what browsers have in common. */
const nodeBuffer = (globalThis as { readonly Buffer?: typeof Buffer }).Buffer;

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) return nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, Math.min(at + 0x8000, bytes.length)));
  return btoa(binary);
}

/** @throws {RangeError} when the text is not standard base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new RangeError("not base64");
  if (nodeBuffer !== undefined) return new Uint8Array(nodeBuffer.from(text, "base64"));
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** RFC 3339 text as Go prints it: fraction digits without trailing zeros. */
export function timestampText(time: Timestamp): string {
  const seconds = new Date(Number(time.seconds) * 1000).toISOString().slice(0, 19);
  const fraction = time.nanos === 0 ? "" : `.${String(time.nanos).padStart(9, "0").replace(/0+$/, "")}`;
  return `${seconds}${fraction}Z`;
}

/** @throws {RangeError} when the text is not an RFC 3339 UTC time. */
export function timestampFromText(text: string): Timestamp {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/.exec(text);
  const milliseconds = match === null ? Number.NaN : Date.parse(`${match[1]}Z`);
  if (match === null || !Number.isFinite(milliseconds)) throw new RangeError(`not an RFC 3339 time: ${text}`);
  return { seconds: BigInt(milliseconds / 1000), nanos: Number((match[2] ?? "").padEnd(9, "0")) };
}

/** The timestamp of UNIX milliseconds. */
export function timestampOfMs(milliseconds: number): Timestamp {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds: BigInt(seconds), nanos: Math.round(milliseconds - seconds * 1000) * 1_000_000 };
}

/** UNIX milliseconds of a timestamp, rounded down. */
export function msOfTimestamp(time: Timestamp): number {
  return Number(time.seconds) * 1000 + Math.floor(time.nanos / 1_000_000);
}

export function blockIdToJson(id: BlockId): BlockIdJson {
  return { hash: hexUpper(id.hash), parts: { total: id.partsTotal, hash: hexUpper(id.partsHash) } };
}

export function blockIdFromJson(json: BlockIdJson): BlockId {
  return { hash: fromHex(json.hash), partsTotal: json.parts.total, partsHash: fromHex(json.parts.hash) };
}

export function headerToJson(header: HeaderFields): HeaderJson {
  return {
    version: { block: String(header.versionBlock), app: String(header.versionApp) },
    chain_id: header.chainId,
    height: String(header.height),
    time: timestampText(header.time),
    last_block_id: blockIdToJson(header.lastBlockId),
    last_commit_hash: hexUpper(header.lastCommitHash),
    data_hash: hexUpper(header.dataHash),
    validators_hash: hexUpper(header.validatorsHash),
    next_validators_hash: hexUpper(header.nextValidatorsHash),
    consensus_hash: hexUpper(header.consensusHash),
    app_hash: hexUpper(header.appHash),
    last_results_hash: hexUpper(header.lastResultsHash),
    evidence_hash: hexUpper(header.evidenceHash),
    proposer_address: hexUpper(header.proposerAddress),
  };
}

/** The JSON must have passed `headerJsonSchema`. @throws {RangeError} when its time is no date. */
export function headerFromJson(json: HeaderJson): HeaderFields {
  return {
    versionBlock: BigInt(json.version.block),
    versionApp: BigInt(json.version.app ?? "0"),
    chainId: json.chain_id,
    height: BigInt(json.height),
    time: timestampFromText(json.time),
    lastBlockId: blockIdFromJson(json.last_block_id),
    lastCommitHash: fromHex(json.last_commit_hash),
    dataHash: fromHex(json.data_hash),
    validatorsHash: fromHex(json.validators_hash),
    nextValidatorsHash: fromHex(json.next_validators_hash),
    consensusHash: fromHex(json.consensus_hash),
    appHash: fromHex(json.app_hash),
    lastResultsHash: fromHex(json.last_results_hash),
    evidenceHash: fromHex(json.evidence_hash),
    proposerAddress: fromHex(json.proposer_address),
  };
}

export function commitToJson(commit: CommitFields): CommitJson {
  return {
    height: String(commit.height),
    round: Number(commit.round),
    block_id: blockIdToJson(commit.blockId),
    signatures: commit.signatures.map((signature) => ({
      block_id_flag: signature.flag,
      validator_address: hexUpper(signature.validatorAddress),
      timestamp: timestampText(signature.timestamp),
      signature: signature.signature.length === 0 ? null : toBase64(signature.signature),
    })),
  };
}

/** The JSON must have passed `commitJsonSchema`. @throws {RangeError} when a time is no date. */
export function commitFromJson(json: CommitJson): CommitFields {
  return {
    height: BigInt(json.height),
    round: BigInt(json.round),
    blockId: blockIdFromJson(json.block_id),
    signatures: json.signatures.map((signature) => ({
      flag: signature.block_id_flag,
      validatorAddress: fromHex(signature.validator_address),
      timestamp: timestampFromText(signature.timestamp),
      signature: signature.signature === null ? new Uint8Array() : fromBase64(signature.signature),
    })),
  };
}
