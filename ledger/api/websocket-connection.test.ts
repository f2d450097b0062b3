// A WebSocket connection whose client does not keep up: on real sockets, with a chain made of large messages.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { systemClock } from "../consensus/clock.ts";
import { until } from "../consensus/test-chain.ts";
import type { Rpc, RpcId } from "./rpc-dispatch.ts";
import type { RpcError } from "./rpc-error.ts";
import { BlockMessages, EventMessage } from "./rpc-event-messages.ts";
import { UnsentRoom } from "./unsent-room.ts";
import { type ConnectionSurroundings, RpcConnection } from "./websocket-connection.ts";
import { webSocketLimits } from "./websocket-limits.ts";

const messageBytes = 1_000_000;
const rpc = {
  costOf: () => ({ reads: 1, writes: 0 }),
  answer: async ({ id, method }: { readonly id: RpcId; readonly method: string }) => ({
    jsonrpc: "2.0",
    id,
    result: method === "genesis" ? "g".repeat(100_000) : {},
  }),
  errorAnswer: (id: RpcId | null, { code, message, data }: RpcError) => ({
    jsonrpc: "2.0",
    id,
    error: { code, message, data },
  }),
} as unknown as Rpc;

let server: WebSocketServer;
let connection: RpcConnection;
let client: WebSocket;
let height: number;
let read: number[];
let room: UnsentRoom<RpcConnection>;
let lowest: number;
/** Holds the reading of blocks back. */
let gate: Promise<void>;
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert.
let received: any[];

beforeEach(async () => {
  height = 0;
  read = [];
  lowest = 1;
  gate = Promise.resolve();
  room = new UnsentRoom({
    bytesMax: webSocketLimits.unsentBytesOfAllMax,
    stalledMs: 60_000,
    clock: systemClock,
    end: (one) => one.terminate(),
  });
  received = [];
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const around: ConnectionSurroundings = {
    rpc,
    clock: systemClock,
    limits: { ...webSocketLimits, blocksBehindMax: 50, graceMs: 600_000 },
    feed: {
      at: async (at) => {
        read.push(at);
        await gate;
        if (at < lowest) return null;
        return new BlockMessages(
          [new EventMessage("NewBlock", [], {}, () => `${at} ${"x".repeat(messageBytes)}`)],
          messageBytes / 4,
        );
      },
    },
    height: () => height,
    take: () => true,
    subscriptionRefusal: () => null,
    room,
    failed: (error) => {
      throw error;
    },
    closed: () => undefined,
  };
  server.on("connection", (socket, { socket: stream }) => {
    connection = new RpcConnection(socket, stream, null, around);
  });
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on("message", (data) => received.push(JSON.parse(String(data))));
  await once(client, "open");
  client.send('{"jsonrpc":"2.0","id":7,"method":"subscribe","params":{"query":"tm.event=\'NewBlock\'"}}');
  await until(() => received.length === 1, "the subscription");
});
afterEach(() => {
  client.terminate();
  server.close();
});

const nextBlock = async (): Promise<void> => {
  height++;
  connection.blocksAreThere();
  await new Promise((resolve) => setImmediate(resolve));
};
const heights = () =>
  received.filter(({ result }) => result?.data).map(({ result }) => Number.parseInt(result.data.value, 10));

test("a client that does not read holds one message, and is cut off with the reason once it is too far behind", async () => {
  const closed = once(client, "close");
  client.pause();
  while (height < 50) {
    await nextBlock();
    // What the system's buffers do not take stays with the connection: the limit, and the message that passed it.
    expect(room.bytes).toBeLessThan(webSocketLimits.unsentBytesMax + 4 * messageBytes);
  }
  // Those that the system took count as sent, so it is this much later that the bound is passed.
  const taken = read.length;
  expect(taken).toBeLessThan(40);
  while (connection.subscriptions > 0 && height < 50 + taken + 1) await nextBlock();
  expect(connection.subscriptions).toBe(0);
  client.resume();
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([1008, "slow client"]);
  const told = heights();
  expect(told).toEqual(Array.from({ length: told.length }, (_, index) => index + 1));
  expect(told.length).toBeLessThanOrEqual(read.length);
  expect(received.at(-1)).toEqual({
    jsonrpc: "2.0",
    id: 7,
    error: { code: -32000, message: "Server error", data: "subscription was canceled (reason: slow client)" },
  });
  await until(() => room.bytes === 0, "all is sent or given up");
});

test("a client that pauses within the bound misses nothing", async () => {
  client.pause();
  while (height < 45) await nextBlock();
  client.resume();
  await until(() => heights().length === 45, "45 blocks");
  await nextBlock();
  await until(() => heights().length === 46, "one more");
  expect(heights()).toEqual(Array.from({ length: 46 }, (_, index) => index + 1));
  expect(read).toEqual(heights());
});

test("events wait while all connections together have no room, and come once there is", async () => {
  const release = room.hold({} as RpcConnection, { bytes: webSocketLimits.unsentBytesOfAllMax / 2 });
  for (let block = 0; block < 3; block++) await nextBlock();
  client.send('{"jsonrpc":"2.0","id":9,"method":"health"}');
  await until(() => received.some(({ id }) => id === 9), "an answer, for which there is room");
  expect(heights()).toEqual([]);
  release();
  await until(() => heights().length === 3, "the events");
  expect(heights()).toEqual([1, 2, 3]);
});

test("an answer for which there is no room becomes an error that says so; the connection stays", async () => {
  const release = room.hold({} as RpcConnection, { bytes: webSocketLimits.unsentBytesOfAllMax });
  client.send('{"jsonrpc":"2.0","id":9,"method":"genesis"}');
  await until(() => received.some(({ id }) => id === 9), "an answer");
  expect(received.at(-1).error).toEqual({
    code: -32000,
    message: "Server error",
    data: "too much waits to be sent; try again",
  });
  release();
  client.send('{"jsonrpc":"2.0","id":10,"method":"genesis"}');
  await until(() => received.some(({ id }) => id === 10), "the answer");
  expect(received.at(-1).result).toHaveLength(100_000);
});

test("a client whose next block has been pruned is cut off", async () => {
  const closed = once(client, "close");
  lowest = 3;
  await nextBlock();
  expect(String((await closed)[1])).toBe("slow client");
});

test("a subscription begins with the block after it, also beside one that is behind", async () => {
  let release = (): void => undefined;
  gate = new Promise((resolve) => {
    release = resolve;
  });
  for (let block = 0; block < 3; block++) await nextBlock();
  client.send('{"jsonrpc":"2.0","id":8,"method":"subscribe","params":{"query":"tm EXISTS"}}');
  await until(() => connection.subscriptions === 2, "the second subscription");
  await nextBlock();
  release();
  const of = (wanted: number) =>
    received
      .filter(({ id, result }) => id === wanted && result.data !== undefined)
      .map(({ result }) => Number.parseInt(result.data.value, 10));
  await until(() => of(7).length === 4 && of(8).length === 1, "all events");
  expect(of(7)).toEqual([1, 2, 3, 4]);
  expect(of(8)).toEqual([4]);
});
