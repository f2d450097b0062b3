// OGC SensorThings 1.1 (Sensing, reading) under /sta/v1.1.

import { Hono } from "hono";
import type { ReadService } from "./read-service.ts";

const mount = "/sta/v1.1";

export function sensorThingsRoutes(service: ReadService): Hono {
  const app = new Hono();
  app.get("/*", async (context) => {
    const url = new URL(context.req.url);
    const path = url.pathname.slice(mount.length + 1).replace(/\/$/, "");
    const answer = await service.read({ path, search: url.search, root: rootOf(context.req.raw) });
    return context.body(answer.body, answer.status, { "content-type": answer.type });
  });
  app.all("/*", (context) =>
    context.json({ code: 405, type: "error", message: "this service is for reading only" }, 405, {
      allow: "GET, HEAD",
    }),
  );
  return app;
}

/** The service's root as the client sees it: through the world's proxy or straight. */
function rootOf(request: Request): string {
  const url = new URL(request.url);
  const forwarded = request.headers.get("x-forwarded-host")?.split(",")[0]?.trim() ?? "";
  const host = /^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9a-fA-F:]{2,45}\](:\d{1,5})?$/.test(forwarded)
    ? forwarded
    : url.host;
  const proto = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim() === "https" ? "https" : "http";
  return `${proto}://${host}${mount}`;
}
