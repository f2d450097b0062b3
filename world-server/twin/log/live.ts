// Newest values for the 3D city: all of them with an ETag, and what is new each second as server-sent events.
// Bounds: 200 listeners; one that has 256 KiB unread is dropped and may come back.

import type { ServerResponse } from "node:http";
import type { LatestAnswer } from "../../protocol/telemetry-log.ts";
import { type CheckedReading, streamName, type TelemetryStore } from "../store/telemetry-store.ts";

const listenersMax = 200;
const unreadBytesMax = 256 * 1024;
const batchMs = 1000;

/** Any page may listen, and no proxy may hold events back. */
export const eventStreamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "access-control-allow-origin": "*",
  "x-accel-buffering": "no",
};

export class Live {
  readonly #store: TelemetryStore;
  readonly #listeners = new Set<ServerResponse>();
  #fresh = new Map<string, readonly [number, number]>();
  #latest: { readonly size: number; readonly text: string } | null = null;
  readonly #timer: NodeJS.Timeout;
  #dropped = 0;

  constructor(store: TelemetryStore) {
    this.#store = store;
    this.#timer = setInterval(() => this.#send(), batchMs);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** All newest values as JSON; the ETag changes with the log. */
  latest(): { readonly etag: string; readonly text: string } {
    const size = this.#store.size;
    if (this.#latest?.size !== size) {
      const values: Record<string, LatestAnswer[string]> = {};
      for (const [name, { timeMs, result }] of this.#store.latest) values[name] = [timeMs, result];
      this.#latest = { size, text: JSON.stringify(values) };
    }
    return { etag: `"${size}"`, text: this.#latest.text };
  }

  /** Takes note of stored readings for the next event. One value a stream is kept, so this is bounded by the streams. */
  add(stored: readonly CheckedReading[]): void {
    if (this.#listeners.size === 0) return;
    for (const { reading } of stored) {
      const name = streamName(reading.device, reading.stream);
      const timeMs = Date.parse(reading.time);
      const known = this.#fresh.get(name);
      if (known === undefined || known[0] <= timeMs) this.#fresh.set(name, [timeMs, reading.result]);
    }
  }

  /** Makes a response a listener; false when there is no room. */
  listen(response: ServerResponse): boolean {
    if (this.#listeners.size >= listenersMax) return false;
    response.writeHead(200, eventStreamHeaders);
    response.write("retry: 3000\n\n");
    this.#listeners.add(response);
    response.on("close", () => this.#listeners.delete(response));
    response.on("error", () => this.#listeners.delete(response));
    return true;
  }

  #send(): void {
    if (this.#listeners.size === 0) return;
    // A comment when nothing is new tells proxies and listeners that the line is alive.
    const text =
      this.#fresh.size === 0
        ? ":\n\n"
        : `id: ${this.#store.size}\nevent: readings\ndata: ${JSON.stringify(Object.fromEntries(this.#fresh))}\n\n`;
    this.#fresh = new Map();
    for (const listener of this.#listeners) {
      if (listener.writableLength > unreadBytesMax) {
        this.#dropped++;
        this.#listeners.delete(listener);
        listener.destroy();
      } else {
        listener.write(text);
      }
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }
}
