// Forms of what comes with a key: the relying party's domain, the label, the scope.

import { expect, it } from "vitest";
import { addKeySchema } from "./accounts.ts";
import { keyLabelSchema, rpIdSchema, scopeSchema } from "./keys.ts";
import { testPasskey } from "./test-passkey.ts";

it("a relying party is a lower-case domain: no IP address, no empty or overlong label, no dot at its end", () => {
  const label = "a".repeat(63);
  const longest = `${[label, label, label].join(".")}.${"a".repeat(61)}`;
  for (const domain of [
    "localhost",
    "city.example",
    "xn--9ca.example",
    "a-b.c",
    "4u.example",
    "1.2.3.4.nip.example",
    longest,
  ])
    expect([domain, rpIdSchema.safeParse(domain).success]).toEqual([domain, true]);
  const addresses = ["127.0.0.1", "1", "0x7f.1", "city.0x", "example.1", "[::1]", "2130706433"];
  const malformed = [
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "-a.b",
    "a-.b",
    "City.example",
    "é.example",
    "a b",
    "a/b",
    "a:1",
    "a\n",
  ];
  for (const domain of [...addresses, ...malformed, `${label}a.b`, `${longest}a`])
    expect([domain, rpIdSchema.safeParse(domain).success]).toEqual([domain, false]);
});

it("comes with a passkey's key and with no other", () => {
  const { key, rpId } = testPasskey("ann");
  const message = { type: "accounts/add-key", by: "00".repeat(20) };
  for (const [member, good] of [
    [{ key, rpId }, true],
    [{ key }, false],
    [{ key: "11".repeat(32) }, true],
    [{ key: "11".repeat(32), rpId }, false],
    [{ key: `04${"11".repeat(32)}`, rpId }, false],
  ] as const)
    expect([member, addKeySchema.safeParse({ ...message, ...member }).success]).toEqual([member, good]);
});

it("a label is 1 to 40 signs that can be seen, in any script", () => {
  for (const label of ["Phone", "Laptop at work", "Mobiltelefon (blau)", "휴대폰", "é", "7", "a".repeat(40)])
    expect([label, keyLabelSchema.safeParse(label).success]).toEqual([label, true]);
  for (const label of ["", " ", " a", "a ", "a\u200b", "\u202ea", "a\u00adb", "a\n", "<b>", "a".repeat(41)])
    expect([label, keyLabelSchema.safeParse(label).success]).toEqual([label, false]);
});

it("a scope's time and bound are whole numbers within what the ledger counts with", () => {
  const scope = (change: object): boolean =>
    scopeSchema.safeParse({ messages: ["money"], untilMs: 1, ...change }).success;
  for (const untilMs of [0, Number.MAX_SAFE_INTEGER]) expect(scope({ untilMs })).toBe(true);
  for (const untilMs of [-1, 1.5, 2 ** 53, 2 ** 63, "1", null]) expect(scope({ untilMs })).toBe(false);
  for (const moneyMax of ["0", "1", "9".repeat(15)]) expect(scope({ moneyMax })).toBe(true);
  for (const moneyMax of ["", "00", "01", "-1", "1.5", "1e3", "9".repeat(16), 5])
    expect(scope({ moneyMax })).toBe(false);
  const types = Array.from({ length: 17 }, (_, n) => `m/a${"b".repeat(n)}`);
  expect(scope({ messages: types.slice(1) })).toBe(true);
  expect(scope({ messages: types })).toBe(false);
});
