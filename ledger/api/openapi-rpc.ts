// What the document says of CometBFT's RPC and of the pages: their answers are described by others (CometBFT v0.38's own document; HTML).

import { rpcMethods } from "./rpc-methods.ts";
import type { ParamKinds } from "./rpc-params.ts";

type Json = Record<string, unknown>;

const rpcAnswer = {
  type: "object",
  properties: {
    jsonrpc: { const: "2.0" },
    id: { type: ["integer", "string", "null"] },
    result: {},
    error: {
      type: "object",
      properties: { code: { type: "integer" }, message: { type: "string" }, data: { type: "string" } },
      required: ["code", "message"],
    },
  },
  required: ["jsonrpc", "id"],
};
const answered = (description: string, schema: Json, example?: unknown): Json => ({
  description,
  content: { "application/json": { schema, ...(example === undefined ? {} : { example }) } },
});
const limited = { $ref: "#/components/responses/Problem429" };
const healthExample = { jsonrpc: "2.0", id: -1, result: {} };

/** Every method as GET, JSON-RPC by POST, and the WebSocket. */
export function rpcPaths(): Record<string, Json> {
  const paths: Record<string, Json> = {};
  for (const [name, { params }] of Object.entries(rpcMethods))
    paths[`/${name}`] = {
      get: {
        operationId: `rpc-${name}`,
        tags: ["rpc"],
        summary: `CometBFT's ${name}`,
        parameters: parametersOf(params),
        responses: {
          200: answered("The method's result", rpcAnswer, name === "health" ? healthExample : undefined),
          500: answered("The method's error, as CometBFT answers it", rpcAnswer),
          429: limited,
        },
      },
    };
  const one = {
    type: "object",
    properties: {
      jsonrpc: { const: "2.0" },
      id: { type: ["integer", "string"] },
      method: { enum: Object.keys(rpcMethods) },
      params: { type: ["object", "array"] },
    },
    required: ["method"],
  };
  const batch = { type: "array", items: rpcAnswer };
  paths["/"] = {
    post: {
      operationId: "rpc",
      tags: ["rpc"],
      summary: "JSON-RPC 2.0: one request, or a batch of at most 20",
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: { oneOf: [one, { type: "array", items: one, minItems: 1, maxItems: 20 }] },
            example: { jsonrpc: "2.0", id: 1, method: "status", params: {} },
          },
        },
      },
      responses: {
        200: answered(
          "Answers in the order of the requests; errors too",
          { oneOf: [rpcAnswer, batch] },
          {
            ...healthExample,
            id: 1,
          },
        ),
        413: { $ref: "#/components/responses/Problem413" },
        429: limited,
      },
    },
  };
  paths["/websocket"] = {
    get: {
      operationId: "rpc-websocket",
      tags: ["rpc"],
      summary: "JSON-RPC over WebSocket, with subscribe and unsubscribe",
      responses: {
        101: { description: "Switching protocols" },
        426: { $ref: "#/components/responses/Problem426" },
      },
    },
  };
  return paths;
}

const page = (summary: string, type: string): Json => ({
  get: {
    operationId: `page-${summary.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`,
    tags: ["operations"],
    summary,
    responses: { 200: { description: summary, content: { [type]: { schema: { type: "string" } } } } },
  },
});

export const pagePaths: Record<string, Json> = {
  "/openapi.json": {
    get: {
      operationId: "openapi",
      tags: ["operations"],
      summary: "This document",
      responses: { 200: answered("OpenAPI 3.1", { type: "object" }) },
    },
  },
  "/docs": page("This document as a page", "text/html"),
  "/docs/": {
    get: {
      operationId: "page-docs-with-a-stroke",
      tags: ["operations"],
      summary: "Leads to /docs",
      responses: { 301: { description: "The page without a stroke at its end" } },
    },
  },
  "/docs/problems": page("All kinds of problems and refusals", "text/html"),
  "/docs/start.js": page("Script of the page", "text/javascript"),
  "/docs/page.css": page("Style of the pages", "text/css"),
  "/docs/{asset}": {
    get: {
      operationId: "page-asset",
      tags: ["operations"],
      summary: "Parts of the page",
      parameters: [
        {
          name: "asset",
          in: "path",
          required: true,
          schema: { enum: ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"] },
        },
      ],
      responses: {
        200: { description: "The file" },
        404: { $ref: "#/components/responses/Problem404" },
      },
    },
  },
};

function parametersOf(params: ParamKinds): Json[] {
  return Object.entries(params).map(([name, kind]) => ({
    name,
    in: "query",
    required: false,
    description: String(kind),
    schema: { type: "string" },
  }));
}
