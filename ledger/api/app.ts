// The ledger's HTTP API: CometBFT RPC at the root, REST under /v1, the API document, health. One place for what all routes share:
// request ids, logs, limits, CORS for reading, problem details.

import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { refuse } from "../protocol/refusals.ts";
import { transactionBytesMax } from "../protocol/transaction.ts";
import type { LedgerContext } from "./context.ts";
import { addDocsRoutes } from "./docs-page.ts";
import { addEventRoute, type EndStreams } from "./events.ts";
import { addModuleQueries } from "./module-queries.ts";
import { ProblemError, problem, problemResponse, refusalProblem } from "./problems.ts";
import { callerOf, RateLimiter, readLimit, writeLimit } from "./rate-limit.ts";
import { addChainRoutes } from "./rest-chain.ts";
import { addCityRoutes } from "./rest-city.ts";
import type { Charge, LedgerApp, LedgerEnv } from "./route.ts";
import { addRpcRoutes } from "./rpc.ts";

/** CometBFT's own limit of a request body; holds a batch of transactions in base64. */
const rpcBodyBytesMax = 1_000_000;
/** A transaction may be sent with spaces and escapes that its canonical form has not. */
const restBodyBytesMax = 2 * transactionBytesMax;

export interface LedgerApi {
  readonly app: LedgerApp;
  /** Ends the event streams, so that the server can close. */
  readonly endStreams: EndStreams;
}

export function createLedgerApi(ledger: LedgerContext): LedgerApi {
  const app: LedgerApp = new OpenAPIHono<LedgerEnv>();
  const reads = new RateLimiter(readLimit);
  const writes = new RateLimiter(writeLimit);

  app.use(async (request, next) => {
    const started = ledger.clock.nowMs();
    const requestId = randomUUID();
    const caller = callerOf(request.env.incoming.socket.remoteAddress, request.req.header("x-forwarded-for"));
    request.set("requestId", requestId);
    request.set("caller", caller);
    const charge: Charge = (kind, tokens) => {
      if (caller === null || (kind === "write" ? writes : reads).take(caller, ledger.clock.nowMs(), tokens)) return;
      throw problem(429, "too many requests from this address", { "retry-after": "1" });
    };
    request.set("charge", charge);
    charge(request.req.method === "POST" ? "write" : "read", 1);
    await next();
    request.header("x-request-id", requestId);
    if (request.req.method === "GET" || request.req.method === "HEAD") {
      request.header("access-control-allow-origin", "*");
      request.header("access-control-expose-headers", "x-request-id");
    }
    const { method, path } = request.req;
    const status = request.res.status;
    const line = { requestId, method, path, status, ms: Math.round(ledger.clock.nowMs() - started) };
    // A GET of CometBFT's RPC answers 500 to a wrong height, so a status alone is no reason to worry.
    ledger.log.debug(line, "request");
    return undefined;
  });
  app.use("/v1/*", bodyLimit({ maxSize: restBodyBytesMax, onError: () => tooLarge(restBodyBytesMax) }));
  app.use("/", bodyLimit({ maxSize: rpcBodyBytesMax, onError: () => tooLarge(rpcBodyBytesMax) }));

  addRpcRoutes(app, ledger);
  addChainRoutes(app, ledger);
  addCityRoutes(app, ledger);
  addModuleQueries(app, ledger);
  const endStreams = addEventRoute(app, ledger);
  addDocsRoutes(app);
  app.get("/", (request) =>
    request.json({
      chain: ledger.builder.genesis.chain,
      documentation: "docs",
      openapi: "openapi.json",
      rest: "v1/chain",
      rpc: "status",
    }),
  );
  app.get("/ready", (request) =>
    ledger.engine.height > 0
      ? request.json({ ready: true, height: ledger.engine.height })
      : problemResponse(problem(503, "the first block is not made yet", { "retry-after": "1" })),
  );

  app.notFound((request) =>
    problemResponse(problem(404, `there is nothing at ${request.req.method} ${request.req.path}`)),
  );
  app.onError((error, request) => {
    if (error instanceof ProblemError) return problemResponse(error);
    if (error instanceof HTTPException) return problemResponse(problem(error.status, error.message));
    ledger.log.error({ err: error, requestId: request.get("requestId"), path: request.req.path }, "request failed");
    return problemResponse(problem(500, `unexpected; the log has more under ${request.get("requestId")}`));
  });
  return { app, endStreams };
}

function tooLarge(limit: number): Response {
  const { problem } = refusalProblem(refuse("transaction_bytes_must_not_exceed_limit", { limit }));
  // The rest of the body is not read, so the connection cannot be used again.
  return problemResponse(new ProblemError(problem, { connection: "close" }));
}
