// Queries of modules over HTTP: proofs that verify under the next header, ETags, problems, bounds.

import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foreignVerdict } from "../../tests/conformance/foreign-ics23.ts";
import { systemClock } from "../consensus/clock.ts";
import { ManualClock, person, until } from "../consensus/test-chain.ts";
import type { Application } from "../modules/application.ts";
import type { NamePage, Query, QueryInput } from "../modules/query.ts";
import { utf8 } from "../protocol/bytes.ts";
import { canonicalBytes } from "../protocol/canonical.ts";
import { fromBase64, headerFromJson } from "../protocol/comet.ts";
import type { ProvenAnswer } from "../protocol/rest.ts";
import { createLedgerApi } from "./app.ts";
import { provenAnswerSchema, stateEntriesAnswerSchema } from "./schemas.ts";
import { listen } from "./server.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const { registrar, engine } = server.chain;
  const device = { device: "lamp-0001", kind: "lamp", key: person().key } as const;
  const message = { type: "telemetry/register-device", by: registrar.id, ...device } as const;
  const answer = await server.post("/v1/transactions?wait=commit", await server.signed(registrar, message));
  expect(answer.body).toMatchObject({ code: 0 });
  await until(() => engine.height > answer.body.height, "a block after the registration");
});
afterAll(() => server.close());

async function expectProven({ height, proofs }: ProvenAnswer): Promise<void> {
  const next = await server.get(`/commit?height=${height + 1}`);
  const { appHash } = headerFromJson(next.body.result.signed_header.header);
  for (const { value, proof } of proofs) {
    const bytes = value === null ? null : canonicalBytes(value);
    expect(foreignVerdict(appHash, fromBase64(proof.key), bytes, fromBase64(proof.data))).toBe(true);
  }
}

describe("queries of modules", () => {
  test("an answer with a proof of every entry read", async () => {
    const { status, body } = await server.get("/v1/devices/lamp-0001?prove=true");
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: "lamp-0001", device: { kind: "lamp" } });
    const proven = provenAnswerSchema.parse(body);
    expect(proven.proofs.map(({ name, value }) => [name, value])).toEqual([
      ["telemetry/device/lamp-0001", body.device],
    ]);
    await expectProven(proven);
  });

  test("that there is no such thing is proven as well", async () => {
    const { status, body } = await server.get("/v1/devices/lamp-0002?prove=true");
    expect([status, body.detail]).toEqual([404, "no device lamp-0002 is registered"]);
    const proven = provenAnswerSchema.parse(body);
    expect(proven.proofs).toMatchObject([{ name: "telemetry/device/lamp-0002", value: null }]);
    await expectProven(proven);
  });

  test("ETags follow the state, and with proofs the height", async () => {
    const plain = await server.get("/v1/devices/lamp-0001");
    const tag = plain.headers.get("etag")!;
    const again = await server.get("/v1/devices/lamp-0001", { "if-none-match": tag });
    expect([again.status, again.headers.get("etag"), again.body]).toEqual([304, tag, ""]);
    expect((await server.get("/v1/devices/lamp-0001", { "if-none-match": '"other"' })).status).toBe(200);
    const proven = await server.get("/v1/devices/lamp-0001?prove=true", { "if-none-match": tag });
    expect(proven.status).toBe(200);
    expect(proven.headers.get("etag")).not.toBe(tag);
  });

  test("are in the API document with `prove`", async () => {
    const { body } = await server.get("/openapi.json");
    const { parameters, responses } = body.paths["/v1/devices/{id}"].get;
    expect(parameters.map(({ name }: { name: string }) => name)).toEqual(["id", "prove", "If-None-Match"]);
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(["200", "304", "400", "404", "503"]));
  });
});

describe("a page of state entries", () => {
  test("each with its own proof under one header, page by page in both directions", async () => {
    const { engine } = server.chain;
    const walk = async (sort: string): Promise<string[]> => {
      const names: string[] = [];
      for (let cursor: string | null = null; ; ) {
        const more: string = cursor === null ? "" : `&cursor=${cursor}`;
        const { status, body } = await server.get(`/v1/state?prefix=telemetry/&limit=2&prove=true&sort=${sort}${more}`);
        expect(status).toBe(200);
        const page = stateEntriesAnswerSchema.parse(body);
        expect(page.height).toBeGreaterThanOrEqual(engine.height - 2);
        const proofs = page.entries.map(({ name, value, proof }) => ({ name, value, proof: proof! }));
        await expectProven({ height: page.height, proofs });
        names.push(...page.entries.map(({ name }) => name));
        if (page.next === null) return names;
        cursor = page.next;
      }
    };
    const names = await walk("asc");
    expect(names).toContain("telemetry/device/lamp-0001");
    const plain = await server.get("/v1/state?prefix=telemetry/&limit=100");
    expect(names).toEqual(plain.body.entries.map(({ name }: { name: string }) => name));
    expect(await walk("desc")).toEqual([...names].reverse());
    expect(plain.body.entries[0]).not.toHaveProperty("proof");
  });

  test("a prefix under which there is nothing is an empty page of a provable height", async () => {
    const { status, body } = await server.get("/v1/state?prefix=nothing/&prove=true");
    expect([status, body.entries, body.next]).toEqual([200, [], null]);
    expect((await server.get(`/commit?height=${body.height + 1}`)).body.result).toBeDefined();
  });

  test("of large values ends early, and goes on", async () => {
    const value = utf8(JSON.stringify("x".repeat(300_000)));
    const names = ["big/1", "big/2", "big/3", "big/4", "big/5"];
    const application: Application = {
      ...({ height: 5, queries: [], appHash: new Uint8Array(32) } as unknown as Application),
      ask: (query: Query, input: QueryInput) => {
        const page = ({ limit, after = "" }: NamePage) => names.filter((name) => name > after).slice(0, limit);
        const answer = query.read({ page: (_: string, wanted: NamePage) => page(wanted) } as never, input);
        return {
          height: 5,
          answer,
          entries: (answer as { names: string[] }).names.map((name) => ({ name, value, proof: null })),
        };
      },
    };
    const api = createLedgerApi({ ...server.chain, application, clock: systemClock, log: pino({ level: "silent" }) });
    const other = await listen(api, "127.0.0.1", 0);
    const found: string[][] = [];
    for (let url = `${other.url}/v1/state?prefix=big/`; ; ) {
      const page = stateEntriesAnswerSchema.parse(await (await fetch(url)).json());
      found.push(page.entries.map(({ name }) => name));
      if (page.next === null) break;
      url = `${other.url}/v1/state?prefix=big/&cursor=${page.next}`;
    }
    await other.close();
    expect(found).toEqual([names.slice(0, 3), names.slice(3)]);
  });
});

test("large answers cannot be had again and again for the price of one read", async () => {
  const { registrar, engine } = server.chain;
  let height = 0;
  for (let from = 0; from < 110; from += 10) {
    const messages = Array.from({ length: 10 }, (_, at) => {
      const { key } = person();
      return {
        type: "telemetry/register-device",
        by: registrar.id,
        device: `many-${from + at}`,
        kind: "lamp",
        key,
      } as const;
    });
    const { status, body } = await server.post(
      "/v1/transactions?wait=commit",
      await server.signed(registrar, ...messages),
    );
    expect([status, body.code]).toEqual([200, 0]);
    height = body.height;
  }
  await until(() => engine.height > height, "a block after the registrations");
  // A clock that stands gives no tokens back.
  const clock = new ManualClock(Date.now());
  const api = createLedgerApi({ ...server.chain, clock, log: pino({ level: "silent" }) });
  const other = await listen(api, "127.0.0.1", 0);
  const ask = async (): Promise<readonly [number, string | null]> => {
    const headers = { "x-forwarded-for": "203.0.113.40" };
    const answer = await fetch(`${other.url}/v1/devices?limit=100&prove=true`, { headers });
    await answer.arrayBuffer();
    return [answer.status, answer.headers.get("ratelimit")];
  };
  // Eleven tokens each of a thousand: one with the request, ten for a hundred proofs.
  for (let asked = 0; asked < 90; asked++) expect((await ask())[0]).toBe(200);
  expect(await ask()).toEqual([200, '"read";r=0;t=6']);
  for (let asked = 0; asked < 3; asked++) expect((await ask())[0]).toBe(429);
  await other.close();
});
