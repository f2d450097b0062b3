// CometBFT's RPC over HTTP: GET with URI parameters, and JSON-RPC 2.0 by POST at the root, single or batched (at most 20).
// As CometBFT does, errors of a GET have status 500, those of a POST status 200, and GET answers have the id -1.

import type { LedgerContext } from "./context.ts";
import type { LedgerApp } from "./route.ts";
import { RpcError, rpcCodes } from "./rpc-error.ts";
import { rpcMethods } from "./rpc-methods.ts";
import { paramsOfJson, paramsOfUri } from "./rpc-params.ts";

const batchMax = 20;
const uriId = -1;

export function addRpcRoutes(app: LedgerApp, ledger: LedgerContext): void {
  for (const [name, method] of Object.entries(rpcMethods)) {
    app.get(`/${name}`, async (request) => {
      if (method.writes === true) request.get("charge")("write", 1);
      try {
        const result = await method.call(ledger, paramsOfUri(method.params, request.req.query()));
        return request.json({ jsonrpc: "2.0", id: uriId, result });
      } catch (error) {
        return request.json(errorAnswer(ledger, uriId, error), 500);
      }
    });
  }

  app.post("/", async (request) => {
    let body: unknown;
    try {
      body = JSON.parse(await request.req.text());
    } catch {
      return request.json(errorAnswer(ledger, null, new RpcError(rpcCodes.parse, "Parse error. Invalid JSON", "")));
    }
    if (!Array.isArray(body)) return request.json((await answerOne(ledger, body)) ?? null);
    if (body.length === 0 || body.length > batchMax) {
      const error = new RpcError(rpcCodes.invalidRequest, "Invalid Request", `a batch has 1 to ${batchMax} requests`);
      return request.json(errorAnswer(ledger, null, error));
    }
    // The request has paid for one. All is paid before any is done, so that no batch stops half-way.
    const writes = body.filter(isWrite).length;
    request.get("charge")("write", Math.max(0, writes - 1));
    request.get("charge")("read", body.length - writes);
    const answers: unknown[] = [];
    for (const one of body) {
      const answer = await answerOne(ledger, one);
      if (answer !== null) answers.push(answer);
    }
    return request.json(answers);
  });
}

function isWrite(request: unknown): boolean {
  const name = (request as { readonly method?: unknown } | null)?.method;
  return typeof name === "string" && Object.hasOwn(rpcMethods, name) && rpcMethods[name]!.writes === true;
}

/** Null for a notification, which has no id and gets no answer. */
async function answerOne(ledger: LedgerContext, request: unknown): Promise<unknown> {
  const {
    id,
    method: name,
    params,
  } = (typeof request === "object" && request !== null ? request : {}) as {
    id?: unknown;
    method?: unknown;
    params?: unknown;
  };
  if (typeof name !== "string" || (id !== undefined && typeof id !== "string" && typeof id !== "number"))
    return errorAnswer(ledger, null, new RpcError(rpcCodes.invalidRequest, "Invalid Request", ""));
  if (id === undefined) return null;
  try {
    if (!Object.hasOwn(rpcMethods, name)) throw new RpcError(rpcCodes.methodNotFound, "Method not found", "");
    const method = rpcMethods[name]!;
    return { jsonrpc: "2.0", id, result: await method.call(ledger, paramsOfJson(method.params, params)) };
  } catch (error) {
    return errorAnswer(ledger, id, error);
  }
}

function errorAnswer(ledger: LedgerContext, id: string | number | null, error: unknown): unknown {
  if (!(error instanceof RpcError)) ledger.log.error({ err: error }, "rpc method failed");
  const { code, message, data } =
    error instanceof RpcError ? error : new RpcError(rpcCodes.internal, "Internal error", "unexpected");
  return { jsonrpc: "2.0", id, error: { code, message, data } };
}
