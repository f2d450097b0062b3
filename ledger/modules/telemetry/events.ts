// Events of the telemetry module. Attributes are strings.

import type { Execution } from "../module.ts";

export function deviceRegistered(execution: Execution, device: string, kind: string): void {
  execution.emit("telemetry/device-registered", { device, kind });
}

export function logAnchored(execution: Execution, size: number, root: string, time: string): void {
  execution.emit("telemetry/log-anchored", { size: size.toString(), root, time });
}
