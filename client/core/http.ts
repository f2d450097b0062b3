// Requests to the city's own servers: bounded in time and size, answers checked against a schema before anyone reads them.
// Failures are of three kinds: a problem with a refusal name, an answer that is not what was agreed, and no answer.

import type { z } from "zod";
import { t, words } from "./language.ts";

const timeoutMsDefault = 10_000;
const bytesMaxDefault = 4 * 1024 * 1024;

export type RequestFailure = "refused" | "status" | "malformed" | "unreachable" | "too-large";

/** A request that did not succeed; `message` is for logs, `explain` gives the words for people. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly kind: RequestFailure;
  readonly status: number;
  readonly refusal: string | null;
  readonly params: Readonly<Record<string, string | number>>;
  constructor(
    kind: RequestFailure,
    detail: string,
    more: { status?: number; refusal?: string; params?: Readonly<Record<string, string | number>> } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.status = more.status ?? 0;
    this.refusal = more.refusal ?? null;
    this.params = more.params ?? {};
  }
}

export interface RequestOptions {
  readonly method?: "GET" | "POST";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly timeoutMs?: number;
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
}

/** Reads a body of at most `bytesMax` bytes as UTF-8. */
async function readBounded(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > bytesMax) {
      await reader.cancel();
      throw new RequestError("too-large", `the answer is longer than ${bytesMax} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

function problemOf(status: number, text: string): RequestError {
  let refusal: string | undefined;
  let params: Record<string, string | number> = {};
  let detail = `status ${status}`;
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === "object" && problem !== null) {
      const fields = problem as Record<string, unknown>;
      if (typeof fields["refusal"] === "string") refusal = fields["refusal"].slice(0, 100);
      if (typeof fields["detail"] === "string") detail = fields["detail"].slice(0, 500);
      if (typeof fields["params"] === "object" && fields["params"] !== null) {
        params = Object.fromEntries(
          Object.entries(fields["params"]).filter(
            (entry): entry is [string, string | number] => typeof entry[1] === "string" || typeof entry[1] === "number",
          ),
        );
      }
    }
  } catch {
    // A status without problem details still says enough.
  }
  return new RequestError(refusal === undefined ? "status" : "refused", detail, {
    status,
    params,
    ...(refusal === undefined ? {} : { refusal }),
  });
}

/**
 * Fetches JSON and checks it.
 * @throws {RequestError}
 */
export async function request<T>(url: string, schema: z.ZodType<T>, options: RequestOptions = {}): Promise<T> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? timeoutMsDefault);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      method: options.method ?? "GET",
      signal,
      headers: {
        accept: "application/json, application/problem+json",
        ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    status = response.status;
    text = await readBounded(response, options.bytesMax ?? bytesMaxDefault);
  } catch (cause) {
    if (cause instanceof RequestError) throw cause;
    throw new RequestError("unreachable", cause instanceof Error ? cause.message : String(cause));
  }
  if (status < 200 || status > 299) throw problemOf(status, text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RequestError("malformed", `${url} did not answer with JSON`, { status });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new RequestError("malformed", `${url}: ${parsed.error.issues[0]?.message ?? "unexpected form"}`, { status });
  return parsed.data;
}

/** Whether the city did not answer, so that the same request may succeed later. */
export function mayRecover(error: unknown): boolean {
  return (
    error instanceof RequestError && error.refusal === null && (error.kind === "unreachable" || error.status >= 502)
  );
}

/** What to tell the citizen about a failure: always a sentence, and what to do where there is something to do. */
export function explain(error: unknown): string {
  if (error instanceof RequestError) {
    if (error.refusal !== null)
      return words(`refusal.${error.refusal}`, error.params) ?? t("error.refused", { name: error.refusal });
    if (mayRecover(error)) return t("error.unreachable");
    if (error.kind === "status" && error.status === 404) return t("error.missing");
    if (error.kind === "status" && error.status === 429) return t("error.busy");
    if (error.kind === "malformed" || error.kind === "too-large") return t("error.malformed");
    return t("error.status", { status: error.status });
  }
  return t("error.unknown", { detail: error instanceof Error ? error.message : String(error) });
}
