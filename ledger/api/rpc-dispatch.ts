// One JSON-RPC 2.0 request to one answer, for HTTP and WebSocket alike, with what it costs of the caller's limits.

import { isAborted } from "./aborted.ts";
import type { LedgerContext } from "./context.ts";
import { RpcError, rpcCodes } from "./rpc-error.ts";
import { GenesisChunks } from "./rpc-genesis.ts";
import type { Owe, RpcContext, RpcMethod } from "./rpc-method.ts";
import { rpcMethods } from "./rpc-methods.ts";
import { type Params, paramsOfJson } from "./rpc-params.ts";
import { EventSearch } from "./rpc-search.ts";

export type RpcId = string | number;

export interface RpcAnswer {
  readonly jsonrpc: "2.0";
  readonly id: RpcId | null;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: string };
}

/** A request in the form that JSON-RPC wants. Without an id it is a notification: it gets no answer, and is not done. */
export interface RpcRequest {
  readonly id: RpcId | null;
  readonly method: string;
  readonly params: unknown;
}

/** Tokens of the caller's limits. */
export interface RpcCost {
  readonly reads: number;
  readonly writes: number;
}

export class Rpc {
  readonly #context: Omit<RpcContext, "owe">;

  constructor(ledger: LedgerContext, refused: RpcContext["refused"]) {
    this.#context = {
      ledger,
      refused,
      genesis: new GenesisChunks(ledger.builder.genesis.document),
      search: new EventSearch(ledger.store, () => ledger.engine.height),
    };
  }

  /** What a method costs; one that there is not costs a read. */
  costOf(name: string): RpcCost {
    const method = methodOf(name);
    return { reads: method?.reads ?? 1, writes: method?.writes === true ? 1 : 0 };
  }

  call(method: RpcMethod, params: Params, owe: Owe): Promise<unknown> {
    return Promise.resolve(method.call({ ...this.#context, owe }, params));
  }

  /** The answer, an error's too. Null for a notification. */
  async answer({ id, method: name, params }: RpcRequest, owe: Owe): Promise<RpcAnswer | null> {
    if (id === null) return null;
    try {
      const method = methodOf(name);
      if (method === undefined) throw new RpcError(rpcCodes.methodNotFound, "Method not found", "");
      return { jsonrpc: "2.0", id, result: await this.call(method, paramsOfJson(method.params, params), owe) };
    } catch (error) {
      return this.errorAnswer(id, error);
    }
  }

  errorAnswer(id: RpcId | null, error: unknown): RpcAnswer {
    if (!(error instanceof RpcError) && !isAborted(error))
      this.#context.ledger.log.error({ err: error }, "rpc method failed");
    const { code, message, data } =
      error instanceof RpcError ? error : new RpcError(rpcCodes.internal, "Internal error", "unexpected");
    return { jsonrpc: "2.0", id, error: { code, message, data } };
  }
}

function methodOf(name: string): RpcMethod | undefined {
  return Object.hasOwn(rpcMethods, name) ? rpcMethods[name] : undefined;
}

/** @throws {RpcError} when it is no request. */
export function requestOf(value: unknown): RpcRequest {
  const { id, method, params } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof method !== "string" || (id !== undefined && id !== null && !isId(id)))
    throw new RpcError(rpcCodes.invalidRequest, "Invalid Request", "");
  return { id: id ?? null, method, params };
}

/** An id is handed back as it came, so it must be one that does not change on the way. */
function isId(id: unknown): id is RpcId {
  return typeof id === "string" || Number.isSafeInteger(id);
}

/** @throws {RpcError} when it is no JSON. */
export function parseRpcJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RpcError(rpcCodes.parse, "Parse error. Invalid JSON", "");
  }
}
