// The city's time: the server's clock as this page sees it, and a once-a-second tick that ages and countdowns follow.

import { computed, signal } from "@preact/signals";
import { z } from "zod";
import { request } from "./http.ts";

/** Server time minus local time, ms. */
export const clockOffset = signal(0);
const tick = signal(Date.now());

/** The city's time now, UNIX ms; changes once a second. */
export const now = computed(() => tick.value + clockOffset.value);

/** The city's time at this very moment, without subscribing. */
export const serverNow = (): number => Date.now() + clockOffset.peek();

/** Starts the tick; returns how to stop it. */
export function startClock(): () => void {
  const timer = setInterval(() => {
    tick.value = Date.now();
  }, 1000);
  return () => clearInterval(timer);
}

/** Asks the server for its time; half the round trip is the best guess of the way back. */
export async function synchroniseClock(): Promise<void> {
  const before = Date.now();
  const answer = await request("/clock", z.object({ time: z.number() }), { timeoutMs: 5000 });
  clockOffset.value = Math.round(answer.time - (before + Date.now()) / 2);
}
