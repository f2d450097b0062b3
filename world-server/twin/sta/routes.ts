// OGC SensorThings 1.1 (Sensing, reading) under /sta/v1.1. Errors are `{ code, type, message }` with 400, 404 or 405.

import { Hono } from "hono";
import type { Database } from "../store/database.ts";
import { entityModels } from "./model.ts";
import { parseQuery } from "./options.ts";
import { QueryError } from "./query-error.ts";
import { Reader } from "./reader.ts";
import { parsePath } from "./resource-path.ts";

const mount = "/sta/v1.1";
const conformance = [
  "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel",
  "http://www.opengis.net/spec/iot_sensing/1.1/req/resource-path/resource-path-to-entities",
  "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data",
];

export function sensorThingsRoutes(database: Database): Hono {
  const app = new Hono();

  app.get("/", (context) => {
    const root = rootOf(context.req.raw);
    const value = [...entityModels.keys()].map((name) => ({ name, url: `${root}/${name}` }));
    return context.json({ value, serverSettings: { conformance } });
  });

  app.get("/*", (context) => {
    const url = new URL(context.req.url);
    const path = parsePath(decodedPath(url.pathname.slice(mount.length + 1).replace(/\/$/, "")));
    const options = parseQuery(url.search);
    const root = rootOf(context.req.raw);
    const answer = new Reader(database, root).read(path, options);
    if (typeof answer === "string") return context.text(answer);
    if ("@iot.nextLink" in answer) {
      answer["@iot.nextLink"] = nextLink(root, url, options.top, options.skip + options.top);
    }
    return context.json(answer);
  });

  app.all("/*", (context) =>
    context.json({ code: 405, type: "error", message: "this service is for reading only" }, 405, {
      allow: "GET, HEAD",
    }),
  );

  app.onError((error, context) => {
    if (!(error instanceof QueryError)) throw error;
    return context.json({ code: error.status, type: "error", message: error.message }, error.status);
  });
  return app;
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new QueryError(400, "the path is not percent-encoded UTF-8");
  }
}

/** The same request, one page on. */
function nextLink(root: string, url: URL, top: number, skip: number): string {
  const rest = url.search
    .slice(1)
    .split("&")
    .filter((part) => part !== "" && !/^(\$|%24)(top|skip)=/.test(part));
  const path = url.pathname.slice(mount.length);
  return `${root}${path}?${[...rest, `$top=${top}`, `$skip=${skip}`].join("&")}`;
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
