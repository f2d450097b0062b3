import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LightClientPort, ShownReading, Verdict } from "../../ledger/light/verdict.ts";
import { followReadings } from "./proofs.ts";

const reading = (number: number): ShownReading => ({
  device: "air-01",
  stream: "pm10",
  time: new Date(1_800_000_000_000 + number * 1000).toISOString(),
  result: number,
  logIndex: number,
});
const signed: Verdict = { state: "signed", height: 5, steps: [], value: 1 };
const verified: Verdict = { state: "verified", height: 6, time: "", signers: 1, validators: 1, steps: [], value: 1 };
const failed: Verdict = { state: "failed", reason: "value_must_match_entry", detail: "", steps: [], evidence: null };

/** Answers by log index; entries up to `anchored` are verified. */
function asker(state: { anchored: number; lie?: number }) {
  return async (question: (light: LightClientPort) => Promise<Verdict>): Promise<Verdict> =>
    question({
      verifyReading: async ({ logIndex }: ShownReading) =>
        logIndex === state.lie ? failed : logIndex <= state.anchored ? verified : signed,
    } as unknown as LightClientPort);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("following readings", () => {
  it("turns from signed to verified by itself once anchored", async () => {
    const state = { anchored: 0 };
    const proof = followReadings("air-01", asker(state));
    proof.offer(reading(1));
    await vi.advanceTimersByTimeAsync(10);
    expect(proof.shown.value?.view.state).toBe("signed");
    state.anchored = 1;
    await vi.advanceTimersByTimeAsync(2100);
    expect(proof.shown.value?.view.state).toBe("verified");
    proof.stop();
  });

  it("never shows a value with the verdict of another", async () => {
    const state = { anchored: 1, lie: 2 };
    const proof = followReadings("air-01", asker(state));
    const seen: string[] = [];
    proof.shown.subscribe((shown) => {
      if (shown !== null) seen.push(`${shown.reading.logIndex} ${shown.view.state}`);
    });
    proof.offer(reading(1));
    await vi.advanceTimersByTimeAsync(10);
    proof.offer(reading(2));
    await vi.advanceTimersByTimeAsync(6000);
    expect(seen).toContain("2 failed");
    expect(seen).not.toContain("2 verified");
    expect(proof.anchored.value?.reading.logIndex).toBe(1);
    proof.stop();
  });

  it("never shows a true reading of another device, or of another stream, as this one's", async () => {
    for (const other of [{ device: "air-02" }, { stream: "no2" }]) {
      const proof = followReadings("air-01", asker({ anchored: 9 }));
      proof.offer(reading(1));
      await vi.advanceTimersByTimeAsync(10);
      expect(proof.shown.value?.view.state).toBe("verified");
      proof.offer({ ...reading(2), ...other });
      await vi.advanceTimersByTimeAsync(6000);
      expect(proof.shown.value).toMatchObject({
        reading: other,
        view: { state: "failed", reason: "value_must_match_entry" },
      });
      proof.recheck();
      await vi.advanceTimersByTimeAsync(10);
      expect(proof.shown.value?.view.state).toBe("failed");
      expect(proof.anchored.value?.reading.logIndex).toBe(1);
      proof.stop();
    }
    const first = followReadings("air-01", asker({ anchored: 9 }));
    first.offer({ ...reading(1), device: "air-02" });
    await vi.advanceTimersByTimeAsync(10);
    expect(first.shown.value?.view.state).toBe("failed");
    first.stop();
  });

  it("remembers the newest anchored reading while fresher ones wait", async () => {
    const state = { anchored: 0 };
    const proof = followReadings("air-01", asker(state));
    for (let number = 1; number <= 4; number++) {
      proof.offer(reading(number));
      await vi.advanceTimersByTimeAsync(3000);
    }
    expect(proof.anchored.value).toBeNull();
    state.anchored = 2;
    await vi.advanceTimersByTimeAsync(5000);
    expect(proof.shown.value).toMatchObject({ reading: { logIndex: 4 }, view: { state: "signed" } });
    expect(proof.anchored.value).toMatchObject({ reading: { logIndex: 1 }, view: { state: "verified" } });
    proof.stop();
  });

  it("ignores readings older than the newest and stops when told", async () => {
    let asked = 0;
    const proof = followReadings("air-01", async () => {
      asked += 1;
      return verified;
    });
    proof.offer(reading(5));
    await vi.advanceTimersByTimeAsync(10);
    proof.offer(reading(3));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(proof.shown.value?.reading.logIndex).toBe(5);
    proof.stop();
    const before = asked;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(before);
  });
});
