// What every request gets: an id, a caller with a limit, a deadline, one line in the log and its place in the figures.
// Limits: ids of 128 characters, 30 s until an answer begins. Neither bodies nor whole addresses reach the log.

import { createHmac, randomBytes, randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Clock } from "../consensus/clock.ts";
import type { LedgerContext, LogCallers } from "./context.ts";
import { openToOrigins } from "./methods.ts";
import type { LedgerMetrics } from "./metrics.ts";
import { problem } from "./problems.ts";
import {
  type Allowance,
  callerOf,
  RateLimiter,
  rateLimitHeaders,
  readLimit,
  truncatedAddress,
  writeLimit,
} from "./rate-limit.ts";
import type { Charge, LedgerEnv } from "./route.ts";

/** Longer than `?wait=commit` waits. */
const answerMs = 30_000;
/** Asked for by machines all the time; their lines would bury all others. */
const probes = new Set(["/health", "/ready", "/metrics"]);

/** Ids that a caller or a proxy may hand in; they stand in the log, so they are of plain characters. */
const requestIdForm = /^[A-Za-z0-9][A-Za-z0-9._~:/+=-]{0,127}$/;

/** The id that came with a request, when it is one, else a new one. */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === "string" && requestIdForm.test(given) ? given : randomUUID();
}

/** Names the request, tells of it when it is answered. */
export function requestContext(ledger: LedgerContext, metrics: LedgerMetrics): MiddlewareHandler<LedgerEnv> {
  const { log, options } = ledger;
  const shownCaller = callerShower(options?.logCallers ?? "network");
  return async (request, next) => {
    const startedMs = performance.now();
    const { method, path } = request.req;
    const requestId = requestIdOf(request.req.header("x-request-id"));
    const caller = callerOf(
      request.env.incoming.socket.remoteAddress,
      request.req.header("x-forwarded-for"),
      options?.trustedProxies,
      request.req.header("origin") ?? request.req.header("sec-fetch-site"),
      request.req.header("host"),
    );
    request.set("requestId", requestId);
    request.set("caller", caller);
    await next();
    const { status, headers } = request.res;
    headers.set("x-request-id", requestId);
    headers.set("x-content-type-options", "nosniff");
    openToOrigins(path, headers);
    const limit = request.get("limitHeaders");
    if (limit !== undefined) for (const [name, value] of Object.entries(limit)) headers.set(name, value);
    const ms = performance.now() - startedMs;
    const route = routeOf(request);
    metrics.request(method, route, status, ms / 1000);
    const line = { requestId, method, route, status, ms: Math.round(ms * 10) / 10, caller: shownCaller(caller) };
    if (probes.has(route)) log.debug(line, "request");
    else log.info(line, "request");
  };
}

/** Takes tokens of a caller's limit, for what is `done` even those that are not there; null for a caller without one. */
export type CallerLimits = (
  caller: string | null,
  kind: "read" | "write",
  tokens: number,
  done?: boolean,
) => Allowance | null;

/** What one caller may ask in all, over HTTP and WebSocket together. */
export function callerLimits(clock: Clock): CallerLimits {
  const limiters = { read: new RateLimiter(readLimit), write: new RateLimiter(writeLimit) } as const;
  return (caller, kind, tokens, done = false) =>
    caller === null ? null : limiters[kind].take(caller, clock.nowMs(), tokens, done);
}

/** Takes each request's price and makes sure that it is answered in time. */
export function limitsAndDeadline({ clock }: LedgerContext, limits: CallerLimits): MiddlewareHandler<LedgerEnv> {
  return async (request, next) => {
    const caller = request.get("caller");
    const charge: Charge = (kind, tokens, done) => {
      const allowance = tokens <= 0 ? null : limits(caller, kind, tokens, done === "done");
      if (allowance === null) return;
      request.set("limitHeaders", rateLimitHeaders(kind, kind === "read" ? readLimit : writeLimit, allowance));
      if (allowance.allowed) return;
      throw problem(429, "too many requests from this address", { "retry-after": String(allowance.retrySeconds) });
    };
    request.set("charge", charge);
    // CometBFT's RPC reads by POST too; what it writes is charged where it is read.
    charge(request.req.method === "POST" && request.req.path !== "/" ? "write" : "read", 1);
    let cancel = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(answerMs, () => reject(problem(503, "it took too long to answer", { "retry-after": "5" })));
    });
    try {
      await Promise.race([next(), late]);
    } finally {
      cancel();
    }
  };
}

/** The pattern that answered: few enough to count by, unlike paths. */
function routeOf(request: Parameters<MiddlewareHandler<LedgerEnv>>[0]): string {
  const routes = matchedRoutes(request);
  for (let index = routes.length - 1; index >= 0; index--)
    if (routes[index]!.method !== "ALL") return routes[index]!.path;
  return "none";
}

function callerShower(policy: LogCallers): (caller: string | null) => string | undefined {
  const key = randomBytes(32);
  return (caller) => {
    if (policy === "none") return undefined;
    if (caller === null) return "local";
    if (policy === "network") return truncatedAddress(caller);
    return createHmac("sha256", key).update(caller).digest("hex").slice(0, 16);
  };
}
