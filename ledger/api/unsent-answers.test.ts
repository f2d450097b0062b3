// The room for answers that clients do not take: first by itself, then on a real server with clients that read nothing.

import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ManualClock, until } from "../consensus/test-chain.ts";
import { ProblemError } from "./problems.ts";
import { startTestServer, type TestServer } from "./test-server.ts";
import { UnsentAnswers } from "./unsent-answers.ts";

class Connection extends EventEmitter {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

const limits = { bytesMax: 800, smallBytesMax: 10, stalledMs: 10_000 };

function roomOf(clock = new ManualClock(0)) {
  const unsent = new UnsentAnswers(clock, limits);
  const connection = (): Connection => new Connection();
  const take = (bytes: number, caller: string | null = null, on = new Connection()) => {
    const outgoing = new EventEmitter();
    try {
      unsent.take(caller, { socket: on as unknown as Socket }, outgoing as ServerResponse, bytes);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { status: error.problem.status, retryAfter: error.headers["retry-after"], on, sent: () => undefined };
    }
    return { status: 200, on, sent: () => outgoing.emit("close") };
  };
  return { unsent, clock, connection, take };
}

test("what is unsent is counted until it is sent or its connection ends, once", () => {
  const { unsent, connection, take } = roomOf();
  const on = connection();
  const first = take(100, null, on);
  take(50, null, on);
  expect(unsent.bytes).toBe(150);
  first.sent();
  first.sent();
  expect(unsent.bytes).toBe(50);
  // The second waits behind the first, and is never told.
  on.destroy();
  first.sent();
  expect(unsent.bytes).toBe(0);
  expect(take(100, null, on).status).toBe(200);
  expect(unsent.bytes).toBe(0);
});

test("without room a large answer is 503 and small ones still pass, up to the bound", () => {
  const { unsent, take } = roomOf();
  const large = take(690);
  expect(take(11)).toMatchObject({ status: 503, retryAfter: "5" });
  for (let n = 0; n < 11; n++) expect(take(10).status).toBe(200);
  expect([unsent.bytes, take(10).status]).toEqual([800, 503]);
  large.sent();
  expect(take(500).status).toBe(200);
});

test("who has not taken an answer in ten seconds is cut off for a new one, the longest first, and no more than needed", () => {
  const { clock, take } = roomOf();
  const [first, second, third] = [take(300), take(200), take(150)];
  clock.advance(9_999);
  expect(take(200).status).toBe(503);
  clock.advance(1);
  const late = take(50);
  expect(take(200).status).toBe(200);
  expect([first.on, second.on, third.on, late.on].map(({ destroyed }) => destroyed)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("one caller holds a quarter; another has the rest, and this machine's processes all", () => {
  const { take } = roomOf();
  const first = take(150, "a");
  expect([take(51, "a").status, take(50, "a").status, take(1, "a").status]).toEqual([429, 200, 429]);
  expect(take(200, "b").status).toBe(200);
  first.sent();
  expect(take(150, "a").status).toBe(200);
  expect(take(300, null).status).toBe(200);
});

test("an answer larger than a caller's share goes alone", () => {
  const { take } = roomOf();
  const alone = take(600, "a");
  expect([alone.status, take(1, "a").status]).toEqual([200, 429]);
  alone.sent();
  expect(take(600, "a").status).toBe(200);
});

let server: TestServer | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close();
  server = undefined;
});

test("on a server: answers behind one that does not end fill the room; then 503, and who stalls is cut off", async () => {
  const clock = new ManualClock(Date.now());
  const unsentAnswerLimits = { bytesMax: 8_000, smallBytesMax: 0, stalledMs: 10_000 };
  const started = await startTestServer(clock, { unsentAnswerLimits });
  server = started;
  const unsent = async (): Promise<number> =>
    Number(/^ledger_http_unsent_bytes (\d+)/m.exec((await started.get("/metrics")).body)![1]);
  // Answers to pipelined requests wait until the stream before them ends, which is never.
  const line = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const slow = connect(Number(new URL(started.url).port), "127.0.0.1", () => {
    slow.write(line("/v1/events") + line("/v1/chain").repeat(200));
  }).on("error", () => undefined);
  sockets.push(slow);
  let closed = false;
  slow.on("close", () => {
    closed = true;
  });
  slow.resume();
  await until(async () => (await started.get("/v1/chain")).status === 503, "a full room");
  const refused = await started.get("/v1/chain");
  expect([refused.status, refused.headers.get("retry-after"), refused.body.type]).toEqual([
    503,
    "5",
    "urn:glasstown:problem:unavailable",
  ]);
  // By RPC it is the same, and no fault of a method.
  expect((await started.get("/status")).status).toBe(503);
  expect(await unsent()).toBeGreaterThan(6_000);
  expect(await unsent()).toBeLessThanOrEqual(8_000);
  clock.advance(10_000);
  expect((await started.get("/v1/chain")).status).toBe(200);
  await until(() => closed, "the slow one cut off");
  await until(async () => (await unsent()) === 0, "an empty room");
});
