// What a check inside the light client answers: a value, a failure with its evidence, or that a server had no answer.

import type { FailureReason } from "./verdict.ts";

export interface Failed {
  readonly ok: false;
  readonly state: "failed";
  readonly reason: FailureReason;
  readonly detail: string;
  /** What was received. Structured-cloneable, no larger than the answers it came from. */
  readonly evidence: unknown;
}

export interface Unanswered {
  readonly ok: false;
  readonly state: "unverified";
  readonly reason: "server_must_answer" | "not_on_ledger";
  readonly detail: string;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | Failed | Unanswered;

export function pass<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail(reason: FailureReason, detail: string, evidence: unknown): Failed {
  return { ok: false, state: "failed", reason, detail, evidence };
}

export function unanswered(reason: Unanswered["reason"], detail: string): Unanswered {
  return { ok: false, state: "unverified", reason, detail };
}
