// Invariants of the telemetry module.

import type { DeviceRecord } from "../../protocol/telemetry.ts";
import { telemetryState } from "../../protocol/telemetry-records.ts";
import { derived } from "../derived-entries.ts";
import type { Invariant } from "../module.ts";
import { type DeviceKeyRecord, deviceKey } from "./state.ts";

const devicePrefix = telemetryState.device("");
const keyPrefix = deviceKey("");

export const invariants: readonly Invariant[] = [
  derived<DeviceRecord, DeviceKeyRecord>("TE-7: every device, and no other, is found by its key", {
    from: devicePrefix,
    prefix: keyPrefix,
    entriesOf: (device, { key }) => [`${key}/${device}`],
    holding: ({ device }) => `/${device}`,
  }),
  {
    rule: "TE-8: a device has a key",
    holds: (name, record) => !name.startsWith(devicePrefix) || /^[0-9a-f]{64}$/.test((record as DeviceRecord).key),
  },
];
