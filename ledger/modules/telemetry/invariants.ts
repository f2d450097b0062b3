// Invariants of the telemetry module.

import type { DeviceRecord } from "../../protocol/telemetry.ts";
import { telemetryState } from "../../protocol/telemetry.ts";
import type { Invariant } from "../module.ts";
import { deviceKey } from "./state.ts";

const devicePrefix = telemetryState.device("");
const keyPrefix = deviceKey("");

export const invariants: readonly Invariant[] = [
  {
    rule: "TE-7: as many keys as devices",
    weigh: (name) => (name.startsWith(devicePrefix) ? 1n : name.startsWith(keyPrefix) ? -1n : 0n),
  },
  {
    rule: "TE-8: a device has a key",
    holds: (name, record) => !name.startsWith(devicePrefix) || /^[0-9a-f]{64}$/.test((record as DeviceRecord).key),
  },
];
