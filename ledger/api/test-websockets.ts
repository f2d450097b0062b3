// For tests: the WebSocket endpoint on a real socket over a made-up chain of full blocks, and clients that never read.

import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { pino } from "pino";
import { WebSocket } from "ws";
import type { Clock } from "../consensus/clock.ts";
import { systemClock } from "../consensus/clock.ts";
import { until } from "../consensus/test-chain.ts";
import type { StoredBlock, StoredResults } from "../storage/records.ts";
import type { LedgerContext } from "./context.ts";
import type { Rpc } from "./rpc-dispatch.ts";
import { RpcWebSockets } from "./websocket.ts";
import { type WebSocketLimits, webSocketLimits } from "./websocket-limits.ts";

export interface TestWebSockets {
  readonly sockets: RpcWebSockets;
  readonly url: string;
  readonly port: number;
  height(): number;
  connections(): number;
  /** Makes a block, tells of it and lets others work. */
  nextBlock(): Promise<void>;
  close(): Promise<void>;
}

interface BlockSize {
  readonly transactions: number;
  /** Of each transaction. */
  readonly bytes: number;
}

/** As many and as large as a block of 1 MiB holds. */
const fullBlock: BlockSize = { transactions: 1_500, bytes: 660 };

export async function openTestWebSockets(
  rpc: Rpc,
  {
    limits = {},
    clock = systemClock,
    size = fullBlock,
  }: { readonly limits?: Partial<WebSocketLimits>; readonly clock?: Clock; readonly size?: BlockSize } = {},
): Promise<TestWebSockets> {
  let height = 0;
  const listeners: ((block: unknown) => void)[] = [];
  const blockAt = blocksOf(size);
  const ledger = {
    clock,
    log: pino({ level: "silent" }),
    engine: {
      get height() {
        return height;
      },
      onBlock: (listener: (block: unknown) => void) => listeners.push(listener),
    },
    store: {
      block: async (at: number) => blockAt(at).stored,
      results: async (at: number) => blockAt(at).results,
    },
  } as unknown as LedgerContext;
  let connections = 0;
  const sockets = new RpcWebSockets({
    ledger,
    rpc,
    take: () => true,
    limits: { ...webSocketLimits, ...limits },
    onCount: (count) => {
      connections = count;
    },
  });
  const server = createServer();
  server.on("upgrade", sockets.upgrade);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    sockets,
    url: `ws://127.0.0.1:${port}/websocket`,
    port,
    height: () => height,
    connections: () => connections,
    nextBlock: async () => {
      height++;
      for (const listener of listeners) listener({ height, ...blockAt(height) });
      await new Promise((resolve) => setImmediate(resolve));
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      sockets.end();
      await closed;
    },
  };
}

/** Blocks of a size that differ in their height alone. */
function blocksOf({ transactions, bytes }: BlockSize): (height: number) => {
  readonly stored: StoredBlock;
  readonly results: StoredResults;
} {
  const numbers = Array.from({ length: transactions }, (_, index) => index);
  const txs = numbers.map((index) => Buffer.alloc(bytes, String(index)).toString("base64"));
  const account = "a".repeat(40);
  const result = {
    code: 0,
    data: "",
    refusal: null,
    params: {},
    codespace: "",
    events: [
      { type: "transaction/applied", attributes: { account, module: "money", sequence: "7" } },
      { type: "money/transferred", attributes: { from: account, to: account, amount: "1000000", pending: "none" } },
    ],
  };
  return (height) =>
    ({
      stored: {
        block: { header: { height: String(height) }, data: { txs } },
        block_id: { hash: "AB".repeat(32) },
        size: transactions * bytes,
      },
      results: {
        ids: numbers.map(String),
        transactions: numbers.map(() => result),
        events: [],
        appHash: "00".repeat(32),
      },
    }) as unknown as { stored: StoredBlock; results: StoredResults };
}

/** Answers to calls that do nothing. */
export const emptyRpc = {
  costOf: () => ({ reads: 1, writes: 0 }),
  answer: async ({ id }: { readonly id: unknown }) => ({ jsonrpc: "2.0", id, result: {} }),
  errorAnswer: (id: unknown, { code, message, data }: { code: number; message: string; data: string }) => ({
    jsonrpc: "2.0",
    id,
    error: { code, message, data },
  }),
} as unknown as Rpc;

export const blocksAndTransactions = ["tm.event = 'NewBlock'", "tm.event = 'Tx'"];

/** A client that reads: the heights of the blocks that it was told, and how many transactions. */
export async function dialAndRead(url: string) {
  const socket = new WebSocket(url);
  const heights: number[] = [];
  let transactions = 0;
  let subscribed = 0;
  socket.on("message", (data) => {
    const { result } = JSON.parse(String(data));
    if (result?.data === undefined) subscribed++;
    else if (result.data.type === "tendermint/event/Tx") transactions++;
    else heights.push(Number(result.data.value.block.header.height));
  });
  const closed = once(socket, "close").then(([code, reason]) => [code, String(reason)]);
  await once(socket, "open");
  for (const [id, query] of blocksAndTransactions.entries())
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: "subscribe", params: { query } }));
  await until(() => subscribed === 2, "the subscriptions");
  return { socket, heights, closed, transactions: () => transactions };
}

/** A bare TCP client that subscribes and then never reads: the system's buffers fill up, and nothing leaves them. */
export async function dialAndNeverRead(port: number, queries: readonly string[]): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.pause();
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(
    "GET /websocket HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
      "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n",
  );
  for (const [id, query] of queries.entries())
    socket.write(clientFrame(JSON.stringify({ jsonrpc: "2.0", id, method: "subscribe", params: { query } })));
  return socket;
}

/** A text frame with a mask of zeros, which leaves the text as it is (RFC 6455 section 5.3). */
function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = 0x81;
  head[1] = 0x80 | 126;
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
