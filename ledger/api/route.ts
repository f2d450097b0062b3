// One declaration per REST route: its schemas check what comes in and describe it in the OpenAPI document.

import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import type { z } from "zod";
import { listMark, splitCursor, wrongCursor } from "./list-cursor.ts";
import { mustAccept, mustBeJson } from "./negotiation.ts";
import { faultsOf, problem } from "./problems.ts";

/**
 * Takes tokens from the caller's limit, beyond the one that every request costs; for work that is `done`, whatever is left.
 * @throws {ProblemError} 429 when there are too few.
 */
export type Charge = (kind: "read" | "write", tokens: number, done?: "done") => void;

export interface LedgerEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    requestId: string;
    /** Whom the request counts against; null for a local process acting for itself. */
    caller: string | null;
    charge: Charge;
    /** Counts bytes of an answer that is no JSON until the client has taken them. @throws {ProblemError} 429 or 503 when there is no room. */
    takeRoom: (bytes: number) => void;
    limitHeaders: Readonly<Record<string, string>> | undefined;
    /** Which list it is, in a route that has cursors. */
    listMark: string;
  };
}
export type LedgerApp = Hono<LedgerEnv>;
export type LedgerRequest = Context<LedgerEnv>;

export type Shape = z.ZodObject;

export interface Route<Path extends Shape, Query extends Shape> {
  readonly method: "get" | "post";
  /** With `{name}` for parameters; `{name+}` also takes slashes. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params: Path;
  readonly query: Query;
  /** Headers that the handler reads, for the document. */
  readonly requestHeaders?: Shape;
  /** Schema of a JSON request body, for the document; the handler reads the body itself. */
  readonly body?: z.ZodType;
  /** Schema of the answer, or the media type of an answer that is not JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | string>>;
  /** What a cache may keep: an answer for good, or only until the next block; none of it when not said. */
  readonly caches?: "final" | "newest";
  /** Statuses of problems that callers should expect. */
  readonly problems: readonly number[];
}

/** Faults of parameters that one problem names, and the characters of each name. */
const faultsMax = 20;
const faultNameMax = 100;

const declared = new WeakMap<LedgerApp, Route<Shape, Shape>[]>();

/** What was declared of an app's routes, in order. */
export function routesOf(app: LedgerApp): Route<Shape, Shape>[] {
  const routes = declared.get(app) ?? [];
  declared.set(app, routes);
  return routes;
}

/** Adds a route. Wrong parameters end in a problem with status 400 before the handler is called. */
export function addRoute<Path extends Shape, Query extends Shape>(
  app: LedgerApp,
  route: Route<Path, Query>,
  handler: (
    request: LedgerRequest,
    input: { readonly params: z.infer<Path>; readonly query: z.infer<Query> },
  ) => Response | Promise<Response>,
): void {
  routesOf(app).push(route);
  const pattern = route.path.replace(/\{(\w+)\+\}/g, ":$1{.+}").replace(/\{(\w+)\}/g, ":$1");
  const types = mediaTypesOf(route);
  const isList = Object.hasOwn(route.query.shape, "cursor");
  app.on(route.method.toUpperCase(), pattern, (request) => {
    mustAccept(request.req.header("accept"), types);
    if (route.body !== undefined)
      mustBeJson(request.req.header("content-type"), request.req.header("content-encoding"));
    const params = parse(route.params, request.req.param(), "path");
    const given = queryOf(request, route.query.shape);
    const cursor = isList && given["cursor"] !== undefined ? splitCursor(given["cursor"]) : null;
    const query = parse(route.query, cursor === null ? given : { ...given, cursor: cursor.position }, "query");
    if (isList) {
      const mark = listMark(route.path, params, query);
      if (cursor !== null && cursor.mark !== mark) throw wrongCursor();
      request.set("listMark", mark);
    }
    return handler(request, { params, query });
  });
}

/**
 * Of a parameter that is given twice, no reading is the caller's; one that there is not would leave a filter out that somebody meant.
 * @throws {ProblemError} 400 that names each of them, at most 20.
 */
function queryOf({ req }: LedgerRequest, known: Shape["shape"]): Readonly<Record<string, string>> {
  if (!req.url.includes("?")) return {};
  const given = new Map<string, string>();
  const faults = new Map<string, string>();
  for (const [name, value] of new URL(req.url).searchParams) {
    if (!Object.hasOwn(known, name)) faults.set(name, "is no parameter here");
    else if (given.has(name)) faults.set(name, "is given more than once");
    given.set(name, value);
  }
  if (faults.size === 0) return Object.fromEntries(given);
  const errors = [...faults].slice(0, faultsMax).map(([name, detail]) => ({
    parameter: name.slice(0, faultNameMax),
    in: "query" as const,
    detail,
  }));
  throw problem(400, `query parameter ${errors[0]!.parameter} ${errors[0]!.detail}`, {}, errors);
}

function parse<Schema extends Shape>(schema: Schema, input: unknown, where: "path" | "query"): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const first = issues[0]!;
  const detail = `${where} parameter ${first.path.join(".")}: ${first.message}`;
  throw problem(400, detail.slice(0, 500), {}, faultsOf(issues, where));
}

/** The media types of the answers that are no problems. */
function mediaTypesOf({ answers }: Pick<Route<Shape, Shape>, "answers">): readonly string[] {
  const types = Object.values(answers).map((answer) => (typeof answer === "string" ? answer : "application/json"));
  return [...new Set(types)];
}
