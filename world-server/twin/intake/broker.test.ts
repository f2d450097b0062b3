// Readings over real MQTT sockets: what is stored, what is refused and counted, what survives an end.

import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalText } from "../../../ledger/protocol/canonical.ts";
import type { Reading } from "../../../ledger/protocol/telemetry-records.ts";
import {
  connect,
  publish,
  publishReading,
  signedReading,
  startFixture,
  type TwinFixture,
  until,
} from "../testing/twin-fixture.ts";
import type { RefusalReason } from "./reading-form.ts";

let fixture: TwinFixture;
let sequence = 0;

const registered = (): Promise<void> =>
  until("devices are registered", async () => (await health()).devices.registration !== null);

async function health(): Promise<{
  refused: Record<string, number>;
  readings: { accepted: number; duplicates: number };
  devices: { registration: { registered: number } | null };
}> {
  return (await fetch(`${fixture.url}/health`)).json() as never;
}

const next = (part: Partial<Reading> = {}): Reading => signedReading(fixture.keys, { sequence: ++sequence, ...part });

beforeAll(async () => {
  fixture = await startFixture();
  await registered();
});
afterAll(() => fixture.close());

describe("a right reading", () => {
  it("is acknowledged and is then in the log, byte for byte", async () => {
    const reading = next();
    expect(await publishReading(fixture.twin.mqttPort, reading)).toBe(true);
    const { store } = fixture.twin;
    expect(store.entry(store.size - 1)).toBe(canonicalText(reading));
  });

  it("is acknowledged again, but stored once, when the acknowledgement was lost", async () => {
    const reading = next();
    expect(await publishReading(fixture.twin.mqttPort, reading)).toBe(true);
    const { size } = fixture.twin.store;
    await publishReading(fixture.twin.mqttPort, next());
    expect(await publishReading(fixture.twin.mqttPort, reading)).toBe(true);
    expect(fixture.twin.store.size).toBe(size + 1);
    expect((await health()).readings.duplicates).toBeGreaterThan(0);
  });

  it("reaches subscribers, raw and as an Observation, only once it is stored", async () => {
    const client = await connect(fixture.twin.mqttPort);
    const got: [string, string][] = [];
    client.on("message", (topic, payload) => got.push([topic, payload.toString()]));
    const datastream = fixture.twin.store.datastreamOf("meter-0001", "load");
    await client.subscribeAsync(["glasstown/readings/#", `v1.1/Datastreams(${datastream})/Observations`]);
    const reading = next({ result: 42.5 });
    await publishReading(fixture.twin.mqttPort, reading);
    await until("both messages", () => got.length === 2);
    expect(new Map(got).get("glasstown/readings/meter-0001")).toBe(canonicalText(reading));
    const observation = JSON.parse(new Map(got).get(`v1.1/Datastreams(${datastream})/Observations`) ?? "null");
    expect(observation).toMatchObject({ result: 42.5, phenomenonTime: reading.time });
    expect(observation.parameters.logIndex).toBe(fixture.twin.store.size - 1);
    await client.endAsync();
  });
});

describe("a wrong message is not acknowledged, not stored, and counted by its reason", () => {
  const cases: readonly [RefusalReason, string, () => [topic: string, payload: string | Buffer]][] = [
    ["topic_must_be_of_readings", "foreign topic", () => ["city/other", "x"]],
    ["topic_must_be_of_readings", "topic of observations", () => ["v1.1/Datastreams(1)/Observations", "{}"]],
    ["reading_bytes_must_not_exceed_limit", "1,025 bytes", () => ["glasstown/readings/meter-0001", "x".repeat(1025)]],
    ["reading_must_be_json", "not JSON", () => ["glasstown/readings/meter-0001", "{"]],
    ["reading_must_be_json", "not UTF-8", () => ["glasstown/readings/meter-0001", Buffer.from([0x22, 0xff, 0x22])]],
    ["reading_must_match_schema", "a field too many", () => of({ ...next(), more: 1 })],
    ["reading_must_match_schema", "a result that is text", () => of({ ...next(), result: "5" } as never)],
    ["reading_must_be_canonical", "spaces", () => ["glasstown/readings/meter-0001", JSON.stringify(next(), null, 1)]],
    [
      "reading_must_be_canonical",
      "byte order mark",
      () => ["glasstown/readings/meter-0001", `\uFEFF${canonicalText(next())}`],
    ],
    [
      "reading_device_must_match_topic",
      "another device's topic",
      () => ["glasstown/readings/lamp-0001", canonicalText(next())],
    ],
    [
      "reading_time_must_be_near",
      "two minutes ahead",
      () => of(next({ time: new Date(Date.now() + 120_000).toISOString() })),
    ],
    [
      "reading_time_must_be_near",
      "eight days old",
      () => of(next({ time: new Date(Date.now() - 8 * 86_400_000).toISOString() })),
    ],
    ["reading_stream_must_exist", "unknown stream", () => of(next({ stream: "unknown" }))],
    ["reading_stream_must_exist", "unknown device", () => of(next({ device: "meter-9999" }))],
    [
      "reading_signature_must_be_valid",
      "signature of another device",
      () => of({ ...next(), signature: next({ device: "lamp-0001", stream: "power" }).signature }),
    ],
    ["reading_signature_must_be_valid", "result changed after signing", () => of({ ...next(), result: 1e6 })],
    [
      "reading_sequence_must_grow",
      "sequence number used before",
      () => of(signedReading(fixture.keys, { sequence: 1, result: 7 })),
    ],
  ];
  const of = (reading: Reading & Record<string, unknown>): [string, string] => [
    `glasstown/readings/${reading.device}`,
    canonicalText(reading),
  ];

  it.each(cases)("%s: %s", async (reason, _what, make) => {
    await publishReading(fixture.twin.mqttPort, next());
    const before = (await health()).refused[reason] ?? 0;
    const { size } = fixture.twin.store;
    const [topic, payload] = make();
    expect(await publish(fixture.twin.mqttPort, topic, payload)).toBe(false);
    expect(fixture.twin.store.size).toBe(size);
    expect((await health()).refused[reason]).toBe(before + 1);
  });

  it("reading_device_must_be_registered: a device that the ledger does not know", async () => {
    fixture.ledger.state.delete("telemetry/device/air-01");
    const reading = next({ device: "air-01", stream: "pm2-5" });
    expect(await publishReading(fixture.twin.mqttPort, reading)).toBe(false);
    expect((await health()).refused["reading_device_must_be_registered"]).toBe(1);
  });

  it("ledger_must_answer: the ledger is away and the device not yet known", async () => {
    fixture.ledger.away = true;
    const reading = next({ device: "lamp-0001", stream: "power" });
    expect(await publishReading(fixture.twin.mqttPort, reading)).toBe(false);
    fixture.ledger.away = false;
    expect((await health()).refused["ledger_must_answer"]).toBe(1);
    expect(await publishReading(fixture.twin.mqttPort, reading)).toBe(true);
  });

  it("packet_bytes_must_not_exceed_limit: a packet that announces 256 MiB", async () => {
    const socket = createConnection(fixture.twin.mqttPort, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await new Promise((resolve) => socket.once("close", resolve));
    await until("it is counted", async () => (await health()).refused["packet_bytes_must_not_exceed_limit"] === 1);
  });

  it("a subscription to anything else is refused", async () => {
    const client = await connect(fixture.twin.mqttPort);
    await expect(client.subscribeAsync("$SYS/#")).rejects.toThrow();
    await expect(client.subscribeAsync("#")).rejects.toThrow();
    await client.endAsync(true);
  });
});

describe("after a restart", () => {
  it("readings, sequence numbers, counters and the tree are as they were", async () => {
    const kept = next();
    await publishReading(fixture.twin.mqttPort, kept);
    const { size } = fixture.twin.store;
    const root = fixture.twin.store.tree.root(size);
    const refused = (await health()).refused;
    await fixture.restart();
    expect(fixture.twin.store.size).toBe(size);
    expect(fixture.twin.store.tree.root(size)).toEqual(root);
    expect((await health()).refused).toEqual(refused);
    expect(await publishReading(fixture.twin.mqttPort, signedReading(fixture.keys, { ...kept, result: 3 }))).toBe(
      false,
    );
    expect(await publishReading(fixture.twin.mqttPort, kept)).toBe(true);
    expect(await publishReading(fixture.twin.mqttPort, next())).toBe(true);
    expect(fixture.twin.store.size).toBe(size + 1);
  });
});

describe("many readings on one connection", () => {
  it("are all acknowledged, in one log order per device", async () => {
    const client = await connect(fixture.twin.mqttPort);
    const first = fixture.twin.store.size;
    const readings = Array.from({ length: 800 }, () => next());
    await Promise.all(
      readings.map((reading) =>
        client.publishAsync(`glasstown/readings/${reading.device}`, canonicalText(reading), { qos: 1 }),
      ),
    );
    expect(fixture.twin.store.entries(first, 1000)).toEqual(readings.map((reading) => canonicalText(reading)));
    await client.endAsync();
  });
});
