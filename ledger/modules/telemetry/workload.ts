// Random operations of the telemetry module, some of them wrong on purpose.

import { deviceKinds, type LogRecord, telemetryState } from "../../protocol/telemetry.ts";
import type { Draw, Operation } from "../module.ts";

const hexOf = (draw: Draw): string =>
  Array.from({ length: 32 }, () => draw.random(256).toString(16).padStart(2, "0")).join("");

const registerDevice: Operation = (draw) => {
  const { random, citizens, service } = draw;
  const kind = random(2) === 0 ? "meter" : deviceKinds[random(deviceKinds.length)]!;
  return {
    type: "telemetry/register-device",
    by: random(10) === 0 ? citizens[random(citizens.length)]! : service("registrar"),
    device: `${kind}-${random(120)}`,
    kind,
    key: random(10) === 0 ? "11".repeat(32) : hexOf(draw),
    ...(kind === "meter" ? { solar: random(3) > 0 } : {}),
  };
};

const anchorLog: Operation = (draw) => {
  const { random, state, citizens, service } = draw;
  const last = state.get<LogRecord>(telemetryState.log) ?? { size: 0, time: "2024-01-01T00:00:00.000Z" };
  const second = random(60).toString().padStart(2, "0");
  return {
    type: "telemetry/anchor-log",
    by: random(10) === 0 ? citizens[random(citizens.length)]! : service("twin"),
    size: Math.max(1, last.size + random(50) - 5),
    root: hexOf(draw),
    // Often the same minute as before, so that the time sometimes goes back.
    time: `${last.time.slice(0, 17)}${second}.000Z`,
  };
};

export const workload: readonly Operation[] = [registerDevice, anchorLog];
