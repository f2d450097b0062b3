// What a hostile caller tries on the API: texts without a canonical form, and ways around the limits.

import { connect, type Socket } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../consensus/clock.ts";
import { ManualClock, person, until } from "../consensus/test-chain.ts";
import { createLedgerApi } from "./app.ts";
import { connectionsPerPeerMax, listen } from "./server.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  // A clock that stands: what a limit took does not come back.
  server = await startTestServer(new ManualClock(Date.now()));
});
afterAll(() => server.close());

test("a lone surrogate has no canonical form: refused by name, not an internal error", async () => {
  const alice = person();
  const { body, auth } = await server.signed(alice, {
    type: "money/transfer",
    by: alice.id,
    to: "0".repeat(40),
    amount: "1",
    note: "x",
  });
  const text = JSON.stringify({ body, auth }).replace('"note":"x"', '"note":"\\ud800"');
  const answer = await server.post("/v1/transactions", text);
  expect(answer.status).toBe(400);
  expect(answer.body.refusal).toBe("transaction_must_be_canonical");
});

describe("a transaction costs a write, however it is sent", () => {
  const garbage = `0x${"00".repeat(8)}`;
  const statuses = async (
    address: string,
    count: number,
    send: (caller: Record<string, string>) => Promise<number>,
  ) => {
    const seen = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const status = await send({ "x-forwarded-for": address });
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
    return seen;
  };

  test("by GET", async () => {
    const seen = await statuses("203.0.113.1", 300, async (caller) => {
      const { status } = await server.get(`/broadcast_tx_async?tx=${garbage}`, caller);
      return status;
    });
    expect(seen.get(429)).toBe(200);
  });

  test("in batches", async () => {
    const one = { jsonrpc: "2.0", id: 1, method: "broadcast_tx_async", params: { tx: "AAAA" } };
    const batch = Array.from({ length: 20 }, () => one);
    const seen = await statuses("203.0.113.2", 20, async (caller) => (await server.post("/", batch, caller)).status);
    expect(seen).toEqual(
      new Map([
        [200, 5],
        [429, 15],
      ]),
    );
  });

  test("reading by GET stays a read", async () => {
    const seen = await statuses("203.0.113.3", 300, async (caller) => (await server.get("/health", caller)).status);
    expect(seen).toEqual(new Map([[200, 300]]));
  });
});

test("a search through many entries costs more than a look at one", async () => {
  let refused = 0;
  for (let i = 0; i < 200; i++) {
    const path = `/v1/energy/trades?account=${"a".repeat(40)}`;
    if ((await server.get(path, { "x-forwarded-for": "203.0.113.4" })).status === 429) refused++;
  }
  expect(refused).toBe(200 - Math.floor(1_000 / 6));
});

test("one address cannot hold all connections; places come free again", async () => {
  const api = createLedgerApi({ ...server.chain, clock: systemClock, log: pino({ level: "silent" }) });
  expect(["127.0.0.1", "::1", "203.0.113.7", "2001:db8::1"].map(api.limitedPeer)).toEqual([
    null,
    null,
    "203.0.113.7",
    "2001:db8:0:0::/64",
  ]);
  const other = await listen({ ...api, limitedPeer: () => "203.0.113.7" }, "127.0.0.1", 0);
  let closed = 0;
  const dial = (): Socket =>
    connect(other.port, "127.0.0.1")
      .on("error", () => undefined)
      .on("close", () => closed++);
  const held = Array.from({ length: connectionsPerPeerMax + 10 }, dial);
  await until(() => closed === 10, "the ones too many closed");
  held.find(({ destroyed }) => !destroyed)!.destroy();
  await until(async () => {
    const answer = await fetch(`${other.url}/health`, { headers: { connection: "close" } }).catch(() => null);
    return answer?.status === 200;
  }, "a free place");
  expect(closed).toBe(11);
  for (const socket of held) socket.destroy();
  await other.close();
});
