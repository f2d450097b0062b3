// What tests of the light client expect of a verdict.

import { expect } from "vitest";
import type { FailureReason, Verdict } from "../verdict.ts";

/** The five steps and their states in one line. */
export function stepsOf(verdict: Verdict): string {
  return verdict.steps.map(({ step, state }) => `${step} ${state}`).join(", ");
}

/** A failure for this reason at this step, with evidence that can cross to the page. */
export function expectFailure(verdict: Verdict, reason: FailureReason, step: string): void {
  expect(verdict).toMatchObject({ state: "failed", reason });
  expect(stepsOf(verdict)).toContain(`${step} failed`);
  expect((verdict as { evidence?: unknown }).evidence).toBeDefined();
  expect(() => structuredClone(verdict)).not.toThrow();
}
