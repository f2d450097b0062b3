// Problem details (RFC 9457): what every refusal and error of the REST API looks like. `type` is a URN of the list that /docs/problems
// shows, and to which the answer links (rel=help); `instance` names the request; `errors` points at what is wrong (RFC 6901).

import type { Refusal, RefusalName } from "../protocol/refusals.ts";
import type { Problem, ProblemFault } from "../protocol/rest.ts";

/** Every status that this API answers with a problem, its name in `type`, its title, and what a caller can do. */
export const problemKinds = {
  400: ["bad-request", "Bad request", "Mend what `errors` points at."],
  401: ["unauthorized", "Not authorised", "Send the bearer token that the operator has set."],
  403: ["forbidden", "Forbidden", "Only the machine itself may ask this."],
  404: ["not-found", "Not found", "Look at /docs for what there is."],
  405: ["method-not-allowed", "Method not allowed", "The Allow header names the methods that there are."],
  406: [
    "not-acceptable",
    "Not acceptable",
    "Ask for application/json; for /v1/events, text/event-stream; for /v1/light-blocks, application/x-protobuf.",
  ],
  408: ["timeout", "Request timeout", "Send the whole request without pauses."],
  409: ["conflict", "Conflict", "Somebody was here before: read the present state and decide anew."],
  410: ["gone", "Gone", "It was pruned; a node that keeps everything still has it."],
  413: ["too-large", "Too large", "Send less in one request."],
  414: ["address-too-long", "Address too long", "Send a shorter address."],
  415: ["unsupported-media-type", "Unsupported media type", "Send application/json, not compressed."],
  417: ["expectation-failed", "Expectation failed", "Expect nothing but 100-continue."],
  422: ["refused", "Refused by the ledger's rules", "`refusal` and `params` say which rule and why."],
  426: ["upgrade-required", "Upgrade required", "This address speaks another protocol; the Upgrade header names it."],
  429: ["too-many-requests", "Too many requests", "Wait for the seconds that Retry-After names."],
  431: ["headers-too-large", "Headers too large", "Send fewer or shorter headers."],
  500: ["internal", "Internal error", "A bug; the log has more under the request's id."],
  503: ["unavailable", "Not available now", "Try again after the seconds that Retry-After names."],
} as const satisfies Readonly<Record<number, readonly [name: string, title: string, advice: string]>>;

/** Ends a request with a problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.detail);
    this.problem = problem;
    this.headers = headers;
  }
}

/** A problem without a refusal behind it. */
export function problem(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  errors?: readonly ProblemFault[],
): ProblemError {
  return new ProblemError(
    { type: typeOf(status), title: titleOf(status), status, detail, ...(errors === undefined ? {} : { errors }) },
    headers,
  );
}

/** A refusal as a problem; its type names the rule. */
export function refusalProblem(refusal: Refusal, errors?: readonly ProblemFault[]): ProblemError {
  const status = statusOf(refusal.name);
  const detail = `${refusal.name.replaceAll("_", " ")}${parameterText(refusal.params)}`;
  const { name, code, params } = refusal;
  return new ProblemError(
    {
      type: `urn:glasstown:refusal:${name}`,
      title: titleOf(status),
      status,
      detail,
      code,
      refusal: name,
      params,
      ...(errors === undefined ? {} : { errors }),
    },
    status === 429 || status === 503 ? { "retry-after": String(retrySecondsOf(params)) } : {},
  );
}

/** Refusals say when to try again in seconds or in milliseconds. */
function retrySecondsOf({ retrySeconds, retryMs }: Refusal["params"]): number {
  return Math.max(1, Number(retrySeconds ?? Math.ceil(Number(retryMs ?? 0) / 1_000)));
}

/** Where a request's problem is told: its id and its path. */
export interface ProblemPlace {
  readonly requestId?: string | undefined;
  readonly path?: string;
}

/** Media type application/problem+json. */
export function problemResponse(error: ProblemError, { requestId, path = "/" }: ProblemPlace = {}): Response {
  const body: Problem =
    requestId === undefined ? error.problem : { ...error.problem, instance: `urn:glasstown:request:${requestId}` };
  return new Response(JSON.stringify(body), {
    status: error.problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      // Relative, so that it also leads somewhere behind a proxy's prefix.
      link: `<${"../".repeat(path.split("/").length - 2)}docs/problems#${anchorOf(body)}>; rel="help"`,
      ...error.headers,
    },
  });
}

/** The place in /docs/problems that explains a problem. */
export function anchorOf({ type }: Pick<Problem, "type">): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** A schema's faults as pointers into the body, or as names of parameters. At most 20 are told. */
export function faultsOf(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
  where: "body" | "path" | "query",
): readonly ProblemFault[] {
  return issues.slice(0, 20).map(({ path, message }) => {
    const detail = message.slice(0, 300);
    if (where !== "body") return { parameter: String(path[0] ?? ""), in: where, detail };
    const pointer = path.map((step) => `/${String(step).slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`);
    return { pointer: `#${pointer.join("")}`, detail };
  });
}

/** The status under which a refusal is answered. */
export function statusOf(name: RefusalName): number {
  return statuses[name] ?? 422;
}

const statuses: Partial<Record<RefusalName, number>> = {
  transaction_bytes_must_not_exceed_limit: 413,
  transaction_must_be_json: 400,
  transaction_must_match_schema: 400,
  transaction_must_be_canonical: 400,
  transaction_must_not_be_repeated: 409,
  transaction_quota_must_not_be_exceeded: 429,
  transaction_mempool_must_have_room: 503,
  transaction_mempool_share_must_not_be_exceeded: 429,
  transaction_mempool_place_must_be_kept: 503,
  transaction_ledger_must_be_running: 503,
  accounts_account_must_not_exist: 409,
  accounts_name_must_be_free: 409,
  accounts_key_must_be_new: 409,
  accounts_recovery_must_not_exist: 409,
  energy_meter_must_be_free: 409,
  energy_account_must_have_no_meter: 409,
  telemetry_device_must_not_exist: 409,
  telemetry_key_must_be_unused: 409,
};

function typeOf(status: number): string {
  return `urn:glasstown:problem:${kindOf(status)?.[0] ?? "bad-request"}`;
}

export function titleOf(status: number): string {
  return kindOf(status)?.[1] ?? "Error";
}

function kindOf(status: number): readonly [string, string, string] | undefined {
  return Object.hasOwn(problemKinds, status) ? problemKinds[status as keyof typeof problemKinds] : undefined;
}

function parameterText(params: Refusal["params"]): string {
  const entries = Object.entries(params);
  return entries.length === 0 ? "" : ` (${entries.map(([key, value]) => `${key}: ${value}`).join(", ")})`;
}
