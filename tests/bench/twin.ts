// Bench of the twin: MQTT intake with signatures, store and log against the same broker bare; the store's writes, size and newest values.

import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Aedes } from "aedes";
import { hex } from "../../ledger/protocol/bytes.ts";
import { canonicalText } from "../../ledger/protocol/canonical.ts";
import { type Reading, readingSignBytes } from "../../ledger/protocol/telemetry-records.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { readBuiltWorld } from "../../world-server/twin/city/built-world.ts";
import { deviceSigner } from "../../world-server/twin/ledger/signer.ts";
import { Live } from "../../world-server/twin/log/live.ts";
import { Database } from "../../world-server/twin/store/database.ts";
import { type CheckedReading, TelemetryStore } from "../../world-server/twin/store/telemetry-store.ts";
import { writeThings } from "../../world-server/twin/store/things.ts";
import { smallDevices, writeSmallWorld } from "../../world-server/twin/testing/small-world.ts";
import { startFixture, until } from "../../world-server/twin/testing/twin-fixture.ts";
import type { WorldDevice } from "../../worlds/format/world.ts";
import { print, quick } from "./command-line.ts";
import { bytesOfFolder, withFolder } from "./folders.ts";
import { compareRounds, line, millisecondsOf } from "./measure.ts";
import type { Message, PublisherData } from "./mqtt-publisher.ts";

function devicesOf(count: number, streams: number): WorldDevice[] {
  const model = smallDevices[0]!;
  return Array.from({ length: count }, (_, i) => ({
    ...model,
    id: `meter-${String(i).padStart(4, "0")}`,
    streams: Array.from({ length: streams }, (_, j) => ({ ...model.streams[0]!, stream: `load-${j}` })),
  }));
}

// Messages

const clientsCount = 4;
const messagesPerRound = quick ? 1200 : 12_000;
const publishers = devicesOf(100, 1);
const fixture = await startFixture({ devices: publishers });
const signers = publishers.map(({ id }) => deviceSigner(fixture.keys.devices, id));
await until("all devices are registered", () => fixture.ledger.transactions.flat().length >= publishers.length);

let sequence = 0;

/** Signed readings of all devices in turn; a device always speaks through the same client. */
function readings(count: number): Message[][] {
  const clients: Message[][] = Array.from({ length: clientsCount }, () => []);
  for (let i = 0; i < count; i++) {
    const at = i % publishers.length;
    const unsigned = {
      device: publishers[at]!.id,
      stream: "load-0",
      time: new Date().toISOString(),
      result: 100 + (i % 97) / 8,
      sequence: sequence++,
    };
    const signature = hex(signers[at]!.sign(readingSignBytes(unsigned)));
    const payload = canonicalText({ ...unsigned, signature });
    clients[at % clientsCount]!.push({ topic: `glasstown/readings/${unsigned.device}`, payload });
  }
  return clients;
}

/** Messages per second until the last acknowledgement. */
async function publishTo(port: number, clients: readonly (readonly Message[])[]): Promise<number> {
  const workerData: PublisherData = { port, clients };
  const worker = new Worker(new URL("./mqtt-publisher.ts", import.meta.url), { workerData });
  // A worker that ends may hand over its last message and its end in one go: who waits for them in turn misses the end.
  const [[milliseconds]] = (await Promise.all([once(worker, "message"), once(worker, "exit")])) as [[number], unknown];
  return (clients.flat().length * 1000) / milliseconds;
}

const bare = await Aedes.createBroker({ concurrency: 500 });
const bareServer = createServer({ noDelay: true }, bare.handle);
await new Promise<void>((resolve) => bareServer.listen(0, "127.0.0.1", resolve));
const barePort = (bareServer.address() as { readonly port: number }).port;

const ours = async (): Promise<number> => {
  const before = fixture.twin.store.size;
  const perSecond = await publishTo(fixture.twin.mqttPort, readings(messagesPerRound));
  if (fixture.twin.store.size !== before + messagesPerRound) throw new Error("an acknowledged reading is not stored");
  return perSecond;
};
const peers = (): Promise<number> => publishTo(barePort, readings(messagesPerRound));
if (!quick) {
  await ours();
  await peers();
}
print(
  await compareRounds({
    bench: "twin/mqtt-qos1-per-s",
    unit: `messages of ${clientsCount} clients acknowledged/s`,
    goal: 0.7,
    higherIsBetter: true,
    rounds: quick ? 1 : 5,
    ours,
    peer: { name: "aedes 1.2.0 without store or checks", round: peers },
  }),
);
await new Promise<void>((resolve) => bare.close(() => bareServer.close(() => resolve())));
await fixture.close();

// Store

const batch = 500;

function openStore(folder: string, devices: readonly WorldDevice[]): { database: Database; store: TelemetryStore } {
  const database = Database.open(folder);
  writeThings(database, readBuiltWorld(writeSmallWorld(join(folder, "world"), devices)), Date.now());
  return { database, store: new TelemetryStore(database, loadCore()) };
}

/** Readings as the intake hands them on; the store looks at no signatures. */
function checkedReadings(store: TelemetryStore, devices: readonly WorldDevice[], count: number): CheckedReading[] {
  return Array.from({ length: count }, () => {
    const number = sequence++;
    const device = devices[number % devices.length]!;
    const { stream } = device.streams[Math.floor(number / devices.length) % device.streams.length]!;
    const time = new Date(Date.UTC(2026, 0, 1) + number * 37).toISOString();
    const signature = number.toString(16).padStart(128, "7");
    const reading: Reading = {
      device: device.id,
      stream,
      time,
      result: (number % 9973) / 8,
      sequence: number,
      signature,
    };
    return { reading, datastream: store.datastreamOf(device.id, stream)!, entry: canonicalText(reading) };
  });
}

await withFolder(async (folder) => {
  const { database, store } = openStore(folder, publishers);
  const empty = bytesOfFolder(join(folder, "twin"));
  const commits = quick ? 4 : 40;
  print(
    await compareRounds({
      bench: "twin/log-append-per-s",
      unit: "readings stored and logged, 500 a synced commit/s",
      goal: null,
      higherIsBetter: true,
      rounds: quick ? 2 : 7,
      ours: async () => {
        const batches = Array.from({ length: commits }, () => checkedReadings(store, publishers, batch));
        const milliseconds = await millisecondsOf(() => {
          for (const readings of batches) store.commit(readings);
        });
        return (commits * batch * 1000) / milliseconds;
      },
    }),
  );
  const rows = store.size;
  database.close();
  print(
    line({
      bench: "twin/disk-bytes-per-row",
      ours: (bytesOfFolder(join(folder, "twin")) - empty) / rows,
      peer: null,
      peerName: null,
      unit: "bytes, signed log entry and tree included",
      goal: null,
      higherIsBetter: false,
    }),
  );
});

await withFolder(async (folder) => {
  const devices = devicesOf(1000, 10);
  const { database, store } = openStore(folder, devices);
  for (let i = 0; i < 10_000 / batch; i++) store.commit(checkedReadings(store, devices, batch));
  if (store.latest.size !== 10_000) throw new Error(`${store.latest.size} streams have a newest value`);
  const live = new Live(store);
  print(
    await compareRounds({
      bench: "twin/latest-10^4-streams-ms",
      unit: "ms",
      goal: 10,
      higherIsBetter: false,
      rounds: quick ? 5 : 31,
      ours: () => {
        // The answer is kept until a reading comes; so one comes.
        store.commit(checkedReadings(store, devices, 1));
        return millisecondsOf(() => live.latest());
      },
    }),
  );
  live.close();
  database.close();
});
