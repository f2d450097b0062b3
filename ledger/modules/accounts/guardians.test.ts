// Rules of guardians and recovery (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { type AccountRecord, accountsState } from "../../protocol/accounts.ts";
import {
  approveRecoverySchema,
  completeRecoverySchema,
  type GuardiansRecord,
  setGuardiansSchema,
} from "../../protocol/guardians.ts";
import { testPasskey } from "../../protocol/test-passkey.ts";
import type { Message } from "../../protocol/transaction.ts";
import { genesis, type Person, person, registration, startMs, TestState } from "../test-city.ts";
import { guardiansDuePrefix } from "./state.ts";

const ann = person("ann");
const [bob, cleo, dora, eve] = ["bob", "cleo", "dora", "eve"].map(person) as [Person, Person, Person, Person];
const thief = person("thief");
const fresh = person("ann's new key").key;
const other = person("another new key").key;
const account = ann.account;
const delayMs = 100_000;
const proposalMs = 300_000;

const setTo = (members: readonly Person[], threshold: number, delay = delayMs): Message => ({
  type: "accounts/set-guardians",
  by: account,
  members: members.map((member) => member.account),
  threshold,
  delayMs: delay,
});
const propose = (who: Person, key = fresh): Message => ({
  type: "accounts/propose-recovery",
  by: who.account,
  account,
  key,
});
const approve = (who: Person, key = fresh): Message => ({
  type: "accounts/approve-recovery",
  by: who.account,
  account,
  key,
});
const complete = (who: Person, key = fresh): Message => ({
  type: "accounts/complete-recovery",
  by: who.account,
  account,
  key,
});
const veto: Message = { type: "accounts/veto-recovery", by: account };

function cityOfMany(): TestState {
  const city = new TestState();
  for (const [who, name] of [
    [ann, "Ann"],
    [bob, "Bob"],
    [cleo, "Cleo"],
    [dora, "Dora"],
    [eve, "Eve"],
    [thief, "Mallory"],
  ] as const)
    expect(city.run(registration(who, name))).toBeNull();
  return city;
}
/** Bob, Cleo and Dora, two of whom must agree. */
function guarded(): TestState {
  const city = cityOfMany();
  expect(city.run(setTo([bob, cleo, dora], 2))).toBeNull();
  return city;
}
const recordOf = (city: TestState): GuardiansRecord | null =>
  city.state.get<GuardiansRecord>(accountsState.guardians(account));
const membersOf = (city: TestState): readonly string[] | undefined => recordOf(city)?.set?.members;
const idsOf = (...people: readonly Person[]): string[] => people.map((who) => who.account);
const keysOf = (city: TestState) => city.state.get<AccountRecord>(accountsState.account(account))!.keys;
const queued = (city: TestState): readonly string[] => city.state.list(guardiansDuePrefix, 10);

describe("accounts/set-guardians", () => {
  it("AC-18: refuses in this order", () => {
    const city = cityOfMany();
    const table: readonly (readonly [Message, string])[] = [
      [setTo([person("x"), ann], 1, 0), "accounts_guardian_must_differ"],
      [setTo([bob, person("x")], 1, 0), "accounts_account_must_exist"],
      [setTo([bob], 1, 59_999), "accounts_guardian_delay_must_not_be_short"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
    expect(city.run(setTo([bob], 1, 60_000))).toBeNull();
  });

  it("AC-18: at most 8, each once, and a threshold that they can reach", () => {
    const many = Array.from({ length: 9 }, (_, n) => person(`guardian ${n}`));
    for (const [message, good] of [
      [setTo(many.slice(1), 8), true],
      [setTo(many, 8), false],
      [setTo([bob, bob], 1), false],
      [setTo([bob], 2), false],
      [setTo([bob], 0), false],
      [setTo([], 0), true],
      [setTo([], 1), false],
      [setTo([bob], 1, 90 * 86_400_000), true],
      [setTo([bob], 1, 90 * 86_400_000 + 1), false],
    ] as const)
      expect([message, setGuardiansSchema.safeParse(message).success]).toEqual([message, good]);
  });

  it("AC-18, AC-22: where genesis does not say, delays last a day at least and proposals a week", () => {
    const { recovery: _, ...plain } = genesis;
    const city = new TestState(plain);
    expect([city.run(registration(ann, "Ann")), city.run(registration(bob, "Bob"))]).toEqual([null, null]);
    const dayMs = 86_400_000;
    expect(city.run(setTo([bob], 1, dayMs - 1))).toBe("accounts_guardian_delay_must_not_be_short");
    expect(city.run(setTo([bob], 1, dayMs))).toBeNull();
    expect(city.run(propose(bob))).toBeNull();
    expect(recordOf(city)!.proposals![0]!.expiresMs).toBe(startMs + dayMs + 7 * dayMs);
  });

  it("AC-17: holds at once where there are none, and later after the delay of those in force", () => {
    const city = guarded();
    expect(membersOf(city)).toEqual(idsOf(bob, cleo, dora));
    expect(
      city.events.slice(-4).map(({ type, attributes }) => [type, attributes["guardian"] ?? attributes["effectiveMs"]]),
    ).toEqual([
      ["accounts/guardians-set", String(startMs)],
      ...idsOf(bob, cleo, dora).map((id) => ["accounts/guardian-named", id]),
    ]);
    expect(city.run(setTo([eve], 1, 60_000))).toBeNull();
    city.begin(startMs + delayMs - 1);
    expect(membersOf(city)).toEqual(idsOf(bob, cleo, dora));
    expect(city.run(propose(eve))).toBe("accounts_account_must_be_guardian");
    city.begin(startMs + delayMs);
    expect(membersOf(city)).toEqual(idsOf(eve));
    expect(queued(city)).toEqual([]);
    expect(city.run(propose(bob))).toBe("accounts_account_must_be_guardian");
  });

  it("AC-17: a later change begins the delay anew, and setting those in force withdraws it", () => {
    const city = guarded();
    expect(city.run(setTo([eve], 1))).toBeNull();
    city.begin(startMs + 50_000);
    expect(city.run(setTo([thief], 1))).toBeNull();
    city.begin(startMs + delayMs);
    expect(membersOf(city)).toEqual(idsOf(bob, cleo, dora));
    expect(city.run(setTo([bob, cleo, dora], 2))).toBeNull();
    expect(recordOf(city)!.change).toBeUndefined();
    expect(queued(city)).toEqual([]);
    city.begin(startMs + 10 * delayMs);
    expect(membersOf(city)).toEqual(idsOf(bob, cleo, dora));
  });

  it("AC-17: guardians can be given up, after their delay", () => {
    const city = guarded();
    expect(city.run(setTo([], 0, 0))).toBeNull();
    expect(membersOf(city)).toEqual(idsOf(bob, cleo, dora));
    city.begin(startMs + delayMs);
    expect(recordOf(city)).toBeNull();
    expect(city.run(setTo([], 0, 0))).toBeNull();
    expect(recordOf(city)).toBeNull();
  });
});

describe("a recovery", () => {
  it("AC-19: is proposed and approved by guardians only; refuses in this order", () => {
    const city = guarded();
    const small = "00".repeat(32);
    expect(city.run(propose(eve, small))).toBe("accounts_account_must_be_guardian");
    expect(city.run({ ...propose(bob), account: person("x").account } as Message)).toBe(
      "accounts_account_must_be_guardian",
    );
    expect(city.run(approve(eve))).toBe("accounts_account_must_be_guardian");
    expect(city.run(approve(cleo))).toBe("accounts_recovery_must_exist");
    expect(city.run(propose(bob, small))).toBe("accounts_key_must_be_sound");
    expect(city.run(propose(bob))).toBeNull();
    expect(city.run(propose(cleo))).toBe("accounts_recovery_must_not_exist");
    expect(city.run(approve(bob))).toBe("accounts_approval_must_not_be_repeated");
    expect(city.run(complete(eve))).toBe("accounts_recovery_must_be_approved");
    expect(city.run(approve(cleo))).toBeNull();
    expect(city.run(propose(bob, other))).toBe("accounts_recovery_must_not_exist");
    expect(city.run(complete(eve))).toBe("accounts_recovery_delay_must_be_over");
    expect(city.run(complete(eve, other))).toBe("accounts_recovery_must_exist");
  });

  it("AC-19: a guardian's own proposal can be replaced until enough agree", () => {
    const city = guarded();
    expect(city.run(propose(bob))).toBeNull();
    expect(city.run(propose(bob, other))).toBeNull();
    expect(recordOf(city)!.proposals!.map(({ key }) => key)).toEqual([other]);
    expect(city.run(propose(cleo))).toBeNull();
    expect(city.run(propose(dora, person("third").key))).toBeNull();
    expect(recordOf(city)!.proposals).toHaveLength(3);
  });

  it("AC-19: approves a passkey together with its relying party: under another one it would lock its owner out", () => {
    const city = guarded();
    const { key, rpId } = testPasskey("ann's new");
    const of = (message: Message, domain: string): Message => ({ ...message, rpId: domain }) as Message;
    expect(approveRecoverySchema.safeParse(approve(dora, key)).success).toBe(false);
    expect(completeRecoverySchema.safeParse(complete(eve, key)).success).toBe(false);
    // A guardian who means harm comes first, with the right key and a domain for which it will never sign.
    expect(city.run(of(propose(bob, key), "evil.example"))).toBeNull();
    expect(city.run(of(approve(dora, key), rpId))).toBe("accounts_recovery_must_exist");
    expect(city.run(of(propose(cleo, key), rpId))).toBeNull();
    expect(city.run(of(approve(dora, key), rpId))).toBeNull();
    city.begin(startMs + delayMs);
    expect(city.run(of(complete(eve, key), "evil.example"))).toBe("accounts_recovery_must_be_approved");
    expect(city.run(of(complete(eve, key), rpId))).toBeNull();
    expect(keysOf(city)).toEqual([{ kind: "passkey", key, rpId }]);
  });

  it("AC-20: completes after the delay that began with the last approval needed; then its key is the only one", () => {
    const city = guarded();
    const passkey = testPasskey("ann's new");
    const { key, rpId } = passkey;
    const finish = { ...complete(eve, key), rpId } as Message;
    const scope = { messages: ["energy"], untilMs: startMs + 10 * delayMs };
    expect(city.run({ type: "accounts/add-key", by: account, key: thief.key, scope })).toBeNull();
    expect(city.run(setTo([thief], 1))).toBeNull();
    city.begin(startMs + 10_000);
    expect(city.run({ ...propose(bob, key), rpId } as Message)).toBeNull();
    city.begin(startMs + 50_000);
    expect(city.run({ ...approve(dora, key), rpId } as Message)).toBeNull();
    city.begin(startMs + 50_000 + delayMs - 1);
    // The thief's change has been due for long: it waits for the recovery.
    expect(membersOf(city)).toEqual(idsOf(bob, cleo, dora));
    expect(city.run(finish)).toBe("accounts_recovery_delay_must_be_over");
    city.begin(startMs + 50_000 + delayMs);
    expect(city.run(finish)).toBeNull();
    expect(keysOf(city)).toEqual([{ kind: "passkey", key, rpId }]);
    expect(recordOf(city)).toEqual({ set: { members: idsOf(bob, cleo, dora), threshold: 2, delayMs } });
    expect(queued(city)).toEqual([]);
    expect(city.state.list("accounts/expiry/", 10)).toEqual([]);
    expect(city.events.at(-1)).toEqual({ type: "accounts/recovered", attributes: { account, key } });
    expect(city.run(finish)).toBe("accounts_recovery_must_exist");
  });

  it("AC-20: an approval beyond those needed does not begin the delay anew", () => {
    const city = guarded();
    expect(city.run(propose(bob))).toBeNull();
    expect(city.run(approve(cleo))).toBeNull();
    const [approved] = recordOf(city)!.proposals!;
    city.begin(startMs + delayMs - 1);
    expect(city.run(approve(dora))).toBeNull();
    expect(recordOf(city)!.proposals).toEqual([{ ...approved, approvals: idsOf(bob, cleo, dora) }]);
    city.begin(startMs + delayMs);
    expect(city.run(complete(eve))).toBeNull();
  });

  it("AC-20: one guardian suffices where one was asked for", () => {
    const city = cityOfMany();
    expect(city.run(setTo([bob], 1))).toBeNull();
    expect(city.run(propose(bob))).toBeNull();
    city.begin(startMs + delayMs);
    expect(city.run(complete(bob))).toBeNull();
    expect(keysOf(city)).toEqual([{ kind: "ed25519", key: fresh }]);
  });

  it("AC-21: the owner vetoes whatever is not over yet", () => {
    const city = guarded();
    expect(city.run(veto)).toBe("accounts_recovery_must_exist");
    expect(city.run(propose(bob))).toBeNull();
    expect(city.run(approve(cleo))).toBeNull();
    expect(city.run(propose(dora, other))).toBeNull();
    city.begin(startMs + delayMs - 1);
    expect(city.run(veto)).toBeNull();
    expect(recordOf(city)!.proposals).toBeUndefined();
    expect(queued(city)).toEqual([]);
    expect(city.events.at(-1)!.type).toBe("accounts/recovery-vetoed");
    expect(city.run(propose(bob))).toBeNull();
    expect(city.run(approve(cleo))).toBeNull();
    expect(city.run(propose(dora, other))).toBeNull();
    city.begin(city.timeMs + delayMs);
    // The first one's delay is over: only the other goes.
    expect(city.run(veto)).toBeNull();
    expect(recordOf(city)!.proposals!.map(({ key }) => key)).toEqual([fresh]);
    expect(city.run(veto)).toBe("accounts_veto_must_be_in_time");
    expect(city.run(complete(eve))).toBeNull();
  });

  it("AC-22: a proposal that is not approved, and a recovery that no one completes, go stale", () => {
    const city = guarded();
    expect(city.run(propose(bob))).toBeNull();
    city.begin(startMs + proposalMs - 1);
    expect(recordOf(city)!.proposals).toHaveLength(1);
    city.begin(startMs + proposalMs);
    expect(recordOf(city)!.proposals).toBeUndefined();
    expect(city.run(approve(cleo))).toBe("accounts_recovery_must_exist");
    expect(city.run(propose(bob))).toBeNull();
    expect(city.run(approve(cleo))).toBeNull();
    const over = city.timeMs + delayMs + proposalMs;
    city.begin(over - 1);
    expect(recordOf(city)!.proposals).toHaveLength(1);
    // Stale from its time on, whether it was swept or not.
    city.timeMs = over;
    expect(city.run(complete(eve))).toBe("accounts_recovery_must_exist");
    city.begin(over);
    expect(recordOf(city)).toEqual({ set: { members: idsOf(bob, cleo, dora), threshold: 2, delayMs } });
    expect(queued(city)).toEqual([]);
  });

  it("AC-22: holds a due change of guardians up only while it has enough approvals, and a veto lets the change in", () => {
    const city = guarded();
    expect(city.run(setTo([eve], 1))).toBeNull();
    city.begin(startMs + 60_000);
    expect(city.run(propose(bob))).toBeNull();
    expect(city.run(approve(cleo))).toBeNull();
    city.begin(startMs + delayMs);
    expect(membersOf(city)).toEqual(idsOf(bob, cleo, dora));
    expect(city.run(veto)).toBeNull();
    expect(recordOf(city)).toEqual({ set: { members: idsOf(eve), threshold: 1, delayMs } });
    // A minority of the old ones holds nothing up, and its proposals go with it.
    expect(city.run(setTo([bob, cleo], 2))).toBeNull();
    city.begin(city.timeMs + delayMs);
    expect(city.run(setTo([eve], 1))).toBeNull();
    city.begin(city.timeMs + delayMs - 1);
    expect(city.run(propose(bob))).toBeNull();
    city.begin(city.timeMs + 1);
    expect(recordOf(city)).toEqual({ set: { members: idsOf(eve), threshold: 1, delayMs } });
  });
});
