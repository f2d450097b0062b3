// CometBFT's RPC over WebSocket on a real server: an unmodified CosmJS client, then the bare protocol and its bounds.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Comet38Client, WebsocketClient } from "@cosmjs/tendermint-rpc";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { type Clock, systemClock } from "../consensus/clock.ts";
import { person, sha256Hex, until } from "../consensus/test-chain.ts";
import { hex } from "../protocol/bytes.ts";
import { transactionBytes } from "../protocol/transaction.ts";
import { readLimit } from "./rate-limit.ts";
import { rpcMethods } from "./rpc-methods.ts";
import { startTestServer, type TestServer } from "./test-server.ts";
import { type WebSocketLimits, webSocketLimits } from "./websocket-limits.ts";

let server: TestServer;
let open: WebSocket[] = [];
const start = async (limits: Partial<WebSocketLimits> = {}, clock: Clock = systemClock) => {
  server = await startTestServer(clock, { webSocketLimits: { ...webSocketLimits, ...limits } });
};
afterEach(async () => {
  for (const socket of open) socket.terminate();
  open = [];
  await server.close();
});

const url = (): string => server.url.replace("http", "ws");
const registration = async (name: string) => {
  const who = person();
  const message = { type: "accounts/register", by: who.id, name, key: who.key } as const;
  return { who, bytes: transactionBytes(await server.signed(who, message)) };
};
const submit = async (name: string): Promise<void> => {
  const submitted = await server.chain.engine.submit((await registration(name)).bytes);
  if (!submitted.ok) throw new Error(submitted.name);
};

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert.
type Json = any;
interface Line {
  readonly socket: WebSocket;
  readonly messages: Json[];
  send(id: number | string | undefined, method: string, params?: unknown): void;
  /** The first answer with this id that satisfies the condition. */
  answer(id: number | string | null, fits?: (message: Json) => boolean): Promise<Json>;
  /** Close code and reason. */
  readonly closed: Promise<readonly [number, string]>;
}

async function dial(headers: Record<string, string> = {}, options = {}): Promise<Line> {
  const socket = new WebSocket(`${url()}/websocket`, { headers, ...options });
  open.push(socket);
  const messages: Json[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<readonly [number, string]>((resolve) =>
    socket.on("close", (code, reason) => resolve([code, String(reason)])),
  );
  await once(socket, "open");
  return {
    socket,
    messages,
    closed,
    send: (id, method, params) => socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params })),
    answer: async (id, fits = () => true) => {
      const found = () => messages.find((message) => message.id === id && fits(message));
      await until(() => found() !== undefined, `an answer to ${id}`);
      return found();
    },
  };
}

describe("CosmJS", () => {
  beforeEach(() => start());

  test("a client calls and follows blocks, headers and transactions", async () => {
    const client = Comet38Client.create(new WebsocketClient(url()));
    const blocks: number[] = [];
    const headers: number[] = [];
    const seen: string[] = [];
    const ofOne: string[] = [];
    const { bytes, who } = await registration("Alice");
    const streams = [
      client.subscribeNewBlock().subscribe({ next: (block) => blocks.push(block.header.height) }),
      client.subscribeNewBlockHeader().subscribe({ next: (header) => headers.push(header.height) }),
      client.subscribeTx().subscribe({ next: (event) => seen.push(hex(event.hash)) }),
      client
        .subscribeTx(`accounts/registered.account = '${who.id}'`)
        .subscribe({ next: (event) => ofOne.push(hex(event.hash)) }),
    ];
    expect((await client.status()).nodeInfo.network).toBe(server.chain.genesis.chain);
    const before = server.chain.engine.height;
    const committed = await client.broadcastTxCommit({ tx: bytes });
    expect(committed.txResult?.code).toBe(0);
    const another = await registration("Bob");
    expect((await client.broadcastTxSync({ tx: another.bytes })).code).toBe(0);
    await until(() => seen.length === 2 && blocks.length >= 3 && headers.length >= 3, "blocks and transactions");
    expect(seen).toEqual([sha256Hex(bytes), sha256Hex(another.bytes)]);
    expect(ofOne).toEqual([sha256Hex(bytes)]);
    // None is missed, none comes twice.
    for (const heights of [blocks, headers])
      expect(heights).toEqual(Array.from({ length: heights.length }, (_, index) => before + 1 + index));
    for (const stream of streams) stream.unsubscribe();
    expect(await client.health()).toBeNull();
    client.disconnect();
  });

  test("a query that does not parse ends its stream with CometBFT's error", async () => {
    const client = Comet38Client.create(new WebsocketClient(url()));
    const failure = await new Promise<unknown>((resolve) =>
      client.subscribeTx("malformed query").subscribe({ error: resolve }),
    );
    expect(String(failure)).toContain("failed to parse query: offset ");
    client.disconnect();
  });
});

describe("subscriptions", () => {
  beforeEach(() => start());

  test("a Tx event has the members and the events that CometBFT sends", async () => {
    const line = await dial();
    const query = "tm.event = 'Tx'";
    line.send("a", "subscribe", { query });
    expect(await line.answer("a")).toEqual({ jsonrpc: "2.0", id: "a", result: {} });
    const { bytes, who } = await registration("Alice");
    await server.chain.engine.submit(bytes);
    const { result } = await line.answer("a", (message) => message.result.data !== undefined);
    const { data, events } = result;
    expect(result.query).toBe(query);
    expect(data.type).toBe("tendermint/event/Tx");
    expect(data.value.TxResult.tx).toBe(Buffer.from(bytes).toString("base64"));
    expect(Object.keys(data.value.TxResult)).toEqual(["height", "tx", "result"]);
    expect(events).toMatchObject({
      "tm.event": ["Tx"],
      "tx.hash": [sha256Hex(bytes).toUpperCase()],
      "tx.height": [data.value.TxResult.height],
      "accounts/registered.account": [who.id],
    });
    const flat = data.value.TxResult.result.events.flatMap((event: Json) =>
      event.attributes.map((attribute: Json) => [`${event.type}.${attribute.key}`, attribute.value]),
    );
    for (const [key, value] of flat) expect(events[key]).toContain(value);
  });

  test("NewBlock, NewBlockHeader and NewBlockEvents of one block come in that order", async () => {
    const line = await dial();
    for (const name of ["NewBlockEvents", "NewBlockHeader", "NewBlock"])
      line.send(name, "subscribe", [`tm.event='${name}'`]);
    await line.answer("NewBlock");
    await submit("Alice");
    await line.answer("NewBlockEvents", ({ result }) => result.data !== undefined);
    const [block, header, events] = line.messages.filter(({ result }) => result.data !== undefined);
    expect([block.id, header.id, events.id]).toEqual(["NewBlock", "NewBlockHeader", "NewBlockEvents"]);
    const { value } = block.result.data;
    expect(Object.keys(value)).toEqual(["block", "block_id", "result_finalize_block"]);
    expect(header.result.data.value).toEqual({ header: value.block.header });
    expect(events.result.data.value).toMatchObject({ height: value.block.header.height, num_txs: "1" });
    const told = await server.get(`/block?height=${value.block.header.height}`);
    expect({ block: value.block, block_id: value.block_id }).toEqual(told.body.result);
  });

  test("unsubscribing ends one, or all; what is not there is not found", async () => {
    const line = await dial();
    line.send(1, "subscribe", { query: "tm.event='NewBlock'" });
    line.send(2, "subscribe", { query: "tm.event = 'NewBlock'" });
    expect((await line.answer(2)).error).toEqual({
      code: -32603,
      message: "Internal error",
      data: "already subscribed",
    });
    line.send(3, "unsubscribe", { query: "tm.event  =  'NewBlock'" });
    expect((await line.answer(3)).result).toEqual({});
    line.send(4, "unsubscribe", { query: "tm.event='NewBlock'" });
    expect((await line.answer(4)).error.data).toBe("subscription not found");
    line.send(5, "unsubscribe_all");
    expect((await line.answer(5)).error.data).toBe("subscription not found");
    line.send(6, "subscribe", { query: "tm.event='Tx'" });
    line.send(7, "unsubscribe_all", {});
    expect((await line.answer(7)).result).toEqual({});
    const before = line.messages.length;
    const { height } = server.chain.engine;
    await submit("Alice");
    await until(() => server.chain.engine.height > height + 1, "two blocks");
    line.send(8, "health");
    await line.answer(8);
    expect(line.messages).toHaveLength(before + 1);
  });

  test("over HTTP there are none", async () => {
    const body = { jsonrpc: "2.0", id: 1, method: "subscribe", params: { query: "tm.event='Tx'" } };
    expect((await server.post("/", body)).body.error.code).toBe(-32601);
    expect((await server.get("/websocket")).status).toBe(426);
  });
});

describe("what is wrong", () => {
  beforeEach(() => start());

  test.each([
    ["{", null, -32700],
    ["[]", null, -32600],
    ['[{"jsonrpc":"2.0","id":1,"method":"health"}]', null, -32600],
    ["null", null, -32600],
    ['{"id":{},"method":"health"}', null, -32600],
    ['{"id":1.5,"method":"health"}', null, -32600],
    ['{"id":1,"method":"nothing"}', 1, -32601],
    ['{"id":1,"method":"constructor"}', 1, -32601],
    ['{"id":1,"method":"block","params":{"height":"one"}}', 1, -32602],
    ['{"id":1,"method":"subscribe","params":{"query":5}}', 1, -32602],
    ['{"id":1,"method":"subscribe"}', 1, -32603],
    [`{"id":1,"method":"subscribe","params":{"query":"a = '${"x".repeat(600)}'"}}`, 1, -32603],
  ])("%s", async (text, id, code) => {
    const line = await dial();
    line.socket.send(text);
    expect((await line.answer(id)).error.code).toBe(code);
    line.send(2, "health");
    expect((await line.answer(2)).result).toEqual({});
  });

  test("a notification gets no answer; binary frames are read as text", async () => {
    const line = await dial();
    line.send(undefined, "health");
    line.socket.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"health"}'), { binary: true });
    await line.answer(1);
    expect(line.messages).toHaveLength(1);
  });

  test("a giant message closes with 1009, text that is no UTF-8 with 1007", async () => {
    const giant = await dial();
    giant.socket.send(" ".repeat(webSocketLimits.messageBytesMax + 1));
    expect((await giant.closed)[0]).toBe(1009);
    const broken = await dial();
    broken.socket.send(Buffer.of(0xff, 0xfe), { binary: false });
    expect((await broken.closed)[0]).toBe(1007);
  });

  test.each([
    ["an unmasked frame", Buffer.of(0x81, 0x01, 0x61)],
    ["a reserved opcode", Buffer.of(0x83, 0x80, 0, 0, 0, 0)],
    ["reserved bits", Buffer.of(0xf1, 0x80, 0, 0, 0, 0)],
    ["a length past 2^53", Buffer.of(0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)],
    ["a control frame in pieces", Buffer.of(0x09, 0x80, 0, 0, 0, 0)],
    ["a continuation of nothing", Buffer.of(0x80, 0x80, 0, 0, 0, 0)],
  ])("%s ends the connection, and no other", async (_, frame) => {
    const bystander = await dial();
    const socket = await shakeHands();
    socket.write(frame);
    await once(socket, "close");
    bystander.send(1, "health");
    expect((await bystander.answer(1)).result).toEqual({});
  });

  test.each([
    ["/elsewhere", "websocket", "HTTP/1.1 404"],
    // Other upgrades are offers, which a server may leave be.
    ["/health", "h2c", "HTTP/1.1 200"],
    ["/websocket", "h2c", "HTTP/1.1 426"],
  ])("an upgrade of %s to %s: %s", async (path, upgrade, status) => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: ${upgrade}\r\n` +
        "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n",
    );
    const [first] = await once(socket, "data");
    expect(String(first)).toContain(status);
    socket.destroy();
  });
});

test("2,000 mutated requests: each is answered or the connection ends by the protocol; nothing enters the chain", async () => {
  await start();
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const random = seededNumbers(seed);
  const { height } = server.chain.engine;
  const methods = [...Object.keys(rpcMethods), "subscribe", "unsubscribe", "unsubscribe_all", "none"];
  const params = [
    { height: "1", hash: "AAAA", query: "tm.event = 'Tx'", tx: "e30=", page: "1", per_page: "2", order_by: "asc" },
    { height: -1, hash: {}, query: "a.b CONTAINS 'x' AND", tx: "?", page: 1e300, limit: null, chunk: "9", data: "zz" },
    ["1", true, [], "'"],
    null,
  ];
  let line = await dial();
  for (let id = 0; id < 2_000; id++) {
    const request = {
      jsonrpc: "2.0",
      id,
      method: methods[random(methods.length)],
      params: params[random(params.length)],
    };
    const bytes = Buffer.from(JSON.stringify(request));
    for (let change = random(4); change > 0; change--) bytes[random(bytes.length)] = random(256);
    line.socket.send(bytes.subarray(0, random(10) === 0 ? random(bytes.length) : bytes.length), {
      binary: random(2) === 0,
    });
    if (random(40) > 0) continue;
    line.send("end", "health");
    const { messages, socket, closed } = line;
    const answered = () => messages.some((message) => message.id === "end");
    await until(() => answered() || socket.readyState === WebSocket.CLOSED, `an end of either kind, seed ${seed}`);
    // Text that is no UTF-8 is the only thing that ends a connection here.
    if (!answered()) expect((await closed)[0], `seed ${seed}`).toBe(1007);
    line.socket.terminate();
    line = await dial();
  }
  const { engine } = server.chain;
  // Nothing was signed, so nothing can have changed: blocks since then are empty.
  for (let at = height + 1; at <= engine.height; at++)
    expect((await server.chain.store.results(at))!.transactions).toEqual([]);
}, 60_000);

/** A bare socket after the handshake. */
async function shakeHands(): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(
    "GET /websocket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
      "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n",
  );
  const [answer] = await once(socket, "data");
  expect(String(answer)).toContain("101 Switching Protocols");
  socket.resume();
  return socket;
}

describe("bounds", () => {
  test("5,000 subscriptions tried: 20 are taken, and the connection still serves", async () => {
    await start();
    const line = await dial();
    const tried = 5_000;
    for (let id = 0; id < tried; id++) line.send(id, "subscribe", { query: `a.b = ${id}` });
    await new Promise<void>((resolve) => {
      line.socket.on("message", () => line.messages.length === tried && resolve());
    });
    expect(line.messages.filter(({ result }) => result !== undefined)).toHaveLength(20);
    expect(line.messages.at(-1).error.data).toBe("max_subscriptions_per_client 20 reached");
    line.send("end", "health");
    await line.answer("end");
  });

  const from = { "x-forwarded-for": "203.0.113.7" };
  const refusedDial = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const socket = new WebSocket(`${url()}/websocket`, { headers });
      socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
      socket.on("open", () => reject(new Error("it was let in")));
      socket.on("error", () => undefined);
    });

  test("connections of one caller and of all; subscriptions of one caller and of all", async () => {
    await start({
      connectionsMax: 4,
      connectionsPerCallerMax: 2,
      subscriptionsPerConnectionMax: 3,
      subscriptionsPerCallerMax: 4,
      subscriptionsMax: 6,
    });
    const subscribed = async (line: Line, count: number) => {
      const answers: string[] = [];
      for (let id = 1; id <= count; id++) {
        line.send(id, "subscribe", { query: `a.b = ${id}` });
        answers.push((await line.answer(id)).error?.data ?? "taken");
      }
      return answers;
    };
    const lines = [await dial(from), await dial(from)];
    expect(await refusedDial(from)).toBe(429);
    expect(await subscribed(lines[0]!, 3)).toEqual(["taken", "taken", "taken"]);
    expect(await subscribed(lines[1]!, 2)).toEqual(["taken", "max_subscriptions_per_caller 4 reached"]);
    const local = [await dial(), await dial()];
    expect(await refusedDial({})).toBe(503);
    expect(await subscribed(local[0]!, 3)).toEqual(["taken", "taken", "max_subscriptions 6 reached"]);
    // A place that is given up is free again.
    lines[0]!.socket.close();
    await lines[0]!.closed;
    await dial(from);
    expect(await subscribed(local[1]!, 1)).toEqual(["taken"]);
  });

  test("the caller's limits are HTTP's: what is beyond them is refused, and in the end the connection", async () => {
    await start({ refusedInRowMax: 10 }, { ...systemClock, nowMs: () => 0 });
    const line = await dial(from);
    for (let id = 1; id < readLimit.burst; id++) line.send(id, "health");
    await line.answer(readLimit.burst - 1);
    line.send("one too many", "health");
    expect((await line.answer("one too many")).error).toEqual({
      code: -32000,
      message: "Server error",
      data: "too many requests from this address",
    });
    expect((await server.get("/status", from)).status).toBe(429);
    for (let id = 0; id < 11; id++) line.send(`more ${id}`, "health");
    expect(await line.closed).toEqual([1008, "too many requests"]);
  });

  test("what a client does not read is not read from it either, and none of it is lost", async () => {
    await start({ callsAtOnceMax: 2, unsentBytesMax: 20_000 });
    const line = await dial();
    line.socket.pause();
    const calls = 1_000;
    for (let id = 0; id < calls; id++) line.send(id, "status");
    line.socket.resume();
    await until(() => line.messages.length === calls, "all answers");
    expect(new Set(line.messages.map(({ id }) => id)).size).toBe(calls);
    expect(line.messages.every(({ result }) => result !== undefined)).toBe(true);
  });

  test("a client that answers no ping is cut off; one that does stays", async () => {
    const timers: (() => void)[] = [];
    const clock: Clock = {
      nowMs: systemClock.nowMs,
      after: (ms, callback) => {
        if (ms !== webSocketLimits.pingMs) return systemClock.after(ms, callback);
        timers.push(callback);
        return () => undefined;
      },
    };
    await start({}, clock);
    const silent = await dial({}, { autoPong: false });
    const alive = await dial();
    const pinged = [once(silent.socket, "ping"), once(alive.socket, "ping")];
    timers.shift()!();
    await Promise.all(pinged);
    alive.send(1, "health");
    await alive.answer(1);
    timers.shift()!();
    expect((await silent.closed)[0]).toBe(1006);
    alive.send(2, "health");
    await alive.answer(2);
  });

  test("when the server ends, subscribers are told why and all connections close", async () => {
    await start();
    const line = await dial();
    line.send(1, "subscribe", { query: "tm.event='NewBlock'" });
    await line.answer(1);
    const deaf = await shakeHands();
    const ended = server.close();
    expect(await line.closed).toEqual([1001, "the ledger is ending"]);
    expect(line.messages.at(-1)).toMatchObject({
      id: 1,
      error: { code: -32000, data: "subscription was canceled (reason: the ledger is ending)" },
    });
    await once(deaf, "close");
    await ended;
    server = { ...server, close: () => Promise.resolve() };
  });
});
