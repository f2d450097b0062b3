// One SensorThings GET from its URL to its answer as text. Errors are `{ code, type, message }`.

import type { Database } from "../store/database.ts";
import { entityModels } from "./model.ts";
import { parseQuery } from "./options.ts";
import { QueryError } from "./query-error.ts";
import { Reader } from "./reader.ts";
import { parsePath } from "./resource-path.ts";

export interface SensorThingsRequest {
  /** Below the service root, without a slash in front; percent-encoded. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly search: string;
  /** URL of the service root as the client sees it. */
  readonly root: string;
}
export interface SensorThingsAnswer {
  readonly status: 200 | 400 | 404 | 500 | 503;
  readonly type: "application/json" | "text/plain; charset=utf-8";
  readonly body: string;
}

const conformance = [
  "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel",
  "http://www.opengis.net/spec/iot_sensing/1.1/req/resource-path/resource-path-to-entities",
  "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data",
];

/** Never throws for what a client sent. */
export function answerRequest(database: Database, request: SensorThingsRequest): SensorThingsAnswer {
  try {
    if (request.path === "") return serviceRoot(request.root);
    const options = parseQuery(request.search);
    const answer = new Reader(database, request.root).read(parsePath(decodedPath(request.path)), options);
    if (typeof answer === "string") return { status: 200, type: "text/plain; charset=utf-8", body: answer };
    if ("@iot.nextLink" in answer) {
      answer["@iot.nextLink"] = nextLink(request, options.top, options.skip + options.top);
    }
    return { status: 200, type: "application/json", body: JSON.stringify(answer) };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return failure(error.status, error.message);
  }
}

export function failure(status: SensorThingsAnswer["status"], message: string): SensorThingsAnswer {
  return { status, type: "application/json", body: JSON.stringify({ code: status, type: "error", message }) };
}

function serviceRoot(root: string): SensorThingsAnswer {
  const value = [...entityModels.keys()].map((name) => ({ name, url: `${root}/${name}` }));
  const body = JSON.stringify({ value, serverSettings: { conformance } });
  return { status: 200, type: "application/json", body };
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new QueryError(400, "the path is not percent-encoded UTF-8");
  }
}

/** The same request, one page on. */
function nextLink({ path, search, root }: SensorThingsRequest, top: number, skip: number): string {
  const rest = search
    .slice(1)
    .split("&")
    .filter((part) => part !== "" && !/^(\$|%24)(top|skip)=/.test(part));
  return `${root}/${path}?${[...rest, `$top=${top}`, `$skip=${skip}`].join("&")}`;
}
