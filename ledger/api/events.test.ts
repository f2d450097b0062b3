// The event stream on a real server: order, resumption, bounds, and clients that vanish.

import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { person, until } from "../consensus/test-chain.ts";
import { blockSummarySchema } from "./schemas.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Received {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

async function listen(headers: Record<string, string> = {}): Promise<{
  readonly status: number;
  readonly events: Received[];
  readonly close: () => void;
}> {
  const abort = new AbortController();
  const response = await fetch(`${server.url}/v1/events`, { headers, signal: abort.signal });
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
        if (fields["id"] !== undefined)
          events.push({
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
