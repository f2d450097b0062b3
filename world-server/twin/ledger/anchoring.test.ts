// Registration and anchoring on a ledger that may be away; proofs fetched over HTTP and checked from the anchored root.

import { afterEach, expect, it, vi } from "vitest";
import { fromHex, hex } from "../../../ledger/protocol/bytes.ts";
import { verifyEd25519Sync } from "../../../ledger/protocol/ed25519-node.ts";
import { readingSignBytes } from "../../../ledger/protocol/telemetry-records.ts";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import type { WorldDevice } from "../../../worlds/format/world.ts";
import type { InclusionAnswer } from "../../protocol/telemetry-log.ts";
import { smallDevices } from "../testing/small-world.ts";
import { publishReading, signedReading, startFixture, type TwinFixture, until } from "../testing/twin-fixture.ts";
import { deviceSigner } from "./signer.ts";

let fixture: TwinFixture;
afterEach(() => fixture.close());

async function publishSome(first: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await publishReading(fixture.twin.mqttPort, signedReading(fixture.keys, { sequence: first + i }));
  }
}

const anchored = (size: number): Promise<void> =>
  until(`${size} anchored`, () => fixture.ledger.anchors.at(-1)?.size === size);

it("registers the world's devices once, with keys derived from the city's", async () => {
  fixture = await startFixture();
  await until("registered", () => fixture.ledger.transactions.length > 0);
  const devices = fixture.ledger.transactions.flat();
  expect(devices.map((message) => message.type)).toEqual(smallDevices.map(() => "telemetry/register-device"));
  const meter = devices.find((message) => "device" in message && message.device === "meter-0001");
  const { publicKeyHex } = deviceSigner(fixture.keys.devices, "meter-0001");
  expect(meter).toMatchObject({ kind: "meter", key: publicKeyHex, cityObject: "building-1", solar: true });
  await fixture.restart();
  await until("it looked again", async () => {
    const { devices: known } = (await (await fetch(`${fixture.url}/health`)).json()) as {
      devices: { registration: unknown };
    };
    return JSON.stringify(known.registration) === JSON.stringify({ registered: 0, present: 5, refused: [] });
  });
  expect(fixture.ledger.transactions.length).toBe(1);
});

it("cuts many devices into transactions of at most 100 messages", async () => {
  const devices: WorldDevice[] = Array.from({ length: 230 }, (_, i) => ({
    ...smallDevices[2]!,
    id: `lamp-${String(i).padStart(4, "0")}`,
  }));
  fixture = await startFixture({ devices });
  await until("three transactions", () => fixture.ledger.transactions.length === 3);
  expect(fixture.ledger.transactions.map((messages) => messages.length)).toEqual([100, 100, 30]);
});

it("anchors the log, keeps trying while the ledger is away, and catches up", async () => {
  fixture = await startFixture({ anchorSeconds: 0.1 });
  await until("registered", () => fixture.ledger.transactions.length > 0);
  await publishSome(1, 3);
  await anchored(3);
  expect(fixture.ledger.anchors.at(-1)?.root).toBe(hex(fixture.twin.store.tree.root(3)));
  fixture.ledger.away = true;
  await publishSome(10, 4);
  const before = fixture.ledger.anchors.length;
  fixture.ledger.away = false;
  await anchored(7);
  expect(fixture.ledger.anchors.length).toBe(before + 1);
});

it("does not anchor over a larger or different log", async () => {
  fixture = await startFixture({ anchorSeconds: 0.1 });
  await until("registered", () => fixture.ledger.transactions.length > 0);
  fixture.ledger.state.set("telemetry/log", { size: 1, root: "00".repeat(32), time: new Date().toISOString() });
  await publishSome(1, 2);
  const { lookups } = fixture.ledger;
  await until("it looked", () => fixture.ledger.lookups > lookups + 2);
  expect(fixture.ledger.anchors).toEqual([]);
});

it("serves proofs that hold from the device's signature to the anchored root", async () => {
  fixture = await startFixture({ anchorSeconds: 0.1 });
  await until("registered", () => fixture.ledger.transactions.length > 0);
  await publishSome(1, 5);
  await anchored(5);
  await publishSome(10, 3);
  const core = loadCore();
  const { root, size } = fixture.ledger.anchors.find((anchor) => anchor.size === 5)!;
  for (let index = 0; index < size; index++) {
    const answer = (await (
      await fetch(`${fixture.url}/log/inclusion?index=${index}&size=${size}`)
    ).json()) as InclusionAnswer;
    const leaf = core.leafHash(Buffer.from(answer.entry));
    expect(core.verifyInclusion(fromHex(root), leaf, index, size, answer.path.map(fromHex))).toBe(true);
    expect(
      core.verifyInclusion(
        fromHex(root),
        core.leafHash(Buffer.from(`${answer.entry} `)),
        index,
        size,
        answer.path.map(fromHex),
      ),
    ).toBe(false);
    const { signature, ...unsigned } = JSON.parse(answer.entry);
    const { publicKey } = deviceSigner(fixture.keys.devices, unsigned.device);
    expect(verifyEd25519Sync(publicKey, readingSignBytes(unsigned), fromHex(signature))).toBe(true);
  }
  const text = async (path: string): Promise<Response> => fetch(`${fixture.url}/log${path}`);
  expect((await text("/inclusion?index=0&size=99")).status).toBe(404);
  expect((await text("/inclusion?index=5&size=5")).status).toBe(404);
  expect((await text("/inclusion?index=-1&size=5")).status).toBe(400);
  expect((await text("/inclusion?index=0x1&size=5")).status).toBe(400);
  expect((await text("/inclusion?index=0&size=0")).status).toBe(400);
  expect(await (await text("/size")).json()).toEqual({ size: 8 });
  expect((await text("/tile/0/000.p/8")).headers.get("content-type")).toBe("application/octet-stream");
  expect((await (await text("/tile/0/000.p/8")).arrayBuffer()).byteLength).toBe(256);
  expect((await text("/tile/0/000.p/9")).status).toBe(404);
  expect((await text("/tile/0/000")).status).toBe(404);
  expect((await text("/tile/entries/000.p/9")).status).toBe(404);
  const bundle = Buffer.from(await (await text("/tile/entries/000.p/2")).arrayBuffer());
  expect(bundle.subarray(2, 2 + bundle.readUInt16BE(0)).toString()).toBe(fixture.twin.store.entry(0));
  const note = await (await text("/checkpoint")).text();
  expect(note.split("\n").slice(0, 2)).toEqual(["glasstown/double-1", "8"]);
});

it("answers HEAD for the events without becoming a listener or writing twice", async () => {
  fixture = await startFixture();
  const complained = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const head = await fetch(`${fixture.url}/log/live`, { method: "HEAD" });
  const health = (await (await fetch(`${fixture.url}/health`)).json()) as { connections: { live: number } };
  const complaints = complained.mock.calls.length;
  complained.mockRestore();
  expect(head.status).toBe(200);
  expect(head.headers.get("content-type")).toContain("text/event-stream");
  expect(health.connections.live).toBe(0);
  expect(complaints).toBe(0);
});

it("serves the newest values with an ETag, and new ones as events", async () => {
  fixture = await startFixture();
  await until("registered", () => fixture.ledger.transactions.length > 0);
  const stop = new AbortController();
  const events = await fetch(`${fixture.url}/log/live`, { signal: stop.signal });
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  await publishSome(1, 2);
  let seen = "";
  await until("an event", async () => {
    seen += (await reader.read()).value ?? "";
    return seen.includes("event: readings");
  });
  const data = /data: (.*)\n/.exec(seen)?.[1] ?? "{}";
  expect(JSON.parse(data)["meter-0001/load"][1]).toBe(102);
  stop.abort();
  const latest = await fetch(`${fixture.url}/log/latest`);
  expect(((await latest.json()) as Record<string, number[]>)["meter-0001/load"]?.[1]).toBe(102);
  const etag = latest.headers.get("etag") ?? "";
  expect((await fetch(`${fixture.url}/log/latest`, { headers: { "if-none-match": etag } })).status).toBe(304);
});
