// Sun, weather, homes and stations: repeatable, in the units they claim, and of a size that nature and cities have.

import { describe, expect, it } from "vitest";
import { airAt, lampPowerW, passengersAt, riverLevelM, trafficFlow } from "./environment.ts";
import { localClock } from "./environment-noise.ts";
import { householdLoadW } from "./household.ts";
import { globalIrradiance, solarPowerW, sunAt } from "./solar.ts";
import { weatherAt } from "./weather.ts";

const place = { latitude: 52.01, longitude: 4.36, seed: 7 };
const yearStart = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const clear = { temperature: 15, cloud: 0, wind: 2, rain: 0 };
const roof = { peakW: 1000, tilt: 35, heading: 180 };
const solarAt = (timeMs: number, weather = clear): number =>
  solarPowerW(roof, sunAt(place.latitude, place.longitude, timeMs), weather);

describe("the sun", () => {
  it("stands in the south at noon, 61.4° high on midsummer's day at 52° north", () => {
    const noon = sunAt(place.latitude, place.longitude, Date.UTC(2026, 5, 21, 11, 44));
    expect(noon.altitude).toBeCloseTo(61.4, 0);
    expect(Math.abs(noon.azimuth - 180)).toBeLessThan(2);
  });

  it("makes power by day only, most of it at noon, less under clouds, never above the peak", () => {
    const noon = Date.UTC(2026, 5, 21, 12);
    expect(solarAt(Date.UTC(2026, 5, 21, 0))).toBe(0);
    expect(solarAt(noon)).toBeGreaterThan(600);
    expect(solarAt(noon, { ...clear, cloud: 1 })).toBeLessThan(0.35 * solarAt(noon));
    for (let at = yearStart; at < yearStart + 366 * 24 * hour; at += 0.37 * hour) {
      const power = solarPowerW(roof, sunAt(70, 20, at), clear);
      expect(power).toBeGreaterThanOrEqual(0);
      expect(power).toBeLessThanOrEqual(roof.peakW);
    }
  });

  it("gives a southern roof in Delft 850 to 1,150 kWh a kWp and year, and a northern one less", () => {
    const yieldOf = (heading: number): number => {
      let kwh = 0;
      for (let at = yearStart; at < yearStart + 365 * 24 * hour; at += hour) {
        const sun = sunAt(place.latitude, place.longitude, at);
        kwh += solarPowerW({ ...roof, heading }, sun, weatherAt(place, at)) / 1000;
      }
      return kwh;
    };
    expect(yieldOf(180)).toBeGreaterThan(850);
    expect(yieldOf(180)).toBeLessThan(1150);
    expect(yieldOf(0)).toBeLessThan(0.75 * yieldOf(180));
  });

  it("lights level ground with about 900 W/m² at 60° under a clear sky (Haurwitz)", () => {
    expect(globalIrradiance({ altitude: 60, azimuth: 180 }, 0)).toBeCloseTo(890, -1);
    expect(globalIrradiance({ altitude: -5, azimuth: 0 }, 0)).toBe(0);
  });
});

describe("the weather", () => {
  it("is the same for the same place, seed and time, and another for another seed", () => {
    const at = Date.UTC(2026, 4, 1, 12);
    expect(weatherAt(place, at)).toEqual(weatherAt({ ...place }, at));
    expect(weatherAt({ ...place, seed: 8 }, at)).not.toEqual(weatherAt(place, at));
  });

  it("stays in bounds over a year, is warmer in summer, and rains 500 to 1,500 mm", () => {
    let rain = 0;
    const sums = { january: 0, july: 0 };
    for (let at = yearStart; at < yearStart + 365 * 24 * hour; at += hour) {
      const weather = weatherAt(place, at);
      expect(weather.cloud).toBeGreaterThanOrEqual(0);
      expect(weather.cloud).toBeLessThanOrEqual(1);
      expect(Math.abs(weather.temperature - 10)).toBeLessThan(35);
      expect(weather.wind).toBeGreaterThan(0);
      rain += weather.rain;
      const month = new Date(at).getUTCMonth();
      if (month === 0) sums.january += weather.temperature / 744;
      if (month === 6) sums.july += weather.temperature / 744;
    }
    expect(rain).toBeGreaterThan(500);
    expect(rain).toBeLessThan(1500);
    expect(sums.july - sums.january).toBeGreaterThan(10);
  });
});

describe("a home", () => {
  it.each([1500, 3000, 5000])("of %i kWh a year uses about that, over ten homes", (yearlyKwh) => {
    let kwh = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const home = { seed: seed * 977, yearlyKwh, latitude: place.latitude, longitude: place.longitude };
      for (let at = yearStart; at < yearStart + 365 * 24 * hour; at += hour / 2)
        kwh += householdLoadW(home, at) / 20_000;
    }
    expect(kwh / yearlyKwh).toBeGreaterThan(0.92);
    expect(kwh / yearlyKwh).toBeLessThan(1.08);
  });

  it("uses more in the evening than at night, and is not like its neighbour", () => {
    const mean = (seed: number, from: number): number => {
      let sum = 0;
      for (let day = 0; day < 60; day++) {
        for (let part = 0; part < 12; part++) {
          const home = { ...place, yearlyKwh: 3000 };
          sum += householdLoadW({ ...home, seed }, yearStart + day * 24 * hour + (from + part / 6) * hour);
        }
      }
      return sum / 720;
    };
    expect(mean(5, 18)).toBeGreaterThan(2 * mean(5, 2));
    expect(mean(5, 18)).not.toBeCloseTo(mean(6, 18), 3);
  });
});

describe("stations", () => {
  const noon = Date.UTC(2026, 5, 17, 12);
  const midnight = Date.UTC(2026, 5, 17, 23, 30);

  it("lamps are on at night and off by day", () => {
    expect(lampPowerW(place, 1, noon)).toBeLessThan(1);
    expect(lampPowerW(place, 1, midnight)).toBeGreaterThan(15);
  });

  it("traffic has its rush hours on weekdays", () => {
    const at = (hours: number): number => {
      let sum = 0;
      for (let seed = 0; seed < 20; seed++)
        sum += trafficFlow(place, seed, Date.UTC(2026, 5, 17) + (hours - 0.29) * hour);
      return sum / 20;
    };
    expect(at(8)).toBeGreaterThan(4 * at(3));
    expect(at(17.4)).toBeGreaterThan(1.5 * at(11));
  });

  it("air, river and passengers stay within what is physical", () => {
    for (let at = yearStart; at < yearStart + 365 * 24 * hour; at += 7.3 * hour) {
      const fine = airAt(place, 3, "pm2-5", at);
      expect(fine).toBeGreaterThan(0);
      expect(fine).toBeLessThan(120);
      expect(airAt(place, 3, "pm10", at)).toBeGreaterThan(fine);
      expect(airAt(place, 3, "no2", at)).toBeGreaterThan(0);
      expect(airAt(place, 3, "o3", at)).toBeLessThan(240);
      expect(airAt(place, 3, "humidity", at)).toBeLessThanOrEqual(100);
      expect(riverLevelM(place, 3, at)).toBeGreaterThan(0.3);
      expect(riverLevelM(place, 3, at)).toBeLessThan(4);
      expect(passengersAt(place, 3, 180, at)).toBeLessThanOrEqual(216);
    }
  });

  it("the local clock follows the longitude", () => {
    const { hour: east } = localClock(15, Date.UTC(2026, 0, 1, 12));
    expect(east).toBeCloseTo(13, 9);
    expect(localClock(0, Date.UTC(2026, 0, 1)).weekday).toBe(4);
    expect(localClock(-75, Date.UTC(2026, 0, 1)).weekday).toBe(3);
  });
});
