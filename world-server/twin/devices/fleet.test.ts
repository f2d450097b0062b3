// The simulated devices against a real broker: who reports, what happens when the twin goes and comes back.

import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBuiltWorld } from "../city/built-world.ts";
import { LedgerClient } from "../ledger/ledger-client.ts";
import { smallDevices } from "../testing/small-world.ts";
import { startFixture, type TwinFixture, until } from "../testing/twin-fixture.ts";
import { Fleet } from "./fleet.ts";
import { parseReplayProfile } from "./replay-profile.ts";

let fixture: TwinFixture;
let fleet: Fleet;

function fleetOn(options: { rate: number; replay?: string }): Fleet {
  return new Fleet({
    world: readBuiltWorld(fixture.world),
    devicesRoot: fixture.keys.devices,
    mqttUrl: `mqtt://127.0.0.1:${fixture.twin.mqttPort}`,
    ledger: new LedgerClient(fixture.ledgerUrl),
    rate: options.rate,
    replay: options.replay === undefined ? null : parseReplayProfile(options.replay, "test"),
    log: pino({ level: "silent" }),
    now: Date.now,
  });
}

beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(async () => {
  await fleet.close();
  await fixture.close();
});

describe("the fleet", () => {
  it("waits for the register, then every stream of every device reports and is stored", async () => {
    fleet = fleetOn({ rate: 100 });
    fleet.start();
    await until("all begin", async () => (await fleet.beginRegistered()).waiting === 0);
    const streams = smallDevices.flatMap((device) => device.streams.map((stream) => `${device.id}/${stream.stream}`));
    await until("all streams", () => streams.every((name) => fixture.twin.store.latest.has(name)));
    const { latest } = fixture.twin.store;
    const of = (name: string): number => latest.get(`meter-0001/${name}`)?.result ?? Number.NaN;
    expect(of("load")).toBeGreaterThan(0);
    expect(of("solar")).toBeGreaterThanOrEqual(0);
    expect(fleet.counts.rejected).toBe(0);
    expect(fleet.gateways).toBe(4);
  });

  it("goes on after the twin was away, and loses no reading that it kept", async () => {
    fleet = fleetOn({ rate: 100 });
    fleet.start();
    await until("all begin", async () => (await fleet.beginRegistered()).waiting === 0);
    await until("readings", () => fixture.twin.store.size > 20);
    const { mqttPort } = fixture.twin;
    await fixture.restart({ mqttPort });
    const { size } = fixture.twin.store;
    await until("more readings", () => fixture.twin.store.size > size + 50);
    expect(fleet.counts.rejected).toBe(0);
    expect(fleet.counts.dropped).toBe(0);
    const health = (await (await fetch(`${fixture.url}/health`)).json()) as { refused: Record<string, number> };
    expect(Object.keys(health.refused).filter((reason) => reason !== "intake_must_be_open")).toEqual([]);
  });

  it("leaves a device alone that stands on the register with another key", async () => {
    await until("registered", () => fixture.ledger.state.has("telemetry/device/tram-01"));
    fixture.ledger.registerDevice("lamp-0001", "ab".repeat(32));
    fleet = fleetOn({ rate: 100 });
    await until("all looked up", async () => (await fleet.beginRegistered()).waiting === 0);
    expect(fleet.counts).toMatchObject({ running: smallDevices.length - 1, foreign: 1 });
  });

  it("drives the first solar meter with a replayed household, and only that one", async () => {
    const lines = ["time,GC,GG"];
    for (let at = Date.UTC(2011, 0, 1); at < Date.UTC(2012, 0, 1); at += 1_800_000) {
      lines.push(`${new Date(at).toISOString().slice(0, 19).replace("T", " ")},1.25,0.5`);
    }
    fleet = fleetOn({ rate: 100, replay: lines.join("\n") });
    expect(fleet.replayedMeter).toBe("meter-0001");
    fleet.start();
    await until("all begin", async () => (await fleet.beginRegistered()).waiting === 0);
    await until("net", () => fixture.twin.store.latest.has("meter-0001/net"));
    const { latest } = fixture.twin.store;
    expect(latest.get("meter-0001/load")?.result).toBe(1250);
    expect(latest.get("meter-0001/solar")?.result).toBe(500);
    expect(latest.get("meter-0001/net")?.result).toBe(750);
    expect(latest.get("meter-0002/load")?.result).not.toBe(1250);
  });
});
