// Power of rooftop panels from the sun's position and the weather.
// Clear sky: Haurwitz 1945. Clouds: Kasten and Czeplak 1980. Isotropic diffuse light, ground albedo 0.2, cell temperature loss 0.4 % a kelvin.

import { getPosition } from "suncalc";
import type { Weather } from "./weather.ts";

export interface Panels {
  /** Power at 1,000 W/m² and 25 °C, in W. */
  readonly peakW: number;
  /** Degrees from the horizontal. */
  readonly tilt: number;
  /** Compass direction the panels face, degrees, 180 south. */
  readonly heading: number;
}

export interface Sun {
  /** Degrees above the horizon. */
  readonly altitude: number;
  /** Degrees clockwise from north. */
  readonly azimuth: number;
}

/** Inverter, wiring, dirt and mismatch. */
const systemShare = 0.86;
const radians = Math.PI / 180;

export function sunAt(latitude: number, longitude: number, timeMs: number): Sun {
  return getPosition(new Date(timeMs), latitude, longitude);
}

/** Light on level ground in W/m² under the given share of cloud. */
export function globalIrradiance(sun: Sun, cloud: number): number {
  const height = Math.sin(sun.altitude * radians);
  if (height <= 0.01) return 0;
  return 1098 * height * Math.exp(-0.057 / height) * (1 - 0.75 * cloud ** 3.4);
}

/** Power in W that the panels deliver. */
export function solarPowerW(panels: Panels, sun: Sun, weather: Weather): number {
  const global = globalIrradiance(sun, weather.cloud);
  if (global <= 0) return 0;
  const height = Math.sin(sun.altitude * radians);
  const diffuse = global * Math.min(1, 0.16 + 0.84 * weather.cloud ** 1.5 + 0.1 * (1 - height));
  const tilt = panels.tilt * radians;
  const incidence =
    height * Math.cos(tilt) +
    Math.cos(sun.altitude * radians) * Math.sin(tilt) * Math.cos((sun.azimuth - panels.heading) * radians);
  // Below three degrees houses and trees stand before the sun, and the ratio would run away.
  const beam = incidence > 0 ? ((global - diffuse) * incidence) / Math.max(height, 0.05) : 0;
  const plane = beam + (diffuse * (1 + Math.cos(tilt))) / 2 + (0.2 * global * (1 - Math.cos(tilt))) / 2;
  const cell = weather.temperature + plane * 0.03 - weather.wind * 0.4;
  const power = panels.peakW * (plane / 1000) * (1 - 0.004 * (cell - 25)) * systemShare;
  return Math.min(panels.peakW, Math.max(0, power));
}
