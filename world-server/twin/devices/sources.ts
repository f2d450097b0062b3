// What each simulated device measures on each of its streams, from the simulation's pure functions or a replayed household.

import type { WorldDevice } from "../../../worlds/format/world.ts";
import * as environment from "../../simulation/environment.ts";
import { hashUnit, seedOf } from "../../simulation/environment-noise.ts";
import { type Home, householdLoadW } from "../../simulation/household.ts";
import { type Panels, solarPowerW, sunAt } from "../../simulation/solar.ts";
import { transitAt } from "../../simulation/transit.ts";
import { type Place, weatherAt } from "../../simulation/weather.ts";
import type { BuiltWorld } from "../city/built-world.ts";
import type { ReplayProfile } from "./replay-profile.ts";

/** The value of a stream at a time, in the stream's unit; null for streams that this kind of device has not. */
export type Source = (stream: string, timeMs: number) => number | null;

const capacity = { tram: 180, bus: 70 } as const;
const yearlyKwhDefault = 3_000;

export function sourceOf(device: WorldDevice, world: BuiltWorld, replay: ReplayProfile | null): Source {
  const place: Place = { latitude: world.latitude, longitude: world.longitude, seed: seedOf(world.name) };
  const seed = seedOf(device.id);
  switch (device.kind) {
    case "meter":
      return replay === null ? meter(device, place, seed, world) : replayed(replay, world);
    case "lamp":
      return (stream, timeMs) => {
        const power = environment.lampPowerW(place, seed, timeMs);
        if (stream === "power") return round(power, 1);
        return stream === "level" ? Math.round((100 * power) / environment.lampRatedW) : null;
      };
    case "air":
      return (stream, timeMs) =>
        isAirStream(stream) ? round(environment.airAt(place, seed, stream, timeMs), 1) : null;
    case "traffic":
      return (stream, timeMs) => (stream === "flow" ? environment.trafficFlow(place, seed, timeMs) : null);
    case "river":
      return (stream, timeMs) => (stream === "level" ? round(environment.riverLevelM(place, seed, timeMs), 3) : null);
    case "weather":
      return (stream, timeMs) => {
        const weather = weatherAt(place, timeMs);
        if (stream === "temperature") return round(weather.temperature, 1);
        if (stream === "cloud") return Math.round(weather.cloud * 100);
        if (stream === "wind") return round(weather.wind, 1);
        return stream === "rain" ? round(weather.rain, 1) : null;
      };
    case "tram":
    case "bus":
      return vehicle(device, place, seed, world, capacity[device.kind]);
  }
}

function meter(device: WorldDevice, place: Place, seed: number, world: BuiltWorld): Source {
  const home: Home = {
    seed,
    yearlyKwh: device.yearlyKwh ?? yearlyKwhDefault,
    latitude: place.latitude,
    longitude: place.longitude,
  };
  const mounting = world.panels.get(device.cityObject ?? "");
  const panels: Panels = {
    peakW: device.solarW ?? 0,
    tilt: mounting?.tilt ?? 30 + 10 * hashUnit(seed, 71, 0),
    heading: mounting?.heading ?? (place.latitude < 0 ? 0 : 180) + 60 * (hashUnit(seed, 72, 0) - 0.5),
  };
  const sunny = (timeMs: number): number =>
    panels.peakW === 0
      ? 0
      : solarPowerW(panels, sunAt(place.latitude, place.longitude, timeMs), weatherAt(place, timeMs));
  return (stream, timeMs) =>
    metered(
      stream,
      () => householdLoadW(home, timeMs),
      () => sunny(timeMs),
    );
}

function replayed(profile: ReplayProfile, world: BuiltWorld): Source {
  const shiftMs = (world.longitude / 15) * 3_600_000;
  return (stream, timeMs) => {
    const { loadW, solarW } = profile.at(timeMs + shiftMs);
    return metered(
      stream,
      () => loadW,
      () => solarW,
    );
  };
}

/** A meter's streams; `net` is what flows in from the grid, negative when the home feeds it. */
function metered(stream: string, load: () => number, solar: () => number): number | null {
  if (stream === "load") return round(load(), 1);
  if (stream === "solar") return round(solar(), 1);
  // The difference of the rounded two, so that the three readings agree to the digit.
  return stream === "net" || stream === "power" ? round(round(load(), 1) - round(solar(), 1), 1) : null;
}

function vehicle(device: WorldDevice, place: Place, seed: number, world: BuiltWorld, seats: number): Source {
  const line = world.lines.find((candidate) => candidate.vehicles.includes(device.id));
  const index = line?.vehicles.indexOf(device.id) ?? 0;
  return (stream, timeMs) => {
    if (stream === "passengers") return environment.passengersAt(place, seed, seats, timeMs);
    if (line === undefined) return stream === "speed" ? 0 : null;
    const at = transitAt(line, index, timeMs);
    if (stream === "speed") return round(at.speed * 3.6, 1);
    if (stream === "x" || stream === "y") return round(at[stream], 1);
    return stream === "heading" ? Math.round(at.heading) : null;
  };
}

function isAirStream(stream: string): stream is environment.AirStream {
  return ["pm2-5", "pm10", "no2", "o3", "temperature", "humidity"].includes(stream);
}

function round(value: number, digits: number): number {
  // Adding zero turns -0 into 0, which is how JSON would write it anyway.
  return Number(value.toFixed(digits)) + 0;
}
