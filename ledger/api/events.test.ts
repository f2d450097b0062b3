// The event stream on a real server: order, resumption, bounds, and clients that vanish.

import { EventEmitter } from "node:events";
import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../consensus/clock.ts";
import { ManualClock, person, until } from "../consensus/test-chain.ts";
import { createLedgerApi } from "./app.ts";
import { blockSummarySchema, transactionAnswerSchema } from "./schemas.ts";
import { listen as listenOn } from "./server.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Received {
  readonly id: number;
  readonly place: string;
  readonly event: string;
  readonly data: unknown;
}

async function listen(
  headers: Record<string, string> = {},
  query = "",
): Promise<{
  readonly status: number;
  readonly events: Received[];
  readonly close: () => void;
}> {
  const abort = new AbortController();
  const response = await fetch(`${server.url}/v1/events${query}`, { headers, signal: abort.signal });
  const events: Received[] = [];
  const read = async (): Promise<void> => {
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const fields = Object.fromEntries(
          text
            .slice(0, end)
            .split("\n")
            .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        text = text.slice(end + 2);
        if (fields["data"] !== undefined)
          events.push({
            place: fields["id"] ?? "",
            id: Number(fields["id"]),
            event: fields["event"] ?? "",
            data: JSON.parse(fields["data"] ?? ""),
          });
      }
    }
  };
  if (response.status === 200) read().catch(() => undefined);
  return { status: response.status, events, close: () => abort.abort() };
}

async function makeBlock(): Promise<void> {
  const who = person();
  const message = { type: "accounts/register", by: who.id, name: `N ${who.id.slice(0, 8)}`, key: who.key } as const;
  const answer = await server.post("/v1/transactions?wait=commit", await server.signed(who, message));
  expect(answer.status).toBe(200);
}

test("blocks come in order, each once, from the newest on", async () => {
  const stream = await listen();
  await makeBlock();
  await makeBlock();
  await until(() => stream.events.length >= 4, "four events");
  const ids = stream.events.map(({ id }) => id);
  expect(ids).toEqual(ids.map((_, index) => ids[0]! + index));
  for (const { event, data, id } of stream.events) {
    expect(event).toBe("block");
    expect(blockSummarySchema.parse(data).height).toBe(id);
  }
  stream.close();
});

test("a client that comes back continues after the last event it saw", async () => {
  const stream = await listen({ "last-event-id": "1" });
  const height = server.chain.engine.height;
  await until(() => stream.events.length >= height - 1, "the missed events");
  expect(stream.events[0]?.id).toBe(2);
  stream.close();
  const strange = await listen({ "last-event-id": "999999999" });
  await makeBlock();
  await until(() => strange.events.length > 0, "an event");
  expect(strange.events[0]!.id).toBeGreaterThan(height);
  strange.close();
});

describe("transactions and events", () => {
  const transfer = async (): Promise<{ readonly from: string; readonly height: number }> => {
    const who = person();
    const register = { type: "accounts/register", by: who.id, name: `T ${who.id.slice(0, 8)}`, key: who.key } as const;
    const pay = { type: "money/transfer", by: who.id, to: server.chain.registrar.id, amount: "5" } as const;
    const answer = await server.post("/v1/transactions?wait=commit", await server.signed(who, register, pay));
    return { from: who.id, height: answer.body.height };
  };

  test("single transactions of one account, and nothing else", async () => {
    const first = await transfer();
    const headers = { "last-event-id": "0" };
    const stream = await listen(headers, `?of=transactions&account=${first.from}`);
    await until(() => stream.events.length > 0, "the transaction");
    await transfer();
    await makeBlock();
    expect(stream.events).toHaveLength(1);
    expect(stream.events[0]).toMatchObject({ event: "transaction", place: `${first.height}.0` });
    expect(transactionAnswerSchema.parse(stream.events[0]!.data).transaction.auth[0]!.by).toBe(first.from);
    stream.close();
  });

  test("events of a module by type, resumed in the middle of a transaction", async () => {
    const { height, from } = await transfer();
    const whole = await listen({ "last-event-id": `${height - 1}` }, `?of=events&account=${from}`);
    await until(() => whole.events.length >= 2, "all events that name the account");
    whole.close();
    const places = whole.events.map(({ place }) => place);
    for (const [at, place] of places.entries()) {
      const rest = await listen({ "last-event-id": place }, `?of=events&account=${from}`);
      await until(() => rest.events.length >= places.length - at - 1, "the rest");
      expect(rest.events.map((each) => each.place)).toEqual(places.slice(at + 1));
      rest.close();
    }
    const typed = await listen(
      { "last-event-id": "0" },
      `?of=events&type=money/transferred&event=money/transferred.from=${from}`,
    );
    await until(() => typed.events.length > 0, "the transfer");
    expect(typed.events.map(({ data }) => (data as { type: string }).type)).toEqual(["money/transferred"]);
    typed.close();
  });

  test("of blocks, only those in which something fits", async () => {
    const { height } = await transfer();
    const stream = await listen({ "last-event-id": "0" }, "?type=money/transferred");
    await until(() => stream.events.some(({ id }) => id === height), "the block");
    for (const { event, data } of stream.events) {
      expect(event).toBe("block");
      expect(JSON.stringify(blockSummarySchema.parse(data))).toContain("money/transfer");
    }
    stream.close();
  });

  test("a wrong filter is refused before anything is sent", async () => {
    expect((await listen({}, "?account=nobody")).status).toBe(400);
    expect((await listen({}, "?of=nothing")).status).toBe(400);
  });
});

test("what was pruned is said, then the stream goes on", async () => {
  const { store } = server.chain;
  await makeBlock();
  const lowest = server.chain.engine.height - 1;
  const kept = new Proxy(store, {
    get: (target, name) => {
      if (name === "lowest") return lowest;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const api = createLedgerApi({ ...server.chain, store: kept, clock: systemClock, log: pino({ level: "silent" }) });
  const other = await listenOn(api, "127.0.0.1", 0);
  const response = await fetch(`${other.url}/v1/events`, { headers: { "last-event-id": "1" } });
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("event: block")) break;
  }
  expect(text).toContain(`event: gap\ndata: {"from":2,"to":${lowest - 1},"reason":"pruned"}`);
  expect(text.indexOf("event: gap")).toBeLessThan(text.indexOf(`id: ${lowest}\nevent: block`));
  await other.close();
});

test("streams of one caller are bounded, and their places come free again", async () => {
  const from = { "x-forwarded-for": "203.0.113.5" };
  const streams = await Promise.all(Array.from({ length: 20 }, () => listen(from)));
  expect(streams.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  expect((await listen(from)).status).toBe(429);
  expect((await listen({ "x-forwarded-for": "203.0.113.6" })).status).toBe(200);
  for (const stream of streams) stream.close();
  await until(async () => {
    const again = await listen(from);
    again.close();
    return again.status === 200;
  }, "a free place");
});

describe("when streams hold too much", () => {
  const openOn = (clock: ManualClock, heldBytesMax: number) => {
    const api = createLedgerApi({
      ...server.chain,
      clock,
      log: pino({ level: "silent" }),
      options: { heldBytesMax },
    });
    // Without a socket, so that a client takes no more than it asks for.
    const open = async (lastEventId: string) => {
      const outgoing = Object.assign(new EventEmitter(), {
        cut: false,
        destroy: () => {
          outgoing.cut = true;
          outgoing.emit("close");
        },
      });
      const incoming = { socket: { remoteAddress: "127.0.0.1" }, headers: {} };
      const request = new Request("http://localhost/v1/events", { headers: { "last-event-id": lastEventId } });
      const response = await api.app.fetch(request, { incoming, outgoing });
      const reader = response.body!.getReader();
      await reader.read();
      return { outgoing, next: async () => new TextDecoder().decode((await reader.read()).value) };
    };
    return { api, open };
  };

  test("the one furthest behind is cut off once it has taken nothing for two seconds; those that keep up wait, and stay", async () => {
    while (server.chain.engine.height < 4) await makeBlock();
    const clock = new ManualClock(Date.now());
    const { api, open } = openOn(clock, 1);
    const slow = await open("0");
    expect(await slow.next()).toContain("id: 1\n");
    clock.advance(1_000);
    const fast = await open("1");
    const waits = fast.next();
    let told = false;
    void waits.then(() => {
      told = true;
    });
    for (let passed = 0; passed < 900; passed += 100) {
      clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect([slow.outgoing.cut, told]).toEqual([false, false]);
    clock.advance(100);
    expect(await waits).toContain("id: 2\n");
    expect([slow.outgoing.cut, fast.outgoing.cut]).toEqual([true, false]);
    clock.advance(60_000);
    expect(await fast.next()).toContain("id: 3\n");
    expect(fast.outgoing.cut).toBe(false);
    api.endStreams();
  });

  test("many that are told of the same newest block at once need its room once: none is cut off, none waits", async () => {
    const clock = new ManualClock(Date.now());
    const { api, open } = openOn(clock, 1);
    const newest = String(server.chain.engine.height);
    const streams = await Promise.all(Array.from({ length: 50 }, () => open(newest)));
    const texts = streams.map((stream) => stream.next());
    await makeBlock();
    expect(new Set(await Promise.all(texts)).size).toBe(1);
    expect(streams.filter(({ outgoing }) => outgoing.cut)).toEqual([]);
    api.endStreams();
  });
});

test("a client that never reads neither stops the chain nor the others", async () => {
  const { port } = new URL(server.url);
  const silent = connect(Number(port), "127.0.0.1", () => {
    silent.pause();
    silent.write("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
  });
  silent.on("error", () => undefined);
  const stream = await listen();
  await makeBlock();
  await until(() => stream.events.length >= 2, "events");
  silent.destroy();
  stream.close();
});
