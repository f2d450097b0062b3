import { describe, expect, it } from "vitest";
import type { GuardiansRecord } from "../../ledger/protocol/guardians.ts";
import { stageOf, standingAt, touchesGuardians } from "./guardians.ts";

const account = (letter: string): string => letter.repeat(40);
const key = "1".repeat(64);
const set = { members: [account("a"), account("b")], threshold: 2, delayMs: 1000 };
const other = { members: [account("c")], threshold: 1, delayMs: 1000 };
const gathering = { by: account("a"), key, approvals: [account("a")], expiresMs: 500 };
const approved = { ...gathering, approvals: set.members, completableMs: 300, expiresMs: 900 };

describe("what time changes in a record", () => {
  it("is nothing before anything is due", () => {
    const record: GuardiansRecord = { set, change: { set: other, effectiveMs: 400 }, proposals: [gathering] };
    expect(standingAt(record, 399)).toEqual(record);
    expect(standingAt(null, 0)).toEqual({});
  });

  it("lets a due change come into force with the old proposals gone", () => {
    expect(standingAt({ set, change: { set: other, effectiveMs: 400 }, proposals: [gathering] }, 400)).toEqual({
      set: other,
    });
    const none = { members: [], threshold: 0, delayMs: 0 };
    expect(standingAt({ set, change: { set: none, effectiveMs: 400 } }, 400)).toEqual({});
  });

  it("holds a due change up while an approved recovery runs", () => {
    const record: GuardiansRecord = { set, change: { set: other, effectiveMs: 400 }, proposals: [approved] };
    expect(standingAt(record, 450)).toEqual(record);
    expect(standingAt(record, 900)).toEqual({ set: other });
  });

  it("drops stale proposals", () => {
    expect(standingAt({ set, proposals: [gathering] }, 500)).toEqual({ set });
  });
});

it("says how far a recovery has come", () => {
  expect(stageOf(gathering, 10_000)).toBe("gathering");
  expect(stageOf(approved, 299)).toBe("waiting");
  expect(stageOf(approved, 300)).toBe("due");
});

describe("a block", () => {
  const block = (message: unknown, code = 0) => ({ transactions: [{ id: "", code, messages: [message] }] });
  const known = new Set([account("a")]);
  it.each([
    [{ type: "accounts/propose-recovery", by: account("b"), account: account("a"), key }, true],
    [{ type: "accounts/veto-recovery", by: account("a") }, true],
    [{ type: "accounts/set-guardians", by: account("b"), members: [account("a")], threshold: 1, delayMs: 1 }, true],
    [{ type: "accounts/set-guardians", by: account("b"), members: [account("c")], threshold: 1, delayMs: 1 }, false],
    [{ type: "money/transfer", by: account("b"), to: account("a"), amount: "1" }, false],
    [{ type: "accounts/approve-recovery", by: account("b"), account: account("c"), key }, false],
    [null, false],
    ["accounts/veto-recovery", false],
    [{ type: 7, by: account("a") }, false],
  ])("%j touches: %s", (message, touches) => {
    expect(touchesGuardians(block(message), known)).toBe(touches);
    expect(touchesGuardians(block(message, 138), known)).toBe(false);
  });
});
