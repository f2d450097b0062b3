// Clients that never read beside one that does: real TCP connections, full blocks, the bounds that hold in production.

import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ManualClock, until } from "../consensus/test-chain.ts";
import { dialAndNeverRead, dialAndRead, emptyRpc, openTestWebSockets, type TestWebSockets } from "./test-websockets.ts";
import { webSocketLimits } from "./websocket-limits.ts";

let endpoint: TestWebSockets;
afterEach(() => endpoint.close());

const newBlock = "tm.event = 'NewBlock'";

test("60 clients that never read, then 8 full blocks: the one that reads is told all of them", async () => {
  endpoint = await openTestWebSockets(emptyRpc);
  const slow = await Promise.all(Array.from({ length: 60 }, () => dialAndNeverRead(endpoint.port, [newBlock])));
  const good = await dialAndRead(endpoint.url);
  for (let height = 1; height <= 8; height++) {
    await endpoint.nextBlock();
    await until(() => good.heights.length === height, `block ${height} at the one that reads`);
  }
  expect(good.heights).toEqual(Array.from({ length: 8 }, (_, index) => index + 1));
  expect(good.socket.readyState).toBe(WebSocket.OPEN);
  expect(endpoint.sockets.unsentBytes).toBeLessThan(webSocketLimits.unsentBytesOfAllMax / 2);
  for (const socket of slow) socket.destroy();
  good.socket.terminate();
});

/** Makes a block, and lets time go by while somebody waits for room, until the one that reads has it. Answers how much. */
async function nextBlockFor(good: { readonly heights: number[] }, clock: ManualClock, stepped = () => undefined) {
  await endpoint.nextBlock();
  let passedMs = 0;
  await until(() => {
    if (good.heights.length === endpoint.height()) return true;
    if (endpoint.sockets.waitingForRoom > 0) {
      clock.advance(100);
      passedMs += 100;
      stepped();
    }
    return false;
  }, `block ${endpoint.height()} at the one that reads`);
  return passedMs;
}

test("clients that are stuck at blocks of their own: those furthest behind go first, and no more than needed", async () => {
  const clock = new ManualClock(Date.now());
  // Room for about two blocks.
  endpoint = await openTestWebSockets(emptyRpc, { clock, limits: { unsentBytesOfAllMax: 32 * 1_048_576 } });
  const good = await dialAndRead(endpoint.url);
  const slow: Awaited<ReturnType<typeof dialAndRead>>[] = [];
  for (let height = 1; height <= 9; height++) {
    const one = await dialAndRead(endpoint.url);
    one.socket.pause();
    slow.push(one);
    await nextBlockFor(good, clock);
    expect(endpoint.sockets.unsentBytes).toBeLessThan(32 * 1_048_576);
  }
  expect(good.heights).toEqual(Array.from({ length: 9 }, (_, index) => index + 1));
  for (const { socket } of slow) socket.resume();
  await nextBlockFor(good, clock);
  const stays = (one: (typeof slow)[number]) => one.heights.at(-1) === 10;
  await until(
    () => slow.every((one) => stays(one) || one.socket.readyState === WebSocket.CLOSED),
    "an end of either kind",
  );
  const fates = slow.map((one) => (one.socket.readyState === WebSocket.CLOSED ? "ended" : "stays"));
  const firstThatStays = fates.indexOf("stays");
  expect(firstThatStays).toBeGreaterThan(0);
  expect(fates.slice(firstThatStays)).toEqual(fates.slice(firstThatStays).map(() => "stays"));
  for (const { socket } of slow) socket.terminate();
  good.socket.terminate();
});

test("who is ended for the others' sake is told why, as soon as it reads", async () => {
  const clock = new ManualClock(Date.now());
  const limits = { unsentBytesOfAllMax: 16 * 1_048_576, stalledGraceMs: 1_000_000 };
  endpoint = await openTestWebSockets(emptyRpc, { clock, limits });
  const good = await dialAndRead(endpoint.url);
  const slow = await dialAndRead(endpoint.url);
  slow.socket.pause();
  let passedMs = 0;
  const stepped = () => {
    passedMs += 100;
    if (passedMs > 2_500) slow.socket.resume();
    return undefined;
  };
  while (passedMs <= 2_500) await nextBlockFor(good, clock, stepped);
  expect(await slow.closed).toEqual([1008, "slow client"]);
  expect(slow.heights).toEqual(Array.from({ length: slow.heights.length }, (_, index) => index + 1));
  expect(good.socket.readyState).toBe(WebSocket.OPEN);
  good.socket.terminate();
});
