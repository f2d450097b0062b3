// Newest values of all devices for the city itself (lit lamps, windows): `/log/latest` once, then `/log/live` as server-sent events.
// A hidden page lets go of its connection. What panels show comes with proofs from elsewhere; this feed is for the scenery.

import { z } from "zod";
import { showValue } from "./city-scene.ts";
import { request } from "./http.ts";

const valuesSchema = z.record(z.string().max(100), z.tuple([z.number(), z.number()]));
const eventBytesMax = 8 * 1024 * 1024;
const pauseMsMax = 30_000;

function take(values: z.infer<typeof valuesSchema>): void {
  for (const [name, [, value]] of Object.entries(values)) {
    const at = name.indexOf("/");
    if (at > 0) showValue(name.slice(0, at), name.slice(at + 1), value);
  }
}

/** Starts following; returns how to stop. */
export function followLiveValues(): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = 1000;
  const stop = (): void => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const connect = (): void => {
    stop();
    if (document.hidden) return;
    source = new EventSource("/log/live");
    source.addEventListener("readings", (event: MessageEvent) => {
      if (typeof event.data !== "string" || event.data.length > eventBytesMax) return;
      try {
        const parsed = valuesSchema.safeParse(JSON.parse(event.data));
        if (parsed.success) take(parsed.data);
      } catch {
        // A damaged event; the next second brings another.
      }
    });
    source.onopen = () => {
      pauseMs = 1000;
      request("/log/latest", valuesSchema, { bytesMax: eventBytesMax }).then(take, () => undefined);
    };
    source.onerror = () => {
      stop();
      timer = setTimeout(connect, pauseMs);
      pauseMs = Math.min(pauseMsMax, pauseMs * 2);
    };
  };
  document.addEventListener("visibilitychange", connect);
  connect();
  return () => {
    document.removeEventListener("visibilitychange", connect);
    stop();
  };
}
