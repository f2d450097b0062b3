// Smooth repeatable noise over time: the same seed, channel and time give the same value on every machine.

/** Hash of three whole numbers to [0, 1). Integer arithmetic only. */
export function hashUnit(seed: number, channel: number, index: number): number {
  let mixed = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(channel | 0, 0x85ebca6b) ^ Math.imul(index | 0, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
}

/** Noise in [0, 1) that takes a new value every `periodMs` and glides between them. */
export function noiseAt(seed: number, channel: number, timeMs: number, periodMs: number): number {
  const position = timeMs / periodMs;
  const index = Math.floor(position);
  const part = position - index;
  const weight = part * part * (3 - 2 * part);
  const from = hashUnit(seed, channel, index);
  return from + (hashUnit(seed, channel, index + 1) - from) * weight;
}

/** A 32-bit seed from a name (FNV-1a). */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** Clock time at a longitude: mean solar time, as the city has no time zone of its own. */
export interface LocalClock {
  /** Hours since midnight, 0 to 24. */
  readonly hour: number;
  /** 0 Sunday to 6 Saturday. */
  readonly weekday: number;
  /** Day of the year as a fraction of it, 0 to 1. */
  readonly season: number;
}

export function localClock(longitude: number, timeMs: number): LocalClock {
  const local = timeMs + (longitude / 15) * 3_600_000;
  const days = Math.floor(local / 86_400_000);
  const date = new Date(local);
  const yearStart = Date.UTC(date.getUTCFullYear(), 0, 1);
  return {
    hour: (local - days * 86_400_000) / 3_600_000,
    weekday: date.getUTCDay(),
    season: (local - yearStart) / (365.25 * 86_400_000),
  };
}

/** A bump around an hour of the day, 1 at its top; wraps at midnight. */
export function bump(hour: number, top: number, width: number): number {
  const away = Math.abs(((hour - top + 36) % 24) - 12);
  return Math.exp(-(away * away) / (2 * width * width));
}
