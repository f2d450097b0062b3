// One WebSocket client of CometBFT's RPC: all methods, subscriptions beside them (rpc/core/events.go). Its requests are done in
// order of arrival, several at once; events are read from the chain as fast as the client takes them, so that a slow one costs a
// message of memory, not a queue. Bounds: websocket-limits.ts.

import type { RawData, WebSocket } from "ws";
import type { Clock } from "../consensus/clock.ts";
import { parseRpcJson, type Rpc, type RpcAnswer, type RpcId, type RpcRequest, requestOf } from "./rpc-dispatch.ts";
import { methodFailed, RpcError, rpcCodes } from "./rpc-error.ts";
import type { EventFeed } from "./rpc-event-messages.ts";
import { type Params, paramsOfJson } from "./rpc-params.ts";
import { parseQuery, QueryError, queryText } from "./rpc-query.ts";
import { type MessageMatcher, messageMatcher } from "./rpc-query-match.ts";
import type { WebSocketLimits } from "./websocket-limits.ts";

/** Close codes of RFC 6455 section 7.4.1. */
const policyViolation = 1008;
const internalError = 1011;
/** A request of more bytes costs more reads, and is not looked into for its id when it is refused. */
const bytesPerRead = 65_536;
const smallBytesMax = 16_384;
/** Messages between two pauses for others. */
const matchesAtOnce = 2_000;

/** What connections share. */
export interface ConnectionSurroundings {
  readonly rpc: Rpc;
  readonly feed: Pick<EventFeed, "at">;
  readonly clock: Clock;
  readonly limits: WebSocketLimits;
  /** Height of the newest block. */
  height(): number;
  /** Takes tokens of a caller's limits; false when there are too few. For what is `done` all are taken. */
  take(caller: string | null, kind: "read" | "write", tokens: number, done?: boolean): boolean;
  /** Why a caller may not have one more subscription; null when it may. */
  subscriptionRefusal(caller: string | null): string | null;
  /** Counts what waits to be sent over all connections; false, and not counted, when that is too much. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
  /** Resolves once there is room for events; null when there is now. Answers may take what is left beyond that. */
  roomForEvents(): Promise<void> | null;
  /** Called when a block could not be told, which is no fault of the client. */
  failed(error: unknown): void;
  /** Called once, when the connection is gone. */
  closed(connection: RpcConnection): void;
}

interface Subscription {
  readonly id: RpcId;
  /** As the client wrote it. */
  readonly query: string;
  readonly matches: MessageMatcher;
  /** Height of the block after which it began. */
  readonly after: number;
}

export class RpcConnection {
  readonly caller: string | null;
  readonly #socket: WebSocket;
  readonly #around: ConnectionSurroundings;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Requests that came while others were done: no more than the socket had read already. */
  readonly #waiting: Buffer[] = [];
  #running = 0;
  #refusedInRow = 0;
  #heard = true;
  #closing = false;
  #pumping = false;
  /** Height of the next block to tell. */
  #next = 0;

  constructor(socket: WebSocket, caller: string | null, around: ConnectionSurroundings) {
    this.#socket = socket;
    this.caller = caller;
    this.#around = around;
    const heard = (): void => {
      this.#heard = true;
    };
    socket.on("message", (data) => {
      this.#heard = true;
      this.#waiting.push(bufferOf(data));
      this.#work();
    });
    socket.on("ping", heard);
    socket.on("pong", heard);
    // Frames that break the protocol: ws closes with the code that says so.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#closing = true;
      this.#subscriptions.clear();
      this.#waiting.length = 0;
      around.closed(this);
    });
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  /** Tells of new blocks, or cuts the connection off when it is too far behind. */
  blocksAreThere(): void {
    if (this.#subscriptions.size === 0 || this.#closing) return;
    if (this.#around.height() - this.#next >= this.#around.limits.blocksBehindMax) this.cutOff("slow client");
    else void this.#pump();
  }

  /** Asks whether the client is still there; one that did not answer the last time is not. */
  ping(): void {
    // What has not been read cannot have been heard: a connection that is held back by its own calls is left alone.
    const heldBack = this.#waiting.length > 0 && this.#running > 0;
    if (!this.#heard && !heldBack) {
      this.#socket.terminate();
      return;
    }
    this.#heard = false;
    if (!this.#closing) this.#socket.ping();
  }

  /** Ends the subscriptions and then the connection, saying why. */
  cutOff(reason: string, code = policyViolation): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#waiting.length = 0;
    for (const { id } of this.#subscriptions.values())
      this.#send(this.#around.rpc.errorAnswer(id, serverError(`subscription was canceled (reason: ${reason})`)));
    this.#subscriptions.clear();
    this.#socket.resume();
    this.#socket.close(code, reason);
    this.#around.clock.after(this.#around.limits.graceMs, () => this.#socket.terminate());
  }

  /** For the end of the process: does not wait. */
  terminate(): void {
    this.#socket.terminate();
  }

  #work(): void {
    const { callsAtOnceMax, unsentBytesMax } = this.#around.limits;
    while (
      this.#waiting.length > 0 &&
      this.#isOpen() &&
      this.#running < callsAtOnceMax &&
      this.#socket.bufferedAmount <= unsentBytesMax
    )
      this.#take(this.#waiting.shift()!);
    // Whoever goes is not held back: its last frame could not be read.
    if (!this.#isOpen()) this.#waiting.length = 0;
    if (this.#waiting.length > 0) this.#socket.pause();
    else if (this.#socket.isPaused) this.#socket.resume();
  }

  #isOpen(): boolean {
    return !this.#closing && this.#socket.readyState === this.#socket.OPEN;
  }

  #take(data: Buffer): void {
    const answer = this.#answerNow(data);
    if (answer === null) return;
    if ("jsonrpc" in answer) this.#send(answer);
    else this.#call(answer);
  }

  #call(request: RpcRequest): void {
    this.#running++;
    const owe = (reads: number): void => {
      if (reads > 0) this.#around.take(this.caller, "read", reads, true);
    };
    void this.#around.rpc.answer(request, owe).then((answer) => {
      this.#running--;
      if (answer !== null) this.#send(answer);
      this.#work();
    });
  }

  /** The answer where there is one at once, else the request that has to be called; null where none is due. */
  #answerNow(data: Buffer): RpcAnswer | RpcRequest | null {
    const paid = this.#pay("read", 1 + Math.floor(data.length / bytesPerRead));
    if (!paid && data.length > smallBytesMax) return this.#refused(null);
    let request: RpcRequest;
    try {
      request = requestOf(parseRpcJson(data.toString("utf8")));
    } catch (error) {
      return paid ? this.#around.rpc.errorAnswer(null, error) : this.#refused(null);
    }
    const { reads, writes } = this.#around.rpc.costOf(request.method);
    if (!paid || !this.#pay("write", writes) || !this.#pay("read", reads - 1)) return this.#refused(request.id);
    this.#refusedInRow = 0;
    // As in CometBFT, a request without an id is neither done nor answered.
    return request.id === null ? null : (this.#ownMethod(request.id, request.method, request.params) ?? request);
  }

  #pay(kind: "read" | "write", tokens: number): boolean {
    return tokens <= 0 || this.#around.take(this.caller, kind, tokens);
  }

  #refused(id: RpcId | null): RpcAnswer | null {
    this.#refusedInRow++;
    if (this.#refusedInRow <= this.#around.limits.refusedInRowMax)
      return this.#around.rpc.errorAnswer(id, serverError("too many requests from this address"));
    this.cutOff("too many requests");
    return null;
  }

  /** Null when it is a method like any other. */
  #ownMethod(id: RpcId, method: string, params: unknown): RpcAnswer | null {
    try {
      switch (method) {
        case "subscribe":
          this.#subscribe(id, paramsOfJson({ query: "string" }, params));
          break;
        case "unsubscribe":
          this.#unsubscribe(paramsOfJson({ query: "string" }, params));
          break;
        case "unsubscribe_all":
          if (this.#subscriptions.size === 0) throw methodFailed("subscription not found");
          this.#subscriptions.clear();
          break;
        default:
          return null;
      }
      return { jsonrpc: "2.0", id, result: {} };
    } catch (error) {
      return this.#around.rpc.errorAnswer(id, error);
    }
  }

  #subscribe(id: RpcId, params: Params): void {
    const { limits } = this.#around;
    if (this.#subscriptions.size >= limits.subscriptionsPerConnectionMax)
      throw methodFailed(`max_subscriptions_per_client ${limits.subscriptionsPerConnectionMax} reached`);
    const refusal = this.#around.subscriptionRefusal(this.caller);
    if (refusal !== null) throw methodFailed(refusal);
    const { text, query, matches } = readQuery(params);
    if (this.#subscriptions.has(text)) throw methodFailed("already subscribed");
    const after = this.#around.height();
    // Whoever waits for nothing is behind with nothing.
    if (this.#subscriptions.size === 0) this.#next = after + 1;
    this.#subscriptions.set(text, { id, query, matches, after });
  }

  #unsubscribe(params: Params): void {
    if (!this.#subscriptions.delete(readQuery(params).text)) throw methodFailed("subscription not found");
  }

  /** Sends what matches of each block in turn, waiting whenever the client does not keep up. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#subscriptions.size > 0 && this.#next <= this.#around.height()) {
        const height = this.#next;
        const messages = await this.#around.feed.at(height);
        if (messages === null) {
          // It has been pruned: the client was further behind than the chain reaches back.
          this.cutOff("slow client");
          return;
        }
        let sinceYield = 0;
        for (const message of messages) {
          for (const { id, query, matches, after } of [...this.#subscriptions.values()]) {
            if (++sinceYield % matchesAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
            if (height > after && matches(message.events)) await this.#sendEvent(id, query, message.members);
          }
        }
        // A subscription that began anew in the meantime is ahead already.
        this.#next = Math.max(this.#next, height + 1);
      }
    } catch (error) {
      this.#around.failed(error);
      this.cutOff("internal error", internalError);
    } finally {
      this.#pumping = false;
    }
  }

  async #sendEvent(id: RpcId, query: string, members: string): Promise<void> {
    for (let room = this.#around.roomForEvents(); room !== null; room = this.#around.roomForEvents()) await room;
    if (!this.#isOpen()) return;
    const result = `{"query":${JSON.stringify(query)},${members}}`;
    const sent = this.#sendText(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`);
    if (this.#socket.bufferedAmount > this.#around.limits.unsentBytesMax) await sent;
  }

  #send(answer: RpcAnswer): void {
    void this.#sendText(JSON.stringify(answer));
  }

  /** Resolves when it is handed to the system, or cannot be any more. */
  #sendText(text: string): Promise<void> {
    const bytes = Buffer.from(text, "utf8");
    if (!this.#around.reserve(bytes.length)) {
      this.#socket.terminate();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#socket.send(bytes, { binary: false }, () => {
        this.#around.release(bytes.length);
        resolve();
        this.#work();
      });
    });
  }
}

function readQuery(params: Params): {
  readonly text: string;
  readonly query: string;
  readonly matches: MessageMatcher;
} {
  const query = typeof params["query"] === "string" ? params["query"] : "";
  try {
    const parsed = parseQuery(query);
    return { text: queryText(parsed), query, matches: messageMatcher(parsed) };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw methodFailed(`failed to parse query: ${error.message}`);
  }
}

function serverError(data: string): RpcError {
  return new RpcError(rpcCodes.server, "Server error", data);
}

function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
