// What CometBFT answers itself, of what it alone knows: the method and its parameters go on to it, and its answer or error comes back.

import { CometRefused, CometUnreachable } from "../consensus/comet/comet-rpc-client.ts";
import type { NetworkPort } from "./context.ts";
import { methodFailed, RpcError } from "./rpc-error.ts";
import type { Params } from "./rpc-params.ts";

/** @throws {RpcError} */
export async function forwarded(network: NetworkPort, method: string, params: Params): Promise<unknown> {
  // CometBFT reads 64-bit integers from texts.
  const entries = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === "number" ? String(value) : value,
  ]);
  try {
    return await network.call(method, Object.fromEntries(entries));
  } catch (error) {
    if (error instanceof CometRefused) throw new RpcError(error.code, error.reason, error.data);
    if (error instanceof CometUnreachable) throw methodFailed("CometBFT does not answer; try again in a moment");
    throw error;
  }
}
