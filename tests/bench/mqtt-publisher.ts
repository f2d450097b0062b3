// The load on a broker, in a thread of its own: each client publishes its messages with QoS 1, a bounded number on the way.

import { parentPort, workerData } from "node:worker_threads";
import mqtt, { type MqttClient } from "mqtt";

export interface Message {
  readonly topic: string;
  readonly payload: string;
}

export interface PublisherData {
  readonly port: number;
  /** One client each. */
  readonly clients: readonly (readonly Message[])[];
}

const onTheWayMax = 100;
/** A broker that leaves a message unacknowledged for so long has lost it. */
const silenceMsMax = 30_000;
if (parentPort === null) throw new Error("this file runs in a worker");
const port = parentPort;
const data = workerData as PublisherData;

/** Resolves when every message is acknowledged. */
function publishAll(client: MqttClient, messages: readonly Message[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let acknowledged = 0;
    const failed = (what: string): void =>
      reject(new Error(`${client.options.clientId}: the broker ${what} after ${acknowledged} of ${messages.length}`));
    const silence = setTimeout(() => failed("fell silent"), silenceMsMax);
    client.once("close", () => failed("hung up"));
    const publish = (): void => {
      const message = messages[next++];
      if (message === undefined) return;
      client.publish(message.topic, message.payload, { qos: 1 }, (error) => {
        if (error) return reject(error);
        acknowledged++;
        silence.refresh();
        if (acknowledged < messages.length) return publish();
        clearTimeout(silence);
        resolve();
      });
    };
    for (let i = 0; i < onTheWayMax; i++) publish();
  });
}

const clients = await Promise.all(
  data.clients.map((_, i) =>
    mqtt.connectAsync(`mqtt://127.0.0.1:${data.port}`, {
      clientId: `bench-${i}`,
      reconnectPeriod: 0,
      protocolVersion: 4,
    }),
  ),
);
const started = performance.now();
await Promise.all(clients.map((client, i) => publishAll(client, data.clients[i]!)));
port.postMessage(performance.now() - started);
for (const client of clients) client.end(true);
