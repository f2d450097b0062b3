// Every method of CometBFT's v0.38 RPC (rpc/core/routes.go) over an engine, apart from subscribe, unsubscribe and
// unsubscribe_all, which are WebSocket's own (websocket-connection.ts).

import { blockMethods } from "./rpc-blocks.ts";
import { consensusMethods } from "./rpc-consensus.ts";
import { forwarded } from "./rpc-forward.ts";
import { infoMethods } from "./rpc-info.ts";
import type { RpcMethod, RpcMethods } from "./rpc-method.ts";
import { searchMethods } from "./rpc-search-methods.ts";
import { transactionMethods } from "./rpc-transactions.ts";

const own: RpcMethods = {
  ...infoMethods,
  ...blockMethods,
  ...transactionMethods,
  ...searchMethods,
  ...consensusMethods,
};

/** Of the node and of consensus: where CometBFT makes the blocks, it answers these itself. */
const ofNetwork = ["status", "net_info", "validators", "consensus_params", "consensus_state", "dump_consensus_state"];

export const rpcMethods: RpcMethods = {
  ...own,
  ...Object.fromEntries(ofNetwork.map((name) => [name, ownOrForwarded(name, own[name]!)])),
};

function ownOrForwarded(name: string, method: RpcMethod): RpcMethod {
  return {
    ...method,
    call: (context, params) =>
      context.ledger.network === undefined
        ? method.call(context, params)
        : forwarded(context.ledger.network, name, params),
  };
}

/** Those that a connection is needed for. */
export const webSocketMethods = ["subscribe", "unsubscribe", "unsubscribe_all"] as const;
