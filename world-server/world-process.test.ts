// The world process over HTTP: the page, the built world, and the way to the other parts, with real servers on free ports.

import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { WorldManifest } from "../worlds/format/world.ts";
import { openWorld, type WorldProcess } from "./world-process.ts";

const folder = mkdtempSync(join(tmpdir(), "glasstown-world-"));
const hash = "0123456789abcdef".repeat(4);
let ledger: Server;
let world: WorldProcess;
let origin: string;
let handle: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();

beforeAll(async () => {
  mkdirSync(join(folder, "client/assets"), { recursive: true });
  mkdirSync(join(folder, "city/tiles"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(folder, "client/index.html"), "<!doctype html><title>Glasstown</title>");
  writeFileSync(join(folder, "client/assets/main-abc123.js"), "export const x = 1;\n".repeat(500));
  writeFileSync(join(folder, "client/.hidden"), "hidden");
  writeFileSync(join(folder, "city/world.json"), JSON.stringify({ hash }));
  writeFileSync(join(folder, "city/tiles/0_0.bin"), Buffer.alloc(50_000, 7));
  symlinkSync(join(folder, "secret.txt"), join(folder, "city/link.txt"));
  ledger = createServer((incoming, outgoing) => handle(incoming, outgoing));
  const sockets = new WebSocketServer({ server: ledger, path: "/websocket" });
  sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(`echo ${String(data)}`)));
  ledger.listen(0, "127.0.0.1");
  await once(ledger, "listening");
  const manifest = { hash, name: "test", bounds: [-9, -9, 9, 9], spawn: { x: 0, y: 0, heading: 0 } };
  world = await openWorld({
    host: "127.0.0.1",
    port: 0,
    ledger: { name: "ledger", host: "127.0.0.1", port: (ledger.address() as AddressInfo).port },
    // Port 1 is nobody's.
    twin: { name: "twin", host: "127.0.0.1", port: 1 },
    crowd: 1,
    client: join(folder, "client"),
    world: { folder: join(folder, "city"), manifest: manifest as unknown as WorldManifest },
    log: pino({ level: "silent" }),
    nowMs: () => 1234,
  });
  origin = `http://127.0.0.1:${world.port}`;
});
afterAll(async () => {
  await world.close();
  ledger.closeAllConnections();
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Raw {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A request whose path is sent as it is written. */
async function raw(path: string, headers: Record<string, string> = {}, method = "GET", body?: Buffer): Promise<Raw> {
  const sent = request({ host: "127.0.0.1", port: world.port, path, headers, method });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

describe("the page", () => {
  test("index.html is asked about each time, hashed files are kept, both with the security headers", async () => {
    const index = await raw("/");
    expect(index.status).toBe(200);
    expect(index.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(index.headers["cache-control"]).toBe("no-cache");
    expect(index.headers["content-security-policy"]).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(index.headers["x-content-type-options"]).toBe("nosniff");
    expect(index.headers["cross-origin-opener-policy"]).toBe("same-origin");
    const again = await raw("/?quality=low", { "if-none-match": String(index.headers.etag) });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    const script = await raw("/assets/main-abc123.js", { "accept-encoding": "gzip, br" });
    expect(script.headers["cache-control"]).toContain("immutable");
    expect(script.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(script.body)).toHaveLength(10_000);
    const zipped = await raw("/assets/main-abc123.js", { "accept-encoding": "gzip, br;q=0" });
    expect(gunzipSync(zipped.body)).toHaveLength(10_000);
    const head = await raw("/assets/main-abc123.js", {}, "HEAD");
    expect(head.headers["content-length"]).toBe("10000");
    expect(head.body).toHaveLength(0);
  });

  test("the built world is served, for good to those who name its version", async () => {
    expect((await raw("/city/world.json")).headers["cache-control"]).toBe("no-cache");
    const tile = await raw(`/city/tiles/0_0.bin?${hash.slice(0, 16)}`, { "accept-encoding": "br" });
    expect(tile.headers["cache-control"]).toContain("immutable");
    expect(brotliDecompressSync(tile.body)).toHaveLength(50_000);
  });

  test.each([
    "/city/../secret.txt",
    "/city/..%2fsecret.txt",
    "/city/%2e%2e/secret.txt",
    "/city/tiles/..%2f..%2f..%2fsecret.txt",
    "/city/..%5c..%5csecret.txt",
    "/city/link.txt",
    "/city//world.json",
    "/city/tiles",
    "/city/",
    "/.hidden",
    "/city/%00world.json",
    "/city/%E0%A4%A",
    "/no/such/page",
  ])("%s leads nowhere", async (path) => {
    const answer = await raw(path);
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).not.toContain("secret");
    expect(answer.headers["content-type"]).toContain("json");
  });

  test("clock and health", async () => {
    handle = (_, response) => response.end('{"height":5}');
    expect(JSON.parse((await raw("/clock")).body.toString())).toEqual({ time: 1234 });
    const health = JSON.parse((await raw("/health")).body.toString()) as Record<string, unknown>;
    expect(health).toMatchObject({
      status: "degraded",
      world: { name: "test" },
      ledger: { reachable: true, health: { height: 5 } },
      twin: { reachable: false },
    });
  });

  test("the page is told of the ledgers that the operator suggests, and of none by default", async () => {
    const { pageRoutes } = await import("./page.ts");
    const options = {
      client: join(folder, "nowhere"),
      world: { folder, manifest: { hash } as WorldManifest },
      nowMs: () => 0,
      health: async () => ({ ok: true, parts: {} }),
    };
    const witnesses = ["https://ledger.example.org"];
    const answer = await pageRoutes({ ...options, witnesses }).request("/witnesses");
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    expect(await answer.json()).toEqual({ witnesses });
    expect(await (await pageRoutes(options).request("/witnesses")).json()).toEqual({ witnesses: [] });
  });

  test("a page that is not built says so", async () => {
    const { pageRoutes } = await import("./page.ts");
    const manifest = { hash } as WorldManifest;
    const app = pageRoutes({
      client: join(folder, "nowhere"),
      world: { folder, manifest },
      nowMs: () => 0,
      health: async () => ({ ok: true, parts: {} }),
    });
    const answer = await app.request("/");
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("npm run build:client");
  });
});

describe("the way to the other parts", () => {
  test("the ledger's prefix falls away, bodies arrive, claims about the sender do not", async () => {
    let seen: IncomingMessage | undefined;
    let received = "";
    handle = (incoming, outgoing) => {
      seen = incoming;
      incoming.on("data", (chunk) => {
        received += String(chunk);
      });
      incoming.on("end", () => {
        outgoing.writeHead(201, { "x-kept": "yes", connection: "x-dropped", "x-dropped": "no" });
        outgoing.end("made");
      });
    };
    const sent = { "x-forwarded-for": "6.6.6.6", connection: "x-secret", "x-secret": "1", "content-length": "5" };
    const answer = await raw("/ledger/v1/things?a=1", sent, "POST", Buffer.from("hello"));
    expect(answer.status).toBe(201);
    expect(answer.body.toString()).toBe("made");
    expect(answer.headers["x-kept"]).toBe("yes");
    expect(answer.headers["x-dropped"]).toBeUndefined();
    expect(received).toBe("hello");
    expect(seen?.url).toBe("/v1/things?a=1");
    expect(seen?.headers["x-forwarded-for"]).toMatch(/127\.0\.0\.1/);
    expect(seen?.headers["x-secret"]).toBeUndefined();
    await raw("/ledger?path=1");
    expect(seen?.url).toBe("/?path=1");
  });

  test("events flow one by one, and who stops listening is noticed upstream", async () => {
    let stopped: () => void = () => undefined;
    const noticed = new Promise<void>((done) => {
      stopped = done;
    });
    let more: () => void = () => undefined;
    handle = (_, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.flushHeaders();
      more = () => outgoing.write("data: 1\n\n");
      outgoing.on("close", stopped);
    };
    const listening = request({ host: "127.0.0.1", port: world.port, path: "/ledger/v1/events" });
    listening.end();
    listening.on("error", () => undefined);
    const [answer] = (await once(listening, "response")) as [IncomingMessage];
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    for (let event = 0; event < 2; event++) {
      more();
      const [chunk] = (await once(answer, "data")) as [Buffer];
      expect(chunk.toString()).toBe("data: 1\n\n");
    }
    answer.on("error", () => undefined);
    listening.destroy();
    await noticed;
  });

  test("a part that is away, and one that dies in the middle", async () => {
    const away = await raw("/sta/v1.1/Things");
    expect(away.status).toBe(502);
    expect(away.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(away.body.toString())).toMatchObject({ status: 502, detail: "the twin cannot be reached" });
    handle = (_, outgoing) => {
      outgoing.writeHead(200, { "content-length": "100" });
      outgoing.write("half", () => outgoing.destroy());
    };
    await expect(raw("/ledger/v1/half")).rejects.toThrow();
  });

  test("a connection that a part closed while it lay idle costs no answer, and no order is sent twice", async () => {
    const heard = new Map<Socket, number>();
    let orders = 0;
    handle = (incoming, outgoing) => {
      const before = heard.get(incoming.socket) ?? 0;
      heard.set(incoming.socket, before + 1);
      if (incoming.method === "POST") orders++;
      // As if the idle timeout had struck at the moment at which the request was sent.
      if (before > 0) incoming.socket.destroy();
      else incoming.resume().on("end", () => outgoing.end("ok"));
    };
    for (let i = 0; i < 4; i++) {
      expect((await raw("/ledger/v1/chain")).status).toBe(200);
      expect((await raw("/ledger/v1/transactions", {}, "POST", Buffer.from("order"))).status).toBe(200);
    }
    expect(orders).toBe(4);
  });

  test("a body stays framed whatever the connection header names", async () => {
    let received = "";
    let requests = 0;
    handle = (incoming, outgoing) => {
      requests++;
      incoming.on("data", (chunk) => {
        received += String(chunk);
      });
      incoming.on("end", () => outgoing.end("ok"));
    };
    const hidden = "GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n";
    const socket = connect(world.port, "127.0.0.1");
    socket.write(
      `GET /ledger/v1/chain HTTP/1.1\r\nhost: x\r\nconnection: close, content-length\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    );
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(received).toBe(hidden);
    expect(requests).toBe(1);
  });

  test("a refused handshake leaves no connection behind on which another could be mistaken for its body", async () => {
    const seen: { readonly length: string | undefined; readonly socket: Duplex }[] = [];
    const upgraded = (incoming: IncomingMessage, socket: Duplex): void => {
      if (incoming.url !== "/elsewhere") return;
      seen.push({ length: incoming.headers["content-length"], socket });
    };
    ledger.prependListener("upgrade", upgraded);
    for (let i = 0; i < 2; i++) {
      const socket = connect(world.port, "127.0.0.1");
      socket.write(
        "GET /ledger/elsewhere HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\ncontent-length: 99\r\n\r\n",
      );
      let answer = "";
      for await (const chunk of socket) answer += String(chunk);
      // The part's own status, and nothing else of its answer.
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n$/);
    }
    ledger.off("upgrade", upgraded);
    expect(seen.map(({ length }) => length)).toEqual([undefined, undefined]);
    expect(seen[0]?.socket).not.toBe(seen[1]?.socket);
  });

  test("a body of more than one MiB is refused, with and without its length", async () => {
    handle = (incoming, outgoing) => incoming.resume().on("end", () => outgoing.end("ok"));
    const long = await raw("/ledger/v1/transactions", { "content-length": "2000000" }, "POST").catch(() => null);
    expect(long === null || long.status === 413).toBe(true);
    const chunked = request({ host: "127.0.0.1", port: world.port, path: "/ledger/v1/transactions", method: "POST" });
    chunked.on("error", () => undefined);
    const answered = once(chunked, "response") as Promise<[IncomingMessage]>;
    for (let i = 0; i < 20; i++) chunked.write(Buffer.alloc(100_000));
    expect((await answered)[0].statusCode).toBe(413);
    chunked.destroy();
  });

  test("a WebSocket that the ledger refuses for now: its status and when to come back; one it does not answer so: 502", async () => {
    const refusals = new Map([
      ["/busy", "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nX-Inner: 1\r\nContent-Length: 4\r\n\r\nbusy"],
      ["/plain", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
    ]);
    const upgraded = (incoming: IncomingMessage, socket: Duplex): void => {
      const answer = refusals.get(incoming.url ?? "");
      if (answer !== undefined) socket.end(answer);
    };
    ledger.prependListener("upgrade", upgraded);
    const answerTo = async (path: string): Promise<string> => {
      const socket = connect(world.port, "127.0.0.1");
      socket.write(`GET /ledger${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
      let answer = "";
      for await (const chunk of socket) answer += String(chunk);
      return answer;
    };
    expect(await answerTo("/busy")).toBe(
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
    expect(await answerTo("/plain")).toMatch(/^HTTP\/1\.1 502 /);
    ledger.off("upgrade", upgraded);
  });

  test("WebSockets reach the ledger; others end in 404", async () => {
    const socket = new WebSocket(`${origin.replace("http", "ws")}/ledger/websocket`);
    await once(socket, "open");
    socket.send("hi");
    const [message] = (await once(socket, "message")) as [Buffer];
    expect(message.toString()).toBe("echo hi");
    socket.close();
    for (const path of ["/elsewhere", "/sta/socket"]) {
      const refused = new WebSocket(`${origin.replace("http", "ws")}${path}`);
      const [error] = (await once(refused, "error")) as [Error];
      expect(error.message).toMatch(/404|502/);
    }
  });

  test("bytes that are no HTTP and targets that are no path are answered with 400", async () => {
    for (const text of [
      "nonsense\r\n\r\n",
      "GET http://elsewhere.invalid/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ]) {
      const socket = connect(world.port, "127.0.0.1");
      socket.end(text);
      let answer = "";
      for await (const chunk of socket) answer += String(chunk);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  test("the other loopback address is the same city", async () => {
    const answer = await fetch(`http://localhost:${world.port}/clock`);
    expect(await answer.json()).toEqual({ time: 1234 });
  });
});
