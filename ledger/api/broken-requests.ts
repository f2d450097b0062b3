// Requests that never reach a route because they cannot be read (RFC 9112): no host or a malformed one, a target that is no path,
// headers without end, a body that breaks its own framing, one that does not come in time. They get problem documents too (RFC 9457)
// and are counted; after those of the parser the connection ends, since nobody knows where the next request begins.

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { openToOrigins } from "./methods.ts";
import type { LedgerMetrics } from "./metrics.ts";
import { problem, problemResponse } from "./problems.ts";
import { requestIdOf } from "./request-context.ts";

/** What Node's parser says, and the status for it; anything else is 400. */
const statuses: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "the headers have at most 16 KiB"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "extensions of chunks have at most 16 KiB"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not come in time"],
};
const everyMethod = "GET, HEAD, OPTIONS, POST";

export class BrokenRequests {
  readonly #log: Logger;
  readonly #metrics: LedgerMetrics;
  /** Requests of a connection that are not answered yet. */
  readonly #open = new WeakMap<object, Set<ServerResponse>>();

  constructor(log: Logger, metrics: LedgerMetrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** To be told of every request, so that no answer comes in the midst of another. */
  began({ socket }: IncomingMessage, outgoing: ServerResponse): void {
    const open = this.#open.get(socket) ?? new Set();
    this.#open.set(socket, open.add(outgoing));
    outgoing.once("close", () => open.delete(outgoing));
  }

  /** Why a request cannot be read although the parser took it; null when it can, as far as headers tell. */
  faultOf({ httpVersion, headers, rawHeaders }: IncomingMessage): string | null {
    // RFC 9112 §3.2; HTTP/1.0 has no host.
    if (headers.host === undefined) return httpVersion === "1.0" ? null : "the Host header is missing";
    let hosts = 0;
    for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]!.toLowerCase() === "host") hosts++;
    return hosts > 1 ? "there is more than one Host header" : null;
  }

  /** The answer to a request whose host or target cannot be read. */
  answer({ headers }: IncomingMessage, detail: string): Response {
    return this.#answer(400, detail, "target", requestIdOf(headers["x-request-id"]));
  }

  /** Answers a method or an expectation that this server has not, such as CONNECT or `Expect: a-miracle`. */
  refuse(status: 405 | 417, detail: string, socket: Duplex): void {
    void this.#end(socket, this.#answer(status, detail, "method", requestIdOf(undefined)));
  }

  /** For Node's `clientError`. */
  clientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    const open = this.#open.get(socket) ?? new Set();
    // Who hung up hears nothing. Where an answer is under way, ours would be read as part of it, or as another's.
    const unheard = error.code === "ECONNRESET" || !socket.writable || open.size > 1;
    if (unheard || [...open].some(({ headersSent }) => headersSent)) {
      socket.destroy();
      return;
    }
    const code = error.code ?? "";
    const [status, detail] = Object.hasOwn(statuses, code) ? statuses[code]! : [400, "this is no HTTP request"];
    void this.#end(socket, this.#answer(status, detail, code, requestIdOf(undefined)));
  }

  #answer(status: number, detail: string, cause: string, requestId: string): Response {
    this.#metrics.broken(status);
    this.#log.info({ requestId, status, cause }, "request could not be read");
    const more = { connection: "close", ...(status === 405 ? { allow: everyMethod } : {}) };
    const response = problemResponse(problem(status, detail, more), { requestId });
    response.headers.set("x-request-id", requestId);
    response.headers.set("x-content-type-options", "nosniff");
    openToOrigins("/", response.headers);
    return response;
  }

  async #end(socket: Duplex, response: Response): Promise<void> {
    const body = await response.text();
    const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}`];
    for (const [name, value] of response.headers) lines.push(`${name}: ${value}`);
    lines.push(`content-length: ${Buffer.byteLength(body)}`, "", body);
    socket.on("error", () => undefined);
    socket.write(lines.join("\r\n"));
    (socket as Socket).destroySoon();
  }
}
