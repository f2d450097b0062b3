import { beforeEach, describe, expect, it } from "vitest";
import { language } from "../../core/language.ts";
import type { ProofView } from "../../core/proofs.ts";
import { shieldState, shieldSummary, shieldWord } from "./shield-words.ts";

const atMs = 1_800_000_000_000;
const verified = { state: "verified", height: 6, time: "", signers: 3, validators: 4, steps: [], value: 1 } as const;
const later = (ms: number) => () => atMs + ms;
const never = (): number => {
  throw new Error("the clock was asked, so the shield is drawn anew each second");
};

beforeEach(() => {
  language.value = "en";
});

describe("what was verified before, while no server answers", () => {
  const view: ProofView = { ...verified, remembered: { atMs } };

  it("is a state of its own, and never the word for what holds now", () => {
    expect(shieldState(view)).toBe("remembered");
    for (const chosen of ["en", "ko"] as const) {
      language.value = chosen;
      const now = shieldWord(verified, never);
      expect(shieldWord(view, later(7_200_000))).not.toBe(now);
    }
  });

  it("tells its age, and the opened shield says why", () => {
    expect(shieldWord(view, later(7_200_000))).toMatch(/2 h/);
    expect(shieldWord(view, later(120_000))).toMatch(/2 min/);
    expect(shieldSummary(view)).toContain("No server answers now");
    expect(shieldSummary(verified)).not.toContain("No server answers now");
  });
});

it("only an age asks for the time", () => {
  const views: readonly ProofView[] = [
    verified,
    { state: "signed", height: 1, steps: [], value: 1 },
    { state: "checking" },
    { state: "unchecked" },
    { state: "unverified", reason: "server_must_answer", detail: "", steps: [] },
    { state: "failed", reason: "entry_must_be_in_log", detail: "", steps: [], evidence: null },
  ];
  for (const view of views) expect(shieldWord(view, never)).not.toBe("");
  expect(views.map(shieldState)).toEqual(["verified", "signed", "checking", "unverified", "unverified", "failed"]);
});
