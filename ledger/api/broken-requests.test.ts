// What no HTTP library would send, on a raw socket: each is answered with a problem, counted, and nothing else breaks.

import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../consensus/clock.ts";
import { createLedgerApi } from "./app.ts";
import { problemSchema } from "./schemas.ts";
import { type LedgerServer, listen } from "./server.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let hasty: LedgerServer;
beforeAll(async () => {
  server = await startTestServer();
  const api = createLedgerApi({ ...server.chain, clock: systemClock, log: pino({ level: "silent" }) });
  hasty = await listen(api, "127.0.0.1", 0, {
    requestTimeout: 40,
    headersTimeout: 20,
    connectionsCheckingInterval: 10,
  });
});
afterAll(async () => {
  await hasty.close();
  await server.close();
});

/** All that comes until the server closes the connection. */
function exchange(text: string, port = Number(new URL(server.url).port)): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text, "latin1"));
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received += String(chunk);
    });
    socket.on("close", () => resolve(received));
  });
}

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

function readAnswer(text: string): Told {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [line = "", ...lines] = head.split("\r\n");
  const headers = new Headers(
    lines.map((one): [string, string] => [one.split(": ")[0]!, one.split(": ").slice(1).join()]),
  );
  return { status: Number(line.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}

async function expectProblem(text: string, status: number, port?: number): Promise<Told> {
  const told = readAnswer(await exchange(text, port));
  expect([text.slice(0, 80), told.status]).toEqual([text.slice(0, 80), status]);
  expect(told.headers.get("content-type")).toBe("application/problem+json");
  expect(told.headers.get("content-length")).toBe(String(Buffer.byteLength(told.body)));
  expect(told.headers.get("connection")).toBe("close");
  expect(told.headers.get("access-control-allow-origin")).toBe("*");
  const body = problemSchema.parse(JSON.parse(told.body));
  expect(body.instance).toBe(`urn:glasstown:request:${told.headers.get("x-request-id")}`);
  return told;
}

const post = "POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

describe("a request that cannot be read gets a problem", () => {
  test.each([
    ["no HTTP at all", "hello\r\n\r\n", 400],
    ["a malformed request line", "GET /v1/chain\r\n\r\n", 400],
    ["another version", "GET /v1/chain HTTP/9.9\r\nHost: x\r\n\r\n", 400],
    ["an unknown method", "GRAB /v1/chain HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["no host", "GET /v1/chain HTTP/1.1\r\n\r\n", 400],
    ["two hosts", "GET /v1/chain HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
    ["a malformed host", "GET /v1/chain HTTP/1.1\r\nHost: a b<>\r\n\r\n", 400],
    ["a host with a path", "GET /v1/chain HTTP/1.1\r\nHost: a/../b\r\n\r\n", 400],
    ["a target that is no path", "GET v1/chain HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["an asterisk for what is not OPTIONS", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["a malformed absolute target", "GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["a header with a control character", "GET /v1/chain HTTP/1.1\r\nHost: x\r\nA: \u0000\r\n\r\n", 400],
    ["headers without end", `GET /v1/chain HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`, 431],
    ["a target without end", `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ["a proxy's method", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", 405],
    ["an expectation", `${post}Expect: a-miracle\r\nContent-Length: 2\r\n\r\n{}`, 417],
    ["two lengths", `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    ["the same length twice", `${post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`, 400],
    ["a list of lengths", `${post}Content-Length: 2, 2\r\n\r\n{}`, 400],
    ["a negative length", `${post}Content-Length: -2\r\n\r\n{}`, 400],
    ["a length and chunks", `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ["an encoding that does not end in chunks", `${post}Transfer-Encoding: gzip\r\n\r\n{}`, 400],
    ["chunks twice", `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`, 400],
    ["a malformed chunk", `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, 400],
  ])("%s", async (_, text, status) => {
    await expectProblem(text, status);
    expect((await server.get("/v1/chain")).status).toBe(200);
  });

  test("headers, or a body, that do not come in time", async () => {
    await expectProblem("GET /v1/chain HTTP/1.1\r\nHost: loc", 408, hasty.port);
    await expectProblem(`${post}Content-Length: 20\r\n\r\n{`, 408, hasty.port);
  });

  test("405 names the methods; an id that was sent is kept where the headers could be read", async () => {
    const refused = await expectProblem("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405);
    expect(refused.headers.get("allow")).toBe("GET, HEAD, OPTIONS, POST");
    const named = await expectProblem("GET /v1/chain HTTP/1.1\r\nX-Request-Id: mine-1\r\n\r\n", 400);
    expect(named.headers.get("x-request-id")).toBe("mine-1");
  });
});

test("OPTIONS * tells what the server can be asked", async () => {
  const text = await exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const { status, headers } = readAnswer(text);
  expect([status, headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS, POST"]);
});

test("HTTP/1.0 without a host, an absolute target and an empty host are requests like any other", async () => {
  for (const text of [
    "GET /v1/chain HTTP/1.0\r\n\r\n",
    "GET http://elsewhere.example/v1/chain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /v1/chain HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
  ])
    expect([text, readAnswer(await exchange(text)).status]).toEqual([text, 200]);
});

test("an answer that is owed comes whole, before or instead of what is said of the rest", async () => {
  const text = await exchange("GET /v1/chain HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n");
  // Either the first answer was under way, and the connection ends, or it had not begun: never one in the midst of the other.
  const answers = text.split(/(?=HTTP\/1\.1 )/);
  expect(answers.length).toBeLessThanOrEqual(1);
});

test("what could not be read is counted by status, and too large a body as the refusal that it is", async () => {
  const count = async (line: RegExp): Promise<number> =>
    Number(line.exec((await server.get("/metrics")).body)?.[1] ?? 0);
  const broken = /ledger_http_broken_total\{status="431"\} (\d+)/;
  const tooLarge = /ledger_refused_at_admission_total\{refusal="transaction_bytes_must_not_exceed_limit"\} (\d+)/;
  const before = [await count(broken), await count(tooLarge)];
  await exchange(`GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`);
  expect((await server.post("/v1/transactions", "x".repeat(200_000))).status).toBe(413);
  expect([await count(broken), await count(tooLarge)]).toEqual(before.map((each) => each + 1));
});
