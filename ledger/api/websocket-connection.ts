// One WebSocket client of CometBFT's RPC: all methods, subscriptions beside them (rpc/core/events.go). Its requests are done in
// order of arrival, several at once; events are read from the chain as fast as the client takes them, so that a slow one costs a
// message of memory, not a queue. Bounds: websocket-limits.ts.

import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../consensus/clock.ts";
import { parseRpcJson, type Rpc, type RpcAnswer, type RpcId, type RpcRequest, requestOf } from "./rpc-dispatch.ts";
import { RpcError, rpcCodes } from "./rpc-error.ts";
import { paramsOfJson } from "./rpc-params.ts";
import { type EventSurroundings, EventTeller } from "./websocket-events.ts";
import type { WebSocketLimits } from "./websocket-limits.ts";
import { Outlet } from "./websocket-outlet.ts";
import { Subscriptions } from "./websocket-subscriptions.ts";

/** Close codes of RFC 6455 section 7.4.1. */
const policyViolation = 1008;
const internalError = 1011;
/** A request of more bytes costs more reads, and is not looked into for its id when it is refused. */
const bytesPerRead = 65_536;
const smallBytesMax = 16_384;

/** What connections share. */
export interface ConnectionSurroundings extends EventSurroundings<RpcConnection> {
  readonly rpc: Rpc;
  readonly clock: Clock;
  readonly limits: WebSocketLimits;
  /** Takes tokens of a caller's limits; false when there are too few. For what is `done` all are taken. */
  take(caller: string | null, kind: "read" | "write", tokens: number, done?: boolean): boolean;
  /** Why a caller may not have one more subscription; null when it may. */
  subscriptionRefusal(caller: string | null): string | null;
  /** Called when a block could not be told, which is no fault of the client. */
  failed(error: unknown): void;
  /** Called once, when the connection is gone. */
  closed(connection: RpcConnection): void;
}

export class RpcConnection {
  readonly caller: string | null;
  readonly #socket: WebSocket;
  readonly #around: ConnectionSurroundings;
  readonly #subscriptions: Subscriptions;
  readonly #outlet: Outlet<RpcConnection>;
  readonly #teller: EventTeller<RpcConnection>;
  /** Requests that came while others were done: no more than the socket had read already. */
  readonly #waiting: Buffer[] = [];
  #running = 0;
  #refusedInRow = 0;
  #heard = true;
  #closing = false;

  /** `stream` is what the WebSocket stands on. */
  constructor(socket: WebSocket, stream: Duplex, caller: string | null, around: ConnectionSurroundings) {
    this.#socket = socket;
    this.caller = caller;
    this.#around = around;
    this.#subscriptions = new Subscriptions(around.limits.subscriptionsPerConnectionMax);
    this.#outlet = new Outlet(socket, stream, around.room, this, () => this.#work());
    this.#teller = new EventTeller(this, this.#subscriptions, this.#outlet, around);
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
      around.room.leave(this);
      around.closed(this);
    });
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  /** Tells of new blocks, or cuts the connection off when it is too far behind. */
  blocksAreThere(): void {
    if (this.#subscriptions.size === 0 || this.#closing) return;
    if (this.#teller.blocksBehind > this.#around.limits.blocksBehindMax) this.cutOff("slow client");
    else void this.#tellBlocks();
  }

  /** Asks whether the client is still there; one that did not answer the last time is not. */
  ping(): void {
    // What has not been read cannot have been heard: a connection that is held back by its own calls is left alone.
    const heldBack = this.#waiting.length > 0 && this.#running > 0;
    if (!this.#heard && !heldBack) {
      this.terminate();
      return;
    }
    this.#heard = false;
    if (!this.#closing) this.#socket.ping();
  }

  /** Ends the subscriptions and then the connection, saying why. What the client has not taken by the end of the grace it loses. */
  cutOff(reason: string, code = policyViolation, graceMs: number = this.#around.limits.graceMs): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#waiting.length = 0;
    this.#outlet.forget();
    for (const { id } of this.#subscriptions.values())
      this.#tell(this.#around.rpc.errorAnswer(id, serverError(`subscription was canceled (reason: ${reason})`)));
    this.#subscriptions.clear();
    this.#socket.resume();
    this.#socket.close(code, reason);
    this.#around.clock.after(graceMs, () => this.terminate());
  }

  /** Ends it without a word, and gives back what it held. */
  terminate(): void {
    this.#socket.terminate();
    this.#around.room.leave(this);
  }

  #work(): void {
    const { callsAtOnceMax, unsentBytesMax } = this.#around.limits;
    while (
      this.#waiting.length > 0 &&
      this.#isOpen() &&
      this.#running < callsAtOnceMax &&
      this.#outlet.unsentBytes <= unsentBytesMax
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
          this.#subscribe(id, params);
          break;
        case "unsubscribe":
          this.#subscriptions.remove(paramsOfJson({ query: "string" }, params));
          break;
        case "unsubscribe_all":
          this.#subscriptions.removeAll();
          break;
        default:
          return null;
      }
      return { jsonrpc: "2.0", id, result: {} };
    } catch (error) {
      return this.#around.rpc.errorAnswer(id, error);
    }
  }

  #subscribe(id: RpcId, params: unknown): void {
    const wereNone = this.#subscriptions.size === 0;
    const refusal = this.#around.subscriptionRefusal(this.caller);
    const after = this.#around.height();
    this.#subscriptions.add(id, paramsOfJson({ query: "string" }, params), after, refusal);
    // Whoever waits for nothing is behind with nothing.
    if (wereNone) this.#teller.beginAfter(after);
  }

  async #tellBlocks(): Promise<void> {
    try {
      if ((await this.#teller.tell()) === "pruned") this.cutOff("slow client");
    } catch (error) {
      this.#around.failed(error);
      this.cutOff("internal error", internalError);
    }
  }

  /** Sends an answer, or an error in its place where there is no room for it. */
  #send(answer: RpcAnswer): void {
    if (!this.#isOpen()) return;
    const text = Buffer.from(JSON.stringify(answer), "utf8");
    if (text.length <= smallBytesMax || this.#around.room.forAnswer(text.length)) this.#outlet.answer(text);
    else this.#tell(this.#around.rpc.errorAnswer(answer.id, serverError("too much waits to be sent; try again")));
  }

  #tell(answer: RpcAnswer): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#outlet.answer(Buffer.from(JSON.stringify(answer), "utf8"));
  }
}

function serverError(data: string): RpcError {
  return new RpcError(rpcCodes.server, "Server error", data);
}

function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
