// The HTTP server under the API: address, connection and time limits, orderly end.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { LedgerApi } from "./app.ts";

const connectionsMax = 2_000;
/** From one address; processes on this machine and trusted proxies speak for many. */
export const connectionsPerPeerMax = 200;
/** How long a client may take to send its request. */
const requestTimeoutMs = 15_000;
const headersTimeoutMs = 10_000;
const keepAliveTimeoutMs = 65_000;
/** A connection on which nothing moves for so long is closed: a client that takes nothing of its answer, above all. */
const idleTimeoutMs = 120_000;
/** How long open requests may take when the server ends: a little more than `?wait=commit` needs. */
const drainMs = 3_000;

export interface LedgerServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Listens. @throws the system's error when the address cannot be used. */
export async function listen(api: LedgerApi, host: string, port: number): Promise<LedgerServer> {
  const server = createAdaptorServer({
    fetch: api.app.fetch,
    createServer,
    serverOptions: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: headersTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: 16_384,
      // Offers to speak something else, such as HTTP/2, are not taken up: the request is answered as it is.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
    },
  }) as Server;
  server.maxConnections = connectionsMax;
  server.timeout = idleTimeoutMs;
  server.on("upgrade", api.webSockets.upgrade);
  limitPeers(server, api);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shown}:${address.port}`,
    port: address.port,
    close: () => closeServer(server, api),
  };
}

/** So that no single address takes all connections, and with them everybody's way in, without a single request. */
function limitPeers(server: Server, { limitedPeer }: LedgerApi): void {
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const peer = limitedPeer(socket.remoteAddress);
    if (peer === null) return;
    const count = open.get(peer) ?? 0;
    if (count >= connectionsPerPeerMax) {
      socket.destroy();
      return;
    }
    open.set(peer, count + 1);
    socket.once("close", () => {
      const left = open.get(peer)! - 1;
      if (left === 0) open.delete(peer);
      else open.set(peer, left);
    });
  });
}

function closeServer(server: Server, api: LedgerApi): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearTimeout(impatience);
      resolve();
    });
    api.endStreams();
    server.closeIdleConnections();
  });
}
