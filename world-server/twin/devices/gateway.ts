// A concentrator: one MQTT connection that carries the messages of many devices, each signed by its device.
// Messages are kept until they are acknowledged (QoS 1) and sent again in order after a break. Bounds: 2,000 messages kept
// (the oldest leave first), 1 to 32 under way, waits of 0.5 s to 15 s between connections.

import mqtt, { type MqttClient } from "mqtt";
import type { Logger } from "pino";

const keptMax = 2_000;
const windowMax = 32;
const waitMsMin = 500;
const waitMsMax = 15_000;
const connectMs = 10_000;
/** A message that ends the connection this often, alone on it, is one the broker will never take. */
const triesMax = 3;

interface Message {
  readonly topic: string;
  readonly payload: string;
  tries: number;
}

export interface GatewayCounts {
  readonly acknowledged: number;
  readonly dropped: number;
  readonly rejected: number;
  readonly waiting: number;
}

export class Gateway {
  readonly #url: string;
  readonly #name: string;
  readonly #log: Logger;
  #client: MqttClient | null = null;
  #queue: Message[] = [];
  #underWay: Message[] = [];
  #window = 1;
  #waitMs = waitMsMin;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #acknowledged = 0;
  #dropped = 0;
  #rejected = 0;

  constructor(url: string, name: string, log: Logger) {
    this.#url = url;
    this.#name = name;
    this.#log = log;
  }

  get counts(): GatewayCounts {
    return {
      acknowledged: this.#acknowledged,
      dropped: this.#dropped,
      rejected: this.#rejected,
      waiting: this.#queue.length + this.#underWay.length,
    };
  }

  /** Takes a message to deliver. */
  send(topic: string, payload: string): void {
    if (this.#closed) return;
    this.#queue.push({ topic, payload, tries: 0 });
    if (this.#queue.length > keptMax) {
      this.#queue.shift();
      this.#dropped++;
    }
    this.#pump();
  }

  connect(): void {
    if (this.#closed) return;
    const client = mqtt.connect(this.#url, {
      clientId: `${this.#name}-${process.pid.toString(36)}-${Math.floor(performance.timeOrigin).toString(36)}`,
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      connectTimeout: connectMs,
      // Connections and their unfinished messages are this class's own business.
      reconnectPeriod: 0,
      resubscribe: false,
    });
    this.#client = client;
    client.on("connect", () => {
      this.#waitMs = waitMsMin;
      this.#window = 1;
      this.#pump();
    });
    client.on("error", (error) => this.#log.debug({ gateway: this.#name, error: error.message }, "connection error"));
    client.on("close", () => this.#lost(client));
  }

  #lost(client: MqttClient): void {
    if (client !== this.#client) return;
    this.#client = null;
    client.end(true);
    const [only] = this.#underWay;
    if (only !== undefined && this.#underWay.length === 1 && ++only.tries >= triesMax) {
      this.#rejected++;
      this.#underWay = [];
      this.#log.warn({ gateway: this.#name, topic: only.topic }, "the broker does not take this message");
    }
    this.#queue = [...this.#underWay, ...this.#queue];
    this.#underWay = [];
    this.#window = 1;
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.connect(), this.#waitMs);
    this.#waitMs = Math.min(waitMsMax, this.#waitMs * 2);
  }

  #pump(): void {
    const client = this.#client;
    if (client === null || !client.connected) return;
    while (this.#underWay.length < this.#window) {
      const message = this.#queue.shift();
      if (message === undefined) return;
      this.#underWay.push(message);
      client.publish(message.topic, message.payload, { qos: 1 }, (error) => {
        // A failure is followed by `close`, which puts the message back.
        if (client !== this.#client || (error !== undefined && error !== null)) return;
        this.#underWay.splice(this.#underWay.indexOf(message), 1);
        this.#acknowledged++;
        this.#window = Math.min(windowMax, this.#window + 1);
        this.#pump();
      });
    }
  }

  /** Ends the connection; what is not acknowledged yet is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    if (client !== null) await new Promise<void>((resolve) => client.end(true, () => resolve()));
  }
}
