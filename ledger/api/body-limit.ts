// Bounds of request bodies. One that tells its length is judged by it, since Node's parser takes no byte more; one in chunks is
// counted as it comes. Not touching the body otherwise keeps it readable in one piece, which is half the cost of a small request.

import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { LedgerEnv, LedgerRequest } from "./route.ts";

export function limitBody(
  bytesMax: number,
  tooLarge: (request: LedgerRequest, bytesMax: number) => Response,
): MiddlewareHandler<LedgerEnv> {
  const counted = bodyLimit({ maxSize: bytesMax, onError: (request) => tooLarge(request as LedgerRequest, bytesMax) });
  return async (request, next) => {
    const { headers } = request.env.incoming;
    if (headers["transfer-encoding"] !== undefined) return counted(request, next);
    if (Number(headers["content-length"] ?? 0) > bytesMax) return tooLarge(request, bytesMax);
    return next();
  };
}
