// The simulated devices: each signs its readings with its own key and sends them through its gateway (one for each feeder,
// one for each other kind of device, at most 40). A device begins once the ledger knows it with this very key.

import type { Logger } from "pino";
import { hex } from "../../../ledger/protocol/bytes.ts";
import { canonicalText } from "../../../ledger/protocol/canonical.ts";
import { readingSignBytes, telemetryState } from "../../../ledger/protocol/telemetry-records.ts";
import { SettingError } from "../../../settings/settings.ts";
import type { DeviceStream, WorldDevice } from "../../../worlds/format/world.ts";
import { hashUnit, seedOf } from "../../simulation/environment-noise.ts";
import type { BuiltWorld } from "../city/built-world.ts";
import { deviceRecordSchema } from "../ledger/device-registration.ts";
import type { LedgerClient } from "../ledger/ledger-client.ts";
import { deviceSigner, type Signer } from "../ledger/signer.ts";
import { Gateway, type GatewayCounts } from "./gateway.ts";
import type { ReplayProfile } from "./replay-profile.ts";
import { Schedule } from "./schedule.ts";
import { type Source, sourceOf } from "./sources.ts";

const gatewaysMax = 40;
/** Devices looked up at a time while they wait to be registered. */
const lookupsMax = 50;
/** Every device has reported once within this time of its beginning. */
const firstMs = 10_000;

export interface FleetOptions {
  readonly world: BuiltWorld;
  /** Root of the devices' keys, hex. */
  readonly devicesRoot: string;
  readonly mqttUrl: string;
  readonly ledger: LedgerClient;
  /** How many times faster than the streams' periods. */
  readonly rate: number;
  readonly replay: ReplayProfile | null;
  readonly log: Logger;
  readonly now: () => number;
}

interface Device {
  readonly id: string;
  readonly signer: Signer;
  readonly source: Source;
  readonly streams: readonly DeviceStream[];
  readonly gateway: Gateway;
  sequence: number;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #schedule: Schedule;
  /** By feeder or kind; several groups may share a connection. */
  readonly #gateways = new Map<string, Gateway>();
  readonly #connections = new Set<Gateway>();
  #waiting: Device[];
  #running = 0;
  #foreign = 0;
  /** The meter that a real household drives. */
  readonly replayedMeter: string | null;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#schedule = new Schedule(options.now);
    this.replayedMeter = options.replay === null ? null : meterToReplay(options.world.devices);
    this.#waiting = options.world.devices.map((device) => this.#device(device));
  }

  get counts(): GatewayCounts & {
    readonly running: number;
    readonly waitingDevices: number;
    readonly foreign: number;
  } {
    const all = [...this.#connections].map((gateway) => gateway.counts);
    const sum = (name: keyof GatewayCounts): number => all.reduce((total, counts) => total + counts[name], 0);
    return {
      acknowledged: sum("acknowledged"),
      dropped: sum("dropped"),
      rejected: sum("rejected"),
      waiting: sum("waiting"),
      running: this.#running,
      waitingDevices: this.#waiting.length,
      foreign: this.#foreign,
    };
  }

  get gateways(): number {
    return this.#connections.size;
  }

  start(): void {
    for (const gateway of this.#connections) gateway.connect();
    this.#schedule.start();
  }

  async close(): Promise<void> {
    this.#schedule.close();
    await Promise.all([...this.#connections].map((gateway) => gateway.close()));
  }

  /**
   * Looks up some of the devices that have not begun and begins those that the ledger knows; the rest goes to the back.
   * @returns how many are still waiting, and how many of those looked up had been registered.
   * @throws {LedgerAwayError}
   */
  async beginRegistered(): Promise<{ readonly waiting: number; readonly found: number }> {
    const { ledger } = this.#options;
    const batch = this.#waiting.slice(0, lookupsMax);
    const records = await Promise.all(
      batch.map((device) => ledger.state(telemetryState.device(device.id), deviceRecordSchema)),
    );
    const missing: Device[] = [];
    for (const [i, device] of batch.entries()) {
      const record = records[i];
      if (record === null || record === undefined) missing.push(device);
      else if (record.key === device.signer.publicKeyHex) this.#begin(device);
      // Another key: a real device has taken this one's place.
      else this.#foreign++;
    }
    this.#waiting = [...this.#waiting.slice(batch.length), ...missing];
    return { waiting: this.#waiting.length, found: batch.length - missing.length };
  }

  #device(device: WorldDevice): Device {
    const { world, devicesRoot, replay } = this.#options;
    const profile = device.id === this.replayedMeter ? replay : null;
    return {
      id: device.id,
      signer: deviceSigner(devicesRoot, device.id),
      source: sourceOf(device, world, profile),
      streams: device.streams,
      gateway: this.#gatewayOf(device.feeder ?? device.kind),
      sequence: 0,
    };
  }

  #gatewayOf(group: string): Gateway {
    const known = this.#gateways.get(group);
    if (known !== undefined) return known;
    const { mqttUrl, log } = this.#options;
    const gateway =
      this.#connections.size < gatewaysMax
        ? new Gateway(mqttUrl, `gateway-${group}`.slice(0, 40), log)
        : [...this.#connections][(seedOf(group) >>> 0) % gatewaysMax]!;
    this.#connections.add(gateway);
    this.#gateways.set(group, gateway);
    return gateway;
  }

  #begin(device: Device): void {
    this.#running++;
    const periods = Map.groupBy(device.streams, (stream) => stream.period);
    for (const [period, streams] of periods) {
      const periodMs = (period * 1000) / this.#options.rate;
      // Spread over the period, so that the city does not report in one breath.
      const part = hashUnit(seedOf(device.id), 81, Math.floor(period));
      const measure = (timeMs: number): void => this.#measure(device, streams, timeMs);
      this.#schedule.add(periodMs, part, measure);
      // A first sign of life comes soon, so that nobody finds a silent city.
      if (part * periodMs > firstMs) this.#schedule.once(part * firstMs, measure);
    }
  }

  #measure(device: Device, streams: readonly DeviceStream[], timeMs: number): void {
    const time = new Date(timeMs).toISOString();
    for (const { stream } of streams) {
      const result = device.source(stream, timeMs);
      if (result === null) continue;
      // The clock as a counter goes on growing when the process starts anew, without a file.
      device.sequence = Math.max(device.sequence + 1, timeMs);
      const unsigned = { device: device.id, stream, time, result, sequence: device.sequence };
      const signature = hex(device.signer.sign(readingSignBytes(unsigned)));
      device.gateway.send(`glasstown/readings/${device.id}`, canonicalText({ ...unsigned, signature }));
    }
  }
}

/** The first meter by id with solar panels, or the first of all where no roof has any. */
function meterToReplay(devices: readonly WorldDevice[]): string {
  const meters = devices.filter((device) => device.kind === "meter").sort((a, b) => (a.id < b.id ? -1 : 1));
  const meter = meters.find((device) => (device.solarW ?? 0) > 0) ?? meters[0];
  if (meter === undefined) throw new SettingError("GLASSTOWN_REPLAY: this world has no meter that could be driven");
  return meter.id;
}
