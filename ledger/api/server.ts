// The HTTP server under the API: address, connection and time limits, orderly end.

import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { LedgerApi } from "./app.ts";

const connectionsMax = 2_000;
/** From one address; processes on this machine and trusted proxies speak for many. */
export const connectionsPerPeerMax = 200;
/** How long a client may take to send its request, and how often Node looks. */
const requestTimes = { requestTimeout: 15_000, headersTimeout: 10_000, connectionsCheckingInterval: 2_000 };
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
export async function listen(api: LedgerApi, host: string, port: number, times = requestTimes): Promise<LedgerServer> {
  const server = createServer(
    {
      ...times,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: 16_384,
      // Node would refuse a request without a host by itself, without a word.
      requireHostHeader: false,
      // Offers to speak something else, such as HTTP/2, are not taken up: the request is answered as it is.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
    },
    listenerOf(api),
  );
  const { brokenRequests } = api;
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => brokenRequests.clientError(error, socket));
  server.on("connect", (_, socket) => brokenRequests.refuse(405, "this is no proxy", socket));
  server.on("checkExpectation", ({ socket }: IncomingMessage) =>
    brokenRequests.refuse(417, "nothing can be expected but 100-continue", socket),
  );
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

function listenerOf({ app, brokenRequests }: LedgerApi): RequestListener {
  // What cannot be made a request is told at once, before the listener returns; a route's errors never come here.
  let reading: IncomingMessage | null = null;
  let fault: string | null = null;
  const listener = getRequestListener((request, env) => (fault === null ? app.fetch(request, env) : broken(fault)), {
    // For HTTP/1.0, which has no host.
    hostname: "localhost",
    errorHandler: (error) => broken(error instanceof Error ? error.message : "the request cannot be read"),
  });
  const broken = (detail: string): Response => brokenRequests.answer(reading!, detail);
  return (incoming, outgoing) => {
    brokenRequests.began(incoming, outgoing);
    // RFC 9110 §9.3.7: what the server as a whole can be asked; its root has every method that there is.
    if (incoming.method === "OPTIONS" && incoming.url === "*") incoming.url = "/";
    reading = incoming;
    fault = brokenRequests.faultOf(incoming);
    void listener(incoming, outgoing);
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
