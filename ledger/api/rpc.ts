// CometBFT's RPC over HTTP: GET with URI parameters, and JSON-RPC 2.0 by POST at the root, single or batched (at most 20).
// As CometBFT does, errors of a GET have status 500, those of a POST status 200, and GET answers have the id -1.

import { ProblemError, problem } from "./problems.ts";
import type { LedgerApp, LedgerRequest } from "./route.ts";
import { parseRpcJson, type Rpc, type RpcAnswer, type RpcCost, type RpcRequest, requestOf } from "./rpc-dispatch.ts";
import { RpcError, rpcCodes } from "./rpc-error.ts";
import type { Owe } from "./rpc-method.ts";
import { rpcMethods, webSocketMethods } from "./rpc-methods.ts";
import { paramsOfUri } from "./rpc-params.ts";

const batchMax = 20;
/** As over WebSocket, a large body costs more reads. */
const bytesPerRead = 65_536;
const uriId = -1;

export function addRpcRoutes(app: LedgerApp, rpc: Rpc): void {
  for (const [name, method] of Object.entries(rpcMethods)) {
    app.get(`/${name}`, async (request) => {
      charge(request, [rpc.costOf(name)]);
      try {
        const result = await rpc.call(method, paramsOfUri(method.params, request.req.query()), oweOf(request));
        return request.json({ jsonrpc: "2.0", id: uriId, result });
      } catch (error) {
        // Of the request itself, not of the method, such as that there is no room for the answer.
        if (error instanceof ProblemError) throw error;
        return request.json(rpc.errorAnswer(uriId, error), 500);
      }
    });
  }

  // As in CometBFT, those that need a connection are known, and not found here.
  for (const name of webSocketMethods)
    app.get(`/${name}`, (request) => {
      const error = new RpcError(rpcCodes.methodNotFound, "Method not found", "");
      return request.json(rpc.errorAnswer(uriId, error), 404);
    });

  app.get("/websocket", () => {
    throw problem(426, "this is a WebSocket", { upgrade: "websocket" });
  });

  app.post("/", async (request) => {
    let body: unknown;
    const text = await request.req.text();
    request.get("charge")("read", Math.floor(text.length / bytesPerRead));
    try {
      body = parseRpcJson(text);
    } catch (error) {
      return request.json(rpc.errorAnswer(null, error), 500);
    }
    const batch = Array.isArray(body) ? body : [body];
    if (batch.length === 0 || batch.length > batchMax) {
      const error = new RpcError(rpcCodes.invalidRequest, "Invalid Request", `a batch has 1 to ${batchMax} requests`);
      return request.json(rpc.errorAnswer(null, error));
    }
    const requests = batch.map(requestOrError);
    // All is paid before any is done, so that no batch stops half-way.
    charge(
      request,
      requests.map((one) => (one instanceof RpcError ? { reads: 1, writes: 0 } : rpc.costOf(one.method))),
    );
    const answers: RpcAnswer[] = [];
    for (const one of requests) {
      const answer = one instanceof RpcError ? rpc.errorAnswer(null, one) : await rpc.answer(one, oweOf(request));
      if (answer !== null) answers.push(answer);
    }
    // Notifications are not answered; where there was nothing else, neither is the request.
    if (answers.length === 0) return request.body(null, 200);
    return request.json(Array.isArray(body) ? answers : answers[0]);
  });
}

/** The request itself has paid for one read. */
function charge(request: LedgerRequest, costs: readonly RpcCost[]): void {
  const sum = (of: (cost: RpcCost) => number): number => costs.reduce((total, cost) => total + of(cost), 0);
  request.get("charge")(
    "write",
    sum(({ writes }) => writes),
  );
  request.get("charge")("read", Math.max(0, sum(({ reads }) => reads) - 1));
}

function oweOf(request: LedgerRequest): Owe {
  return (reads) => request.get("charge")("read", reads, "done");
}

function requestOrError(value: unknown): RpcRequest | RpcError {
  try {
    return requestOf(value);
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
}
