// Electric load of a home: standby, a refrigerator, habits by hour and day, and appliances that switch on and off.
// Over a year it sums to about the home's yearly use. A pure function of home and time.

import { bump, hashUnit, localClock, noiseAt } from "./environment-noise.ts";

export interface Home {
  readonly seed: number;
  /** kWh a year. */
  readonly yearlyKwh: number;
  readonly latitude: number;
  readonly longitude: number;
}

interface Appliance {
  readonly watts: number;
  readonly minutes: number;
}

const slotMs = 1_800_000;
const hoursOfYear = 8766;
/** Shares of the mean load: what always runs, what follows habits smoothly, what switches. */
const share = { standby: 0.22, refrigerator: 0.08, habits: 0.3, appliances: 0.4 } as const;
const appliances: readonly Appliance[] = [
  { watts: 2000, minutes: 4 },
  { watts: 1400, minutes: 25 },
  { watts: 2200, minutes: 40 },
  { watts: 700, minutes: 75 },
  { watts: 1100, minutes: 12 },
];
/** The longest appliance may have been switched on this many slots ago. */
const slotsBack = 3;
/** Mean of `habit` over a week, so that shares hold. */
const habitMean = 0.887;

export function householdLoadW(home: Home, timeMs: number): number {
  const mean = (home.yearlyKwh * 1000) / hoursOfYear;
  const season = seasonOf(home, timeMs);
  const flicker = 0.9 + 0.2 * noiseAt(home.seed, 11, timeMs, 180_000);
  const steady = mean * (share.standby + share.habits * season * habit(home, timeMs) * flicker);
  return Math.max(15, steady + refrigerator(home, mean, timeMs) + switched(home, mean * season, timeMs));
}

/** How busy the home is, around 1. Weekdays have a morning and an evening; weekends a long day. */
function habit(home: Home, timeMs: number): number {
  const { hour, weekday } = localClock(home.longitude, timeMs);
  // Every home is early or late in its own way.
  const shifted = hour - 1.5 * (hashUnit(home.seed, 12, 0) - 0.5);
  const evening = 2.1 * bump(shifted, 19.3, 2);
  const level =
    weekday === 0 || weekday === 6
      ? 0.25 + 0.9 * bump(shifted, 10.5, 2.2) + 0.7 * bump(shifted, 14.5, 2.5) + 0.85 * evening
      : 0.22 + 1.1 * bump(shifted, 7.3, 1) + 0.4 * bump(shifted, 12.7, 1.5) + evening;
  return level / habitMean;
}

function seasonOf(home: Home, timeMs: number): number {
  const { season } = localClock(home.longitude, timeMs);
  return 1 + 0.14 * Math.sign(home.latitude || 1) * Math.cos((season - 0.04) * 2 * Math.PI);
}

/** Runs a third of the time, in cycles of its own length. */
function refrigerator(home: Home, mean: number, timeMs: number): number {
  const cycleMs = (35 + 25 * hashUnit(home.seed, 13, 0)) * 60_000;
  const phase = (timeMs / cycleMs + hashUnit(home.seed, 14, 0)) % 1;
  return phase < 1 / 3 ? 3 * share.refrigerator * mean : 0;
}

/** Appliances that run now: in each half hour at most one is switched on, the likelier the busier the home. */
function switched(home: Home, mean: number, timeMs: number): number {
  const slot = Math.floor(timeMs / slotMs);
  let watts = 0;
  for (let back = 0; back <= slotsBack; back++) {
    const at = slot - back;
    const kind = appliances[Math.floor(hashUnit(home.seed, 15, at) * appliances.length)];
    if (kind === undefined) continue;
    const startMs = at * slotMs + hashUnit(home.seed, 16, at) * slotMs;
    const expectedWh = (share.appliances * mean * habit(home, startMs) * slotMs) / 3_600_000;
    const likelihood = expectedWh / ((kind.watts * kind.minutes) / 60);
    if (hashUnit(home.seed, 17, at) >= Math.min(1, likelihood)) continue;
    // A short appliance that should run more than once in the half hour runs longer instead.
    const runs = Math.min(slotMs * slotsBack, kind.minutes * 60_000 * Math.max(1, likelihood));
    if (timeMs >= startMs && timeMs < startMs + runs) watts += kind.watts;
  }
  return watts;
}
