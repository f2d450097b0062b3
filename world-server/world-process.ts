// The world process: one HTTP server for the page, the built world and the rooms, and the way to the ledger and the twin.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Server as SocketServer } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Logger } from "pino";
import type { TrustedProxies } from "../settings/trusted-proxies.ts";
import type { WorldManifest } from "../worlds/format/world.ts";
import { forward, originOf, type Part, problem, tunnel } from "./forward.ts";
import { pageRoutes } from "./page.ts";
import { LedgerDirectory } from "./rooms/ledger-directory.ts";
import { openRooms, type Rooms } from "./rooms/open-rooms.ts";

const connectionsMax = 4000;
const proveWithinMs = 15_000;
const healthWithinMs = 1500;
const healthBytesMax = 16 * 1024;
/** Time that requests under way have to finish when the process is asked to end. */
const drainMs = 3000;

export interface WorldOptions {
  readonly host: string;
  readonly port: number;
  readonly ledger: Part;
  /** Proxies before this process that are believed about whom they speak for; default none. */
  readonly trustedProxies?: TrustedProxies;
  readonly twin: Part;
  /** Base URLs of other ledgers that the page is told of; none by default. */
  readonly witnesses?: readonly string[];
  readonly crowd: number;
  /** Folder of the built page. */
  readonly client: string;
  readonly world: { readonly folder: string; readonly manifest: WorldManifest };
  readonly log: Logger;
  readonly nowMs: () => number;
}

export interface WorldProcess {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens the server. @throws {NodeJS.ErrnoException} EADDRINUSE when the port is taken. */
export async function openWorld(options: WorldOptions): Promise<WorldProcess> {
  const { host, port, ledger, twin, crowd, world, log, nowMs } = options;
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 60_000, keepAliveTimeout: 65_000 });
  server.maxConnections = connectionsMax;
  const rooms = await openRooms(server, {
    manifest: world.manifest,
    crowd,
    ledger: new LedgerDirectory(originOf(ledger), nowMs),
    log,
    nowMs,
    proveWithinMs,
    sessions: new Map(),
  });
  const page = pageRoutes({ ...options, health: () => healthOf(options, rooms) });
  const answerPage = getRequestListener(page.fetch);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? "";
    const [part, path] = destination(url, ledger, twin);
    if (!url.startsWith("/")) problem(response, 400, "Bad Request", "the request's target must be a path");
    else if (part !== null) forward(request, response, part, path, options.trustedProxies);
    else if (url.startsWith("/matchmake/")) void rooms.matchmake(request, response);
    else void answerPage(request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = request.url ?? "";
    if (rooms.isRoomPath(url)) return;
    const [part, path] = destination(url, ledger, twin);
    if (part !== null && request.headers.upgrade?.toLowerCase() === "websocket")
      tunnel(request, socket, head, part, path, options.trustedProxies);
    else socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  server.on("clientError", (_, socket: Duplex) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });
  server.listen(port, host);
  await once(server, "listening");
  const opened = (server.address() as AddressInfo).port;
  const loopback = await openSecondLoopback(server, host, opened);
  return {
    port: opened,
    close: async () => {
      server.close();
      loopback?.close();
      await rooms.close().catch((error: unknown) => log.error({ err: error }, "rooms did not close cleanly"));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), drainMs);
      if (server.listening || (await openConnections(server)) > 0)
        await Promise.race([once(server, "close"), pause(drainMs + 200)]);
      clearTimeout(timer);
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms).unref());

const openConnections = (server: Server): Promise<number> =>
  new Promise((done) => server.getConnections((error, count) => done(error ? 0 : count)));

/** Where a request goes that this process does not answer itself: the ledger's prefix falls away, the twin's stays. */
function destination(url: string, ledger: Part, twin: Part): readonly [Part | null, string] {
  if (/^\/ledger(?:[/?]|$)/.test(url)) {
    const path = url.slice("/ledger".length);
    return [ledger, path.startsWith("/") ? path : `/${path}`];
  }
  if (/^\/(?:sta|log)(?:[/?]|$)/.test(url)) return [twin, url];
  return [null, url];
}

/** "localhost" means ::1 to some programs and 127.0.0.1 to others; who listens on one of them gets the other too. */
async function openSecondLoopback(server: Server, host: string, port: number): Promise<SocketServer | null> {
  const other = host === "127.0.0.1" ? "::1" : host === "::1" ? "127.0.0.1" : null;
  if (other === null) return null;
  const second = createSocketServer((socket) => server.emit("connection", socket));
  second.maxConnections = connectionsMax;
  second.listen(port, other);
  try {
    await once(second, "listening");
    return second;
  } catch (error) {
    // A machine without IPv6 has no ::1, which is no harm; a port that somebody else holds there is.
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") return null;
    server.close();
    throw error;
  }
}

async function healthOf(
  { ledger, twin, world }: WorldOptions,
  rooms: Rooms,
): Promise<{ ok: boolean; parts: Record<string, unknown> }> {
  const ask = async (part: Part): Promise<{ reachable: boolean; health?: unknown }> => {
    try {
      const response = await fetch(`${originOf(part)}/health`, { signal: AbortSignal.timeout(healthWithinMs) });
      const text = await response.text();
      return {
        reachable: response.ok,
        ...(text.length <= healthBytesMax ? { health: JSON.parse(text) as unknown } : {}),
      };
    } catch {
      return { reachable: false };
    }
  };
  const [ledgerHealth, twinHealth, count] = await Promise.all([ask(ledger), ask(twin), rooms.count()]);
  const { name, hash } = world.manifest;
  return {
    ok: ledgerHealth.reachable && twinHealth.reachable,
    parts: { world: { name, hash }, ...count, ledger: ledgerHealth, twin: twinHealth },
  };
}
