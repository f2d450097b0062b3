// GET /v1/events: each block as a server-sent event, resumable by Last-Event-ID for the last 100 blocks.
// At most 500 streams, 20 from one caller. A stream holds one block at a time, read when the client has taken the one before;
// a client that falls more than 100 blocks behind is cut off and may come back.

import { z } from "@hono/zod-openapi";
import type { Clock } from "../consensus/clock.ts";
import { utf8 } from "../protocol/bytes.ts";
import { readBlock, summaryOf } from "./blocks-read.ts";
import type { LedgerContext } from "./context.ts";
import type { LedgerMetrics } from "./metrics.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";

const streamsMax = 500;
const streamsPerCallerMax = 20;
const resumeBlocksMax = 100;
const keepAliveMs = 15_000;

interface Stream {
  readonly caller: string | null;
  /** Height of the next block to send. */
  next: number;
  /** Ends the wait for a block. */
  wake: () => void;
  /** Cuts the connection. */
  readonly cut: () => void;
}

/** Ends all streams. */
export type EndStreams = () => void;

export function addEventRoute(app: LedgerApp, ledger: LedgerContext, metrics: LedgerMetrics): EndStreams {
  const streams = new Set<Stream>();
  let ended = false;
  let newest: { height: number; text: Uint8Array } | null = null;

  ledger.engine.onBlock(({ height, stored, results }) => {
    newest = { height, text: eventText(height, summaryOf(stored, results)) };
    for (const stream of [...streams]) {
      if (height - stream.next > resumeBlocksMax) stream.cut();
      else stream.wake();
    }
  });

  const textOf = async (height: number): Promise<Uint8Array | null> => {
    if (newest?.height === height) return newest.text;
    const block = await readBlock(ledger.store, height);
    return block === null ? null : eventText(height, summaryOf(block.stored, block.results));
  };

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/events",
      tag: "chain",
      summary: "Blocks as they are made: server-sent events `block`, data a block summary, id its height",
      params: z.object({}),
      query: z.object({}),
      answers: { 200: "text/event-stream" },
      problems: [429, 503],
    },
    (request) => {
      const caller = request.get("caller");
      if (ended || streams.size >= streamsMax) throw problem(503, "too many streams", { "retry-after": "5" });
      if (caller !== null && countOf(streams, caller) >= streamsPerCallerMax)
        throw problem(429, `at most ${streamsPerCallerMax} streams a caller`, { "retry-after": "5" });
      const { outgoing } = request.env;
      const stream: Stream = {
        caller,
        next: firstHeight(request.req.header("last-event-id"), ledger.engine.height),
        wake: () => undefined,
        cut: () => outgoing.destroy(),
      };
      streams.add(stream);
      metrics.streams("sse", streams.size);
      // However the connection ends, its place is free again.
      outgoing.once("close", () => {
        streams.delete(stream);
        metrics.streams("sse", streams.size);
        stream.wake();
      });
      const body = new ReadableStream<Uint8Array>(
        {
          start: (controller) => controller.enqueue(utf8(": blocks\n\n")),
          async pull(controller) {
            if (stream.next > ledger.engine.height) await nextBlockOrKeepAlive(stream, ledger.clock);
            if (ended || !streams.has(stream)) return controller.close();
            const text = stream.next <= ledger.engine.height ? await textOf(stream.next) : null;
            if (text === null) return controller.enqueue(utf8(": keep-alive\n\n"));
            stream.next++;
            controller.enqueue(text);
          },
          cancel() {
            streams.delete(stream);
            stream.wake();
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, {
        headers: {
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store",
          "x-accel-buffering": "no",
        },
      });
    },
  );

  return () => {
    ended = true;
    for (const stream of [...streams]) {
      stream.wake();
      stream.cut();
    }
  };
}

function eventText(height: number, summary: unknown): Uint8Array {
  return utf8(`id: ${height}\nevent: block\ndata: ${JSON.stringify(summary)}\n\n`);
}

/** A new stream starts with the newest block; a resumed one after the last that the client saw. */
function firstHeight(lastEventId: string | undefined, height: number): number {
  if (lastEventId === undefined || !/^[0-9]{1,15}$/.test(lastEventId)) return Math.max(1, height);
  return Math.max(1, height - resumeBlocksMax + 1, Math.min(Number(lastEventId) + 1, height + 1));
}

function nextBlockOrKeepAlive(stream: Stream, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(keepAliveMs, resolve);
    stream.wake = () => {
      cancel();
      resolve();
    };
  });
}

function countOf(streams: ReadonlySet<Stream>, caller: string): number {
  let count = 0;
  for (const stream of streams) if (stream.caller === caller) count++;
  return count;
}
