// What lamps, air stations, counters, the river gauge and vehicles measure: pure functions of place, seed and time.

import { bump, localClock, noiseAt } from "./environment-noise.ts";
import { sunAt } from "./solar.ts";
import { type Place, weatherAt } from "./weather.ts";

const hourMs = 3_600_000;
export const lampRatedW = 38;

/** A lamp's power: on by dusk, half as bright after midnight. Each lamp's light sensor has a threshold of its own. */
export function lampPowerW(place: Place, seed: number, timeMs: number): number {
  const { altitude } = sunAt(place.latitude, place.longitude, timeMs);
  const threshold = -1.5 + 2 * noiseAt(seed, 21, 0, hourMs) + 2 * weatherAt(place, timeMs).cloud;
  if (altitude > threshold) return 0.6;
  const { hour } = localClock(place.longitude, timeMs);
  const dimmed = hour >= 0.5 && hour < 5 ? 0.5 : 1;
  return lampRatedW * dimmed * (0.99 + 0.02 * noiseAt(seed, 22, timeMs, 600_000));
}

/** How busy the streets are, 0 to about 1: two rushes on weekdays, a slow hump at weekends. */
function streetBusyness(place: Place, timeMs: number): number {
  const { hour, weekday } = localClock(place.longitude, timeMs);
  return weekday === 0 || weekday === 6
    ? 0.05 + 0.5 * bump(hour, 14.5, 3.5) + 0.15 * bump(hour, 21, 2)
    : 0.05 + 0.75 * bump(hour, 8, 1.1) + 0.35 * bump(hour, 13, 2.6) + 0.85 * bump(hour, 17.4, 1.5);
}

/** Vehicles an hour past a counter. */
export function trafficFlow(place: Place, seed: number, timeMs: number): number {
  const size = 250 + 1100 * noiseAt(seed, 31, 0, hourMs);
  const wave = 0.8 + 0.4 * noiseAt(seed, 32, timeMs, 420_000);
  const rain = 1 - 0.02 * weatherAt(place, timeMs).rain;
  return Math.round(size * streetBusyness(place, timeMs) * wave * rain);
}

export type AirStream = "pm2-5" | "pm10" | "no2" | "o3" | "temperature" | "humidity";

/** What an air station measures: µg/m³, °C, %. Traffic fills the air, wind and rain clear it, sun makes ozone of NO2. */
export function airAt(place: Place, seed: number, stream: AirStream, timeMs: number): number {
  const weather = weatherAt(place, timeMs);
  const near = 0.6 + 0.8 * noiseAt(seed, 41, 0, hourMs);
  const clearing = 1 / (0.5 + 0.22 * weather.wind) / (1 + 0.15 * weather.rain);
  // The air remembers the last hour and a half of traffic.
  const traffic = (streetBusyness(place, timeMs) + streetBusyness(place, timeMs - 1.5 * hourMs)) / 2;
  const { altitude } = sunAt(place.latitude, place.longitude, timeMs - hourMs);
  const light = Math.max(0, Math.sin((altitude * Math.PI) / 180)) * (1 - 0.6 * weather.cloud);
  const smoke = Math.max(0, 12 - weather.temperature) * 0.35 * bump(localClock(place.longitude, timeMs).hour, 21, 3);
  const jitter = 0.93 + 0.14 * noiseAt(seed, 42, timeMs, 240_000);
  const fine = (4 + 9 * traffic * near + smoke) * clearing * jitter + 1.5;
  switch (stream) {
    case "pm2-5":
      return fine;
    case "pm10":
      return fine * 1.45 + 3 * (0.5 + noiseAt(seed, 43, timeMs, hourMs)) + 0.5 * weather.wind;
    case "no2":
      return (6 + 44 * traffic * near) * clearing * jitter * (1 - 0.35 * light) + 3;
    case "o3":
      return (
        Math.max(4, 38 + 75 * light - 22 * traffic * near + 2 * weather.wind) *
        (0.95 + 0.1 * noiseAt(seed, 44, timeMs, hourMs))
      );
    case "temperature":
      return weather.temperature + 1.2 * near - 0.6 + 0.3 * (noiseAt(seed, 45, timeMs, 300_000) - 0.5);
    case "humidity":
      return Math.min(100, Math.max(20, 62 + 22 * weather.cloud + 8 * weather.rain - 1.1 * (weather.temperature - 10)));
  }
}

/** Water level in m above the city's datum: slow waves, and what rain of the last two days still runs off. */
export function riverLevelM(place: Place, seed: number, timeMs: number): number {
  let runoff = 0;
  for (let back = 1; back <= 48; back++) {
    runoff += weatherAt(place, timeMs - back * hourMs).rain * Math.exp(-back / 14) * (1 - Math.exp(-back / 4));
  }
  const slow = 0.35 * noiseAt(seed, 51, timeMs, 90 * hourMs) + 0.08 * noiseAt(seed, 52, timeMs, 6 * hourMs);
  const ripple = 0.01 * (noiseAt(seed, 53, timeMs, 20_000) - 0.5);
  return 0.6 + slow + 0.02 * runoff + ripple;
}

/** People on board of a vehicle of the given capacity. */
export function passengersAt(place: Place, seed: number, capacity: number, timeMs: number): number {
  const full = Math.min(1, 0.06 + 0.85 * streetBusyness(place, timeMs));
  return Math.round(capacity * full * (0.5 + noiseAt(seed, 61, timeMs, 150_000)) * 0.8);
}
