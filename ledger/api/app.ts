// The ledger's HTTP API: CometBFT RPC at the root, REST under /v1, the API document, operations. Here is what all routes share
// and in which order: the request's context, conditional answers, limits and deadline, body limits; then the routes.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { loopbackProxies, plainAddress } from "../../settings/trusted-proxies.ts";
import { refuse } from "../protocol/refusals.ts";
import { transactionBytesMax } from "../protocol/transaction-limits.ts";
import { isAborted } from "./aborted.ts";
import { limitBody } from "./body-limit.ts";
import { BrokenRequests } from "./broken-requests.ts";
import { conditional } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { addDocsRoutes } from "./docs-page.ts";
import { addEventRoute, type EndStreams } from "./events.ts";
import { methodsOf, optionsAnswer } from "./methods.ts";
import { LedgerMetrics } from "./metrics.ts";
import { addModuleQueries } from "./module-queries.ts";
import { addOperationRoutes } from "./operations.ts";
import { ProblemError, problem, problemResponse, refusalProblem } from "./problems.ts";
import { callerOf } from "./rate-limit.ts";
import { callerLimits, limitsAndDeadline, requestContext } from "./request-context.ts";
import { addBlockRoutes } from "./rest-blocks.ts";
import { addEvidenceRoutes } from "./rest-evidence.ts";
import { addHeaderHistoryRoute } from "./rest-header-history.ts";
import { addHistoryRoute } from "./rest-history.ts";
import { addLightBlockRoutes } from "./rest-light-blocks.ts";
import { addStateRoutes } from "./rest-state.ts";
import { addStatisticsRoutes } from "./rest-statistics.ts";
import { addTradesRoute } from "./rest-trades.ts";
import { addTransactionRoutes } from "./rest-transactions.ts";
import type { LedgerApp, LedgerEnv, LedgerRequest } from "./route.ts";
import { addRpcRoutes } from "./rpc.ts";
import { Rpc } from "./rpc-dispatch.ts";
import { boundAnswers, type UnsentAnswerLimits, UnsentAnswers } from "./unsent-answers.ts";
import { RpcWebSockets } from "./websocket.ts";
import type { WebSocketLimits } from "./websocket-limits.ts";

/** CometBFT's own limit of a request body; holds a batch of transactions in base64. */
const rpcBodyBytesMax = 1_000_000;
/** A transaction may be sent with spaces and escapes that its canonical form has not. */
const restBodyBytesMax = 2 * transactionBytesMax;
/** Of the path with its query. Names and cursors are far shorter. */
const addressCharactersMax = 4_096;

export interface LedgerApi {
  readonly app: LedgerApp;
  readonly metrics: LedgerMetrics;
  readonly brokenRequests: BrokenRequests;
  /** CometBFT's RPC over WebSocket. */
  readonly webSockets: RpcWebSockets;
  /** Whom a connection counts against; null for this machine and trusted proxies. */
  readonly limitedPeer: (address: string | undefined) => string | null;
  /** Ends the event streams and WebSockets, so that the server can close. */
  readonly endStreams: EndStreams;
}

export interface LedgerApiOptions {
  readonly webSocketLimits?: WebSocketLimits;
  readonly unsentAnswerLimits?: UnsentAnswerLimits;
}

export function createLedgerApi(ledger: LedgerContext, more: LedgerApiOptions = {}): LedgerApi {
  const { webSocketLimits } = more;
  const app: LedgerApp = new Hono<LedgerEnv>();
  const metrics = new LedgerMetrics(ledger);
  ledger.engine.onBlock((block) => metrics.block(block));
  const limits = callerLimits(ledger.clock);

  app.use(requestContext(ledger, metrics));
  const unsent = new UnsentAnswers(ledger.clock, more.unsentAnswerLimits);
  metrics.unsentBytes(() => unsent.bytes);
  app.use(boundAnswers(unsent));
  app.use(conditional);
  app.use(limitsAndDeadline(ledger, limits));
  app.use(async (request, next) => {
    const { method, path, url } = request.req;
    if (url.length > addressCharactersMax) throw problem(414, `at most ${addressCharactersMax} characters`);
    if (method !== "OPTIONS") return next();
    const preflight = request.req.header("access-control-request-method") !== undefined;
    const answer = optionsAnswer(methodsAt(path), preflight);
    if (answer === null) throw nothingAt(request);
    return answer;
  });
  const tooLarge = (request: LedgerRequest, limit: number): Response => {
    const error = bodyTooLarge(limit);
    metrics.refusedAtAdmission(error.problem.refusal!);
    return answerOf(error, request);
  };
  app.use("/v1/*", limitBody(restBodyBytesMax, tooLarge));
  app.use("/", limitBody(rpcBodyBytesMax, tooLarge));

  const rpc = new Rpc(ledger, (refusal) => metrics.refusedAtAdmission(refusal));
  addRpcRoutes(app, rpc);
  const webSockets = new RpcWebSockets({
    ledger,
    rpc,
    onCount: (connections) => metrics.streams("websocket", connections),
    take: (caller, kind, tokens, done) => limits(caller, kind, tokens, done)?.allowed !== false,
    ...(webSocketLimits === undefined ? {} : { limits: webSocketLimits }),
  });
  addBlockRoutes(app, ledger);
  addLightBlockRoutes(app, ledger);
  addEvidenceRoutes(app, ledger);
  addTransactionRoutes(app, ledger);
  addHistoryRoute(app, ledger);
  addHeaderHistoryRoute(app, ledger);
  addStatisticsRoutes(app, ledger);
  addStateRoutes(app, ledger);
  addTradesRoute(app, ledger);
  addModuleQueries(app, ledger);
  const endEvents = addEventRoute(app, ledger, metrics);
  const endStreams = (): void => {
    endEvents();
    webSockets.end();
  };
  addDocsRoutes(app);
  addOperationRoutes(app, ledger, metrics);
  const methodsAt = methodsOf(app);

  app.notFound((request) => {
    const methods = methodsAt(request.req.path);
    if (methods.length === 0) return answerOf(nothingAt(request), request);
    const error = problem(405, `${request.req.method} is not among ${methods.join(", ")}`, {
      allow: methods.join(", "),
    });
    return answerOf(error, request);
  });
  app.onError((error, request) => {
    if (error instanceof ProblemError) {
      if (error.problem.refusal !== undefined) metrics.refusedAtAdmission(error.problem.refusal);
      return answerOf(error, request);
    }
    if (error instanceof HTTPException) return answerOf(problem(error.status, error.message), request);
    if (isAborted(error)) return answerOf(problem(400, "the request was cut off"), request);
    ledger.log.error({ err: error, requestId: request.get("requestId"), path: request.req.path }, "request failed");
    return answerOf(problem(500, "unexpected; the log has more under this request's id"), request);
  });
  const trusted = ledger.options?.trustedProxies ?? loopbackProxies;
  const limitedPeer = (address: string | undefined): string | null =>
    trusted(plainAddress(address ?? "")) ? null : callerOf(address, undefined);
  return { app, metrics, brokenRequests: new BrokenRequests(ledger.log, metrics), webSockets, limitedPeer, endStreams };
}

function answerOf(error: ProblemError, request: LedgerRequest): Response {
  return problemResponse(error, { requestId: request.get("requestId"), path: request.req.path });
}

function nothingAt({ req }: LedgerRequest): ProblemError {
  return problem(404, `there is nothing at ${req.method} ${req.path.slice(0, 200)}`);
}

function bodyTooLarge(limit: number): ProblemError {
  const { problem: body } = refusalProblem(refuse("transaction_bytes_must_not_exceed_limit", { limit }));
  // The rest of the body is not read, so the connection cannot be used again.
  return new ProblemError(body, { connection: "close" });
}
