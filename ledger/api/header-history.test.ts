// The history over HTTP: each proof leads from a block's own header to the app hash of a later one, over answers alone.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { advanceToBlock, ManualClock, person, register, until } from "../consensus/test-chain.ts";
import { fromHex, hex, utf8 } from "../protocol/bytes.ts";
import { canonicalBytes } from "../protocol/canonical.ts";
import { fromBase64, headerFromJson } from "../protocol/comet.ts";
import { eventsRoot } from "../protocol/event-root.ts";
import { type HistoryProofAnswer, type HistoryRecord, historyLeaf, historyState } from "../protocol/history.ts";
import { historyNodeKey } from "../storage/keys.ts";
import { historyProofAnswerSchema } from "./schemas.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

const core = loadCore();
const heights = 13;
let server: TestServer;
beforeAll(async () => {
  const clock = new ManualClock(Date.parse("2026-11-22T10:00:00Z"));
  server = await startTestServer(clock, {}, clock);
  const { chain } = server;
  const seller = person();
  const buyer = person();
  const submit = async (...[by, ...messages]: Parameters<typeof chain.bytesOf>): Promise<void> => {
    expect(await chain.engine.submit(await chain.bytesOf(by, ...messages))).toMatchObject({ ok: true });
    await advanceToBlock(chain, clock, 500);
  };
  await submit(seller, register(seller, "Seller"));
  await submit(buyer, register(buyer, "Buyer"));
  const { key } = person();
  const meter = { device: "meter-1", kind: "meter", key, solar: true } as const;
  await submit(chain.registrar, { type: "telemetry/register-device", by: chain.registrar.id, ...meter });
  await submit(seller, { type: "energy/link-meter", by: seller.id, meter: "meter-1" });
  const order = { slot: Math.floor(clock.nowMs() / 60_000) + 1, energyWh: "500", price: "140000" };
  await submit(seller, { type: "energy/offer", by: seller.id, meter: "meter-1", ...order });
  await submit(buyer, { type: "energy/bid", by: buyer.id, ...order });
  while (chain.engine.height < heights) await advanceToBlock(chain, clock, 30_000);
  await until(() => chain.engine.height === heights, "the blocks");
});
afterAll(() => server.close());

const headerOf = async (height: number) =>
  headerFromJson((await server.get(`/commit?height=${height}`)).body.result.signed_header.header);

/** The history's root under the newest header, by a proof of the state. */
async function provenRoot(): Promise<HistoryRecord> {
  const { value, proof, height } = (await server.get(`/v1/state/${historyState.blocks}?prove=true`)).body;
  const { appHash } = await headerOf(height + 1);
  const key = core.sha256(utf8(historyState.blocks));
  expect(core.verifyMembership(appHash, key, canonicalBytes(value), fromBase64(proof.data))).toBe(true);
  expect(value.size).toBe(height);
  return value;
}

function verify(root: string, { height, size, header, events, path }: HistoryProofAnswer): boolean {
  const leafHash = core.leafHash(historyLeaf(fromHex(header), fromHex(events)));
  return core.verifyInclusion(fromHex(root), leafHash, height - 1, size, path.map(fromHex));
}

describe("GET /v1/history/{height}", () => {
  test("proves each header, and what its block told of, under the newest one", async () => {
    const { root, size } = await provenRoot();
    expect(size).toBe(heights - 1);
    let told = 0;
    for (let height = 1; height <= size; height++) {
      const { status, body } = await server.get(`/v1/history/${height}`);
      const proof = historyProofAnswerSchema.parse(body);
      expect([status, proof.height, proof.size]).toEqual([200, height, size]);
      expect(proof.header).toBe(hex(core.headerHash(await headerOf(height))));
      const { events } = (await server.get(`/v1/blocks/${height}`)).body;
      told += events.length;
      expect(proof.events).toBe(hex(eventsRoot(core, events)));
      expect(verify(root, proof)).toBe(true);
      expect(verify(root, { ...proof, events: proof.header })).toBe(false);
      expect((await server.get(`/v1/history/${height}?size=${size}`)).body).toEqual(proof);
    }
    expect(told).toBeGreaterThan(0);
  });

  test("of every size, to the root that the state had", async () => {
    for (let size = 1; size <= heights; size++) {
      const { value } = server.chain.application.query(historyState.blocks, { height: size, prove: false });
      const { root } = JSON.parse(Buffer.from(value!).toString()) as HistoryRecord;
      for (let height = 1; height <= size; height++) {
        const { body } = await server.get(`/v1/history/${height}?size=${size}`);
        expect(verify(root, historyProofAnswerSchema.parse(body))).toBe(true);
      }
    }
  });

  test("with a size it never changes; without one it is asked for anew, and is 304 while it stays", async () => {
    const final = await server.get("/v1/history/3?size=9");
    expect(final.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const other = await server.get("/v1/history/3?size=10");
    expect(other.headers.get("etag")).not.toBe(final.headers.get("etag"));
    const newest = await server.get("/v1/history/3");
    expect(newest.headers.get("cache-control")).toBe("public, no-cache");
    for (const [path, { headers }] of [
      ["/v1/history/3?size=9", final],
      ["/v1/history/3", newest],
    ] as const) {
      expect((await server.get(path, { "if-none-match": headers.get("etag")! })).status).toBe(304);
      expect((await server.get(path, { "if-none-match": other.headers.get("etag")! })).status).toBe(200);
    }
  });

  test("is refused where there is none, and by wrong numbers", async () => {
    const of = async (path: string) => {
      const { status, body } = await server.get(`/v1/history/${path}`);
      return [status, body.type.split(":").at(-1), body.errors?.[0].parameter];
    };
    expect(await of(`${heights}`)).toEqual([404, "not-found", undefined]);
    expect(await of(`${heights + 1}`)).toEqual([404, "not-found", undefined]);
    expect(await of(`1?size=${heights + 1}`)).toEqual([404, "not-found", undefined]);
    expect(await of("9007199254740991")).toEqual([404, "not-found", undefined]);
    for (const height of ["0", "-1", "01", "1e0", "latest", "9007199254740992", "9".repeat(17)])
      expect(await of(height)).toEqual([400, "bad-request", "height"]);
    for (const size of ["0", "2", "-1", "03", "", "x", "9".repeat(17)])
      expect(await of(`3?size=${size}`)).toEqual([400, "bad-request", "size"]);
    expect(await of("3?sizes=3")).toEqual([400, "bad-request", "sizes"]);
    expect((await server.get(`/v1/history/${heights}?size=${heights}`)).status).toBe(200);
  });

  test("of pruned blocks too, and not of those before a later beginning", async () => {
    const { store } = server.chain;
    await store.forgetBelow(6);
    await store.sweep(10);
    expect((await server.get("/v1/blocks/3")).status).toBe(410);
    expect(verify((await provenRoot()).root, (await server.get("/v1/history/3")).body)).toBe(true);
    const unknown = [0, 1, 2, 3].map((index) => ({ type: "del", key: historyNodeKey({ level: 0, index }) }) as const);
    await store.keyValue.write(unknown, false);
    const { status, body } = await server.get("/v1/history/3");
    expect([status, body.detail]).toEqual([404, "this node knows the history from block 5 on only; ask another one"]);
    expect(verify((await provenRoot()).root, (await server.get("/v1/history/5")).body)).toBe(true);
  });
});
