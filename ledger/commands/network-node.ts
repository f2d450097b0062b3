// A ledger that follows a network: the application behind its own CometBFT, which it waits for on a socket.

import { join, resolve } from "node:path";
import { SettingError, type Settings } from "../../settings/settings.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { systemClock } from "../consensus/clock.ts";
import { type AbciAddress, AbciServer } from "../consensus/comet/abci-server.ts";
import { CometEngine } from "../consensus/comet/comet-engine.ts";
import { CometRpcClient } from "../consensus/comet/comet-rpc-client.ts";
import { openNetworkChain, restoreNetworkApplication } from "../consensus/comet/open-network-chain.ts";
import { chainFolderOf, newApplication, newTree } from "./chain.ts";
import type { LedgerNode, NodeEvents } from "./ledger-node.ts";

/** Bytes of a unix socket's path that Linux takes. */
const socketPathMax = 107;

export async function openNetworkNode(settings: Settings, events: NodeEvents): Promise<LedgerNode> {
  const folder = chainFolderOf(settings);
  const chain = await openNetworkChain(folder, loadCore());
  const application = newApplication(settings);
  await restoreNetworkApplication(chain, application);
  const network = new CometRpcClient(settings.cometRpc);
  const engine = new CometEngine({
    ...chain,
    application,
    rpc: network,
    clock: systemClock,
    keepBlocks: settings.ledgerKeepBlocks,
    snapshotBlocks: settings.snapshotBlocks,
    chainFolder: folder,
    newTree: () => newTree(settings),
    ...events,
  });
  const address = abciAddressOf(settings, folder);
  let abci: AbciServer | null = null;
  return {
    ...chain,
    application,
    engine,
    network,
    async start() {
      await engine.start();
      abci = await AbciServer.listen(address, {
        handler: engine,
        onFatal: events.onFatal,
        onRefused: (reason) => events.log.warn({ reason }, "a connection of CometBFT was ended"),
      }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "EADDRINUSE"
          ? new SettingError(
              `${settings.abci || join(folder, "abci.sock")} is in use; choose another with GLASSTOWN_ABCI`,
            )
          : error;
      });
    },
    async stop() {
      await abci?.close();
      await engine.stop();
    },
  };
}

function abciAddressOf({ abci }: Settings, folder: string): AbciAddress {
  if (abci.startsWith("tcp://")) {
    const { hostname, port } = new URL(abci);
    return { host: hostname.replaceAll(/[[\]]/g, ""), port: Number(port) };
  }
  const path = abci === "" ? resolve(folder, "abci.sock") : abci.slice("unix://".length);
  if (Buffer.byteLength(path) > socketPathMax)
    throw new SettingError(`${path} is too long for a socket; set GLASSTOWN_ABCI to unix:// and a shorter path`);
  return { path };
}
