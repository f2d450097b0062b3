// The telemetry log over HTTP: C2SP tlog-tiles under /log, proofs and sizes of ours beside it, newest values and live events.

import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { hex } from "../../../ledger/protocol/bytes.ts";
import type { InclusionAnswer, LogSizeAnswer } from "../../protocol/telemetry-log.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { type CheckpointKey, checkpointOrigin, signedCheckpoint, verifierKey } from "./checkpoint.ts";
import { eventStreamHeaders, type Live } from "./live.ts";
import { entryBundle, parseTilePath } from "./tile-path.ts";
import { type LogHasher, tileWidth } from "./tile-tree.ts";

const hashBytes = 32;
const immutable = "public, max-age=31536000, immutable";

export interface LogRouteOptions {
  readonly store: TelemetryStore;
  readonly live: Live;
  readonly hasher: LogHasher;
  readonly key: CheckpointKey;
  /** The ledger's chain, once known. */
  readonly chain: () => string | undefined;
}

export function logRoutes(options: LogRouteOptions): Hono<{ Bindings: HttpBindings }> {
  const { store, live, hasher, key } = options;
  const app = new Hono<{ Bindings: HttpBindings }>();

  app.get("/size", (context) => {
    const answer: LogSizeAnswer = { size: store.size };
    return context.json(answer, 200, { "cache-control": "no-store" });
  });

  app.get("/inclusion", (context) => {
    const index = wholeNumber(context.req.query("index"));
    const size = wholeNumber(context.req.query("size"));
    if (index === undefined || size === undefined || size === 0) {
      return context.json({ code: 400, message: "index and size must be whole numbers, size at least 1" }, 400);
    }
    if (size > store.size || index >= size) {
      return context.json({ code: 404, message: `the log has ${store.size} entries; index must be below size` }, 404);
    }
    const entry = store.entry(index);
    if (entry === undefined) {
      return context.json({ code: 410, message: "the entry is older than this city keeps readings" }, 410);
    }
    const answer: InclusionAnswer = { index, size, entry, path: store.tree.inclusionPath(index, size).map(hex) };
    return context.json(answer, 200, { "cache-control": immutable });
  });

  app.get("/checkpoint", (context) => {
    const chain = options.chain();
    if (chain === undefined) {
      return context.json({ code: 503, message: "the ledger has not answered yet, so the log has no name" }, 503);
    }
    const size = store.size;
    const note = signedCheckpoint(checkpointOrigin(chain), size, store.tree.root(size), key, hasher);
    return context.body(note, 200, { "content-type": "text/plain; charset=utf-8", "cache-control": "max-age=1" });
  });

  app.get("/key", (context) => {
    const chain = options.chain();
    if (chain === undefined) return context.json({ code: 503, message: "the ledger has not answered yet" }, 503);
    return context.text(`${verifierKey(checkpointOrigin(chain), key.publicKey, hasher)}\n`);
  });

  app.get("/tile/*", (context) => {
    const bytes = tileBytes(store, context.req.path.slice(context.req.path.indexOf("/tile/") + "/tile/".length));
    if (bytes === undefined) return context.json({ code: 404, message: "there is no such tile" }, 404);
    return context.body(bytes, 200, { "content-type": "application/octet-stream", "cache-control": immutable });
  });

  app.get("/latest", (context) => {
    const { etag, text } = live.latest();
    const headers = { etag, "cache-control": "no-cache" };
    if (context.req.header("if-none-match") === etag) return context.body(null, 304, headers);
    return context.body(text, 200, { ...headers, "content-type": "application/json" });
  });

  app.get("/live", (context) => {
    // HEAD comes here too. It opens no stream, and the library would write a second head behind the stream's own.
    if (context.req.method === "HEAD") return context.body(null, 200, eventStreamHeaders);
    if (live.listen(context.env.outgoing)) return RESPONSE_ALREADY_SENT;
    return context.json({ code: 503, message: "too many listen already" }, 503);
  });

  return app;
}

function tileBytes(store: TelemetryStore, path: string): Uint8Array<ArrayBuffer> | undefined {
  const tile = parseTilePath(path);
  if (tile === undefined) return undefined;
  const { level, number, width } = tile;
  if (level === "entries") {
    const first = number * tileWidth;
    if (first + width > store.size) return undefined;
    const entries = store.entries(first, width);
    return entries.length < width ? undefined : entryBundle(entries.map((entry) => Buffer.from(entry, "utf8")));
  }
  const hashes = store.tile(level, number);
  if (hashes === undefined || hashes.length < width * hashBytes) return undefined;
  return hashes.slice(0, width * hashBytes) as Uint8Array<ArrayBuffer>;
}

/** A number as it stands in a query: decimal digits without superfluous zeroes. */
function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
