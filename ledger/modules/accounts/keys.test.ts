// Rules of keys (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { type AccountRecord, accountsState } from "../../protocol/accounts.ts";
import { keysMax, type Scope } from "../../protocol/keys.ts";
import { testPasskey } from "../../protocol/test-passkey.ts";
import type { Message } from "../../protocol/transaction.ts";
import { brokenByState } from "../invariant-check.ts";
import { administration, person, registration, startMs, TestState } from "../test-city.ts";
import { invariants } from "./invariants.ts";
import { accountExpiryPrefix, sweptPerBlockMax } from "./state.ts";

const ann = person("ann");
const phone = person("phone");
const laptop = person("laptop");
const passkey = testPasskey("ann");
const small = "00".repeat(32);
const by = ann.account;

const scopeUntil = (untilMs: number): Scope => ({ messages: ["energy"], untilMs });
const add = (key: string, scope?: Scope): Message => ({
  type: "accounts/add-key",
  by,
  key,
  ...(scope === undefined ? {} : { scope }),
});
const remove = (key: string): Message => ({ type: "accounts/remove-key", by, key });
const replace = (old: string, key: string): Message => ({ type: "accounts/replace-key", by, old, key });

function cityOfAnn(): TestState {
  const city = new TestState();
  expect(city.run(registration(ann, "Ann"))).toBeNull();
  return city;
}
const keysOf = (city: TestState): AccountRecord["keys"] =>
  city.state.get<AccountRecord>(accountsState.account(by))!.keys;
const queued = (city: TestState): readonly string[] => city.state.list(accountExpiryPrefix, 1_000);
const lastEvents = (city: TestState, type: string) => city.events.filter((event) => event.type === type);

describe("accounts/add-key", () => {
  it("AC-8, AC-9, AC-10: refuses in this order", () => {
    const city = cityOfAnn();
    for (let n = 1; n < keysMax; n++) expect(city.run(add(person(`key ${n}`).key))).toBeNull();
    expect(city.run(add(ann.key, scopeUntil(0)))).toBe("accounts_key_must_be_new");
    expect(city.run(add(small, scopeUntil(0)))).toBe("accounts_keys_must_not_exceed_limit");
    expect(city.run(remove(person("key 1").key))).toBeNull();
    expect(city.run(add(small, scopeUntil(city.timeMs)))).toBe("accounts_until_must_be_ahead");
    expect(city.run(add(small, scopeUntil(city.timeMs + 1)))).toBe("accounts_key_must_be_sound");
    expect(city.run(add(phone.key, scopeUntil(city.timeMs + 1)))).toBeNull();
    expect(keysOf(city)).toHaveLength(keysMax);
  });

  it("AC-10: records what it is told, and tells of it", () => {
    const city = cityOfAnn();
    const scope: Scope = { messages: ["energy/offer", "money"], untilMs: startMs + 1_000, moneyMax: "5" };
    const { key, rpId } = passkey;
    expect(city.run({ type: "accounts/add-key", by, key, rpId, label: "Phone (blue)", scope })).toBeNull();
    expect(city.run(add(phone.key))).toBeNull();
    expect(keysOf(city)).toEqual([
      { kind: "ed25519", key: ann.key },
      { kind: "passkey", key, rpId, label: "Phone (blue)", scope },
      { kind: "ed25519", key: phone.key },
    ]);
    expect(lastEvents(city, "accounts/key-added").map(({ attributes }) => attributes)).toEqual([
      { account: by, key, kind: "passkey", untilMs: String(startMs + 1_000) },
      { account: by, key: phone.key, kind: "ed25519" },
    ]);
  });

  it("AC-10: a key may be another account's too, so that no one can keep a key from its owner by entering it first", () => {
    const city = cityOfAnn();
    const bob = person("bob");
    expect(city.run(registration(bob, "Bob"))).toBeNull();
    expect(city.run(add(bob.key))).toBeNull();
    expect(city.run({ type: "accounts/add-key", by: bob.account, key: ann.key })).toBeNull();
  });
});

describe("accounts/remove-key", () => {
  it("AC-9, AC-11: refuses an unknown key and the last full one", () => {
    const city = cityOfAnn();
    expect(city.run(remove(phone.key))).toBe("accounts_key_must_exist");
    expect(city.run(add(phone.key, scopeUntil(startMs + 1)))).toBeNull();
    expect(city.run(remove(ann.key))).toBe("accounts_last_full_key_must_stay");
    expect(city.run(remove(phone.key))).toBeNull();
    expect(queued(city)).toEqual([]);
    expect(city.run(add(laptop.key))).toBeNull();
    expect(city.run(remove(ann.key))).toBeNull();
    expect(keysOf(city)).toEqual([{ kind: "ed25519", key: laptop.key }]);
    expect(city.run(remove(laptop.key))).toBe("accounts_last_full_key_must_stay");
  });
});

describe("accounts/replace-key", () => {
  it("AC-12: refuses in this order", () => {
    const city = cityOfAnn();
    expect(city.run(add(phone.key, scopeUntil(startMs + 1)))).toBeNull();
    const table: readonly (readonly [Message, string])[] = [
      [replace(laptop.key, ann.key), "accounts_key_must_exist"],
      [replace(phone.key, ann.key), "accounts_key_must_be_full"],
      [replace(ann.key, ann.key), "accounts_key_must_be_new"],
      [replace(ann.key, phone.key), "accounts_key_must_be_new"],
      [replace(ann.key, small), "accounts_key_must_be_sound"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
  });

  it("AC-12: puts the new key into the old one's place, with its label", () => {
    const city = cityOfAnn();
    expect(city.run({ ...replace(ann.key, laptop.key), label: "Laptop" } as Message)).toBeNull();
    const { key, rpId } = passkey;
    expect(city.run({ type: "accounts/replace-key", by, old: laptop.key, key, rpId })).toBeNull();
    expect(keysOf(city)).toEqual([{ kind: "passkey", key, rpId, label: "Laptop" }]);
    expect(lastEvents(city, "accounts/key-replaced").at(-1)!.attributes).toEqual({ account: by, old: laptop.key, key });
  });
});

describe("session keys", () => {
  it("AC-13: leave when their time is over, in a later block at the latest, and make room at once", () => {
    const city = cityOfAnn();
    expect(city.run(add(phone.key, scopeUntil(startMs + 2_000)))).toBeNull();
    expect(city.run(add(laptop.key, scopeUntil(startMs + 1_000)))).toBeNull();
    expect(queued(city)).toHaveLength(1);
    city.begin(startMs + 999);
    expect(keysOf(city)).toHaveLength(3);
    // Its time has come within the block, before anything swept it.
    city.timeMs = startMs + 1_000;
    expect(city.run(add(laptop.key, scopeUntil(startMs + 3_000)))).toBeNull();
    city.begin(startMs + 2_000);
    expect(keysOf(city).map(({ key }) => key)).toEqual([ann.key, laptop.key]);
    expect(lastEvents(city, "accounts/key-expired").map(({ attributes }) => attributes["key"])).toEqual([
      laptop.key,
      phone.key,
    ]);
    city.begin(startMs + 5_000);
    expect(keysOf(city)).toHaveLength(1);
    expect(queued(city)).toEqual([]);
  });

  it("AC-13, AC-12: do not stand in the way of a rotation once their time is over, swept or not", () => {
    const city = cityOfAnn();
    expect(city.run(add(phone.key, scopeUntil(startMs + 1_000)))).toBeNull();
    city.timeMs = startMs + 1_000;
    expect(city.run(replace(phone.key, laptop.key))).toBe("accounts_key_must_exist");
    expect(city.run(replace(ann.key, phone.key))).toBeNull();
    expect(keysOf(city)).toEqual([{ kind: "ed25519", key: phone.key }]);
    expect(queued(city)).toEqual([]);
  });

  it("AC-13: what is over is told of once and cannot be taken away any more, whether the sweep has come or not", () => {
    const swept = cityOfAnn();
    const unswept = cityOfAnn();
    for (const city of [swept, unswept]) {
      expect(city.run(add(phone.key, scopeUntil(startMs + 1_000)))).toBeNull();
      const role = { type: "accounts/grant-role", by: administration.account, account: by, role: "court" } as const;
      expect(city.run({ ...role, untilMs: startMs + 1_000 })).toBeNull();
    }
    swept.begin(startMs + 1_000);
    unswept.timeMs = startMs + 1_000;
    const revoke = { type: "accounts/revoke-role", by: administration.account, account: by, role: "court" } as const;
    for (const city of [swept, unswept]) {
      expect(city.run(remove(phone.key))).toBe("accounts_key_must_exist");
      expect(city.run(revoke)).toBe("accounts_role_must_exist");
      expect(city.run(add(laptop.key))).toBeNull();
      city.begin(startMs + 2_000);
    }
    expect(keysOf(unswept)).toEqual(keysOf(swept));
    expect(unswept.events).toEqual(swept.events);
    expect(lastEvents(unswept, "accounts/key-expired")).toHaveLength(1);
    expect(lastEvents(unswept, "accounts/role-expired")).toHaveLength(1);
  });

  it("AC-13: at most 100 accounts a block are swept, the earliest first", () => {
    const city = new TestState();
    const people = Array.from({ length: sweptPerBlockMax + 3 }, (_, n) => person(`swept ${n}`));
    for (const [n, who] of people.entries()) {
      expect(city.run(registration(who, `Swept ${n}`))).toBeNull();
      const scope = scopeUntil(startMs + 1 + n);
      expect(city.run({ type: "accounts/add-key", by: who.account, key: phone.key, scope })).toBeNull();
    }
    city.begin(startMs + 10_000);
    const left = people.filter(
      ({ account }) => city.state.get<AccountRecord>(accountsState.account(account))!.keys.length === 2,
    );
    expect(left).toEqual(people.slice(-3));
    city.begin(startMs + 10_001);
    expect(queued(city)).toEqual([]);
  });
});

describe("invariants", () => {
  it("AC-9, AC-13, AC-3, AC-15: see an account without a full key, a key twice, a key of the wrong kind, a queue entry, name or holder that is missing or another's", () => {
    const holds = (
      record: Partial<AccountRecord>,
      extra: readonly (readonly [string, unknown])[] = [],
    ): string | null => {
      const account: AccountRecord = { name: "Ann", keys: [], roles: [], registered: 1, ...record };
      const entries: (readonly [string, unknown])[] = [
        [accountsState.account(by), account],
        [accountsState.name("Ann"), { account: by }],
        ...extra,
      ];
      return brokenByState([{ name: "accounts", messages: [], events: [], workload: [], invariants }], entries);
    };
    const full = { kind: "ed25519", key: ann.key } as const;
    const session = { kind: "ed25519", key: phone.key, scope: scopeUntil(5) } as const;
    const queue = [`${accountExpiryPrefix}${"5".padStart(16, "0")}/${by}`, {}] as const;
    expect(holds({ keys: [full] })).toBeNull();
    expect(holds({ keys: [full, session] }, [queue])).toBeNull();
    expect(holds({ keys: [session] }, [queue])).toContain("AC-9");
    expect(holds({ keys: [full, full] })).toContain("AC-9");
    expect(holds({ keys: [{ ...full, kind: "passkey" }] })).toContain("AC-9");
    expect(holds({ keys: [{ ...full, key: passkey.key }] })).toContain("AC-9");
    const tooMuch = { ...session, scope: { ...session.scope, moneyMax: "5", moneySpent: "6" } };
    expect(holds({ keys: [full, tooMuch] }, [queue])).toContain("AC-9");
    const lessThanNothing = { ...session, scope: { ...session.scope, moneyMax: "5", moneySpent: "-1" } };
    expect(holds({ keys: [full, lessThanNothing] }, [queue])).toContain("AC-9");
    expect(holds({ keys: Array.from({ length: 17 }, (_, n) => ({ ...full, key: person(`${n}`).key })) })).toContain(
      "AC-9",
    );
    expect(holds({ keys: [full, session] })).toContain("AC-13");
    expect(holds({ keys: [full] }, [queue])).toContain("AC-13");
    expect(holds({ keys: [full, session] }, [[queue[0].replace("5/", "6/"), {}]])).toContain("AC-13");
    expect(holds({ keys: [full] }, [[accountsState.name("Bob"), {}]])).toContain("AC-3");
    // Others' names and holders make up for nothing.
    expect(holds({ keys: [full], name: "Bob" })).toContain("AC-3");
    const court = { keys: [full], roles: [{ role: "court" }] } as const;
    expect(holds(court, [[accountsState.roleHolder("court", by), {}]])).toBeNull();
    expect(holds(court, [[accountsState.roleHolder("court", laptop.account), {}]])).toContain("AC-15");
    expect(holds(court, [[accountsState.roleHolder("carrier", by), {}]])).toContain("AC-15");
  });
});
