// What all routes share: ids, methods, origins, media types, conditional answers, limits, figures, readiness; one problem a status.

import { connect } from "node:net";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ManualClock, person, until } from "../consensus/test-chain.ts";
import { refusalCodes } from "../protocol/refusals.ts";
import { createLedgerApi } from "./app.ts";
import { anchorOf, problem, problemKinds } from "./problems.ts";
import { Readiness } from "./readiness.ts";
import { problemSchema } from "./schemas.ts";
import { listen } from "./server.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let clock: ManualClock;
const logged: Record<string, unknown>[] = [];

beforeAll(async () => {
  clock = new ManualClock(Date.now());
  const sink = new Writable({
    write(chunk, _, done) {
      for (const line of String(chunk).trim().split("\n")) logged.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  server = await startTestServer(clock, { log: pino({ level: "debug" }, sink), options: { metricsToken: token } });
});
afterAll(() => server.close());

const token = "a-token-of-sixteen-characters";
const send = (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, { method, headers, redirect: "manual" });

describe("request ids", () => {
  test("a valid one is kept, in the header, the problem and the log", async () => {
    const answer = await server.get("/v1/nothing", { "x-request-id": "trace-1/a:b" });
    expect(answer.headers.get("x-request-id")).toBe("trace-1/a:b");
    expect(answer.body.instance).toBe("urn:glasstown:request:trace-1/a:b");
    expect(logged.find(({ requestId }) => requestId === "trace-1/a:b")).toMatchObject({ route: "none", status: 404 });
  });

  test.each(["has space", "-begins-wrong", "a".repeat(129), 'quote"', "<script>"])(
    "another one is made for %j",
    async (id) => {
      const { headers } = await server.get("/v1/chain", { "x-request-id": id });
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe("the log", () => {
  test("has one line a request: route, status, time and the caller's network; no path, body or whole address", async () => {
    const answer = await server.get("/v1/blocks/1", { "x-forwarded-for": "203.0.113.77", "x-request-id": "line-1" });
    expect(answer.status).toBe(200);
    const lines = logged.filter(({ requestId }) => requestId === "line-1");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      method: "GET",
      route: "/v1/blocks/:height",
      status: 200,
      caller: "203.0.113.0/24",
    });
    expect(JSON.stringify(lines[0])).not.toContain("203.0.113.77");
  });

  test("never holds a transaction", async () => {
    const alice = person();
    const message = { type: "accounts/register", by: alice.id, name: "Secret Name", key: alice.key } as const;
    expect((await server.post("/v1/transactions", await server.signed(alice, message))).status).toBe(202);
    expect((await server.post("/v1/transactions", '{"body":"Secret Name"}')).status).toBe(400);
    expect(JSON.stringify(logged)).not.toMatch(/Secret Name|signature/);
  });
});

describe("methods", () => {
  test.each([
    ["POST", "/v1/chain", "GET, HEAD, OPTIONS"],
    ["DELETE", "/v1/transactions", /POST/],
    ["PUT", "/v1/blocks/1", "GET, HEAD, OPTIONS"],
    ["POST", "/ready", "GET, HEAD, OPTIONS"],
    ["PATCH", "/openapi.json", "GET, HEAD, OPTIONS"],
  ])("%s %s: 405 with Allow", async (method, path, allow) => {
    const answer = await send(method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toMatch(allow);
    expect(problemSchema.parse(await answer.json()).type).toBe("urn:glasstown:problem:method-not-allowed");
  });

  test.each(["/v1/chain", "/v1/blocks/1", "/v1/blocks", "/ready", "/openapi.json", "/docs", "/status"])(
    "HEAD %s is GET without its body",
    async (path) => {
      const { engine } = server.chain;
      // A block may come between the two: then they are of two states, and are asked for again.
      const pair = async (): Promise<readonly [Response, Response]> => {
        const { height } = engine;
        const get = await send("GET", path);
        await get.arrayBuffer();
        const head = await send("HEAD", path);
        return engine.height === height ? [get, head] : pair();
      };
      const [get, head] = await pair();
      expect(head.status).toBe(get.status);
      expect(await head.text()).toBe("");
      for (const name of ["content-type", "etag", "cache-control"])
        expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    },
  );

  test("OPTIONS says what there is; a preflight opens reading and writing to every origin", async () => {
    const plain = await send("OPTIONS", "/v1/transactions");
    expect([plain.status, plain.headers.get("allow")]).toEqual([204, expect.stringContaining("POST")]);
    const preflight = await send("OPTIONS", "/v1/transactions", {
      origin: "https://example.org",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("Content-Type");
    expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
    expect((await send("OPTIONS", "/v1/nothing")).status).toBe(404);
  });

  test("figures are open to no origin", async () => {
    const { headers } = await server.get("/metrics");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("media types", () => {
  test.each([
    ["text/html", 406],
    ["application/json;q=0, text/plain", 406],
    ["*/*;q=0", 406],
    ["application/json;q=0, */*", 406],
    ["application/*", 200],
    ["text/html, */*;q=0.1", 200],
    ["application/JSON; charset=utf-8", 200],
    [",;,;;q=", 406],
  ])("Accept: %s gets %i", async (accept, status) => {
    expect((await server.get("/v1/chain", { accept })).status).toBe(status);
  });

  test.each([
    [{ "content-type": "text/plain" }, 415],
    [{ "content-type": "application/x-www-form-urlencoded" }, 415],
    [{ "content-type": "application/json", "content-encoding": "gzip" }, 415],
    [{ "content-type": "application/json; charset=utf-8" }, 400],
    [{ "content-type": "application/vnd.glasstown+json" }, 400],
  ])("a body with %j gets %i", async (headers, status) => {
    expect((await server.post("/v1/transactions", "{}", headers as unknown as Record<string, string>)).status).toBe(
      status,
    );
  });
});

describe("conditional requests", () => {
  test("a block never changes", async () => {
    await until(() => server.chain.engine.height > 1, "a block after the first");
    const { headers } = await server.get("/v1/blocks/1");
    expect(headers.get("cache-control")).toContain("immutable");
    const again = await send("GET", "/v1/blocks/1", { "if-none-match": `"other", W/${headers.get("etag")}` });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", headers.get("etag")]);
    expect(again.headers.get("content-type")).toBeNull();
    expect((await send("GET", "/v1/blocks/1", { "if-none-match": '"other"' })).status).toBe(200);
    expect((await send("HEAD", "/v1/blocks/1", { "if-none-match": "*" })).status).toBe(304);
  });

  test("what follows the newest block is asked for anew, and differs once a block has come", async () => {
    // A block may come between the two requests of a pair, but not between those of every pair.
    let tag = "";
    let status = 200;
    while (status === 200) {
      const { headers } = await server.get("/v1/blocks");
      expect(headers.get("cache-control")).toContain("no-cache");
      tag = headers.get("etag")!;
      status = (await send("GET", "/v1/blocks", { "if-none-match": tag })).status;
    }
    expect(status).toBe(304);
    const alice = person();
    const message = { type: "accounts/register", by: alice.id, name: "Block Maker", key: alice.key } as const;
    expect((await server.post("/v1/transactions?wait=commit", await server.signed(alice, message))).status).toBe(200);
    expect((await send("GET", "/v1/blocks", { "if-none-match": tag })).status).toBe(200);
  });
});

test("the summary's tag follows what waits for a block as well", async () => {
  const alice = person();
  const message = {
    type: "accounts/register",
    by: alice.id,
    name: `W ${alice.id.slice(0, 8)}`,
    key: alice.key,
  } as const;
  const transaction = await server.signed(alice, message);
  const { engine } = server.chain;
  const tags = new Map<string, string>();
  const look = async () => {
    const { headers, body } = await server.get("/v1/statistics/summary");
    const seen = `${body.height} ${body.waiting.transactions}`;
    const tag = headers.get("etag")!;
    // One tag never stands for two answers.
    expect(tags.get(tag) ?? seen).toBe(seen);
    tags.set(tag, seen);
  };
  await look();
  const taken = server.post("/v1/transactions", transaction);
  await look();
  expect((await taken).status).toBe(202);
  const { height } = engine;
  while (engine.mempool.size > 0 || engine.height === height) await look();
  await look();
});

describe("limits", () => {
  test("are told, and when to come back", async () => {
    const from = { "x-forwarded-for": "198.51.100.1" };
    const first = await server.post("/v1/transactions", "{", from);
    expect(first.headers.get("ratelimit-policy")).toBe('"write";q=100;w=5');
    expect(first.headers.get("ratelimit")).toBe('"write";r=99;t=1');
    for (let i = 0; i < 99; i++) await server.post("/v1/transactions", "{", from);
    const refused = await server.post("/v1/transactions", "{", from);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(refused.headers.get("ratelimit")).toBe('"write";r=0;t=5');
    expect(refused.headers.get("access-control-allow-origin")).toBe("*");
    expect((await server.get("/v1/chain", from)).headers.get("ratelimit-policy")).toBe('"read";q=1000;w=5');
    expect((await server.get("/v1/chain")).headers.get("ratelimit")).toBeNull();
  });

  test("hold for pages in a browser on this machine too", async () => {
    const answer = await server.get("/v1/chain", { origin: "https://evil.example" });
    expect(answer.headers.get("ratelimit")).not.toBeNull();
  });
});

describe("operations", () => {
  test("figures for this machine: requests by route, blocks, transactions by outcome, bounded labels", async () => {
    await server.get("/v1/blocks/1");
    await server.get(`/v1/${"x".repeat(50)}`);
    const { status, body } = await server.get("/metrics");
    expect(status).toBe(200);
    expect(body).toMatch(/ledger_http_requests_total\{method="GET",route="\/v1\/blocks\/:height",status="200"\} [1-9]/);
    expect(body).toMatch(/ledger_transactions_total\{outcome="applied",refusal=""\} [1-9]/);
    expect(body).toMatch(/ledger_block_store_seconds_count [1-9]/);
    expect(body).toMatch(/ledger_store_bytes [1-9]/);
    expect(body).toMatch(/ledger_build_info\{version="[^"]+",node="[^"]+",chain="[^"]+"\} 1/);
    expect(body).toContain('ledger_mempool_transactions{lane="citizen"} ');
    expect(body).toMatch(/ledger_state_entries [1-9]/);
    expect(body).toMatch(/ledger_state_versions [1-9]/);
    const bytes = (part: string): number =>
      Number(new RegExp(`ledger_state_bytes\\{part="${part}"\\} (\\d+)`).exec(body)?.[1]);
    expect(bytes("tree-in-use")).toBeGreaterThan(0);
    expect(bytes("tree")).toBeGreaterThan(bytes("tree-in-use"));
    expect(bytes("names")).toBeGreaterThan(0);
    expect(body).toContain("process_resident_memory_bytes");
    expect(body).not.toContain("xxxxx");
  });

  test("count what is refused before a block, whichever way it came", async () => {
    const count = async () => {
      const { body } = await server.get("/metrics");
      const line = /ledger_refused_at_admission_total\{refusal="transaction_must_be_json"\} (\d+)/.exec(body);
      return Number(line?.[1] ?? 0);
    };
    const before = await count();
    await server.post("/v1/transactions", "{");
    expect(await count()).toBe(before + 1);
    await server.get("/broadcast_tx_sync?tx=0x7b");
    await server.post("/", { jsonrpc: "2.0", id: 1, method: "broadcast_tx_commit", params: { tx: "ew==" } });
    expect(await count()).toBe(before + 3);
  });

  test("figures for others with the token alone", async () => {
    const from = { "x-forwarded-for": "198.51.100.2" };
    expect((await server.get("/metrics", from)).status).toBe(401);
    expect((await server.get("/metrics", { ...from, authorization: "Bearer wrong" })).status).toBe(401);
    expect((await server.get("/metrics", { ...from, authorization: `Bearer ${token}` })).status).toBe(200);
  });

  test("not ready while restoring, catching up, ending or without disk; alive all the same", async () => {
    const folder = server.chain.folder;
    const of = async (readiness: Readiness): Promise<readonly [number, string]> => {
      const api = createLedgerApi({ ...server.chain, clock, log: pino({ level: "silent" }), options: { readiness } });
      const other = await listen(api, "127.0.0.1", 0);
      const ready = await fetch(`${other.url}/ready`);
      const body = (await ready.json()) as { detail?: string };
      expect((await fetch(`${other.url}/health`)).status).toBe(200);
      await other.close();
      return [ready.status, body.detail ?? ""];
    };
    const readiness = new Readiness(clock, folder);
    expect(await of(readiness)).toEqual([503, "the state is being restored"]);
    readiness.enter("catching-up");
    expect(await of(readiness)).toEqual([503, "blocks are being caught up with"]);
    readiness.enter("serving");
    expect(await of(readiness)).toEqual([200, ""]);
    readiness.enter("shutting-down");
    readiness.enter("serving");
    expect(await of(readiness)).toEqual([503, "the node is shutting down"]);
    expect(await of(new Readiness(clock, folder, "serving", Number.MAX_SAFE_INTEGER))).toEqual([
      503,
      "the disk is nearly full",
    ]);
  });
});

describe("problems, one a status", () => {
  const from = { "x-forwarded-for": "198.51.100.3" };
  const signedTwice = async (): Promise<Response> => {
    const bob = person();
    const message = { type: "accounts/register", by: bob.id, name: `B ${bob.id.slice(0, 8)}`, key: bob.key } as const;
    const transaction = JSON.stringify(await server.signed(bob, message));
    const post = (): Promise<Response> =>
      fetch(`${server.url}/v1/transactions?wait=commit`, {
        method: "POST",
        body: transaction,
        headers: { "content-type": "application/json" },
      });
    expect((await post()).status).toBe(200);
    return post();
  };
  const strangeChain = async (): Promise<Response> => {
    const bob = person();
    const message = { type: "accounts/register", by: bob.id, name: "Stranger", key: bob.key } as const;
    const body = JSON.stringify(await bob.sign("glasstown-00000000", 50, [message]));
    return fetch(`${server.url}/v1/transactions`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
  };
  const busy = async (): Promise<Response> => {
    for (;;) {
      const answer = await send("POST", "/v1/transactions", { "x-forwarded-for": "198.51.100.4" });
      if (answer.status === 429) return answer;
    }
  };

  const requests: Readonly<Record<number, () => Promise<Response>>> = {
    400: () => send("GET", "/v1/blocks?limit=x"),
    401: () => send("GET", "/metrics", from),
    404: () => send("GET", "/v1/nothing"),
    405: () => send("POST", "/v1/chain"),
    406: () => send("GET", "/v1/chain", { accept: "text/html" }),
    409: signedTwice,
    413: () =>
      fetch(`${server.url}/v1/transactions`, {
        method: "POST",
        body: "x".repeat(200_000),
        headers: { "content-type": "application/json" },
      }),
    414: () => send("GET", `/v1/chain?x=${"x".repeat(5_000)}`),
    415: () =>
      fetch(`${server.url}/v1/transactions`, { method: "POST", body: "{}", headers: { "content-type": "text/plain" } }),
    422: strangeChain,
    426: () => send("GET", "/websocket"),
    429: busy,
  };
  // What only another server or moment shows: 403 without a token, 410 after pruning, 500 in a bug, 503 in tests of /ready.
  // What fetch cannot send, or has no time for: 408, 417 and 431 in broken-requests.test.ts.
  const elsewhere = [403, 408, 410, 417, 431, 500, 503];

  test.each(Object.entries(requests))("%s", async (status, request) => {
    const answer = await request();
    expect(answer.status).toBe(Number(status));
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const body = problemSchema.parse(await answer.json());
    expect(body.status).toBe(Number(status));
    expect(body.instance).toBe(`urn:glasstown:request:${answer.headers.get("x-request-id")}`);
    // The page that explains it lies where the header says.
    const help = /^<([^>]+)>; rel="help"$/.exec(answer.headers.get("link") ?? "")![1]!;
    const page = await server.get(new URL(help, answer.url).pathname);
    expect(page.status).toBe(200);
    expect(page.body).toContain(`id="${anchorOf(body)}"`);
  });

  test("are all listed, and no status is left without its test", () => {
    const tested = [...Object.keys(requests).map(Number), ...elsewhere].sort((a, b) => a - b);
    expect(tested).toEqual(Object.keys(problemKinds).map(Number));
  });

  test("every refusal stands in the list", async () => {
    const { body } = await server.get("/docs/problems");
    for (const [name, code] of Object.entries(refusalCodes))
      expect(body).toMatch(new RegExp(`id="${name}".*<td>${code}</td>`));
  });

  test("a parameter that is given twice is refused, not read in one of two ways", async () => {
    const { status, body } = await server.get("/v1/transactions?outcome=applied&outcome=refused&limit=1");
    expect([status, body.errors]).toEqual([
      400,
      [{ parameter: "outcome", in: "query", detail: "is given more than once" }],
    ]);
  });

  test("a schema's faults are pointed at", async () => {
    const { body } = await server.get("/v1/blocks?limit=0&before=x");
    expect(body.errors.map(({ parameter }: { parameter: string }) => parameter).sort()).toContain("limit");
    const alice = person();
    const transaction = await server.signed(alice, { type: "money/transfer", by: alice.id, to: "x", amount: "1" });
    const posted = await server.post("/v1/transactions", transaction);
    expect(posted.body.refusal).toBe("transaction_must_match_schema");
    expect(posted.body.errors[0].pointer).toBe("#/body/messages/0/to");
  });

  test("403 without a token, 500 for a bug, without its words", async () => {
    const api = createLedgerApi({ ...server.chain, clock, log: pino({ level: "silent" }) });
    const other = await listen(api, "127.0.0.1", 0);
    expect((await fetch(`${other.url}/metrics`, { headers: from })).status).toBe(403);
    await other.close();
    expect(problem(500, "x").problem.type).toBe("urn:glasstown:problem:internal");
    const broken = createLedgerApi({
      ...server.chain,
      store: { folder: "", block: () => Promise.reject(new Error("secret of the house")) } as never,
      clock,
      log: pino({ level: "silent" }),
    });
    const breaking = await listen(broken, "127.0.0.1", 0);
    const answer = await fetch(`${breaking.url}/v1/chain`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("secret of the house");
    await breaking.close();
  });
});

test("a path that is no path ends in a problem, not in silence", async () => {
  const { port } = new URL(server.url);
  const answer = await new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(Number(port), "127.0.0.1", () =>
      socket.write("GET /v1/%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    );
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("close", () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 40[04]/);
});
