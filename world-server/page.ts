// The page, the built world, the clock and the health of the city's parts, as Hono routes.

import type { Context } from "hono";
import { Hono } from "hono";
import type { WorldManifest } from "../worlds/format/world.ts";
import { FolderFiles } from "./folder-files.ts";

const policyWith = (connections: string): string =>
  [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    `connect-src 'self' ${connections}`,
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join("; ");
const contentSecurityPolicy = policyWith("ws: wss:");
/** The light client asks other servers too, those that the citizen named or the operator suggests. A worker has the policy of its own script. */
const lightWorkerPolicy = policyWith("https: http:");
const lightWorker = /^\/assets\/light\.worker-[\w-]+\.js$/;

const securityHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

const forever = "public, max-age=31536000, immutable";
/** Opened from the browser's own store while there is no network. */
const aDay = "public, max-age=86400";
/** Kept, but asked about each time. */
const fresh = "no-cache";

export interface PageOptions {
  /** Folder of the built page. */
  readonly client: string;
  readonly world: { readonly folder: string; readonly manifest: WorldManifest };
  /** Base URLs of other ledgers that the page is told of; none by default. */
  readonly witnesses?: readonly string[];
  readonly nowMs: () => number;
  readonly health: () => Promise<{ readonly ok: boolean; readonly parts: Readonly<Record<string, unknown>> }>;
}

/** The routes that this process answers itself. */
export function pageRoutes({ client, world, witnesses = [], nowMs, health }: PageOptions): Hono {
  const app = new Hono();
  const page = new FolderFiles(client);
  const city = new FolderFiles(world.folder);
  const cityVersion = `?${world.manifest.hash.slice(0, 16)}`;

  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) context.res.headers.set(name, value);
    if (lightWorker.test(new URL(context.req.url).pathname))
      context.res.headers.set("content-security-policy", lightWorkerPolicy);
  });
  app.get("/clock", (context) => context.json({ time: nowMs() }, 200, { "cache-control": "no-store" }));
  app.get("/witnesses", (context) => context.json({ witnesses }, 200, { "cache-control": fresh }));
  app.get("/health", async (context) => {
    const { ok, parts } = await health();
    return context.json({ status: ok ? "ok" : "degraded", ...parts }, 200, { "cache-control": "no-store" });
  });
  app.on(["GET", "HEAD"], "/city/*", async (context) => {
    const url = new URL(context.req.url);
    // Whoever names the version that is served may keep the file for good.
    const cacheControl = url.search === cityVersion ? forever : fresh;
    return (await answerFrom(city, context, url.pathname.slice("/city/".length), cacheControl)) ?? context.notFound();
  });
  app.on(["GET", "HEAD"], "/", async (context) => {
    return (await answerFrom(page, context, "index.html", fresh)) ?? context.html(missingPage, 503);
  });
  // The fragment, which holds the proof, stays with the browser and follows.
  app.on(["GET", "HEAD"], "/verify", (context) => context.redirect("/verify/", 308));
  app.on(["GET", "HEAD"], "/verify/", async (context) => {
    return (await answerFrom(page, context, "verify/index.html", aDay)) ?? context.html(missingPage, 503);
  });
  app.on(["GET", "HEAD"], "*", async (context) => {
    const path = new URL(context.req.url).pathname.slice(1);
    // Vite puts the content's hash into the names of everything under assets/.
    const cacheControl = path.startsWith("assets/") ? forever : fresh;
    return (await answerFrom(page, context, path, cacheControl)) ?? context.notFound();
  });
  app.notFound((context) =>
    context.json({ type: "about:blank", title: "Not Found", status: 404, detail: "there is nothing here" }, 404, {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
    }),
  );
  return app;
}

function answerFrom(
  files: FolderFiles,
  context: Context,
  path: string,
  cacheControl: string,
): Promise<Response | null> {
  return files.answer({
    path,
    method: context.req.method,
    acceptEncoding: context.req.header("accept-encoding") ?? "",
    ifNoneMatch: context.req.header("if-none-match") ?? "",
    cacheControl,
  });
}

const missingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Glasstown</title>
<body style="font: 18px/1.5 system-ui; margin: 15vh auto; max-width: 34em; padding: 0 1em">
<h1>The page is not built yet</h1>
<p>The city runs, but its page has not been built. Stop the city, then run <code>npm start</code>, which builds it,
or run <code>npm run build:client</code> and reload.</p>
</body>
</html>
`;
