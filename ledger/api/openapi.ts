// The OpenAPI 3.1 document, made of the schemas that check requests and describe answers. What the schemas do not say is added to all
// operations alike: headers, problems by reference, examples; and what no schema describes: CometBFT's RPC and the pages.

import { z } from "zod";
import { messageSchema, transactionSchema } from "../protocol/transaction.ts";
import { buildInfo } from "./build-info.ts";
import { answerExamples, parameterExamples } from "./openapi-examples.ts";
import { pagePaths, rpcPaths } from "./openapi-rpc.ts";
import { problemKinds } from "./problems.ts";
import { type LedgerApp, type Route, routesOf, type Shape } from "./route.ts";
import { blockSummarySchema, eventSchema, problemSchema, transactionAnswerSchema } from "./schemas.ts";

type Json = Record<string, unknown>;

export function apiDocument(app: LedgerApp): unknown {
  const { plain, named } = namedSchemas();
  const paths: Record<string, Json> = {};
  for (const route of routesOf(app)) {
    const path = route.path.replaceAll("+}", "}");
    paths[path] = { ...paths[path], [route.method]: withNames(operationOf(path, route), plain) as Json };
  }
  const rpc = rpcPaths();
  return {
    openapi: "3.1.0",
    info: { title: "Glasstown ledger", version: buildInfo.version, description, license: { name: "Apache-2.0" } },
    servers: [{ url: "./" }],
    tags: Object.entries(tags).map(([name, about]) => ({ name, description: about })),
    paths: { ...paths, ...pagePaths, ...rpc, "/": { ...paths["/"], ...rpc["/"] } },
    components: { schemas: named, headers, responses: problemResponses() },
  };
}

const description = [
  "What the city records and decides. Every entry can be proven: `?prove=true` gives ICS-23 proofs that verify against the app hash of",
  "the next block's header (`height` + 1). CometBFT's RPC is served beside this API at the root.",
  "",
  "Lists come in pages: follow `next` (or the Link header) until it is null, with the same filters and order: a cursor is of its list",
  "alone. Proofs in a list show its entries, not that there are no others. Answers carry ETags; what stands in a block never changes.",
  "A query parameter that a route has not, or that is given twice, is a 400 that names it; numbers are plain decimal digits.",
  "Every error is a problem detail (RFC 9457); [all kinds, and all refusals with their numbers](docs/problems), are listed. Reading and writing are open to pages of",
  "all origins: nothing depends on cookies, and what changes the ledger is signed.",
].join("\n");

const tags = {
  chain: "The chain and its blocks",
  transactions: "Finding and submitting transactions",
  events: "What happened, as it happens and before",
  accounts: "Who is registered",
  names: "Names of accounts",
  energy: "The energy market",
  devices: "Registered devices",
  telemetry: "Anchors of the telemetry log",
  reserves: "Money set aside",
  statistics: "Totals by day and in all",
  state: "Any state entry",
  operations: "For those who run a node",
  rpc: "CometBFT v0.38 RPC: GET with URI parameters, or JSON-RPC 2.0 by POST at the root",
} as const;

const text = (about: string, example: string): Json => ({ description: about, schema: { type: "string" }, example });

/** Headers of answers. */
const headers: Record<string, Json> = {
  "X-Request-Id": text(
    "The caller's own id when it was a valid one, else a new one; it stands in the log too",
    "7c1e0a",
  ),
  ETag: text("For If-None-Match", '"1204.9f86d081884c7d65"'),
  "Cache-Control": text("`immutable` for what stands below the newest block", "public, no-cache"),
  Link: text(
    "`next`: the next page, relative to this one; `help`: what a problem means",
    '<?cursor=Qx7fT0aKcC4xMi4wLi0x>; rel="next"',
  ),
  RateLimit: text("What is left (draft-ietf-httpapi-ratelimit-headers); not for local callers", '"read";r=998;t=1'),
  "RateLimit-Policy": text("The caller's limit: q tokens at once, all back after w seconds", '"read";q=1000;w=5'),
  "Retry-After": text("Seconds", "1"),
  Allow: text("Methods that there are", "GET, HEAD, OPTIONS"),
};
const headerRefs = (...names: string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

function problemResponses(): Json {
  return Object.fromEntries(
    Object.entries(problemKinds).map(([status, [name, title, advice]]) => {
      const example = {
        type: `urn:glasstown:problem:${name}`,
        title,
        status: Number(status),
        detail: title.toLowerCase(),
        instance: "urn:glasstown:request:7c1e0a",
      };
      const more = status === "429" || status === "503" ? ["Retry-After"] : status === "405" ? ["Allow"] : [];
      return [
        `Problem${status}`,
        {
          description: `${title}. ${advice}`,
          headers: headerRefs("X-Request-Id", "Link", "RateLimit", "RateLimit-Policy", ...more),
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" }, example } },
        },
      ];
    }),
  );
}

/** Statuses of problems that every route has; those with a body have more. */
const commonProblems = [400, 406, 408, 414, 429, 431, 500, 503];
const bodyProblems = [413, 415];
const descriptions: Readonly<Record<string, string>> = { "200": "Done", "202": "Accepted: it waits for a block" };

function operationOf(path: string, route: Route<Shape, Shape>): Json {
  const { method, tag, summary, description: about, body } = route;
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    ...(about === undefined ? {} : { description: about }),
    parameters: [
      ...parametersOf(path, "path", route.params),
      ...parametersOf(path, "query", route.query),
      ...(route.requestHeaders === undefined ? [] : parametersOf(path, "header", route.requestHeaders)),
      ...(route.caches === undefined ? [] : [ifNoneMatch]),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: jsonSchema(body) } } } }),
    responses: responsesOf(path, route),
  };
}

const ifNoneMatch = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "the ETag of an answer that is at hand",
  schema: { type: "string" },
  example: '"1204.9f86d081884c7d65"',
};

function parametersOf(path: string, where: "path" | "query" | "header", shape: Shape): Json[] {
  return Object.entries(shape.shape).map(([name, schema]) => {
    const example = parameterExamples[`${path}#${name}`] ?? parameterExamples[name];
    const { description: about, ...described } = jsonSchema(schema as z.ZodType, "output");
    return {
      name,
      in: where,
      required: where === "path" || !(schema as z.ZodType).safeParse(undefined).success,
      ...(about === undefined ? {} : { description: about }),
      schema: described,
      ...(example === undefined ? {} : { example }),
    };
  });
}

function responsesOf(path: string, { method, answers, problems, params, body, caches }: Route<Shape, Shape>): Json {
  const responses: Json = {};
  for (const [status, answer] of Object.entries(answers)) {
    const schema = typeof answer === "string" ? { type: "string" } : jsonSchema(answer);
    const list = JSON.stringify(schema).includes('"next":');
    const example = answerExamples[`${method} ${path}`];
    responses[status] = {
      description: descriptions[status] ?? "Done",
      headers: headerRefs(
        "X-Request-Id",
        "RateLimit",
        "RateLimit-Policy",
        ...(caches === undefined ? [] : ["ETag", "Cache-Control"]),
        ...(caches !== undefined && list ? ["Link"] : []),
      ),
      content: {
        [typeof answer === "string" ? answer : "application/json"]: {
          schema,
          ...(example === undefined ? {} : { example }),
        },
      },
    };
  }
  if (caches !== undefined)
    responses["304"] = {
      description: "Not modified since the answer whose ETag was sent",
      headers: headerRefs("X-Request-Id", "ETag", "Cache-Control"),
    };
  const statuses = [
    ...problems,
    ...commonProblems,
    ...(body === undefined ? [] : bodyProblems),
    ...(Object.keys(params.shape).length > 0 ? [404] : []),
  ];
  for (const status of new Set(statuses)) responses[status] = { $ref: `#/components/responses/Problem${status}` };
  return responses;
}

/** Such as `get-v1-accounts-id-transactions`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method, ...(words.length === 0 ? ["root"] : words)].join("-");
}

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. As input, so that members may be added to answers later. */
function jsonSchema(schema: z.ZodType, io: "input" | "output" = "input"): Json {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json;
  return described;
}

/** Schemas that many answers share. */
function namedSchemas(): { readonly plain: Json; readonly named: Json } {
  const shared = {
    Problem: problemSchema,
    TransactionAnswer: transactionAnswerSchema,
    BlockSummary: blockSummarySchema,
    Transaction: transactionSchema,
    Message: messageSchema,
    LedgerEvent: eventSchema,
  };
  const plain: Json = {};
  for (const [name, schema] of Object.entries(shared)) plain[name] = jsonSchema(schema);
  // The larger ones hold the smaller ones.
  const named = Object.fromEntries(
    Object.entries(plain).map(([name, schema]) => [
      name,
      withNames(schema, Object.fromEntries(Object.entries(plain).filter(([other]) => other !== name))),
    ]),
  );
  return { plain, named };
}

/** Puts a reference in the place of every schema that has a name. */
function withNames(value: unknown, named: Json): unknown {
  const names = new Map(Object.entries(named).map(([name, schema]) => [JSON.stringify(schema), name]));
  const walk = (node: unknown): unknown => {
    if (typeof node !== "object" || node === null) return node;
    const name = names.get(JSON.stringify(node));
    if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
    if (Array.isArray(node)) return node.map(walk);
    return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, walk(member)]));
  };
  return walk(value);
}
