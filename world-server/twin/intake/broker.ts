// The MQTT 3.1.1 broker (aedes): takes signed readings, serves them to subscribers. A message is acknowledged only after it
// is stored. MQTT 3.1.1 §3.3.5.2 knows no refusal but closing the connection, so that is what a refused message meets.
// Bounds: 256 connections, 4 KiB a packet, 10 s to CONNECT, keep-alive 1 to 1,200 s, 32 subscriptions a client at QoS 0.

import { createServer, type Server } from "node:net";
import { Aedes, type Client, type ConnectPacket } from "aedes";
import type { Logger } from "pino";
import type { Intake } from "./intake.ts";
import { PacketGate, PacketTooLongError } from "./packet-gate.ts";

const connectionsMax = 256;
const connectTimeoutMs = 10_000;
const keepaliveSecondsMax = 1_200;
const drainTimeoutMs = 10_000;
const subscriptionsMax = 32;
const serverUnavailable = 3;
/** What anyone may read: raw readings, and observations as SensorThings 1.1 §14 names them. */
const readable = [
  /^glasstown\/readings\/(#|\+|[a-z0-9-]{1,48})$/,
  /^v1\.1\/Datastreams\([1-9][0-9]{0,14}\)\/Observations$/,
];

export interface Broker {
  readonly port: number;
  readonly connections: () => number;
  /** True when someone may want observations on SensorThings topics. */
  readonly observed: () => boolean;
  publish(topic: string, payload: string): void;
  /** Takes no more connections or messages; those that exist end with `close`. */
  stopAccepting(): void;
  close(): Promise<void>;
}

/** @throws when the port cannot be used. */
export async function startBroker(options: {
  readonly host: string;
  readonly port: number;
  readonly intake: Intake;
  readonly log: Logger;
}): Promise<Broker> {
  const { intake, log } = options;
  /** Clients that asked for SensorThings topics once; bounded by the connections. */
  const observers = new Set<Client>();
  const aedes = await Aedes.createBroker({
    concurrency: 500,
    connectTimeout: connectTimeoutMs,
    keepaliveLimit: keepaliveSecondsMax,
    drainTimeout: drainTimeoutMs,
    maxTopicLevels: 8,
    maxInflightInbound: 100,
    maxClientsIdLength: 64,
    preConnect: (_client, packet: ConnectPacket, done) => {
      // Queues for absent clients have no bound, so no session outlives its connection; CONNACK says so.
      packet.clean = true;
      done(null, packet.clientId.length <= 64);
    },
    authenticate: (_client, _name, _password, done) => {
      void intake.able().then((able) => {
        // CONNACK 0x03 (MQTT 3.1.1 §3.2.2.3) when it is not: come back later, with everything.
        if (able) done(null, true);
        else
          done(Object.assign(new Error("the store or the ledger is away"), { returnCode: serverUnavailable }), false);
      });
    },
    authorizePublish: (client, packet, done) => {
      packet.retain = false;
      const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
      intake.receive(packet.topic, payload).then(
        (receipt) => {
          if (receipt.ok) return done(null);
          log.debug(
            { client: client?.id, topic: packet.topic.slice(0, 80), reason: receipt.reason },
            "message refused",
          );
          done(new Error(receipt.reason));
        },
        (error: unknown) => done(error as Error),
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      const held = Object.keys((client as unknown as { subscriptions: object }).subscriptions).length;
      if (held >= subscriptionsMax || !readable.some((pattern) => pattern.test(subscription.topic))) {
        return done(null, null);
      }
      if (subscription.topic.startsWith("v1.1/")) {
        if (!client.closed) observers.add(client);
      }
      done(null, { ...subscription, qos: 0 });
    },
  });
  aedes.on("clientDisconnect", (client) => observers.delete(client));
  const failed = (client: Client, error: Error): void => {
    if (error instanceof PacketTooLongError) intake.refuse("packet_bytes_must_not_exceed_limit");
    log.debug({ client: client?.id, reason: error.message }, "connection ended");
  };
  aedes.on("clientError", failed);
  aedes.on("connectionError", failed);

  const server: Server = createServer({ noDelay: true }, (socket) => aedes.handle(new PacketGate(socket)));
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => log.error({ error: error.message }, "MQTT listener"));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    connections: () => aedes.connectedClients,
    observed: () => observers.size > 0,
    publish: (topic, payload) => {
      const packet = {
        cmd: "publish",
        topic,
        payload: Buffer.from(payload),
        qos: 0,
        retain: false,
        dup: false,
      } as const;
      aedes.publish(packet, () => undefined);
    },
    stopAccepting: () => {
      server.close();
    },
    close: () =>
      new Promise((resolve) => {
        server.close();
        aedes.close(() => resolve());
      }),
  };
}
