// 500 clients at once that subscribe and never read, on a real server: those that read are told every block in order, memory stays
// within its bound, and the server ends within seconds.

import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { until } from "../consensus/test-chain.ts";
import {
  blocksAndTransactions,
  dialAndNeverRead,
  dialAndRead,
  emptyRpc,
  openTestWebSockets,
} from "./test-websockets.ts";
import { webSocketLimits } from "./websocket-limits.ts";

const slowClients = 500;
const goodClients = 3;
/** Of a block: an eighth of what fills one. */
const transactions = 190;
const mebibyte = 1_048_576;
/** What events may hold over all connections, and what each may hold of its own: one write, and what was there before it. */
const eventBytesMax =
  webSocketLimits.unsentBytesOfAllMax / 2 + (slowClients + goodClients) * 2 * webSocketLimits.ownUnsentBytesMax;

test("500 clients that never read beside three that do", async () => {
  const limits = {
    connectionsMax: slowClients + goodClients,
    blocksBehindMax: 10,
    graceMs: 100,
  };
  const endpoint = await openTestWebSockets(emptyRpc, { limits, size: { transactions, bytes: 660 } });
  const slow: Socket[] = [];
  for (let dialled = 0; dialled < slowClients; dialled += 50)
    slow.push(
      ...(await Promise.all(Array.from({ length: 50 }, () => dialAndNeverRead(endpoint.port, blocksAndTransactions)))),
    );
  const good = await Promise.all(Array.from({ length: goodClients }, () => dialAndRead(endpoint.url)));
  expect(endpoint.connections()).toBe(slowClients + goodClients);

  const rssBefore = process.memoryUsage.rss();
  let rssMost = 0;
  let unsentMost = 0;
  // What the system's own buffers take counts as sent, so that it is later that those who take nothing are behind.
  while (endpoint.connections() > goodClients && endpoint.height() < 60) {
    await endpoint.nextBlock();
    const told = () => good.every((one) => one.transactions() === endpoint.height() * transactions);
    await until(told, "the whole block at all that read");
    unsentMost = Math.max(unsentMost, endpoint.sockets.unsentBytes);
    rssMost = Math.max(rssMost, process.memoryUsage.rss());
  }
  expect(endpoint.connections()).toBe(goodClients);
  const heights = Array.from({ length: endpoint.height() }, (_, index) => index + 1);
  for (const one of good) {
    expect(one.heights).toEqual(heights);
    expect(one.socket.readyState).toBe(WebSocket.OPEN);
  }
  expect(unsentMost).toBeLessThan(eventBytesMax);
  await until(() => endpoint.sockets.unsentBytes === 0, "nothing is held any more");
  console.info(
    `${slowClients} slow clients: all cut off by block ${endpoint.height()}; held at most ${(unsentMost / mebibyte).toFixed(1)} of ` +
      `${(eventBytesMax / mebibyte).toFixed(0)} MiB; resident memory grew by ${((rssMost - rssBefore) / mebibyte).toFixed(0)} MiB`,
  );
  const told = good.map(({ closed }) => closed);
  await endpoint.close();
  expect(await Promise.all(told)).toEqual(told.map(() => [1001, "the ledger is ending"]));
  for (const socket of slow) socket.destroy();
});
