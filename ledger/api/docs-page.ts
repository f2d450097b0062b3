// /openapi.json, and /docs: a page to browse it, made of files of swagger-ui-dist served from here.
// All addresses are relative, so the page also works under a prefix such as /ledger behind the world's proxy.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { refusalCodes } from "../protocol/refusals.ts";
import { problem } from "./problems.ts";
import type { LedgerApp } from "./route.ts";

const assets: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Glasstown ledger API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<noscript>This page needs JavaScript; the same document is <a href="openapi.json">openapi.json</a>.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;
const startScript = `SwaggerUIBundle({ url: "openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null });
`;

/** No script, style or connection but our own. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function addDocsRoutes(app: LedgerApp): void {
  const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  const loaded = new Map<string, Uint8Array<ArrayBuffer>>();

  app.get("/openapi.json", (request) => request.json(describeApi(app)));
  app.get("/docs/", () => new Response(null, { status: 301, headers: { location: "../docs" } }));
  app.get("/docs", () =>
    answer(page, { "content-type": "text/html; charset=utf-8", "content-security-policy": contentSecurityPolicy }),
  );
  app.get("/docs/start.js", () => answer(startScript, { "content-type": "text/javascript; charset=utf-8" }));
  app.get("/docs/:asset", (request) => {
    const name = request.req.param("asset");
    if (!Object.hasOwn(assets, name)) throw problem(404, "there is no such page");
    const bytes = loaded.get(name) ?? new Uint8Array(readFileSync(join(folder, name)));
    loaded.set(name, bytes);
    return answer(bytes, { "content-type": assets[name]!, "cache-control": "public, max-age=86400" });
  });
}

function describeApi(app: LedgerApp): unknown {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Glasstown ledger",
      version: "1",
      description: [
        "What the city records and decides. Every entry can be proven: `/abci_query` with `prove=true` gives an ICS-23 proof",
        "that verifies against the app hash of the next block's header. CometBFT's RPC is served beside this API at the root.",
        "",
        `Refusals carry a name and a number: ${Object.entries(refusalCodes)
          .map(([name, code]) => `\`${name}\` (${code})`)
          .join(", ")}.`,
      ].join("\n"),
      license: { name: "Apache-2.0" },
    },
    servers: [{ url: "./" }],
  });
}

function answer(body: BodyInit, headers: Record<string, string>): Response {
  return new Response(body, {
    headers: { "x-content-type-options": "nosniff", "cache-control": "no-cache", ...headers },
  });
}
