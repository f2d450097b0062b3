// CometBFT v0.38 JSON of results, events, proofs and validators, from what the store keeps.

import { createHash } from "node:crypto";
import type { Core } from "../../wasm-core/bindings/core.ts";
import type { Genesis } from "../consensus/genesis.ts";
import { fromBase64, hexUpper, toBase64, type ValidatorJson } from "../protocol/comet.ts";
import type { Refusal } from "../protocol/refusals.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { StoredBlock, StoredResult, StoredResults } from "../storage/records.ts";

export interface ResultJson {
  readonly code: number;
  readonly data: string | null;
  readonly log: string;
  readonly info: string;
  readonly gas_wanted: string;
  readonly gas_used: string;
  readonly events: readonly unknown[];
  readonly codespace: string;
}

/** An applied or refused transaction. The log of a refusal is its name and parameters as JSON. */
export function resultJson(result: StoredResult): ResultJson {
  return {
    code: result.code,
    data: result.data === "" ? null : result.data,
    log: result.code === 0 ? "" : logOf(result.refusal, result.params),
    info: "",
    gas_wanted: "0",
    gas_used: "0",
    events: eventsJson(result.events),
    codespace: result.codespace,
  };
}

export const appliedJson: ResultJson = {
  code: 0,
  data: null,
  log: "",
  info: "",
  gas_wanted: "0",
  gas_used: "0",
  events: [],
  codespace: "",
};

/** A refusal at admission. */
export function refusalJson(refusal: Refusal): ResultJson {
  const codespace = refusal.name.slice(0, refusal.name.indexOf("_"));
  return { ...appliedJson, code: refusal.code, log: logOf(refusal.name, refusal.params), codespace };
}

function logOf(name: string, params: Refusal["params"]): string {
  return JSON.stringify({ refusal: name, params });
}

export function eventsJson(events: readonly LedgerEvent[]): unknown[] {
  return events.map(({ type, attributes }) => ({
    type,
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value, index: true })),
  }));
}

export function validatorJson(genesis: Genesis): ValidatorJson {
  const { publicKey, address, power } = genesis.validator;
  return {
    address,
    pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(publicKey) },
    voting_power: String(power),
    proposer_priority: "0",
  };
}

/** `block_results`. Of what a block has none of, CometBFT writes null. */
export function blockResultsJson(height: number, results: StoredResults): unknown {
  return {
    height: String(height),
    txs_results: results.transactions.length === 0 ? null : results.transactions.map(resultJson),
    finalize_block_events: results.events.length === 0 ? null : eventsJson(results.events),
    validator_updates: null,
    consensus_param_updates: null,
    app_hash: Buffer.from(results.appHash, "hex").toString("base64"),
  };
}

/** `tx`, and one line of `tx_search`. */
export function transactionJson(
  core: Core,
  stored: StoredBlock,
  results: StoredResults,
  index: number,
  prove: boolean,
): unknown {
  const tx = stored.block.data.txs![index]!;
  return {
    hash: bytesHashJson(createHash("sha256").update(fromBase64(tx)).digest()),
    height: stored.block.header.height,
    index,
    tx_result: resultJson(results.transactions[index]!),
    tx,
    ...(prove ? { proof: transactionProofJson(core, stored, index) } : {}),
  };
}

/** Inclusion proof of a transaction under its block's DataHash, whose leaves are sha256 of the transactions. */
function transactionProofJson(core: Core, stored: StoredBlock, index: number): unknown {
  const transactions = (stored.block.data.txs ?? []).map(fromBase64);
  const leafHashes = transactions.map((transaction) => core.leafHash(core.sha256(transaction)));
  return {
    root_hash: stored.block.header.data_hash,
    data: stored.block.data.txs![index],
    proof: {
      total: String(transactions.length),
      index: String(index),
      leaf_hash: toBase64(leafHashes[index]!),
      aunts: core.inclusionPath(leafHashes, index).map(toBase64),
    },
  };
}

/** An upper-case hash from lower-case hex. */
export function hashJson(lowerHex: string): string {
  return lowerHex.toUpperCase();
}

export function bytesHashJson(bytes: Uint8Array): string {
  return hexUpper(bytes);
}
