// CometBFT v0.38 RPC: the node and the application (rpc/core/status.go, net.go, health.go, abci.go).

import { toBase64 } from "../protocol/comet.ts";
import { validatorJson } from "./rpc-json.ts";
import { headerAt, numberOf, type RpcContext, type RpcMethods, softwareVersion } from "./rpc-method.ts";
import type { Params } from "./rpc-params.ts";

/** Answer code of a query that cannot be served; codespace `query`. */
const queryFailed = 1;
const stateNameBytesMax = 256;

export const infoMethods: RpcMethods = {
  health: { params: {}, call: () => ({}) },

  status: {
    params: {},
    async call(context) {
      const { builder, engine, store } = context.ledger;
      const { genesis } = builder;
      const earliest = await headerAt(context, store.lowest);
      const latest = await headerAt(context, engine.height);
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
          latest_block_hash: latest.block_id.hash,
          latest_app_hash: latest.header.app_hash,
          latest_block_height: latest.header.height,
          latest_block_time: latest.header.time,
          earliest_block_hash: earliest.block_id.hash,
          earliest_app_hash: earliest.header.app_hash,
          earliest_block_height: earliest.header.height,
          earliest_block_time: earliest.header.time,
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

  // One process makes the blocks: it listens for no peers and has none.
  net_info: { params: {}, call: () => ({ listening: false, listeners: [], n_peers: "0", peers: [] }) },

  genesis: { params: {}, reads: 10, call: ({ genesis }) => ({ genesis: genesis.whole() }) },

  genesis_chunked: {
    params: { chunk: "int64" },
    reads: 10,
    call: ({ genesis }, params) => genesis.chunk(numberOf(params, "chunk") ?? 0),
  },

  abci_info: {
    params: {},
    call: ({ ledger: { application, builder } }) => ({
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
    call: (context, params) => ({ response: queryState(context, params) }),
  },
};

/** Keeps a byte order mark: the name with it is another name, and the proof is of the data's own key. */
const nameDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Path `/state`: the entry named by the data. The answer at height H verifies against the app hash in header H + 1. */
function queryState({ ledger }: RpcContext, params: Params): unknown {
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
  if (data.length === 0 || data.length > stateNameBytesMax) return failed(`a name has 1 to ${stateNameBytesMax} bytes`);
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
