// Requests that a hostile client sends to the ledger: right ones with something wrong in them. Bytes as they go onto the wire.

import { damagedBytes, damagedValue } from "../mutate-json.ts";
import type { Random } from "../random.ts";

export interface MutatedRequest {
  readonly bytes: Uint8Array;
  /** False when the server may rightly wait for more. */
  readonly whole: boolean;
}

export interface Routes {
  readonly chain: string;
  /** Of the API's document, with `{name}` for parameters. */
  readonly paths: readonly string[];
}

const account = "ab".repeat(20);
const hash = "cd".repeat(32);

const parameters = [
  "1",
  "0",
  "-1",
  "2",
  "999999999",
  "9007199254740993",
  "current",
  "lamp-0001",
  account,
  hash,
  "%00",
  "%ff",
  "%",
  "%zz",
  "..%2f..",
  "..",
  "%2e%2e",
  "é",
  "%F0%9F%98%80",
  "'",
  '"',
  "a".repeat(3_000),
  "null",
  "undefined",
  "__proto__",
  "accounts%2Fparams",
  "1e3",
  "accounts/account/",
  "\u0001",
  "{}",
  "[]",
  "true",
  "%22x%22",
  "0x00",
  "2026-11-22",
  ";",
  "*",
  "2026-13-45",
];
const queryNames = [
  "prove",
  "limit",
  "before",
  "after",
  "from",
  "to",
  "account",
  "name",
  "height",
  "hash",
  "query",
  "page",
  "per_page",
  "order_by",
  "wait",
  "data",
  "path",
  "tx",
  "type",
  "module",
  "event",
  "descending",
  "cursor",
  "since",
  "__proto__",
  "limit[]",
  "",
];
const queryValues = [
  ...parameters,
  "tm.event='NewBlock'",
  "tx.height>0",
  "tx.height>0 AND energy/trade.seller='x'",
  "AND AND",
  "asc",
  "desc",
  '"/state"',
  "0xzz",
  "commit",
  "false",
  "((((",
  "tm.event = 'Tx' AND tx.hash EXISTS",
  "'",
  "a CONTAINS",
];
const rpcMethods = [
  "status",
  "block",
  "block_results",
  "commit",
  "validators",
  "tx",
  "tx_search",
  "block_search",
  "blockchain",
  "abci_query",
  "abci_info",
  "broadcast_tx_sync",
  "broadcast_tx_async",
  "broadcast_tx_commit",
  "check_tx",
  "genesis",
  "genesis_chunked",
  "consensus_params",
  "consensus_state",
  "dump_consensus_state",
  "health",
  "net_info",
  "header",
  "header_by_hash",
  "block_by_hash",
  "subscribe",
  "unsubscribe",
  "unsubscribe_all",
  "unconfirmed_txs",
  "num_unconfirmed_txs",
  "constructor",
  "toString",
  "",
];
const methods = [
  "GET",
  "GET",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "get",
  "G ET",
  "\u00ff",
];
const headers = [
  "if-none-match: *",
  'if-none-match: "x", W/"y"',
  `if-none-match: ${'"a",'.repeat(500)}`,
  "accept: text/html",
  "accept: */*;q=2",
  "range: bytes=0-1",
  "expect: 100-continue",
  "x-forwarded-for: 1.2.3.4",
  "x-forwarded-for: , ,::1,\t",
  "last-event-id: 0",
  "last-event-id: -1",
  "last-event-id: 99999999999999999999",
  "origin: null",
  "cookie: a=b",
  "upgrade: h2c",
  "te: trailers",
  "content-type: text/plain",
  "content-type: application/json; charset=utf-16",
  "content-encoding: gzip",
  "accept-encoding: br",
  `x-long: ${"a".repeat(17_000)}`,
  "x-empty:",
  ": no name",
  "no colon",
  "x-folded: a\r\n b",
  "content-length: 0, 0",
  "host: other",
  "connection: close",
  "x-request-id: \u00e9\u0000",
  "access-control-request-method: POST",
  "if-modified-since: yesterday",
  "x-http-method-override: DELETE",
  "authorization: Basic AAAA",
  "forwarded: for=_x",
  "accept-language: ko",
];

function pathOf(random: Random, { paths }: Routes): string {
  const route = random.oneIn(3) ? `/${random.pick(rpcMethods)}` : random.pick(paths);
  let path = route.replace(/\{\w+\}/g, () => random.pick(parameters));
  if (random.oneIn(12))
    path = random.pick([
      `/${path}`,
      `${path}/`,
      path.toUpperCase(),
      `${path}%00`,
      `/v1/../${path}`,
      `http://x${path}`,
      "*",
    ]);
  if (random.oneIn(60)) path = "";
  const search = Array.from({ length: random.oneIn(2) ? random.below(4) : 0 }, () => {
    const name = random.pick(queryNames);
    return random.oneIn(10)
      ? name
      : `${name}=${random.oneIn(2) ? encodeURIComponent(random.pick(queryValues)) : random.pick(queryValues)}`;
  });
  return search.length === 0 ? path : `${path}?${search.join("&")}`;
}

function transaction({ chain }: Routes): unknown {
  const message = { type: "money/transfer", by: account, to: "00".repeat(20), amount: "1" };
  const body = { chain, id: "0".repeat(32), expires: 20, messages: [message] };
  return { body, auth: [{ by: account, kind: "ed25519", key: hash, signature: "0".repeat(128) }] };
}

function rpcCall(random: Random): unknown {
  const names = [
    "height",
    "hash",
    "tx",
    "path",
    "data",
    "prove",
    "query",
    "page",
    "per_page",
    "order_by",
    "minHeight",
    "maxHeight",
  ];
  const params = Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [
      random.pick(names),
      random.pick(["1", 1, true, null, "AAAA", "/state", "tm.event='Tx'", {}]),
    ]),
  );
  return { jsonrpc: "2.0", id: random.pick([1, "a", null, 1.5, -1]), method: random.pick(rpcMethods), params };
}

function bodyOf(random: Random, routes: Routes): readonly [path: string, body: Uint8Array] {
  if (random.oneIn(2)) {
    const value = transaction(routes);
    const path = random.pick(["/v1/transactions", "/v1/transactions?wait=commit", "/v1/transactions?wait=x"]);
    return [path, damagedBytes(random, random.oneIn(8) ? value : damagedValue(random, value, [value]))];
  }
  const call = random.oneIn(5) ? Array.from({ length: random.below(30) }, () => rpcCall(random)) : rpcCall(random);
  return ["/", damagedBytes(random, random.oneIn(2) ? call : damagedValue(random, call, [rpcCall(random)]))];
}

function joined(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));
}

/** In chunks, now and then with a chunk that lies. */
function chunked(random: Random, body: Uint8Array): { readonly bytes: Uint8Array; readonly whole: boolean } {
  const parts: (string | Uint8Array)[] = [];
  for (let at = 0; at < body.length; ) {
    const length = 1 + random.below(Math.max(1, body.length - at));
    parts.push(`${length.toString(16)}${random.oneIn(5) ? ";x=y" : ""}\r\n`, body.subarray(at, at + length), "\r\n");
    at += length;
  }
  const lie = random.below(8);
  if (lie === 0) parts.push(random.pick(["-1\r\n", "zz\r\n", "ffffffffffffffff\r\n", "5\r\nab", "\r\n\r\n"]));
  else parts.push("0\r\n", random.oneIn(5) ? "x-trailer: 1\r\n" : "", "\r\n");
  return { bytes: joined(...parts), whole: lie !== 0 };
}

function withBody(random: Random, routes: Routes): MutatedRequest {
  const [path, body] = bodyOf(random, routes);
  const type = random.oneIn(8)
    ? random.pick(["text/plain", "application/x-www-form-urlencoded", "", "application/json;"])
    : "application/json";
  const head = `POST ${random.oneIn(20) ? pathOf(random, routes).replaceAll(" ", "%20") : path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\n`;
  if (random.oneIn(4)) {
    const { bytes, whole } = chunked(random, body);
    return { bytes: joined(head, "transfer-encoding: chunked\r\n\r\n", bytes), whole };
  }
  const lie = random.below(24);
  if (lie === 0)
    return { bytes: joined(head, `content-length: ${body.length + 1 + random.below(99)}\r\n\r\n`, body), whole: false };
  if (lie === 1)
    return {
      bytes: joined(
        head,
        `content-length: ${random.pick(["-1", "1e3", "0x1", "99999999999999999999", "", " "])}\r\n\r\n`,
        body,
      ),
      whole: false,
    };
  if (lie === 2)
    return {
      bytes: joined(head, `content-length: ${body.length}\r\ntransfer-encoding: chunked\r\n\r\n`, body),
      whole: false,
    };
  return { bytes: joined(head, `content-length: ${body.length}\r\n\r\n`, body), whole: true };
}

function withoutBody(random: Random, routes: Routes): MutatedRequest {
  const method = random.oneIn(6) ? random.pick(methods) : "GET";
  const extra = Array.from({ length: random.oneIn(3) ? random.below(4) : 0 }, () => random.pick(headers));
  const path = pathOf(random, routes);
  const version = random.oneIn(40) ? random.pick(["HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.1 ", ""]) : "HTTP/1.1";
  const host = random.oneIn(40)
    ? random.pick(["", "host: a\r\nhost: b\r\n", "host: \u0000\r\n"])
    : "host: localhost\r\n";
  const text = `${method} ${path} ${version}\r\n${host}${extra.map((line) => `${line}\r\n`).join("")}\r\n`;
  // With a body announced, an odd version or an upgrade the server may wait or close without a word.
  const plain =
    method === "GET" &&
    version === "HTTP/1.1" &&
    host === "host: localhost\r\n" &&
    extra.length === 0 &&
    /^[!-~]+$/.test(path);
  return { bytes: joined(text), whole: plain && !path.includes("/events") };
}

function webSocket(random: Random): MutatedRequest {
  const key = random.oneIn(6) ? random.pick(["", "short", "a".repeat(100)]) : "dGhlIHNhbXBsZSBub25jZQ==";
  const head = `GET /websocket HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: ${key}\r\nsec-websocket-version: ${random.oneIn(8) ? 7 : 13}\r\n\r\n`;
  const frames = Array.from({ length: random.below(4) }, () => frame(random));
  return { bytes: joined(head, ...frames), whole: false };
}

/** A client's frame (RFC 6455, 5.2), masked with zeros, now and then wrong. */
function frame(random: Random): Uint8Array {
  if (random.oneIn(6)) return random.bytes(random.below(40));
  const payload = damagedBytes(
    random,
    random.oneIn(2) ? rpcCall(random) : damagedValue(random, rpcCall(random), [rpcCall(random)]),
  );
  const opcode = random.oneIn(6) ? random.below(16) : 1;
  const first = (random.oneIn(8) ? 0 : 0x80) | (random.oneIn(20) ? 0x40 : 0) | opcode;
  const mask = random.oneIn(20) ? 0 : 0x80;
  const length = random.oneIn(20) ? random.below(65_536) : payload.length;
  const size =
    length < 126
      ? [mask | length]
      : length < 65_536
        ? [mask | 126, length >> 8, length & 0xff]
        : [mask | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return joined(Uint8Array.of(first, ...size), mask === 0 ? "" : Uint8Array.of(0, 0, 0, 0), payload);
}

export function mutatedRequest(random: Random, routes: Routes): MutatedRequest {
  const kind = random.below(20);
  if (kind === 0) return webSocket(random);
  if (kind === 1) {
    const several = Array.from(
      { length: 2 + random.below(6) },
      () => (random.oneIn(2) ? withBody : withoutBody)(random, routes).bytes,
    );
    return { bytes: joined(...several), whole: false };
  }
  const request = kind < 10 ? withBody(random, routes) : withoutBody(random, routes);
  if (kind !== 2) return request;
  const bytes = Uint8Array.from(request.bytes);
  if (random.oneIn(2)) return { bytes: bytes.subarray(0, random.below(bytes.length)), whole: false };
  for (let n = random.below(4); n >= 0; n--) bytes[random.below(bytes.length)] = random.below(256);
  return { bytes, whole: false };
}
