// Rules of roles (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import {
  type AccountRecord,
  accountsState,
  type Role,
  roleGrantsMax,
  roleScopeSchema,
} from "../../protocol/accounts.ts";
import type { Message } from "../../protocol/transaction.ts";
import {
  administration,
  deviceRegistration,
  person,
  registrar,
  registration,
  startMs,
  TestState,
} from "../test-city.ts";
import { hasRole } from "./interface.ts";
import { accountExpiryPrefix } from "./state.ts";

const ann = person("ann");
const unknown = person("unknown").account;
const account = ann.account;

const grant = (
  role: Role,
  terms: { scope?: string; untilMs?: number; account?: string; by?: string } = {},
): Message => ({
  type: "accounts/grant-role",
  by: administration.account,
  account,
  role,
  ...terms,
});
const revoke = (role: Role, terms: { scope?: string; account?: string; by?: string } = {}): Message => ({
  type: "accounts/revoke-role",
  by: administration.account,
  account,
  role,
  ...terms,
});

function cityOfAnn(): TestState {
  const city = new TestState();
  expect(city.run(registration(ann, "Ann"))).toBeNull();
  return city;
}
const has = (city: TestState, role: Role, scope?: string, timeMs = city.timeMs): boolean =>
  hasRole(city.state, account, role, { timeMs, ...(scope === undefined ? {} : { scope }) });

describe("accounts/grant-role", () => {
  it("AC-14, AC-15, AC-16: refuses in this order", () => {
    const city = cityOfAnn();
    for (let n = 0; n < roleGrantsMax; n++) expect(city.run(grant("court", { scope: `d/${n}` }))).toBeNull();
    const table: readonly (readonly [Message, string])[] = [
      [grant("city", { by: ann.account, account: unknown, scope: "x", untilMs: 0 }), "accounts_role_must_be_city"],
      [grant("city", { by: registrar.account, scope: "x", untilMs: 0 }), "accounts_role_must_be_city"],
      [grant("city", { account: unknown, scope: "x", untilMs: 0 }), "accounts_account_must_exist"],
      [grant("city", { scope: "x", untilMs: 0 }), "accounts_city_role_must_be_lasting"],
      [grant("city", { untilMs: startMs + 1 }), "accounts_city_role_must_be_lasting"],
      [grant("carrier", { untilMs: startMs }), "accounts_until_must_be_ahead"],
      [grant("carrier"), "accounts_roles_must_not_exceed_limit"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
    // The same grant again changes until when it holds, and needs no room.
    expect(city.run(grant("court", { scope: "d/0", untilMs: startMs + 5 }))).toBeNull();
  });

  it("AC-15: a grant holds for its scope and below, until its time, and one without scope for everything", () => {
    const city = cityOfAnn();
    expect(city.run(grant("grid-operator", { scope: "district/3", untilMs: startMs + 10 }))).toBeNull();
    expect(has(city, "grid-operator", "district/3")).toBe(true);
    expect(has(city, "grid-operator", "district/3/feeder/7")).toBe(true);
    for (const scope of [undefined, "district", "district/30", "district/4", ""])
      expect([scope, has(city, "grid-operator", scope)]).toEqual([scope, false]);
    expect(has(city, "court", "district/3")).toBe(false);
    expect(has(city, "grid-operator", "district/3", startMs + 9)).toBe(true);
    expect(has(city, "grid-operator", "district/3", startMs + 10)).toBe(false);
    expect(city.run(grant("grid-operator"))).toBeNull();
    for (const scope of [undefined, "district", "x"]) expect(has(city, "grid-operator", scope)).toBe(true);
    expect(city.state.list(accountsState.roleHolder("grid-operator", ""), 10)).toEqual([
      accountsState.roleHolder("grid-operator", account),
    ]);
    expect(city.run(revoke("grid-operator"))).toBeNull();
    expect(has(city, "grid-operator", "district/3")).toBe(true);
    city.begin(startMs + 10);
    expect(city.state.list(accountsState.roleHolder("grid-operator", ""), 10)).toEqual([]);
    expect(city.state.get<AccountRecord>(accountsState.account(account))!.roles).toEqual([]);
    expect(city.state.list(accountExpiryPrefix, 10)).toEqual([]);
    expect(city.events.at(-1)).toEqual({
      type: "accounts/role-expired",
      attributes: { account, role: "grid-operator", scope: "district/3" },
    });
  });

  it("AC-15: a role for some devices registers no others", () => {
    const city = cityOfAnn();
    expect(city.run(grant("registrar", { scope: "devices/lamp" }))).toBeNull();
    const device = (kind: "lamp" | "meter", n: number): Message =>
      deviceRegistration(`${kind}-${n}`, kind, { by: account });
    expect(city.run(device("meter", 1))).toBe("telemetry_role_must_be_registrar");
    expect(city.run(device("lamp", 2))).toBeNull();
    expect(city.run(grant("registrar", { scope: "devices" }))).toBeNull();
    expect(city.run(device("meter", 1))).toBeNull();
  });

  it("AC-15: scopes are paths of lower-case words", () => {
    for (const scope of ["a", "district/3", "devices/meter", "a.b-c/0/d", Array(8).fill("a").join("/")])
      expect([scope, roleScopeSchema.safeParse(scope).success]).toEqual([scope, true]);
    for (const scope of ["", "/", "a/", "/a", "a//b", "A", "a b", "-a", Array(9).fill("a").join("/"), "a".repeat(65)])
      expect([scope, roleScopeSchema.safeParse(scope).success]).toEqual([scope, false]);
  });
});

describe("accounts/revoke-role", () => {
  it("AC-14, AC-16: refuses in this order", () => {
    const city = cityOfAnn();
    const last = { account: administration.account };
    const table: readonly (readonly [Message, string])[] = [
      [revoke("court", { by: ann.account, account: unknown }), "accounts_role_must_be_city"],
      [revoke("court", { account: unknown }), "accounts_account_must_exist"],
      [revoke("court"), "accounts_role_must_exist"],
      [revoke("city", { ...last, scope: "x" }), "accounts_role_must_exist"],
      [revoke("city", last), "accounts_last_city_role_must_stay"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
  });

  it("AC-16: the city's role can be handed on, and one stays", () => {
    const city = cityOfAnn();
    expect(city.run(grant("city"))).toBeNull();
    expect(city.run(revoke("city", { by: ann.account, account: administration.account }))).toBeNull();
    expect(city.run(grant("court"))).toBe("accounts_role_must_be_city");
    expect(city.run(revoke("city", { by: ann.account }))).toBe("accounts_last_city_role_must_stay");
    expect(city.run(grant("court", { by: ann.account, account: registrar.account }))).toBeNull();
    expect(city.events.at(-1)).toEqual({
      type: "accounts/role-granted",
      attributes: { account: registrar.account, role: "court", by: ann.account },
    });
  });

  it("AC-14: takes back exactly the grant that is named", () => {
    const city = cityOfAnn();
    expect(city.run(grant("court", { scope: "a" }))).toBeNull();
    expect(city.run(grant("court", { scope: "b" }))).toBeNull();
    expect(city.run(revoke("court"))).toBe("accounts_role_must_exist");
    expect(city.run(revoke("court", { scope: "a" }))).toBeNull();
    expect(has(city, "court", "a")).toBe(false);
    expect(has(city, "court", "b")).toBe(true);
  });
});
