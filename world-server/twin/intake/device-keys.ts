// Which key a device has on the ledger. Found keys are kept (a registration never changes), missing ones only briefly.
// Bounds: 20,000 keys, 2,000 misses, 32 lookups at a time, 2,000 waiting.

import { fromHex } from "../../../ledger/protocol/bytes.ts";

/** Asks the ledger; null when the device is not registered. Rejects when the ledger does not answer. */
export type FetchDeviceKey = (device: string) => Promise<string | null>;

const keysMax = 20_000;
const missesMax = 2_000;
const missMs = 2_000;
const lookupsMax = 32;
const waitingMax = 2_000;

export class DeviceKeys {
  readonly #fetch: FetchDeviceKey;
  readonly #now: () => number;
  readonly #keys = new Map<string, Uint8Array>();
  readonly #misses = new Map<string, number>();
  readonly #lookups = new Map<string, Promise<Uint8Array | null>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(fetch: FetchDeviceKey, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** The key if it is known now; null when it was missing a moment ago; undefined when the ledger must be asked. */
  known(device: string): Uint8Array | null | undefined {
    const key = this.#keys.get(device);
    if (key !== undefined) return key;
    const missedAt = this.#misses.get(device);
    return missedAt !== undefined && this.#now() - missedAt < missMs ? null : undefined;
  }

  /** Asks the ledger, once for all who ask at the same time. Rejects when it does not answer or too many wait. */
  lookup(device: string): Promise<Uint8Array | null> {
    const running = this.#lookups.get(device);
    if (running !== undefined) return running;
    if (this.#lookups.size >= waitingMax) return Promise.reject(new Error("too many device lookups wait"));
    const lookup = this.#ask(device).finally(() => this.#lookups.delete(device));
    this.#lookups.set(device, lookup);
    return lookup;
  }

  async #ask(device: string): Promise<Uint8Array | null> {
    if (this.#running >= lookupsMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const keyHex = await this.#fetch(device);
      if (keyHex === null) {
        keep(this.#misses, missesMax, device, this.#now());
        return null;
      }
      const key = fromHex(keyHex);
      this.#misses.delete(device);
      keep(this.#keys, keysMax, device, key);
      return key;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

/** Adds to a bounded map; the oldest entry leaves. */
function keep<Value>(map: Map<string, Value>, max: number, key: string, value: Value): void {
  map.delete(key);
  if (map.size >= max) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(key, value);
}
