// Passes requests on to another part of the city: streams both ways, so that events flow and an end on either side
// reaches the other. RFC 9110 §7.6.1 headers stay behind. Limits: 1 MiB a request, 64 s until an answer begins.

import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { clientAddress, noProxies, type TrustedProxies } from "../settings/trusted-proxies.ts";

const bodyBytesMax = 1024 * 1024;
const answerWithinMs = 64_000;
const connectionsMax = 512;
const tunnelsMax = 256;

export interface Part {
  /** As people call it, such as "ledger". */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** The part's base URL, without a slash at the end. */
export function originOf({ host, port }: Part): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax, maxFreeSockets: 32 });
/** Requests that must not be sent twice go over connections of their own, which no idle timeout can close under them. */
const freshAgent = new Agent({ keepAlive: false, maxSockets: connectionsMax });

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = String(headers.connection ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    // It frames the body: a sender that could take it away could hide a second request in the body.
    .filter((name) => name !== "content-length");
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !hopByHop.has(name) && !named.includes(name)) kept[name] = value;
  return kept;
}

/** The sender's own claims about where it comes from are replaced by what is known; a trusted proxy's word is kept. */
function forwardedHeaders(
  request: IncomingMessage,
  part: Part,
  trusted: TrustedProxies,
): Record<string, string | string[]> {
  const peer = request.socket.remoteAddress;
  const client = clientAddress(peer, String(request.headers["x-forwarded-for"] ?? ""), trusted);
  const headers = endToEnd(request.headers);
  for (const name of Object.keys(headers))
    if (name === "forwarded" || name.startsWith("x-forwarded-")) delete headers[name];
  headers["x-forwarded-for"] = client.reported ? client.address : (peer ?? "unknown");
  headers["x-forwarded-host"] = request.headers.host ?? "";
  headers["x-forwarded-proto"] = "http";
  headers["host"] = `${part.host}:${part.port}`;
  delete headers["expect"];
  return headers;
}

/** Answers with RFC 9457 problem details. */
export function problem(response: ServerResponse, status: number, title: string, detail: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "application/problem+json", "cache-control": "no-store" });
  response.end(JSON.stringify({ type: "about:blank", title, status, detail }));
}

/** Passes a request on to `path` at a part. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  part: Part,
  path: string,
  trusted: TrustedProxies = noProxies,
): void {
  const tooLong = (): void => {
    if (!response.headersSent) response.setHeader("connection", "close");
    problem(response, 413, "Content Too Large", `a request may have ${bodyBytesMax} bytes`);
  };
  if (Number(request.headers["content-length"] ?? 0) > bodyBytesMax) {
    tooLong();
    return;
  }
  const { host, port } = part;
  const { method } = request;
  const headers = forwardedHeaders(request, part, trusted);
  const chunked = request.headers["transfer-encoding"] !== undefined;
  // A body without a length is passed on in chunks, as it came.
  if (chunked) headers["transfer-encoding"] = "chunked";
  const bodiless = !chunked && Number(request.headers["content-length"] ?? 0) === 0;
  const repeatable = bodiless && (method === "GET" || method === "HEAD");
  let upstream: ClientRequest;
  let ended = false;
  const timer = setTimeout(() => {
    problem(response, 504, "Gateway Timeout", `the ${part.name} did not answer in time`);
    upstream.destroy();
  }, answerWithinMs);
  const send = (over: Agent): ClientRequest => {
    const sent = httpRequest({ agent: over, host, port, method, path, headers });
    sent.on("response", (answer) => {
      clearTimeout(timer);
      if (response.headersSent) {
        answer.destroy();
        return;
      }
      response.writeHead(answer.statusCode ?? 502, {
        ...endToEnd(answer.headers),
        "x-content-type-options": "nosniff",
      });
      // Headers of an event stream go out before its first event.
      response.flushHeaders();
      answer.on("error", () => response.destroy());
      answer.pipe(response);
    });
    sent.on("error", () => {
      // A part closes connections that lie idle; one taken up again at that moment fails without having been heard
      // (RFC 9112 §9.3.1 lets a safe request be sent again).
      if (repeatable && sent.reusedSocket && !ended && !response.headersSent) {
        upstream = send(freshAgent);
        upstream.end();
        return;
      }
      clearTimeout(timer);
      if (!response.writableEnded) problem(response, 502, "Bad Gateway", `the ${part.name} cannot be reached`);
    });
    return sent;
  };
  upstream = send(repeatable ? agent : freshAgent);
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= bodyBytesMax || size - chunk.length > bodyBytesMax) return;
    tooLong();
    upstream.destroy();
  });
  request.on("error", () => upstream.destroy());
  response.on("close", () => {
    ended = true;
    clearTimeout(timer);
    upstream.destroy();
  });
  request.pipe(upstream);
}

let tunnels = 0;

/** Passes a WebSocket on: the handshake's answer and then the bytes of both sides. */
export function tunnel(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  part: Part,
  path: string,
  trusted: TrustedProxies = noProxies,
): void {
  socket.on("error", () => socket.destroy());
  if (tunnels >= tunnelsMax) {
    socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  tunnels++;
  const headers: Record<string, string | string[]> = forwardedHeaders(request, part, trusted);
  // A handshake has no body, and its connection serves nobody else, whatever the answer.
  delete headers["content-length"];
  Object.assign(headers, { connection: "Upgrade", upgrade: "websocket" });
  const { host, port } = part;
  const upstream = httpRequest({ agent: false, host, port, path, headers, timeout: answerWithinMs });
  const refuse = (status = 502, retryAfter?: string): void => {
    const wait = retryAfter !== undefined && /^[0-9]{1,6}$/.test(retryAfter) ? `Retry-After: ${retryAfter}\r\n` : "";
    const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`;
    socket.end(`${line}\r\n${wait}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  };
  socket.on("close", () => {
    tunnels--;
    upstream.destroy();
  });
  upstream.on("upgrade", (answer: IncomingMessage, other: Socket, first: Buffer) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
    other.setTimeout(0);
    other.on("error", () => socket.destroy());
    other.on("close", () => socket.destroy());
    socket.on("close", () => other.destroy());
    socket.write(first);
    other.write(head);
    other.pipe(socket).pipe(other);
  });
  upstream.on("response", (answer) => {
    answer.resume();
    // Why the part refuses is for the caller to know; that it answers without upgrading is not a refusal.
    const { statusCode = 502, headers } = answer;
    if (statusCode >= 400 && statusCode <= 599) refuse(statusCode, headers["retry-after"]);
    else refuse();
  });
  upstream.on("timeout", () => upstream.destroy());
  upstream.on("error", () => refuse());
  upstream.end();
}
