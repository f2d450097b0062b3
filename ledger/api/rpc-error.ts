// Errors of JSON-RPC 2.0, with CometBFT's words.

export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** CometBFT's own. */
  server: -32000,
} as const;

export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: string;

  constructor(code: number, message: string, data: string) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** What CometBFT answers when a method itself fails, such as for a height that does not exist. */
export function methodFailed(data: string): RpcError {
  return new RpcError(rpcCodes.internal, "Internal error", data);
}
