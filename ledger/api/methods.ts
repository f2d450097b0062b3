// What a path can be asked (405 with Allow, OPTIONS) and by pages of which origins (Fetch standard, CORS protocol). Reading and
// writing are open to every origin: nothing here depends on cookies or on who a browser is logged in as. What changes the
// ledger is signed, wherever it comes from, and each browser's address has its own limit.

import { TrieRouter } from "hono/router/trie-router";
import type { LedgerApp } from "./route.ts";

const exposed = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";
const allowedHeaders = "Accept, Authorization, Content-Type, If-None-Match, Last-Event-ID, X-Request-Id";
const preflightSeconds = 86_400;

/** Answers which methods there are at a path; to be called when all routes are known. */
export function methodsOf(app: LedgerApp): (path: string) => readonly string[] {
  const router = new TrieRouter<string>();
  for (const { method, path } of app.routes) if (method !== "ALL") router.add("GET", path, method);
  return (path) => {
    const methods = new Set(router.match("GET", path)[0].map(([method]) => method));
    if (methods.size === 0) return [];
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods, "OPTIONS"].sort();
  };
}

/** The answer to OPTIONS; null when there is nothing at the path. */
export function optionsAnswer(methods: readonly string[], preflight: boolean): Response | null {
  if (methods.length === 0) return null;
  const headers: Record<string, string> = { allow: methods.join(", ") };
  if (preflight) {
    headers["access-control-allow-methods"] = methods.join(", ");
    headers["access-control-allow-headers"] = allowedHeaders;
    headers["access-control-max-age"] = String(preflightSeconds);
  }
  return new Response(null, { status: 204, headers });
}

/** Opens an answer to pages of all origins. What the operator alone may read stays closed. */
export function openToOrigins(path: string, headers: Headers): void {
  if (path === "/metrics") return;
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-expose-headers", exposed);
}
