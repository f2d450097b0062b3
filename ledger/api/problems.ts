// Problem details (RFC 9457): what every refusal and error of the REST API looks like.

import type { Refusal, RefusalName } from "../protocol/refusals.ts";
import type { Problem } from "../protocol/rest.ts";

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

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  422: "Refused by the ledger's rules",
  429: "Too many requests",
  500: "Internal error",
  503: "Not available now",
};

/** A problem without a refusal behind it. */
export function problem(status: number, detail: string, headers: Readonly<Record<string, string>> = {}): ProblemError {
  return new ProblemError({ type: "about:blank", title: titles[status] ?? "Error", status, detail }, headers);
}

/** A refusal as a problem; its type names the rule. */
export function refusalProblem(refusal: Refusal): ProblemError {
  const status = statusOf(refusal.name);
  const detail = `${refusal.name.replaceAll("_", " ")}${parameterText(refusal.params)}`;
  const { name, code, params } = refusal;
  return new ProblemError(
    {
      type: `urn:glasstown:refusal:${name}`,
      title: titles[status] ?? "Refused",
      status,
      detail,
      code,
      refusal: name,
      params,
    },
    status === 429 || status === 503 ? { "retry-after": "1" } : {},
  );
}

/** Media type application/problem+json. */
export function problemResponse(error: ProblemError): Response {
  return new Response(JSON.stringify(error.problem), {
    status: error.problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...error.headers },
  });
}

const statuses: Partial<Record<RefusalName, number>> = {
  transaction_bytes_must_not_exceed_limit: 413,
  transaction_must_be_json: 400,
  transaction_must_match_schema: 400,
  transaction_must_be_canonical: 400,
  transaction_must_not_be_repeated: 409,
  transaction_quota_must_not_be_exceeded: 429,
  transaction_mempool_must_have_room: 503,
  accounts_account_must_not_exist: 409,
  accounts_name_must_be_free: 409,
  energy_meter_must_be_free: 409,
  energy_account_must_have_no_meter: 409,
  telemetry_device_must_not_exist: 409,
  telemetry_key_must_be_unused: 409,
};

function statusOf(name: RefusalName): number {
  return statuses[name] ?? 422;
}

function parameterText(params: Refusal["params"]): string {
  const entries = Object.entries(params);
  return entries.length === 0 ? "" : ` (${entries.map(([key, value]) => `${key}: ${value}`).join(", ")})`;
}
