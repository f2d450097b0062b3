// Numbers, times and hashes as a person would say them; the exact value is a second function beside each.
// Money is micro-units and energy Wh, both decimal strings; arithmetic is on BigInt, never on floats.

import { language, t, tn } from "./language.ts";

const integerPattern = /^-?[0-9]{1,40}$/;

/** A decimal string of scaled integer units: scaled("140000", 6) is "0.14". Trailing zeros go, down to `decimalsMin`. */
export function scaled(units: string, decimals: number, decimalsMin = 0): string {
  if (!integerPattern.test(units)) return "–";
  const negative = units.startsWith("-");
  const digits = (negative ? units.slice(1) : units).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  let fraction = digits.slice(digits.length - decimals);
  while (fraction.length > decimalsMin && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  const grouped = new Intl.NumberFormat(language.value).format(BigInt(whole));
  return `${negative ? "−" : ""}${grouped}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Rounds scaled integer units half up (away from zero) to `decimals` places of `from`. */
function rounded(units: string, from: number, to: number): string {
  const value = BigInt(units);
  const divisor = 10n ** BigInt(from - to);
  const size = value < 0n ? -value : value;
  const result = (size + divisor / 2n) / divisor;
  return String(value < 0n ? -result : result);
}

/** Micro-units as a person says them: two places, more only for amounts below 0.10. */
export function money(micro: string): string {
  if (!integerPattern.test(micro)) return "–";
  const size = BigInt(micro) < 0n ? -BigInt(micro) : BigInt(micro);
  if (size !== 0n && size < 100_000n) return scaled(rounded(micro, 6, 4), 4, 2);
  return scaled(rounded(micro, 6, 2), 2, 2);
}
/** The same, but never more than there is: what one has must not look like enough for what it is not enough for. */
export function moneyRoundedDown(micro: string): string {
  if (!integerPattern.test(micro)) return "–";
  const units = BigInt(micro);
  const step = units > -100_000n && units < 100_000n ? 100n : 10_000n;
  // Down for debts, too, while BigInt's division goes towards zero.
  const beyond = units < 0n && units % step !== 0n ? 1n : 0n;
  return money(String((units / step - beyond) * step));
}
/** To the last micro-unit: what is paid, offered or agreed to is never rounded. */
export const moneyExact = (micro: string): string => scaled(micro, 6, 2);

/** Wh as kWh with two places (three at most below 0.1 kWh). */
export function energy(wattHours: string): string {
  if (!integerPattern.test(wattHours)) return "–";
  const size = BigInt(wattHours) < 0n ? -BigInt(wattHours) : BigInt(wattHours);
  if (size < 100n) return `${scaled(wattHours, 3)} kWh`;
  return `${scaled(rounded(wattHours, 3, 2), 2, 2)} kWh`;
}
export const energyExact = (wattHours: string): string => `${scaled(wattHours, 0)} Wh`;

/** Price per kWh in micro-units. */
export const price = (micro: string): string => scaled(micro, 6, 2);

/** A measured value: three significant digits, at most two places, kW above 1,000 W, with its unit. */
export function measured(value: number, symbol: string): { readonly number: string; readonly unit: string } {
  if (!Number.isFinite(value)) return { number: "–", unit: symbol };
  let shown = value;
  let unit = symbol;
  if ((symbol === "W" || symbol === "Wh") && Math.abs(value) >= 1000) {
    shown = value / 1000;
    unit = `k${symbol}`;
  }
  const size = Math.abs(shown);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const number = new Intl.NumberFormat(language.value, { maximumFractionDigits: places }).format(shown);
  return { number: number.replace("-", "−"), unit };
}

export function count(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}

/** "12 s ago"; one unit, never negative. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 2) return t("age.now");
  if (seconds < 100) return t("age.seconds", { count: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return t("age.minutes", { count: minutes });
  const hours = Math.round(minutes / 60);
  if (hours < 48) return tn("age.hours", hours);
  return tn("age.days", Math.round(hours / 24));
}

const spans = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** A span of time in the largest unit that it is a whole number of: "2 days", "36 hours". Parts of seconds are rounded up. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000) * 1000;
  const [unit, size] = spans.find(([, one]) => seconds >= one && seconds % one === 0) ?? spans[3];
  return new Intl.NumberFormat(language.value, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
}

/** Time left as m:ss. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Local wall-clock time, with seconds when asked. */
export function clockTime(unixMs: number, seconds = false): string {
  if (!Number.isFinite(unixMs)) return "–";
  return new Intl.DateTimeFormat(language.value, {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  }).format(unixMs);
}

/** Date and time for people; the exact value is the RFC 3339 text itself. */
export function dateTime(unixMs: number): string {
  if (!Number.isFinite(unixMs)) return "–";
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" }).format(
    unixMs,
  );
}

/** A day such as "2026-11-22" of UTC, as the language writes day and month. */
export function dayAndMonth(day: string): string {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (!Number.isFinite(time)) return "–";
  return new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short", timeZone: "UTC" }).format(time);
}

/** First and last characters of a hash or account. */
export function shortHash(text: string): string {
  return text.length <= 14 ? text : `${text.slice(0, 6)}…${text.slice(-4)}`;
}
