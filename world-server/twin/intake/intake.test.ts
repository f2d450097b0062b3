// What the intake does when the disk is full or the ledger away: nothing is lost, and nothing else stops.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { canonicalText } from "../../../ledger/protocol/canonical.ts";
import { type CityKeys, loadCityKeys } from "../../../settings/city-keys.ts";
import { readBuiltWorld } from "../city/built-world.ts";
import { Gateway } from "../devices/gateway.ts";
import { deviceSigner } from "../ledger/signer.ts";
import { nativeHasher } from "../log/hasher.ts";
import { Database } from "../store/database.ts";
import { TelemetryStore } from "../store/telemetry-store.ts";
import { writeThings } from "../store/things.ts";
import { writeSmallWorld } from "../testing/small-world.ts";
import { publishReading, signedReading, until } from "../testing/twin-fixture.ts";
import { type Broker, startBroker } from "./broker.ts";
import { DeviceKeys } from "./device-keys.ts";
import { Intake } from "./intake.ts";

const log = pino({ level: "silent" });
let data: string;
let keys: CityKeys;
let database: Database;
let store: TelemetryStore;
let intake: Intake;
let broker: Broker;
let ledgerAnswers = true;
let failures = 0;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "glasstown-intake-"));
  keys = loadCityKeys(data);
  database = Database.open(data);
  writeThings(database, readBuiltWorld(writeSmallWorld(join(data, "world"))), Date.now());
  store = new TelemetryStore(database, nativeHasher);
  ledgerAnswers = true;
  failures = 0;
  const fetchKey = async (device: string): Promise<string> => {
    if (!ledgerAnswers) throw new Error("away");
    return deviceSigner(keys.devices, device).publicKeyHex;
  };
  intake = new Intake({
    store,
    keys: new DeviceKeys(fetchKey, Date.now),
    now: Date.now,
    onStored: () => undefined,
    onStoreFailed: () => failures++,
  });
  broker = await startBroker({ host: "127.0.0.1", port: 0, intake, log });
});
afterEach(async () => {
  intake.close();
  await broker.close();
  database.close();
  rmSync(data, { recursive: true, force: true });
});

const pages = (name: string): number => Number(database.get(`PRAGMA ${name}`)?.[name]);

async function deliverThrough(trouble: () => void, troubled: () => boolean, cure: () => void): Promise<Gateway> {
  trouble();
  const gateway = new Gateway(`mqtt://127.0.0.1:${broker.port}`, "test", log);
  gateway.connect();
  const readings = Array.from({ length: 200 }, (_, i) => signedReading(keys, { sequence: i + 1 }));
  for (const reading of readings) gateway.send(`glasstown/readings/${reading.device}`, canonicalText(reading));
  await until("it is noticed", troubled);
  // The trouble lasts longer than a message that is taken for wrong: three tries.
  const end = Date.now() + 4000;
  while (Date.now() < end) await new Promise((wake) => setTimeout(wake, 50));
  cure();
  await until("all are stored", () => store.size === 200);
  expect(store.entries(0, 999)).toEqual(readings.map((reading) => canonicalText(reading)));
  return gateway;
}

it("a full disk loses no reading and does not end the process", async () => {
  const gateway = await deliverThrough(
    () => database.all(`PRAGMA max_page_count = ${pages("page_count")}`),
    () => failures > 0,
    () => {
      // The counters are saved each second, whatever the disk says.
      intake.saveRefused();
      database.all("PRAGMA max_page_count = 1000000");
    },
  );
  expect(gateway.counts).toMatchObject({ rejected: 0, dropped: 0 });
  intake.saveRefused();
  expect(store.refusedCounts()).toEqual(new Map(intake.refused));
  await gateway.close();
});

it("a ledger that is away while a device is not known loses no reading", async () => {
  const gateway = await deliverThrough(
    () => {
      ledgerAnswers = false;
    },
    () => (intake.refused.get("ledger_must_answer") ?? 0) > 0,
    () => {
      ledgerAnswers = true;
    },
  );
  expect(gateway.counts).toMatchObject({ rejected: 0, dropped: 0 });
  await gateway.close();
});

it("a wrong reading still ends its connection and closes the door to nobody", async () => {
  const wrong = { ...signedReading(keys, { sequence: 1 }), result: -1 };
  expect(await publishReading(broker.port, wrong)).toBe(false);
  expect(await publishReading(broker.port, signedReading(keys, { sequence: 1 }))).toBe(true);
});
