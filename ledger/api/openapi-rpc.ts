// What the document says of CometBFT's RPC and of the pages: their answers are described by others (CometBFT v0.38's own document; HTML).

import { rpcMethods, webSocketMethods } from "./rpc-methods.ts";
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

const newest = "left out or 0: the newest";
/** What each method answers; `openapi.test.ts` sees that none is missing. */
const says: Readonly<Record<string, string>> = {
  health: "An empty result while the process lives",
  status: "The chain's id, the newest and the earliest block, and the validator's key",
  net_info: "Peers: none, one validator makes the blocks",
  genesis: "The genesis document",
  genesis_chunked: "The genesis document in base64, a piece at a time",
  abci_info: "The newest height and app hash of the state machine",
  abci_query: "A state entry with its ICS-23 proof; the answer at height H verifies against the header of H + 1",
  block: "A block by its height",
  block_by_hash: "A block by its hash",
  header: "A block's header by its height",
  header_by_hash: "A block's header by its hash",
  blockchain: "Headers from a height to a height, the newest first",
  commit: "A header with the signatures under it",
  block_results: "Results and events of a block's transactions, and events of the block itself",
  tx: "A transaction by the SHA-256 of its bytes, with a Merkle proof of its place in the block on demand",
  check_tx: "Whether a transaction would be admitted; it is not kept",
  unconfirmed_txs: "Transactions that wait for a block",
  num_unconfirmed_txs: "How many transactions wait for a block, and their bytes",
  broadcast_tx_sync: "Hands in a transaction, and answers when it is admitted or refused",
  broadcast_tx_async: "Hands in a transaction, and answers its hash, admitted or not",
  broadcast_tx_commit: "Hands in a transaction, and answers when it stands in a block",
  tx_search: "Transactions by events and heights: tm.event = 'Tx' AND money/transferred.to = '<account>'",
  block_search: "Blocks by heights and by events of the block itself: block.height > 5",
  validators: "The validators at a height",
  consensus_params: "Limits of blocks and evidence at a height",
  consensus_state: "The step of consensus: always the first of the next height",
  dump_consensus_state: "The same, in full",
  broadcast_evidence: "Takes evidence of a validator's misbehaviour, when it is proven; /v1/evidence lists it",
};
const saysOfParams: Readonly<Record<string, string>> = {
  height: newest,
  minHeight: "the lowest height wanted",
  maxHeight: newest,
  hash: "in hex after 0x",
  tx: "the transaction's bytes: in hex after 0x, or as text between quotes",
  query: "conditions joined by AND, between quotes",
  prove: "true for proofs with the answer",
  page: "from 1",
  per_page: "at most 100",
  order_by: '"asc" or "desc", with the quotes',
  limit: "at most 100",
  chunk: "from 0",
  path: '"/state", with the quotes',
  data: "the entry's name in UTF-8",
  evidence: "amino JSON: {type: tendermint/DuplicateVoteEvidence or tendermint/LightClientAttackEvidence, value}",
};

/** Every method as GET, JSON-RPC by POST, and the WebSocket. */
export function rpcPaths(): Record<string, Json> {
  const paths: Record<string, Json> = {};
  for (const [name, { params }] of Object.entries(rpcMethods))
    paths[`/${name}`] = {
      get: {
        operationId: `rpc-${name}`,
        tags: ["rpc"],
        summary: says[name] ?? `CometBFT's ${name}`,
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
  for (const name of webSocketMethods)
    paths[`/${name}`] = {
      get: {
        operationId: `rpc-${name}`,
        tags: ["rpc"],
        summary: `${name}: over WebSocket only`,
        responses: {
          404: answered("The error -32601", rpcAnswer),
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
    description: saysOfParams[name] === undefined ? kind : `${kind}: ${saysOfParams[name]}`,
    schema: { type: "string" },
  }));
}
