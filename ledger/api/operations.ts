// For those who run a node: /ready, /metrics, and the way in at /. That the process is alive CometBFT's own /health says.
// Figures are for this machine, or for whoever has the token that the operator has set; they are not open to other origins.

import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { buildInfo } from "./build-info.ts";
import type { LedgerContext } from "./context.ts";
import type { LedgerMetrics } from "./metrics.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp, type LedgerRequest } from "./route.ts";
import { readyAnswerSchema, rootAnswerSchema } from "./schemas.ts";

const none = z.object({});

export function addOperationRoutes(app: LedgerApp, ledger: LedgerContext, metrics: LedgerMetrics): void {
  const { builder, engine, options } = ledger;

  addRoute(
    app,
    {
      method: "get",
      path: "/",
      tag: "operations",
      summary: "What there is, and what runs",
      params: none,
      query: none,
      answers: { 200: rootAnswerSchema },
      problems: [],
    },
    (request) =>
      request.json({
        chain: builder.genesis.chain,
        version: buildInfo.version,
        documentation: "docs",
        problems: "docs/problems",
        openapi: "openapi.json",
        rest: "v1/chain",
        rpc: "status",
      }),
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/ready",
      tag: "operations",
      summary: "Whether this node should be sent requests",
      description:
        "503 while it restores, catches up or ends, before its first block, and when its disk has less than 256 MiB left.",
      params: none,
      query: none,
      answers: { 200: readyAnswerSchema },
      problems: [503],
    },
    async (request) => {
      const reason = engine.height === 0 ? "the first block is not made yet" : await options?.readiness?.reason();
      if (typeof reason === "string") throw problem(503, reason, { "retry-after": "5" });
      request.header("cache-control", "no-store");
      return request.json({ ready: true, height: engine.height, ...buildInfo });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/metrics",
      tag: "operations",
      summary: "Figures for Prometheus",
      description: "For this machine, or with the operator's bearer token (GLASSTOWN_METRICS_TOKEN).",
      params: none,
      query: none,
      answers: { 200: "text/plain" },
      problems: [401, 403],
    },
    async (request) => {
      mustMayReadMetrics(request, options?.metricsToken ?? "");
      return new Response(await metrics.registry.metrics(), {
        headers: { "content-type": metrics.registry.contentType, "cache-control": "no-store" },
      });
    },
  );
}

function mustMayReadMetrics(request: LedgerRequest, token: string): void {
  if (request.get("caller") === null) return;
  if (token === "") throw problem(403, "figures are for this machine; the operator can set a token for others");
  const given = /^Bearer (.{1,200})$/i.exec(request.req.header("authorization") ?? "")?.[1] ?? "";
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  if (!timingSafeEqual(digest(given), digest(token)))
    throw problem(401, "figures need the operator's token", { "www-authenticate": 'Bearer realm="metrics"' });
}
