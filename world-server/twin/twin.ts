// The twin: broker, store, telemetry log, SensorThings API and anchoring, wired together. Serves before it is registered and
// anchored, so that it outlives a ledger that is away.

import type { Server } from "node:http";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Logger } from "pino";
import { telemetryState } from "../../ledger/protocol/telemetry-records.ts";
import type { CityKeys } from "../../settings/city-keys.ts";
import type { BuiltWorld } from "./city/built-world.ts";
import { type Broker, startBroker } from "./intake/broker.ts";
import { DeviceKeys } from "./intake/device-keys.ts";
import { Intake } from "./intake/intake.ts";
import { Anchoring } from "./ledger/anchoring.ts";
import { CityAccount } from "./ledger/city-account.ts";
import { deviceRecordSchema, type Registration, registerDevices } from "./ledger/device-registration.ts";
import { LedgerClient } from "./ledger/ledger-client.ts";
import { retrying } from "./ledger/retrying.ts";
import { signerOfSeed } from "./ledger/signer.ts";
import { Live } from "./log/live.ts";
import { logRoutes } from "./log/routes.ts";
import type { LogHasher } from "./log/tile-tree.ts";
import { ReadService } from "./sta/read-service.ts";
import { sensorThingsRoutes } from "./sta/routes.ts";
import { Database } from "./store/database.ts";
import { pruneOldestBundle, Retention } from "./store/retention.ts";
import { type CheckedReading, TelemetryStore } from "./store/telemetry-store.ts";
import { writeThings } from "./store/things.ts";

const saveMs = 1000;
const httpConnectionsMax = 1000;

export interface TwinOptions {
  readonly data: string;
  readonly host: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly ledgerUrl: string;
  readonly anchorSeconds: number;
  /** Days after which readings leave; for good without it. */
  readonly keepDays?: number;
  readonly world: BuiltWorld;
  readonly keys: CityKeys;
  readonly hasher: LogHasher;
  readonly log: Logger;
  readonly now?: () => number;
}

export interface Twin {
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly store: TelemetryStore;
  /** Removes what was measured before a time, in whole bundles. */
  prune(beforeMs: number): void;
  /** Stops taking messages, commits the batch under way, closes files and ports. */
  close(): Promise<void>;
}

/** @throws {SettingError} when the store cannot be used; an EADDRINUSE error when a port is taken. */
export async function startTwin(options: TwinOptions): Promise<Twin> {
  const { log, world, keys, hasher } = options;
  const now = options.now ?? Date.now;
  const stop = new AbortController();
  const database = Database.open(options.data);
  writeThings(database, world, now());
  const store = new TelemetryStore(database, hasher);
  const reading = new ReadService(options.data, log);
  const ledger = new LedgerClient(options.ledgerUrl);
  const twinSigner = signerOfSeed(Buffer.from(keys.twin, "hex"));
  const live = new Live(store);
  const deviceKeys = new DeviceKeys(
    async (device) => (await ledger.state(telemetryState.device(device), deviceRecordSchema))?.key ?? null,
    now,
  );
  let broker: Broker | null = null;
  const intake = new Intake({
    store,
    keys: deviceKeys,
    now,
    onStored: (stored) => {
      live.add(stored);
      if (broker?.observed()) publishObservations(broker, stored, store.size - stored.length);
    },
    onStoreFailed: (error) => log.error({ error: (error as Error).message }, "readings could not be stored"),
  });
  const account = new CityAccount(ledger, twinSigner);
  const anchoring = new Anchoring({ ledger, account, store, seconds: options.anchorSeconds, now, log });
  let registration: Registration | null = null;

  const app = new Hono<{ Bindings: HttpBindings }>();
  const openToAll = cors({ origin: "*", allowMethods: ["GET", "HEAD"] });
  // The event stream writes its own head; a middleware would write a second one.
  app.use("*", (context, next) => (context.req.path === "/log/live" ? next() : openToAll(context, next)));
  app.route("/sta/v1.1", sensorThingsRoutes(reading));
  app.route("/log", logRoutes({ store, live, hasher, key: twinSigner, chain: () => store.meta("chain") }));
  app.get("/health", (context) =>
    context.json({
      status: "ok",
      log: { size: store.size, anchored: anchoring.anchored?.size ?? 0 },
      readings: { accepted: intake.accepted, duplicates: intake.duplicates },
      refused: Object.fromEntries(intake.refused),
      devices: { world: world.devices.length, registration },
      connections: { mqtt: broker?.connections() ?? 0, live: live.listeners, liveDropped: live.dropped },
    }),
  );
  app.notFound((context) => context.json({ code: 404, type: "error", message: "there is nothing here" }, 404));
  app.onError((error, context) => {
    log.error({ error: error.message, path: context.req.path }, "request failed");
    return context.json({ code: 500, type: "error", message: "the twin failed to answer" }, 500);
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.maxConnections = httpConnectionsMax;
  server.requestTimeout = 30_000;
  const closeAll = async (): Promise<void> => {
    stop.abort();
    broker?.stopAccepting();
    intake.close();
    live.close();
    await broker?.close();
    await anchoring.close();
    await background;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await reading.close();
    database.close();
  };
  let background: Promise<void> = Promise.resolve();
  let httpPort: number;
  try {
    httpPort = await listen(server, options.host, options.httpPort);
    broker = await startBroker({ host: options.host, port: options.mqttPort, intake, log });
  } catch (error) {
    await closeAll();
    throw error;
  }
  const saving = setInterval(() => intake.saveRefused(), saveMs);
  const { keepDays } = options;
  const retention =
    keepDays === undefined ? null : new Retention({ database, size: () => store.size, keepDays, now, log });
  background = retrying(stop.signal, log, async () => {
    const { chain } = await ledger.chain();
    store.setMeta("chain", chain);
    anchoring.start();
    const registrar = new CityAccount(ledger, signerOfSeed(Buffer.from(keys.registrar, "hex")));
    const { devices } = world;
    registration = await registerDevices({ ledger, registrar, devices, devicesRoot: keys.devices, stop: stop.signal });
    log.info(registration, "devices registered");
  });
  return {
    httpPort,
    mqttPort: broker.port,
    store,
    prune: (beforeMs) => {
      while (pruneOldestBundle(database, store.size, beforeMs));
    },
    close: async () => {
      clearInterval(saving);
      retention?.close();
      await closeAll();
    },
  };
}

/** Republishes new observations as SensorThings clients expect them (v1.1 §14.2). */
function publishObservations(broker: Broker, stored: readonly CheckedReading[], firstIndex: number): void {
  for (const [i, { reading, datastream }] of stored.entries()) {
    const { device, stream, sequence, signature, time, result } = reading;
    const logIndex = firstIndex + i;
    const parameters = { device, stream, sequence, signature, logIndex };
    const observation = { "@iot.id": logIndex + 1, phenomenonTime: time, resultTime: time, result, parameters };
    broker.publish(`v1.1/Datastreams(${datastream})/Observations`, JSON.stringify(observation));
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
