// Rules of the telemetry module (README.md).

import { describe, expect, it } from "vitest";
import type { DeviceRecord } from "../../protocol/telemetry.ts";
import { type LogRecord, telemetryState } from "../../protocol/telemetry-records.ts";
import { type Message, messageSchema } from "../../protocol/transaction.ts";
import { brokenByChanges } from "../invariant-check.ts";
import { person, registrar, TestState, twin, unsoundKeys } from "../test-city.ts";
import { telemetry } from "./module.ts";
import { deviceKey } from "./state.ts";

const key1 = "11".repeat(32);
const key2 = "22".repeat(32);
const device = (by: string, id: string, key: string): Message => ({
  type: "telemetry/register-device",
  by,
  device: id,
  kind: "lamp",
  key,
});
const anchor = (by: string, size: number, time: string): Message => ({
  type: "telemetry/anchor-log",
  by,
  size,
  root: "ab".repeat(32),
  time,
});
const noon = "2030-06-01T12:00:00.000Z";

describe("telemetry/register-device", () => {
  it("TE-1, TE-2, TE-3, TE-9, TE-10: refuses in this order", () => {
    const city = new TestState();
    expect(city.run(device(registrar.account, "lamp-1", key1))).toBeNull();
    const table: readonly (readonly [Message, string])[] = [
      [device(twin.account, "lamp-1", unsoundKeys[0]!), "telemetry_role_must_be_registrar"],
      [device(person("x").account, "lamp-1", key1), "telemetry_role_must_be_registrar"],
      [device(registrar.account, "lamp-1", unsoundKeys[0]!), "telemetry_device_must_not_exist"],
      [device(registrar.account, "lamp-2", unsoundKeys[0]!), "telemetry_key_must_be_sound"],
      [device(registrar.account, "lamp-2", key1), "telemetry_key_must_be_unused"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
    expect(city.run(device(registrar.account, "lamp-2", key2))).toBeNull();
  });

  it("TE-10: a key with which anybody could sign readings is refused, and leaves nothing", () => {
    const city = new TestState();
    for (const key of unsoundKeys)
      expect([key, city.run(device(registrar.account, "lamp-1", key))]).toEqual([key, "telemetry_key_must_be_sound"]);
    expect(city.state.get(telemetryState.device("lamp-1"))).toBeNull();
    expect(city.run(device(registrar.account, "lamp-1", key1))).toBeNull();
  });

  it("TE-2: records what the message says, and nothing it does not say", () => {
    const city = new TestState();
    expect(city.run(device(registrar.account, "lamp-1", key1))).toBeNull();
    expect(city.state.get<DeviceRecord>(telemetryState.device("lamp-1"))).toEqual({
      kind: "lamp",
      key: key1,
      registered: 1,
    });
    const meter: Message = {
      type: "telemetry/register-device",
      by: registrar.account,
      device: "meter-1",
      kind: "meter",
      key: key2,
      cityObject: "b-1",
      solar: true,
    };
    expect(city.run(meter)).toBeNull();
    expect(city.state.get<DeviceRecord>(telemetryState.device("meter-1"))).toMatchObject({
      cityObject: "b-1",
      solar: true,
    });
    expect(city.events.at(-1)).toEqual({
      type: "telemetry/device-registered",
      attributes: { device: "meter-1", kind: "meter" },
    });
  });
});

describe("telemetry/anchor-log", () => {
  it("TE-4, TE-5, TE-6, TE-9: refuses in this order", () => {
    const city = new TestState();
    expect(city.run(anchor(twin.account, 10, noon))).toBeNull();
    const earlier = "2030-06-01T11:59:59.999Z";
    const table: readonly (readonly [Message, string])[] = [
      [anchor(registrar.account, 10, earlier), "telemetry_role_must_be_twin"],
      [anchor(twin.account, 10, earlier), "telemetry_size_must_grow"],
      [anchor(twin.account, 9, noon), "telemetry_size_must_grow"],
      [anchor(twin.account, 11, earlier), "telemetry_time_must_not_go_back"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
    expect(city.run(anchor(twin.account, 11, noon))).toBeNull();
    expect(city.state.get<LogRecord>(telemetryState.log)).toEqual({ size: 11, root: "ab".repeat(32), time: noon });
  });

  it("TE-6: the schema admits one form of time only, so text order is time order", () => {
    const times = ["2030-06-01T12:00:00Z", "2030-06-01T12:00:00.0000Z", "2030-06-01T12:00:00.000+00:00", "30-06-01"];
    for (const time of times) expect(messageSchema.safeParse(anchor(twin.account, 1, time)).success).toBe(false);
    expect(messageSchema.safeParse(anchor(twin.account, 1, noon)).success).toBe(true);
  });
});

describe("invariants", () => {
  it("TE-7, TE-8: a device without its key entry, or without a key, stops the block", () => {
    const after: DeviceRecord = { kind: "lamp", key: key1, registered: 1 };
    const entry = { name: telemetryState.device("lamp-1"), before: null, after };
    expect(brokenByChanges([telemetry], [entry])).toContain("TE-7");
    const owner = { name: deviceKey(key1), before: null, after: { device: "lamp-1" } };
    expect(brokenByChanges([telemetry], [entry, owner])).toBeNull();
    const others = { ...owner, after: { device: "lamp-2" } };
    expect(brokenByChanges([telemetry], [entry, others])).toContain("TE-7");
    const keyless = [
      { ...entry, after: { ...after, key: "" } },
      { ...owner, name: deviceKey("") },
    ];
    expect(brokenByChanges([telemetry], keyless)).toContain("TE-8");
  });
});
