// Conditional requests and caching (RFC 9110 §13, RFC 9111). What is final may be kept for good; what follows the newest state
// is asked for anew each time, and answered with 304 as long as no block has come.

import type { MiddlewareHandler } from "hono";
import { hex } from "../protocol/bytes.ts";
import type { LedgerContext } from "./context.ts";
import type { LedgerEnv, LedgerRequest } from "./route.ts";

/** A block, or what stands in one, will never be another. */
export const immutable = "public, max-age=31536000, immutable";
/** To be asked for anew, by any cache. */
export const revalidate = "public, no-cache";

/** The tag of whatever follows from the newest block. */
export function newestTag({ engine }: Pick<LedgerContext, "engine">): string {
  return `"${engine.height}.${hex(engine.appHash).slice(0, 16)}"`;
}

/** JSON that follows from the newest block; `tag` is taken before the state is read, so that it never names more than was read. */
export function answerNewest(request: LedgerRequest, tag: string, body: object): Response {
  return request.json(body, 200, { etag: tag, "cache-control": revalidate });
}

/** JSON that will never be another. */
export function answerFinal(request: LedgerRequest, tag: string, body: object): Response {
  return request.json(body, 200, { etag: `"${tag}"`, "cache-control": immutable });
}

/** Answers 304 without a body when the caller has what a handler's ETag names. */
export const conditional: MiddlewareHandler<LedgerEnv> = async (request, next) => {
  await next();
  const { method } = request.req;
  if ((method !== "GET" && method !== "HEAD") || request.res.status !== 200) return;
  const known = request.req.header("if-none-match");
  const tag = request.res.headers.get("etag");
  if (known === undefined || tag === null || !names(known, tag)) return;
  const headers: Record<string, string> = { etag: tag };
  for (const name of ["cache-control", "vary", "link"]) {
    const value = request.res.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  await request.res.body?.cancel();
  // Unset first: the response that takes another's place inherits its headers, the length and type of the body among them.
  request.res = undefined;
  request.res = new Response(null, { status: 304, headers });
};

/** Weak comparison, as RFC 9110 §13.1.2 has it for If-None-Match. */
function names(header: string, tag: string): boolean {
  if (header.trim() === "*") return true;
  const strong = tag.replace(/^W\//, "");
  return header.split(",").some((one) => one.trim().replace(/^W\//, "") === strong);
}
