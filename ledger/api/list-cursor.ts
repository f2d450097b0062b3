// Cursors as callers have them: eight characters that say of which list they are (route, path and filters, by 48 bits of SHA-256),
// then a position (ledger/protocol/cursor.ts). One of another list is refused: going on there would be a wrong answer that looks
// right. The page's length and whether proofs are wanted may change on the way. No secret: it is against mistakes.

import { createHash } from "node:crypto";
import { type ProblemError, problem } from "./problems.ts";

const markLength = 8;
const changeable: ReadonlySet<string> = new Set(["limit", "cursor", "prove"]);

/** @param path the route's pattern. @param params @param query as they were parsed, so that a default is the same as its value. */
export function listMark(path: string, params: object, query: object): string {
  const filters = Object.entries(query).filter(([name]) => !changeable.has(name));
  const text = JSON.stringify([path, Object.entries(params), filters.sort(([a], [b]) => (a < b ? -1 : 1))]);
  return createHash("sha256").update(text).digest("base64url").slice(0, markLength);
}

export function splitCursor(cursor: string): { readonly mark: string; readonly position: string } {
  return { mark: cursor.slice(0, markLength), position: cursor.slice(markLength) };
}

export function wrongCursor(): ProblemError {
  const detail = "is no cursor of this list";
  return problem(400, `query parameter cursor: ${detail}`, {}, [{ parameter: "cursor", in: "query", detail }]);
}
