// A twin over a small world and a ledger double, on free ports in a temporary folder, and what tests say to it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { pino } from "pino";
import { hex } from "../../../ledger/protocol/bytes.ts";
import { canonicalText } from "../../../ledger/protocol/canonical.ts";
import { type Reading, readingSignBytes } from "../../../ledger/protocol/telemetry-records.ts";
import { type CityKeys, loadCityKeys } from "../../../settings/city-keys.ts";
import type { WorldDevice } from "../../../worlds/format/world.ts";
import { readBuiltWorld } from "../city/built-world.ts";
import { deviceSigner } from "../ledger/signer.ts";
import { nativeHasher } from "../log/hasher.ts";
import { startTwin, type Twin } from "../twin.ts";
import { LedgerDouble } from "./ledger-double.ts";
import { writeSmallWorld } from "./small-world.ts";

export interface TwinFixture {
  readonly data: string;
  readonly world: string;
  readonly ledger: LedgerDouble;
  readonly ledgerUrl: string;
  readonly keys: CityKeys;
  twin: Twin;
  readonly url: string;
  restart(ports?: { readonly mqttPort: number }): Promise<void>;
  close(): Promise<void>;
}

export async function startFixture(
  options: { readonly devices?: readonly WorldDevice[]; readonly anchorSeconds?: number } = {},
): Promise<TwinFixture> {
  const data = mkdtempSync(join(tmpdir(), "glasstown-twin-"));
  const world = writeSmallWorld(join(data, "world"), options.devices);
  const ledger = new LedgerDouble();
  const ledgerUrl = await ledger.start();
  const keys = loadCityKeys(data);
  const start = (mqttPort = 0): Promise<Twin> =>
    startTwin({
      data,
      host: "127.0.0.1",
      httpPort: 0,
      mqttPort,
      ledgerUrl,
      anchorSeconds: options.anchorSeconds ?? 3600,
      world: readBuiltWorld(world),
      keys,
      hasher: nativeHasher,
      log: pino({ level: "silent" }),
    });
  const fixture = {
    data,
    world,
    ledger,
    ledgerUrl,
    keys,
    twin: await start(),
    get url(): string {
      return `http://127.0.0.1:${fixture.twin.httpPort}`;
    },
    restart: async (ports?: { readonly mqttPort: number }): Promise<void> => {
      await fixture.twin.close();
      fixture.twin = await start(ports?.mqttPort);
    },
    close: async (): Promise<void> => {
      await fixture.twin.close();
      await ledger.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return fixture;
}

/** A reading signed by the simulated device's own key; parts can be replaced before signing. */
export function signedReading(keys: CityKeys, part: Partial<Reading> & { readonly sequence: number }): Reading {
  const unsigned = {
    device: "meter-0001",
    stream: "load",
    time: new Date().toISOString(),
    result: 100 + part.sequence,
    ...part,
  };
  const signature = hex(deviceSigner(keys.devices, unsigned.device).sign(readingSignBytes(unsigned)));
  return { ...unsigned, signature };
}

/** Publishes with QoS 1 over a connection of its own: true when acknowledged, false when the connection was closed instead. */
export async function publish(port: number, topic: string, payload: string | Buffer): Promise<boolean> {
  const client = await connect(port);
  return new Promise((resolve) => {
    let settled = false;
    const end = (acknowledged: boolean): void => {
      if (settled) return;
      settled = true;
      client.end(true, () => resolve(acknowledged));
    };
    client.once("close", () => end(false));
    client.publish(topic, payload, { qos: 1 }, (error) => end(error === undefined || error === null));
  });
}

export function publishReading(port: number, reading: Reading): Promise<boolean> {
  return publish(port, `glasstown/readings/${reading.device}`, canonicalText(reading));
}

export function connect(port: number, clientId = `test-${Math.random().toString(16).slice(2)}`): Promise<MqttClient> {
  return mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId, reconnectPeriod: 0, protocolVersion: 4 }, false);
}

/** Waits until something holds; tests never sleep for a fixed time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 120_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
