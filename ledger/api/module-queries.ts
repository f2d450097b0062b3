// REST: every query that the modules declare, mounted the same way. `?prove=true` answers of the newest height whose root stands in
// a header, with an ICS-23 proof of every entry read, absent ones included. ETags follow the state's root.

import { z } from "zod";
import type { Core } from "../../wasm-core/bindings/core.ts";
import type { Asked } from "../modules/application.ts";
import {
  NotThere,
  type Query,
  type QueryInput,
  QueryTooLarge,
  type RunnableQuery,
  WrongCursor,
} from "../modules/query.ts";
import { fromUtf8, hex, utf8 } from "../protocol/bytes.ts";
import { toBase64 } from "../protocol/comet.ts";
import type { ProofAnswer, ProvenAnswer } from "../protocol/rest.ts";
import { revalidate } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { wrongCursor } from "./list-cursor.ts";
import { pageHeaders, withNext } from "./paging.ts";
import { ProblemError, problem } from "./problems.ts";
import { addRoute, type LedgerApp, type LedgerRequest } from "./route.ts";
import { provenAnswerSchema } from "./schemas.ts";

/** A read's token is worth so many entries, or proofs. */
const entriesPerRead = 100;
const proofsPerRead = 10;

const proveQuery = z.object({
  prove: z.enum(["true", "false"]).optional().describe("true adds the height and a proof of every entry read"),
});

export function addModuleQueries(app: LedgerApp, ledger: LedgerContext): void {
  for (const query of ledger.application.queries) addQuery(app, ledger, query);
}

function addQuery(app: LedgerApp, ledger: LedgerContext, query: Query): void {
  const proven = provenSchema(query.answer);
  addRoute(
    app,
    {
      method: "get",
      path: query.path,
      tag: query.path.split("/")[2] ?? "state",
      summary: query.summary,
      params: query.params,
      query: query.query.extend(proveQuery.shape),
      answers: { 200: proven },
      ...(query.usesNow === true ? {} : { caches: "newest" as const }),
      problems: [400, 404, 503],
    },
    (request, { params, query: { prove: wanted, ...search } }) => {
      const prove = wanted === "true";
      const tag = query.usesNow === true ? null : etagOf(ledger, prove);
      if (tag !== null && request.req.header("if-none-match") === tag)
        return new Response(null, { status: 304, headers: { etag: tag, "cache-control": revalidate } });
      const asked = ask(ledger, query, { params, query: search, nowMs: ledger.clock.nowMs() }, prove);
      chargeRead(request, asked.entries.length, prove);
      return respond(request, asked, tag, prove ? provenOf(ledger, asked) : null);
    },
  );
}

/**
 * The first token was taken with the request. What a large answer costs more is known only now, when the work is done: refused, it
 * could be asked for again and again by whoever has one token left.
 */
export function chargeRead(request: LedgerRequest, entries: number, prove: boolean): void {
  request.get("charge")("read", Math.floor(entries / (prove ? proofsPerRead : entriesPerRead)), "done");
}

/** @param proof an encoded ICS-23 CommitmentProof of the entry's presence or absence. */
export function proofAnswer({ sha256 }: Pick<Core, "sha256">, name: string, proof: Uint8Array): ProofAnswer {
  return { type: "ics23:simple", key: toBase64(sha256(utf8(name))), data: toBase64(proof) };
}

/** An answer that carries its height and proofs when they are asked for. */
export function provenSchema(answer: z.ZodType): z.ZodType {
  return z.intersection(answer, provenAnswerSchema.partial());
}

/** An answer made of what a query read, with the proofs of it when they are asked for. */
export function answerAsked(
  request: LedgerRequest,
  ledger: LedgerContext,
  asked: Asked,
  answer: object,
  prove: boolean,
  headers: Readonly<Record<string, string>>,
): Response {
  const body = { ...withNext(request, answer), ...(prove ? provenOf(ledger, asked) : {}) };
  return request.json(body, 200, { "cache-control": revalidate, ...headers, ...pageHeaders(request, body) });
}

/** An answer without proofs changes with the state only; one with proofs also says its height. */
function etagOf({ application, engine }: LedgerContext, prove: boolean): string {
  const root = hex(application.appHash).slice(0, 32);
  return prove ? `"${root}-${engine.height}"` : `"${root}"`;
}

/** Runs a query; with proofs on the newest state whose root stands in a header. @throws {ProblemError} 400 or 503 */
export function ask(ledger: LedgerContext, query: RunnableQuery, input: QueryInput, prove: boolean): Asked {
  const { application, engine } = ledger;
  const height = Math.max(0, engine.height - 1);
  try {
    return application.ask(query, input, prove ? { height, prove } : { prove });
  } catch (error) {
    if (error instanceof WrongCursor) throw wrongCursor();
    if (error instanceof QueryTooLarge) throw problem(400, `${error.message}; ask for fewer lines`);
    // After a start only the newest state is kept, under which no header is made yet.
    if (error instanceof RangeError && prove)
      throw problem(503, `the state of height ${height} is not kept`, { "retry-after": "1" });
    throw error;
  }
}

function respond(request: LedgerRequest, asked: Asked, tag: string | null, proven: ProvenAnswer | null): Response {
  if (asked.answer instanceof NotThere) {
    const missing = problem(404, asked.answer.detail);
    throw proven === null ? missing : new ProblemError({ ...missing.problem, ...proven }, missing.headers);
  }
  const headers: Record<string, string> = { "cache-control": revalidate };
  if (tag !== null) headers["etag"] = tag;
  const answer = withNext(request, asked.answer as object);
  return request.json({ ...answer, ...proven }, 200, { ...headers, ...pageHeaders(request, answer) });
}

function provenOf({ builder }: LedgerContext, { height, entries }: Asked): ProvenAnswer {
  const proofs = entries.map(({ name, value, proof }) => ({
    name,
    value: value === null ? null : (JSON.parse(fromUtf8(value)) as unknown),
    proof: proofAnswer(builder.core, name, proof!),
  }));
  return { height, proofs };
}
