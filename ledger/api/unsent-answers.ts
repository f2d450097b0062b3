// The room for answers over HTTP that clients have not taken yet, of all connections together: 256 MiB, of which one caller may hold
// a quarter. An answer counts from when its JSON is written until the system has taken its last byte. Where there is no room,
// whoever has not taken an answer within ten seconds is cut off for it; while all are quicker, a new answer is 503. The last
// eighth is for small answers, so that /ready, problems of transactions and the like still get through. Streams have rooms of their own.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../consensus/clock.ts";
import { utf8 } from "../protocol/bytes.ts";
import { problem } from "./problems.ts";
import type { LedgerEnv } from "./route.ts";
import { UnsentRoom } from "./unsent-room.ts";

export interface UnsentAnswerLimits {
  readonly bytesMax: number;
  /** An answer up to this length is a small one. */
  readonly smallBytesMax: number;
  readonly stalledMs: number;
}

const unsentAnswerLimits: UnsentAnswerLimits = {
  bytesMax: 268_435_456,
  smallBytesMax: 16_384,
  stalledMs: 10_000,
};
const callerShare = 1 / 4;
const smallShare = 1 / 8;

export class UnsentAnswers {
  readonly #limits: UnsentAnswerLimits;
  readonly #room: UnsentRoom<Socket>;
  readonly #callers = new Map<string, number>();
  /** What ends each hold of a connection. */
  readonly #connections = new Map<Socket, Set<() => void>>();

  constructor(clock: Clock, limits: UnsentAnswerLimits = unsentAnswerLimits) {
    this.#limits = limits;
    const { bytesMax, stalledMs } = limits;
    const end = (socket: Socket): void => {
      this.#leave(socket);
      socket.destroy();
    };
    this.#room = new UnsentRoom({ clock, bytesMax, stalledMs, end });
  }

  /** What is unsent now. */
  get bytes(): number {
    return this.#room.bytes;
  }

  isSmall(bytes: number): boolean {
    return bytes <= this.#limits.smallBytesMax;
  }

  /**
   * Counts an answer until it is sent.
   * @param caller whose share it takes; null for local processes, which have none.
   * @throws {ProblemError} 429 when the caller has too much to take, 503 when all have.
   */
  take(
    caller: string | null,
    incoming: Pick<IncomingMessage, "socket">,
    outgoing: ServerResponse,
    bytes: number,
  ): void {
    const { socket } = incoming;
    if (socket.destroyed || bytes === 0) return;
    const { bytesMax } = this.#limits;
    const held = caller === null ? 0 : (this.#callers.get(caller) ?? 0);
    // One that is larger than the share goes alone.
    if (held > 0 && held + bytes > bytesMax * callerShare)
      throw problem(429, "answers that were not taken yet must be taken first", { "retry-after": "5" });
    const kept = this.isSmall(bytes) ? 0 : bytesMax * smallShare;
    if (!this.#room.forAnswer(bytes + kept))
      throw problem(503, "too many answers are not taken yet", { "retry-after": "5" });
    this.#hold(caller, socket, outgoing, bytes);
  }

  #hold(caller: string | null, socket: Socket, outgoing: ServerResponse, bytes: number): void {
    const endHold = this.#room.hold(socket, { bytes });
    const holds = this.#connections.get(socket) ?? new Set();
    if (holds.size === 0 && !this.#connections.has(socket)) {
      this.#connections.set(socket, holds);
      // An answer that waits behind another one is not told of the connection's end.
      socket.once("close", () => this.#leave(socket));
    }
    if (caller !== null) this.#callers.set(caller, (this.#callers.get(caller) ?? 0) + bytes);
    const release = (): void => {
      if (!holds.delete(release)) return;
      endHold();
      if (caller === null) return;
      const left = this.#callers.get(caller)! - bytes;
      if (left === 0) this.#callers.delete(caller);
      else this.#callers.set(caller, left);
    };
    holds.add(release);
    outgoing.once("close", release);
  }

  #leave(socket: Socket): void {
    for (const release of [...(this.#connections.get(socket) ?? [])]) release();
    this.#connections.delete(socket);
    this.#room.leave(socket);
  }
}

/** Every JSON answer of a route takes its room, whichever route it is; others ask for theirs (`takeRoom`). */
export function boundAnswers(unsent: UnsentAnswers): MiddlewareHandler<LedgerEnv> {
  return (request, next) => {
    const { incoming, outgoing } = request.env;
    const take = (bytes: number): void =>
      unsent.take(request.get("caller"), incoming as IncomingMessage, outgoing as ServerResponse, bytes);
    request.set("takeRoom", take);
    const answered: typeof request.json = (value, status?: unknown, headers?: unknown) => {
      const text = JSON.stringify(value);
      const bytes = Buffer.byteLength(text);
      take(bytes);
      const typed = { "content-type": "application/json", ...(headers as Record<string, string> | undefined) };
      // A long text would be in memory twice until it is sent, as it is and encoded.
      const body = unsent.isSmall(bytes) ? text : utf8(text);
      return request.body(body, status as never, typed) as never;
    };
    request.json = answered;
    return next();
  };
}
