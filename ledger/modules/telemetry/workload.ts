// Random operations of the telemetry module, some of them wrong on purpose.

import { deviceKinds } from "../../protocol/telemetry.ts";
import { type LogRecord, telemetryState } from "../../protocol/telemetry-records.ts";
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
    key: random(10) === 0 ? "11".repeat(32) : random(10) === 0 ? draw.unsoundKey() : draw.newKey(),
    ...(kind === "meter" ? { solar: random(3) > 0 } : {}),
  };
};

const anchorLog: Operation = (draw) => {
  const { random, state, citizens, service, timeMs } = draw;
  const anchored = state.get<LogRecord>(telemetryState.log)?.size ?? 0;
  return {
    type: "telemetry/anchor-log",
    by: random(10) === 0 ? citizens[random(citizens.length)]! : service("twin"),
    size: Math.max(1, anchored + random(50) - 5),
    root: hexOf(draw),
    // Sometimes of minutes ago, so that the time goes back.
    time: dateTime(timeMs - (random(8) === 0 ? 60_000 * random(10) : 0)),
  };
};

/** RFC 3339 of UNIX milliseconds, in whole numbers alone: the Gregorian calendar counted in days from 1 March of the year 0. */
function dateTime(timeMs: number): string {
  const text = (value: number, digits = 2): string => String(value).padStart(digits, "0");
  const day = Math.floor(timeMs / 86_400_000) + 719_468;
  const era = Math.floor(day / 146_097);
  const ofEra = day - era * 146_097;
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const marchMonth = Math.floor((5 * ofYear + 2) / 153);
  const dayOfMonth = ofYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const ms = timeMs - Math.floor(timeMs / 86_400_000) * 86_400_000;
  const clock = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60].map((n) =>
    text(n),
  );
  const date = [text(year + era * 400 + (month <= 2 ? 1 : 0), 4), text(month), text(dayOfMonth)];
  return `${date.join("-")}T${clock.join(":")}.${text(ms % 1000, 3)}Z`;
}

export const workload: readonly Operation[] = [registerDevice, anchorLog];
