// GET /v1/events: blocks, transactions or single events as they are made, as server-sent events (WHATWG HTML §9.2), resumable by
// Last-Event-ID over the last 10,000 blocks that are stored; what lies before, or was pruned, is told as a `gap`.
// At most 500 streams, 20 from one caller. A stream holds one block at a time, read when the client has taken the one before, so a
// slow client delays nobody; one that takes nothing for two minutes is cut off. What all streams hold is bounded by 128 MiB: where
// that is taken, streams wait, and who has taken nothing for two seconds is cut off for them, the one furthest behind first; it comes
// back with Last-Event-ID.

import { z } from "zod";
import type { Clock } from "../consensus/clock.ts";
import { accountIdSchema } from "../protocol/accounts.ts";
import { utf8 } from "../protocol/bytes.ts";
import { readBlock } from "./blocks-read.ts";
import type { LedgerContext } from "./context.ts";
import { type BlockParts, eventTexts, keepAliveText, type StreamFilter } from "./event-texts.ts";
import { attributeParam, moduleParam, readAttribute, typeParam } from "./filter-params.ts";
import type { LedgerMetrics } from "./metrics.ts";
import { ProblemError, problem } from "./problems.ts";
import { addRoute, type Charge, type LedgerApp } from "./route.ts";
import { type Held, UnsentRoom } from "./unsent-room.ts";

const streamsMax = 500;
const streamsPerCallerMax = 20;
const resumeBlocksMax = 10_000;
const keepAliveMs = 15_000;
/** A read's token is worth so many blocks that a resumed stream reads. */
const blocksPerRead = 10;
/** Bytes that wait in all streams together, half of the room that counts them (what is not for events there is not used). */
const heldBytesMax = 134_217_728;
const stalledMs = 2_000;
/** Texts of the newest block that are kept for others who ask for the same. */
const textsKept = 4;
/** Pause of a resumed stream whose caller has used up its reads. */
const throttledMs = 1_000;

interface Stream {
  readonly caller: string | null;
  /** Height of the next block to send, and which of its lines were sent before. */
  next: number;
  sent: { readonly index: number; readonly number: number } | null;
  /** Ends the wait for a block. */
  wake: () => void;
  /** Cuts the connection. */
  readonly cut: () => void;
}

/** What one or several streams send. */
interface StreamText extends Held {
  readonly utf8: Uint8Array;
}

/** Ends all streams. */
export type EndStreams = () => void;

export function addEventRoute(app: LedgerApp, ledger: LedgerContext, metrics: LedgerMetrics): EndStreams {
  const { engine, store, clock, options } = ledger;
  const streams = new Set<Stream>();
  const room = new UnsentRoom<Stream>({
    bytesMax: 2 * (options?.heldBytesMax ?? heldBytesMax),
    stalledMs,
    clock,
    end: (stream) => stream.cut(),
  });
  let ended = false;
  let newest: BlockParts | null = null;
  /** By filter, the one asked for longest ago first. */
  const newestTexts = new Map<string, StreamText>();

  engine.onBlock(({ stored, results }) => {
    newest = { stored, results };
    newestTexts.clear();
    for (const stream of [...streams]) stream.wake();
  });

  const partsOf = async (height: number): Promise<BlockParts | null> =>
    newest !== null && Number(newest.stored.block.header.height) === height ? newest : readBlock(store, height);

  /** Many streams send the same newest block: they share its text. */
  const textOf = (block: BlockParts, filter: StreamFilter, sent: Stream["sent"]): StreamText => {
    if (block.stored !== newest?.stored || sent !== null) return streamText(eventTexts(block, filter, sent));
    const key = JSON.stringify(filter);
    const text = newestTexts.get(key) ?? streamText(eventTexts(block, filter, null));
    newestTexts.delete(key);
    newestTexts.set(key, text);
    if (newestTexts.size > textsKept) newestTexts.delete(newestTexts.keys().next().value!);
    return text;
  };

  /** What the stream sends next; null when it waits for a block. */
  const nextText = async (stream: Stream, filter: StreamFilter, charge: Charge): Promise<StreamText | null> => {
    const height = engine.height;
    const earliest = Math.max(store.lowest, height - resumeBlocksMax + 1);
    if (stream.next < earliest) {
      const gap = { from: stream.next, to: earliest - 1, reason: stream.next < store.lowest ? "pruned" : "too-old" };
      stream.next = earliest;
      stream.sent = null;
      return streamText(`id: ${earliest - 1}\nevent: gap\ndata: ${JSON.stringify(gap)}\n\n`);
    }
    if (stream.next > height) return null;
    if (stream.next < height && stream.next % blocksPerRead === 0) await mayRead(charge, clock);
    const block = await partsOf(stream.next);
    // Pruned while it was read: it belongs to the gap.
    if (block === null && stream.next < store.lowest) return streamText("");
    const text = block === null ? streamText("") : textOf(block, filter, stream.sent);
    stream.next++;
    stream.sent = null;
    return text;
  };

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/events",
      tag: "events",
      summary: "Blocks, transactions or events as they are made: server-sent events",
      description:
        "`of=blocks` sends `block` (a block summary, id its height), `of=transactions` sends `transaction` (id `<height>.<index>`), " +
        "`of=events` sends `event` (id `<height>.<index>.<number>`, index -1 for the block itself). With filters only what fits all of them " +
        "is sent. `Last-Event-ID`, of whichever form, goes on after it; without it the stream begins with the newest block. " +
        `A \`gap\` says which blocks cannot be had any more. A comment comes every ${keepAliveMs / 1000} s.`,
      params: z.object({}),
      query: z.object({
        of: z.enum(["blocks", "transactions", "events"]).default("blocks").describe("what is sent, one each"),
        account: accountIdSchema.optional().describe("acted, or is named in an event"),
        module: moduleParam.optional(),
        type: typeParam.optional().describe("a type of message or of event"),
        event: attributeParam.optional(),
      }),
      answers: { 200: "text/event-stream" },
      requestHeaders: z.object({ "Last-Event-ID": z.string().optional() }),
      problems: [400, 429, 503],
    },
    (request, { query }) => {
      const caller = request.get("caller");
      if (ended || streams.size >= streamsMax) throw problem(503, "too many streams", { "retry-after": "5" });
      if (caller !== null && countOf(streams, caller) >= streamsPerCallerMax)
        throw problem(429, `at most ${streamsPerCallerMax} streams a caller`, { "retry-after": "5" });
      const headers = {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      };
      if (request.req.raw.method === "HEAD") return new Response(null, { headers });
      const { event, ...rest } = query;
      const filter: StreamFilter = { ...rest, event: event === undefined ? undefined : readAttribute(event) };
      const charge = request.get("charge");
      const { outgoing } = request.env;
      const stream: Stream = {
        caller,
        ...firstOf(request.req.header("last-event-id"), engine.height),
        wake: () => undefined,
        cut: () => outgoing.destroy(),
      };
      const leave = (): void => {
        streams.delete(stream);
        room.leave(stream);
        metrics.streams("sse", streams.size);
        stream.wake();
      };
      streams.add(stream);
      metrics.streams("sse", streams.size);
      // However the connection ends, its place is free again.
      outgoing.once("close", leave);
      const body = new ReadableStream<Uint8Array>(
        {
          start: (controller) => controller.enqueue(utf8(`retry: 2000\n: ${query.of}\n\n`)),
          async pull(controller) {
            // Asked for more, it has handed on what it held.
            room.leave(stream);
            for (;;) {
              const { next, sent } = stream;
              let text = await nextText(stream, filter, charge);
              if (text === null) {
                const came = await nextBlockOrKeepAlive(stream, engine.height, clock);
                if (!came) text = streamText(keepAliveText(stream.next - 1));
              }
              if (ended || !streams.has(stream)) return controller.close();
              if (text === null || text.bytes === 0) continue;
              const wait = room.forEvents(text);
              if (wait !== null) {
                // Not to hold what there is no room for, it is made again.
                text = null;
                Object.assign(stream, { next, sent });
                await wait;
                continue;
              }
              room.hold(stream, text);
              return controller.enqueue(text.utf8);
            }
          },
          cancel: leave,
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { headers });
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

function streamText(text: string): StreamText {
  const bytes = utf8(text);
  return { bytes: bytes.length, utf8: bytes };
}

/** A new stream starts with the newest block; a resumed one after the last that the client saw. */
function firstOf(lastEventId: string | undefined, height: number): Pick<Stream, "next" | "sent"> {
  const parts = /^([0-9]{1,15})(?:\.(-1|[0-9]{1,9})(?:\.([0-9]{1,9}))?)?$/.exec(lastEventId ?? "");
  if (parts === null) return { next: Math.max(1, height), sent: null };
  const last = Number(parts[1]);
  if (last > height) return { next: height + 1, sent: null };
  if (parts[2] === undefined) return { next: Math.max(1, last + 1), sent: null };
  const number = parts[3] === undefined ? Number.MAX_SAFE_INTEGER : Number(parts[3]);
  return { next: Math.max(1, last), sent: { index: Number(parts[2]), number } };
}

/** False when the time for a keep-alive came first. */
function nextBlockOrKeepAlive(stream: Stream, height: number, clock: Clock): Promise<boolean> {
  // One that came while the last text was read has woken nobody.
  if (stream.next <= height) return Promise.resolve(true);
  return new Promise((resolve) => {
    const cancel = clock.after(keepAliveMs, () => resolve(false));
    stream.wake = () => {
      cancel();
      resolve(true);
    };
  });
}

/** Takes a token, and waits for one when there is none. */
async function mayRead(charge: Charge, clock: Clock): Promise<void> {
  for (;;) {
    try {
      charge("read", 1);
      return;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      await new Promise<void>((resolve) => clock.after(throttledMs, resolve));
    }
  }
}

function countOf(streams: ReadonlySet<Stream>, caller: string): number {
  let count = 0;
  for (const stream of streams) if (stream.caller === caller) count++;
  return count;
}
