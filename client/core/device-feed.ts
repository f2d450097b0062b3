// Everything a card follows about one device: what the twin says it is, its streams' newest readings, their history and proofs.
// Asks every two seconds at most; keeps at most 120 points a stream and follows at most 6 streams.

import { type ReadonlySignal, signal } from "@preact/signals";
import { explain } from "./http.ts";
import { followReadings, type ReadingProof } from "./proofs.ts";
import { newestReadings, plotPoints, type ThingInfo, thingOf } from "./twin-api.ts";

export interface StreamFeed {
  readonly id: number | string;
  readonly name: string;
  readonly symbol: string;
  readonly points: ReadonlySignal<readonly { readonly time: number; readonly value: number }[]>;
  readonly proof: ReadingProof;
}
export type DeviceFeedState =
  | { readonly state: "loading" }
  | { readonly state: "missing" }
  | { readonly state: "problem"; readonly text: string }
  | {
      readonly state: "ready";
      readonly thing: ThingInfo;
      readonly streams: readonly StreamFeed[];
      readonly away: boolean;
    };

const pauseMs = 2000;
const pointsMax = 120;
/** One failed question may be a blink; after this many in a row the twin is away. */
const awayFrom = 2;
const streamsMax = 6;

/** Follows a device until stopped. */
export function followDevice(device: string): { readonly view: ReadonlySignal<DeviceFeedState>; stop(): void } {
  const view = signal<DeviceFeedState>({ state: "loading" });
  const aborter = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const refresh = async (stream: StreamFeed, top: number): Promise<void> => {
    const readings = await newestReadings(stream.id, top, aborter.signal);
    const known = stream.points.peek();
    const newest = known.at(-1)?.time ?? -Infinity;
    const fresh = readings
      .map((reading) => ({ time: Date.parse(reading.time), value: reading.result }))
      .filter((point) => point.time > newest)
      .sort((a, b) => a.time - b.time);
    if (fresh.length > 0)
      (stream.points as ReturnType<typeof signal<readonly { time: number; value: number }[]>>).value = [
        ...known,
        ...fresh,
      ].slice(-pointsMax);
    if (readings[0] !== undefined) stream.proof.offer(readings[0]);
  };

  const step = async (): Promise<void> => {
    try {
      let current = view.peek();
      if (current.state !== "ready") {
        const thing = await thingOf(device, aborter.signal);
        if (aborter.signal.aborted) return;
        if (thing === null) {
          view.value = { state: "missing" };
        } else {
          const streams = thing.datastreams
            .slice(0, streamsMax)
            .map((info): StreamFeed => ({ ...info, points: signal([]), proof: followReadings(device) }));
          current = { state: "ready", thing, streams, away: false };
          view.value = current;
          await Promise.all(streams.map((stream) => refresh(stream, plotPoints)));
        }
      } else {
        await Promise.all(current.streams.map((stream) => refresh(stream, 3)));
      }
      failures = 0;
      const now = view.peek();
      if (now.state === "ready" && now.away) view.value = { ...now, away: false };
    } catch (error) {
      if (aborter.signal.aborted) return;
      failures += 1;
      const current = view.peek();
      // What was read stays, with its age; that nothing newer comes is said beside it.
      if (current.state !== "ready") view.value = { state: "problem", text: explain(error) };
      else if (failures >= awayFrom && !current.away) view.value = { ...current, away: true };
    }
    if (!aborter.signal.aborted) timer = setTimeout(() => void step(), pauseMs * Math.min(8, 1 + failures));
  };
  void step();

  return {
    view,
    stop() {
      aborter.abort();
      clearTimeout(timer);
      const current = view.peek();
      if (current.state === "ready") for (const stream of current.streams) stream.proof.stop();
    },
  };
}
