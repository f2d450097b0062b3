// CometBFT v0.38 RPC methods over the solo engine (rpc/core/*.go). WebSocket subscriptions are not served.

import { createHash } from "node:crypto";
import { hex } from "../protocol/bytes.ts";
import { toBase64 } from "../protocol/comet.ts";
import type { StoredBlock, StoredResults } from "../storage/records.ts";
import { readBlock } from "./blocks-read.ts";
import type { LedgerContext } from "./context.ts";
import { methodFailed } from "./rpc-error.ts";
import {
  appliedJson,
  bytesHashJson,
  eventsJson,
  hashJson,
  refusalJson,
  resultJson,
  transactionProofJson,
  validatorJson,
} from "./rpc-json.ts";
import type { ParamKinds, Params } from "./rpc-params.ts";

export interface RpcMethod {
  /** In positional order. */
  readonly params: ParamKinds;
  /** Hands in a transaction: it costs a write, by GET too. */
  readonly writes?: true;
  call(ledger: LedgerContext, params: Params): unknown;
}

/** How long `broadcast_tx_commit` waits: CometBFT's default. */
const broadcastCommitMs = 10_000;
const softwareVersion = "0.38.0-glasstown";
const perPageDefault = 30;
const perPageMax = 100;
/** Answer code of a query that cannot be served; codespace `query`. */
const queryFailed = 1;

export const rpcMethods: Readonly<Record<string, RpcMethod>> = {
  health: { params: {}, call: () => ({}) },

  status: {
    params: {},
    async call(ledger) {
      const { builder, engine } = ledger;
      const { genesis } = builder;
      const earliest = await blockAt(ledger, 1);
      const latest = await blockAt(ledger, engine.height);
      return {
        node_info: {
          protocol_version: { p2p: "8", block: "11", app: genesis.document.consensus_params.version.app },
          id: genesis.validator.address.toLowerCase(),
          listen_addr: "tcp://127.0.0.1:26656",
          network: genesis.chain,
          version: softwareVersion,
          channels: "",
          moniker: "glasstown",
          other: { tx_index: "on", rpc_address: "" },
        },
        sync_info: {
          latest_block_hash: latest.stored.block_id.hash,
          latest_app_hash: latest.stored.block.header.app_hash,
          latest_block_height: String(engine.height),
          latest_block_time: latest.stored.block.header.time,
          earliest_block_hash: earliest.stored.block_id.hash,
          earliest_app_hash: earliest.stored.block.header.app_hash,
          earliest_block_height: "1",
          earliest_block_time: earliest.stored.block.header.time,
          catching_up: false,
        },
        validator_info: {
          address: genesis.validator.address,
          pub_key: validatorJson(genesis).pub_key,
          voting_power: String(genesis.validator.power),
        },
      };
    },
  },

  block: {
    params: { height: "int64" },
    async call(ledger, params) {
      const { stored } = await blockAt(ledger, heightOf(ledger, params));
      return { block_id: stored.block_id, block: stored.block };
    },
  },

  block_by_hash: {
    params: { hash: "bytes" },
    async call(ledger, params) {
      const height = await ledger.store.heightOf(hex(bytesOf(params, "hash")));
      if (height === null) return { block_id: { hash: "", parts: { total: 0, hash: "" } }, block: null };
      const { stored } = await blockAt(ledger, height);
      return { block_id: stored.block_id, block: stored.block };
    },
  },

  block_results: {
    params: { height: "int64" },
    async call(ledger, params) {
      const height = heightOf(ledger, params);
      const { results } = await blockAt(ledger, height);
      return {
        height: String(height),
        txs_results: results.transactions.map(resultJson),
        finalize_block_events: eventsJson(results.events),
        validator_updates: null,
        consensus_param_updates: null,
        app_hash: Buffer.from(results.appHash, "hex").toString("base64"),
      };
    },
  },

  commit: {
    params: { height: "int64" },
    async call(ledger, params) {
      const height = heightOf(ledger, params);
      const { stored } = await blockAt(ledger, height);
      return {
        signed_header: { header: stored.block.header, commit: stored.commit },
        // As in CometBFT: canonical once the next block contains it.
        canonical: height < ledger.engine.height,
      };
    },
  },

  validators: {
    params: { height: "int64", page: "int64", per_page: "int64" },
    call(ledger, params) {
      const height = heightOf(ledger, params);
      const perPage = Math.min(perPageMax, numberOf(params, "per_page") ?? perPageDefault);
      const page = numberOf(params, "page") ?? 1;
      if (page !== 1 || perPage < 1) throw methodFailed(`page should be within [1, 1] range, given ${page}`);
      const validators = [validatorJson(ledger.builder.genesis)];
      return { block_height: String(height), validators, count: "1", total: "1" };
    },
  },

  tx: {
    params: { hash: "bytes", prove: "boolean" },
    async call(ledger, params) {
      const hash = hex(bytesOf(params, "hash"));
      const place = await ledger.store.place("hash", hash);
      if (place === null) throw methodFailed(`tx (${hashJson(hash)}) not found`);
      const { stored, results } = await blockAt(ledger, place.height);
      return {
        hash: hashJson(hash),
        height: String(place.height),
        index: place.index,
        tx_result: resultJson(results.transactions[place.index]!),
        tx: stored.block.data.txs![place.index],
        ...(params["prove"] === true ? { proof: transactionProofJson(ledger.builder.core, stored, place.index) } : {}),
      };
    },
  },

  abci_info: {
    params: {},
    call: ({ application, builder }) => ({
      response: {
        data: "glasstown",
        version: softwareVersion,
        app_version: builder.genesis.document.consensus_params.version.app,
        last_block_height: String(application.height),
        last_block_app_hash: toBase64(application.appHash),
      },
    }),
  },

  abci_query: {
    params: { path: "string", data: "hexBytes", height: "int64", prove: "boolean" },
    call: (ledger, params) => ({ response: queryState(ledger, params) }),
  },

  broadcast_tx_sync: {
    params: { tx: "bytes" },
    writes: true,
    call(ledger, params) {
      const bytes = bytesOf(params, "tx");
      const submission = ledger.engine.submit(bytes);
      const { code, log, codespace } = submission.ok ? appliedJson : refusalJson(submission);
      return { code, data: "", log, codespace, hash: hashOf(bytes) };
    },
  },

  broadcast_tx_async: {
    params: { tx: "bytes" },
    writes: true,
    call(ledger, params) {
      const bytes = bytesOf(params, "tx");
      ledger.engine.submit(bytes);
      return { code: 0, data: "", log: "", codespace: "", hash: hashOf(bytes) };
    },
  },

  broadcast_tx_commit: {
    params: { tx: "bytes" },
    writes: true,
    async call(ledger, params) {
      const bytes = bytesOf(params, "tx");
      const hash = hashOf(bytes);
      const submission = ledger.engine.submit(bytes);
      if (!submission.ok) return { check_tx: refusalJson(submission), tx_result: appliedJson, hash, height: "0" };
      const outcome = await ledger.engine.outcomeOf(submission.id, broadcastCommitMs);
      if (outcome === null) throw methodFailed("timed out waiting for tx to be included in a block");
      if (outcome.kind === "dropped")
        return { check_tx: refusalJson(outcome.refusal), tx_result: appliedJson, hash, height: "0" };
      return { check_tx: appliedJson, tx_result: resultJson(outcome.result), hash, height: String(outcome.height) };
    },
  },

  genesis: { params: {}, call: ({ builder }) => ({ genesis: builder.genesis.document }) },

  consensus_params: {
    params: { height: "int64" },
    call: (ledger, params) => ({
      block_height: String(heightOf(ledger, params)),
      consensus_params: ledger.builder.genesis.document.consensus_params,
    }),
  },
};

/** Keeps a byte order mark: the name with it is another name, and the proof is of the data's own key. */
const nameDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Path `/state`: the entry named by the data. The answer at height H verifies against the app hash in header H + 1. */
function queryState(ledger: LedgerContext, params: Params): unknown {
  const data = params["data"] instanceof Uint8Array ? params["data"] : new Uint8Array();
  const failed = (log: string) => ({
    code: queryFailed,
    log,
    info: "",
    index: "0",
    key: toBase64(data),
    value: null,
    proofOps: null,
    height: "0",
    codespace: "query",
  });
  if (params["path"] !== "/state") return failed("the path must be /state");
  if (data.length === 0 || data.length > 256) return failed("a name has 1 to 256 bytes");
  // The newest state whose root stands in a header that exists, so that the proof can be checked at once.
  const height = numberOf(params, "height") || Math.max(0, ledger.engine.height - 1);
  if (height < 0) return failed("the height must not be negative");
  const prove = params["prove"] === true;
  try {
    const found = ledger.application.query(nameDecoder.decode(data), { height, prove });
    const operation =
      found.proof === null
        ? null
        : { type: "ics23:simple", key: toBase64(ledger.builder.core.sha256(data)), data: toBase64(found.proof) };
    return {
      code: 0,
      log: found.value === null ? "does not exist" : "exists",
      info: "",
      index: "0",
      key: toBase64(data),
      value: found.value === null ? null : toBase64(found.value),
      proofOps: operation === null ? null : { ops: [operation] },
      height: String(found.height),
      codespace: "",
    };
  } catch (error) {
    if (error instanceof RangeError) return failed(`the state of height ${height} is not kept`);
    if (error instanceof TypeError) return failed("the name must be UTF-8");
    throw error;
  }
}

function heightOf({ engine }: LedgerContext, params: Params): number {
  const height = numberOf(params, "height");
  if (height === undefined) return engine.height;
  if (height <= 0) throw methodFailed(`height must be greater than 0, but got ${height}`);
  if (height > engine.height)
    throw methodFailed(`height ${height} must be less than or equal to the current blockchain height ${engine.height}`);
  return height;
}

async function blockAt(
  { store }: LedgerContext,
  height: number,
): Promise<{ readonly stored: StoredBlock; readonly results: StoredResults }> {
  const block = await readBlock(store, height);
  if (block === null) throw methodFailed(`block at height ${height} not found`);
  return block;
}

function numberOf(params: Params, name: string): number | undefined {
  const value = params[name];
  return typeof value === "number" ? value : undefined;
}

function bytesOf(params: Params, name: string): Uint8Array {
  const value = params[name];
  if (!(value instanceof Uint8Array)) throw methodFailed(`${name} is required`);
  return value;
}

function hashOf(bytes: Uint8Array): string {
  return bytesHashJson(createHash("sha256").update(bytes).digest());
}
