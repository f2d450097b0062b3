// Every method of CometBFT's v0.38 RPC (rpc/core/routes.go) over the solo engine, apart from subscribe, unsubscribe and
// unsubscribe_all, which are WebSocket's own (websocket-connection.ts).

import { blockMethods } from "./rpc-blocks.ts";
import { consensusMethods } from "./rpc-consensus.ts";
import { infoMethods } from "./rpc-info.ts";
import type { RpcMethods } from "./rpc-method.ts";
import { searchMethods } from "./rpc-search-methods.ts";
import { transactionMethods } from "./rpc-transactions.ts";

export const rpcMethods: RpcMethods = {
  ...infoMethods,
  ...blockMethods,
  ...transactionMethods,
  ...searchMethods,
  ...consensusMethods,
};

/** Those that a connection is needed for. */
export const webSocketMethods = ["subscribe", "unsubscribe", "unsubscribe_all"] as const;
