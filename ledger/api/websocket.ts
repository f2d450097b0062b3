// CometBFT's /websocket: JSON-RPC over WebSocket (RFC 6455) on the API's own port. Who may connect, how many, and their end.

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { LedgerContext } from "./context.ts";
import { problem } from "./problems.ts";
import { callerOf } from "./rate-limit.ts";
import type { Rpc } from "./rpc-dispatch.ts";
import { EventFeed } from "./rpc-event-messages.ts";
import { UnsentRoom } from "./unsent-room.ts";
import { type ConnectionSurroundings, RpcConnection } from "./websocket-connection.ts";
import { type WebSocketLimits, webSocketLimits } from "./websocket-limits.ts";

const goingAway = 1001;
/** How long clients may take to answer the end. */
const endMs = 1_000;

export interface WebSocketOptions {
  readonly ledger: LedgerContext;
  readonly rpc: Rpc;
  readonly take: ConnectionSurroundings["take"];
  readonly limits?: WebSocketLimits;
  /** Told how many connections there are, whenever that changes. */
  readonly onCount?: (connections: number) => void;
}

export class RpcWebSockets {
  readonly #ledger: LedgerContext;
  readonly #limits: WebSocketLimits;
  readonly #take: ConnectionSurroundings["take"];
  readonly #onCount: (connections: number) => void;
  readonly #server: WebSocketServer;
  readonly #connections = new Set<RpcConnection>();
  readonly #around: ConnectionSurroundings;
  readonly #room: UnsentRoom<RpcConnection>;
  #cancelPing: (() => void) | null = null;
  #ended = false;

  constructor({ ledger, rpc, take, limits = webSocketLimits, onCount = () => undefined }: WebSocketOptions) {
    this.#ledger = ledger;
    this.#limits = limits;
    this.#take = take;
    this.#onCount = onCount;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Compression would cost memory and time for every connection, and CometBFT has none.
      perMessageDeflate: false,
      maxPayload: limits.messageBytesMax,
    });
    this.#room = new UnsentRoom({
      bytesMax: limits.unsentBytesOfAllMax,
      stalledMs: limits.stalledMs,
      clock: ledger.clock,
      end: (connection, atOnce) => {
        if (atOnce) connection.terminate();
        else connection.cutOff("slow client", undefined, limits.stalledGraceMs);
      },
    });
    this.#around = {
      rpc,
      feed: new EventFeed(ledger),
      clock: ledger.clock,
      limits,
      height: () => ledger.engine.height,
      take,
      subscriptionRefusal: (caller) => this.#subscriptionRefusal(caller),
      room: this.#room,
      failed: (error) => ledger.log.error({ err: error }, "events could not be sent"),
      closed: (connection) => {
        this.#connections.delete(connection);
        onCount(this.#connections.size);
      },
    };
    ledger.engine.onBlock(() => {
      for (const connection of [...this.#connections]) connection.blocksAreThere();
    });
  }

  /** What all connections hold of what they were sent, in bytes. */
  get unsentBytes(): number {
    return this.#room.bytes;
  }

  /** How many clients wait for room before they are told of the next block. */
  get waitingForRoom(): number {
    return this.#room.waiting;
  }

  /** Takes an HTTP upgrade, or refuses it with problem details. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on("error", () => socket.destroy());
    const { origin, host } = request.headers;
    const caller = callerOf(
      request.socket.remoteAddress,
      forwardedFor(request),
      this.#ledger.options?.trustedProxies,
      origin,
      host,
    );
    const refusal = this.#refusal(request, caller);
    if (refusal !== null) {
      refuse(socket, ...refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new RpcConnection(webSocket, socket, caller, this.#around);
      this.#connections.add(connection);
      this.#onCount(this.#connections.size);
      this.#pingLater();
      this.#ledger.log.debug({ connections: this.#connections.size }, "websocket");
    });
  };

  /** Tells every client that the server goes, and takes no more. */
  end(): void {
    this.#ended = true;
    this.#cancelPing?.();
    for (const connection of [...this.#connections]) connection.cutOff("the ledger is ending", goingAway);
    const impatience = setTimeout(() => {
      for (const connection of [...this.#connections]) connection.terminate();
    }, endMs);
    impatience.unref();
  }

  #refusal(request: IncomingMessage, caller: string | null): readonly [number, string] | null {
    if ((request.url ?? "").split("?")[0] !== "/websocket") return [404, "WebSocket is at /websocket"];
    if (this.#ended) return [503, "the ledger is ending"];
    if (!this.#take(caller, "read", 1)) return [429, "too many requests from this address"];
    if (this.#connections.size >= this.#limits.connectionsMax) return [503, "too many WebSocket connections"];
    const { connectionsPerCallerMax } = this.#limits;
    if (caller !== null && this.#of(caller).length >= connectionsPerCallerMax)
      return [429, `at most ${connectionsPerCallerMax} WebSocket connections a caller`];
    return null;
  }

  #subscriptionRefusal(caller: string | null): string | null {
    const { subscriptionsMax, subscriptionsPerCallerMax } = this.#limits;
    const count = (of: Iterable<RpcConnection>): number => {
      let sum = 0;
      for (const { subscriptions } of of) sum += subscriptions;
      return sum;
    };
    if (count(this.#connections) >= subscriptionsMax) return `max_subscriptions ${subscriptionsMax} reached`;
    if (caller !== null && count(this.#of(caller)) >= subscriptionsPerCallerMax)
      return `max_subscriptions_per_caller ${subscriptionsPerCallerMax} reached`;
    return null;
  }

  #of(caller: string): RpcConnection[] {
    return [...this.#connections].filter((connection) => connection.caller === caller);
  }

  /** One timer for all, while there are any. */
  #pingLater(): void {
    if (this.#cancelPing !== null || this.#ended) return;
    this.#cancelPing = this.#ledger.clock.after(this.#limits.pingMs, () => {
      this.#cancelPing = null;
      for (const connection of [...this.#connections]) connection.ping();
      if (this.#connections.size > 0) this.#pingLater();
    });
  }
}

function forwardedFor(request: IncomingMessage): string | undefined {
  const header = request.headers["x-forwarded-for"];
  return Array.isArray(header) ? header.at(-1) : header;
}

function refuse(socket: Duplex, status: number, detail: string): void {
  const body = JSON.stringify(problem(status, detail).problem);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    ...(status === 404 ? [] : ["retry-after: 5"]),
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
