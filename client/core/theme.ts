// Paper by day, night glass by night, so that cards stay readable over a dark city: follows the chosen light, or the sun over
// the world's place when the light is live.

import { effect } from "@preact/signals";
import { getPosition } from "suncalc";
import { now } from "./clock.ts";
import { light } from "./preferences.ts";
import { manifest } from "./world.ts";

/** Civil dusk is −6°; cards turn a little earlier. */
const duskDegrees = -4;

/** Whether the sun is down at a place. */
function isNight(unixMs: number, latitude: number, longitude: number): boolean {
  return sunAltitudeDegrees(unixMs, latitude, longitude) < duskDegrees;
}

function sunAltitudeDegrees(unixMs: number, latitude: number, longitude: number): number {
  return getPosition(new Date(unixMs), latitude, longitude).altitude;
}

export function startTheme(): void {
  effect(() => {
    const place = manifest.value?.origin;
    const mode = light.value;
    // Once a minute is enough for the sun.
    const minute = Math.floor(now.value / 60_000) * 60_000;
    const dark =
      mode === "night" || (mode === "live" && place !== undefined && isNight(minute, place.latitude, place.longitude));
    document.documentElement.dataset["theme"] = dark ? "night" : "day";
  });
}
