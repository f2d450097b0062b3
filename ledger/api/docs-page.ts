// /openapi.json; /docs: a page to browse it, made of files of swagger-ui-dist served from here; /docs/problems: what can go wrong.
// All addresses are relative, so the pages also work under a prefix such as /ledger behind the world's proxy. Nothing is fetched
// from elsewhere, and they fit a phone.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { utf8 } from "../protocol/bytes.ts";
import { apiDocument } from "./openapi.ts";
import { problem } from "./problems.ts";
import { problemsPage } from "./problems-page.ts";
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
<link rel="stylesheet" href="docs/page.css">
</head>
<body>
<p class="way"><a href="docs/problems">Problems and refusals</a> <a href="openapi.json">openapi.json</a></p>
<div id="api"></div>
<noscript>This page needs JavaScript; the same document is <a href="openapi.json">openapi.json</a>.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;
const startScript = `SwaggerUIBundle({ url: "openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null, docExpansion: "list", defaultModelsExpandDepth: 0 });
`;
const pageStyle = `body { margin: 0; color: #1d1d1f; background: #fff; font: 16px/1.5 system-ui, sans-serif; }
.way, main { max-width: 1420px; margin: 0 auto; padding: 12px 20px 0; }
.way a { margin-right: 16px; }
main { max-width: 56rem; padding-bottom: 48px; }
a { color: #0b57b7; }
:focus-visible { outline: 3px solid #0072b2; outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid #d2d2d7; }
td, code { overflow-wrap: anywhere; }
tr:target { background: #fff3c4; }
@media (max-width: 640px) {
  .swagger-ui .wrapper, .swagger-ui .information-container { padding: 0 10px; }
  .swagger-ui .info { margin: 16px 0; }
  .swagger-ui .info .title { font-size: 24px; overflow-wrap: anywhere; }
  .swagger-ui .scheme-container { padding: 12px 0; }
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-path { max-width: 100%; overflow-wrap: anywhere; word-break: normal; }
  .swagger-ui .opblock .opblock-summary-path-description-wrapper { width: 100%; gap: 2px 8px; }
  .swagger-ui .opblock-body pre.microlight, .swagger-ui .highlight-code { max-width: 100%; overflow-x: auto; }
  .swagger-ui table.parameters, .swagger-ui table.parameters > tbody, .swagger-ui table.parameters > tbody > tr { display: block; }
  .swagger-ui table.parameters > thead { display: none; }
  .swagger-ui table.parameters > tbody > tr > td { display: block; width: 100%; padding: 4px 0; max-width: 100%; }
  .swagger-ui .parameters-col_description input, .swagger-ui .parameters-col_description select { max-width: 100%; width: 100%; }
  .swagger-ui .responses-table td { overflow-wrap: anywhere; }
  .swagger-ui .response-col_status { width: 4rem; min-width: 4rem; }
  th, td { display: block; border: 0; padding: 2px 0; }
  tr { display: block; padding: 8px 0; border-bottom: 1px solid #d2d2d7; }
  main thead { display: none; }
}
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
  const problems = utf8(problemsPage());
  const loaded = new Map<string, Uint8Array<ArrayBuffer>>();
  // Bytes, which all connections share while they are sent; a text would be copied for each.
  let document: Uint8Array<ArrayBuffer> | null = null;

  app.get("/openapi.json", () => {
    // All routes are known when the first request comes.
    document ??= utf8(JSON.stringify(apiDocument(app)));
    return answer(document, { "content-type": "application/json; charset=utf-8" });
  });
  app.get("/docs/", () => new Response(null, { status: 301, headers: { location: "../docs" } }));
  app.get("/docs", () => answer(page, html));
  app.get("/docs/problems", () => answer(problems, html));
  app.get("/docs/start.js", () => answer(startScript, { "content-type": "text/javascript; charset=utf-8" }));
  app.get("/docs/page.css", () => answer(pageStyle, { "content-type": "text/css; charset=utf-8" }));
  app.get("/docs/:asset", (request) => {
    const name = request.req.param("asset");
    if (!Object.hasOwn(assets, name)) throw problem(404, "there is no such page");
    const bytes = loaded.get(name) ?? new Uint8Array(readFileSync(join(folder, name)));
    loaded.set(name, bytes);
    return answer(bytes, { "content-type": assets[name]!, "cache-control": "public, max-age=86400" });
  });
}

const html = { "content-type": "text/html; charset=utf-8", "content-security-policy": contentSecurityPolicy };

function answer(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>): Response {
  const tag = createHash("sha256").update(body).digest("hex").slice(0, 16);
  return new Response(body, { headers: { "cache-control": "public, no-cache", etag: `"${tag}"`, ...headers } });
}
