// REST: transactions, found and handed in.

import { z } from "zod";
import type { Submission } from "../consensus/admission.ts";
import type { Engine } from "../consensus/engine.ts";
import { accountIdSchema } from "../protocol/accounts.ts";
import { fromUtf8 } from "../protocol/bytes.ts";
import { canonicalBytes } from "../protocol/canonical.ts";
import { placeCursor, readPlaceCursor } from "../protocol/cursor.ts";
import { type RefusalName, refuse } from "../protocol/refusals.ts";
import type { SubmitAnswer, TransactionsAnswer } from "../protocol/rest.ts";
import { transactionSchema } from "../protocol/transaction.ts";
import { wholeNumber } from "../protocol/whole-number.ts";
import { transactionAtPlace } from "./blocks-read.ts";
import { answerFinal, newestTag } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { attributeParam, moduleParam, readAttribute, typeParam } from "./filter-params.ts";
import { answerPage, heightsOf, pageParams, rangeParams, type WantedRange } from "./paging.ts";
import { faultsOf, problem, refusalProblem } from "./problems.ts";
import { addRoute, type LedgerApp, type LedgerRequest } from "./route.ts";
import { submitAnswerSchema, transactionAnswerSchema, transactionsAnswerSchema } from "./schemas.ts";
import { findTransactions, type TransactionFilter } from "./transaction-search.ts";

/** A read's token is worth so many transactions of a list: each may stand in a block of its own. */
const linesPerRead = 4;
/** How long `?wait=commit` waits. */
const commitWaitMs = 10_000;

const none = z.object({});

export function addTransactionRoutes(app: LedgerApp, ledger: LedgerContext): void {
  const { engine, store } = ledger;

  const answerFound = async (
    request: LedgerRequest,
    filter: TransactionFilter,
    query: WantedRange & { limit: number; cursor?: string | undefined; sort: "asc" | "desc" },
  ): Promise<Response> => {
    const charge = request.get("charge");
    charge("read", Math.floor(query.limit / linesPerRead));
    const tag = newestTag(ledger);
    const heights = await heightsOf(store, engine.height, query);
    const after = query.cursor === undefined ? {} : { after: readPlaceCursor(query.cursor)! };
    const range = { ...heights, ...after, descending: query.sort === "desc" };
    const { lines, next } = await findTransactions(store, charge, filter, range, query.limit);
    const answer: TransactionsAnswer = { transactions: lines, next: next === null ? null : placeCursor(next) };
    return answerPage(request, tag, answer);
  };

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/transactions",
      tag: "transactions",
      summary: "Transactions by account, module, message, outcome, event, height and time",
      description:
        "Filters that are given must all fit. A page may hold fewer lines than asked for: go on while `next` is not null.",
      params: none,
      query: z.object({
        ...pageParams,
        ...rangeParams,
        account: accountIdSchema.optional().describe("acted, signed, or is named in an event"),
        module: moduleParam.optional(),
        type: typeParam.optional(),
        outcome: z.enum(["applied", "refused"]).optional().describe("left out: both"),
        code: wholeNumber(0, 99_999).optional().describe("0, or the code of a refusal"),
        event: attributeParam.optional(),
      }),
      answers: { 200: transactionsAnswerSchema },
      caches: "newest",
      problems: [400],
    },
    (request, { query }) =>
      answerFound(
        request,
        { ...query, event: query.event === undefined ? undefined : readAttribute(query.event) },
        query,
      ),
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/accounts/{id}/transactions",
      tag: "accounts",
      summary: "Transactions in which an account acted or is named",
      params: z.object({ id: accountIdSchema }),
      query: z.object({
        ...pageParams,
        ...rangeParams,
        before: wholeNumber(2).optional().describe("only blocks below this height"),
      }),
      answers: { 200: transactionsAnswerSchema },
      caches: "newest",
      problems: [400],
    },
    (request, { params, query: { before, ...query } }) => {
      const toHeight = before === undefined ? query.toHeight : Math.min(before - 1, query.toHeight ?? before);
      return answerFound(request, { account: params.id }, { ...query, toHeight });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/transactions/{id}",
      tag: "transactions",
      summary: "One transaction by its id",
      params: z.object({ id: z.string().regex(/^[0-9a-f]{64}$/) }),
      query: none,
      description: "It never changes. 404 while it waits for a block, and after its block was pruned.",
      answers: { 200: transactionAnswerSchema },
      caches: "final",
      problems: [400, 404],
    },
    async (request, { params }) => {
      const answer = await transactionAtPlace(store, await store.place("id", params.id));
      if (answer !== null) return answerFinal(request, answer.hash, answer);
      throw problem(
        404,
        engine.mempool.has(params.id) ? "the transaction waits for a block" : "there is no such transaction",
      );
    },
  );

  addRoute(
    app,
    {
      method: "post",
      path: "/v1/transactions",
      tag: "transactions",
      summary: "Submits a signed transaction",
      description:
        "202 once it waits for a block; with `?wait=commit` 200 once it stands in one, where it may still have been refused (`code`). " +
        "Sending the same again is safe: its id is a hash of what was signed.\n\n" +
        "**Signing.** `body` names the chain (`/v1/chain`), 16 random bytes, the last height at which it may enter a block (at most " +
        "600 ahead) and the messages. An Ed25519 key signs the line `glasstown/transaction/1` with its line end, followed by the body " +
        "as canonical JSON (RFC 8785) in UTF-8; a passkey's challenge is the SHA-256 of the canonical body. `auth` has one " +
        "signature of every account that acts. An account's id is the first 20 bytes of the SHA-256 of its first public key. Keys, " +
        "ids and signatures are lower-case hex; amounts are decimal strings of micro-units. The project's `docs/use-the-ledger-api.md` " +
        "shows it in plain JavaScript.",
      params: none,
      query: z.object({ wait: z.enum(["commit"]).optional().describe("for the block, 10 s at most") }),
      body: transactionSchema,
      answers: { 200: submitAnswerSchema, 202: submitAnswerSchema },
      problems: [400, 409, 413, 422, 429, 503],
    },
    async (request, { query }) => {
      const submission = await submitInAnyForm(engine, new Uint8Array(await request.req.arrayBuffer()));
      if (!submission.ok) {
        const { name, params: about } = submission;
        const repeated = name === "transaction_must_not_be_repeated" ? String(about["id"]) : null;
        const place = repeated === null ? null : await store.place("id", repeated);
        const params = place === null ? submission.params : { ...submission.params, height: place.height };
        throw refusalProblem({ ...submission, params });
      }
      const accepted: SubmitAnswer = { id: submission.id, height: 0, code: 0 };
      if (query.wait === undefined) return request.json(accepted, 202);
      const outcome = await engine.outcomeOf(submission.id, commitWaitMs);
      if (outcome === null) return request.json(accepted, 202);
      if (outcome.kind === "dropped") throw refusalProblem(outcome.refusal);
      const { height, result } = outcome;
      const refused = result.code === 0 ? {} : { refusal: result.refusal, params: result.params };
      return request.json({ id: submission.id, height, code: result.code, ...refused } satisfies SubmitAnswer);
    },
  );
}

/**
 * Submits a transaction in any JSON form: what is signed is its canonical body, so spaces and order do not matter. Clients send
 * the canonical form, which is taken as it is; another is written anew.
 */
async function submitInAnyForm(engine: Engine, body: Uint8Array): Promise<Submission> {
  const submission = await engine.submit(body);
  return submission.ok || !formRefusals.has(submission.name) ? submission : engine.submit(canonicalOf(body));
}

/** What the canonical form of the same transaction may not be refused for, or what can be said in more detail. */
const formRefusals: ReadonlySet<RefusalName> = new Set<RefusalName>([
  "transaction_bytes_must_not_exceed_limit",
  "transaction_must_match_schema",
  "transaction_must_be_canonical",
]);

/** The canonical bytes of a transaction in any JSON form. @throws {ProblemError} for what is none. */
function canonicalOf(body: Uint8Array): Uint8Array {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(body));
  } catch {
    throw refusalProblem(refuse("transaction_must_be_json"));
  }
  const checked = transactionSchema.safeParse(value);
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    throw refusalProblem(
      refuse("transaction_must_match_schema", {
        path: issue.path.map(String).join(".").slice(0, 100),
        problem: issue.message.slice(0, 200),
      }),
      faultsOf(checked.error.issues, "body"),
    );
  }
  try {
    return canonicalBytes(checked.data);
  } catch {
    // RFC 8785 has no form for lone surrogates.
    throw refusalProblem(refuse("transaction_must_be_canonical"));
  }
}
