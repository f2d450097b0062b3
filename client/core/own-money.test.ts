import { expect, it } from "vitest";
import type { Reserve } from "./ledger-api.ts";
import { concerns, rightsIn, touchesMoney } from "./own-money.ts";

const ada = "a".repeat(40);
const ben = "b".repeat(40);
const eve = "e".repeat(40);
const id = `${"d".repeat(64)}.0`;

const blockWith = (message: unknown, code = 0) => ({
  events: [],
  transactions: [{ id: "1", code, messages: [message] }],
});

it("knows which blocks may have changed the own money", () => {
  const touched = (block: Parameters<typeof touchesMoney>[0]): boolean => touchesMoney(block, ada, new Set([id]));
  expect(touched(blockWith({ type: "money/transfer", by: ben, to: ada, amount: "1" }))).toBe(true);
  expect(touched(blockWith({ type: "money/transfer", by: ben, to: eve, amount: "1" }))).toBe(false);
  expect(touched(blockWith({ type: "money/transfer", by: ben, to: ada, amount: "1" }, 400))).toBe(false);
  expect(touched(blockWith({ type: "money/reserve", by: ben, to: eve, mayPost: [ada] }))).toBe(true);
  expect(touched(blockWith({ type: "money/void-reserved", by: ben, reserve: id }))).toBe(true);
  expect(touched(blockWith({ type: "money/void-reserved", by: ben, reserve: `${"c".repeat(64)}.0` }))).toBe(false);
  for (const message of [null, "text", 7, [ada]]) expect(touched(blockWith(message))).toBe(Array.isArray(message));
  expect(touched({ events: [{ type: "money/expired", attributes: { from: ben, to: ada } }], transactions: [] })).toBe(
    true,
  );
  expect(touched({ events: [{ type: "energy/slot-cleared", attributes: { slot: "1" } }], transactions: [] })).toBe(
    true,
  );
  expect(touched({ events: [{ type: "energy/trade", attributes: { seller: ben } }], transactions: [] })).toBe(false);
});

it("reads from the terms of a reserve who may do what", () => {
  const reserve = (terms: Partial<Reserve["record"]>): Reserve => ({
    id,
    record: { from: ada, to: ben, amount: "5", expiresMs: 1, ...terms },
  });
  const plain = reserve({});
  expect([ada, ben, eve].map((who) => concerns(plain, who))).toEqual([true, true, false]);
  expect(concerns(reserve({ mayPost: [eve] }), eve) && concerns(reserve({ mayVoid: [eve] }), eve)).toBe(true);
  expect(rightsIn(plain, ada)).toEqual({ role: "payer", mayPost: false, mayVoid: false, mayPart: false });
  expect(rightsIn(plain, ben)).toEqual({ role: "payee", mayPost: true, mayVoid: true, mayPart: true });
  expect(rightsIn(plain, eve)).toEqual({ role: "third", mayPost: false, mayVoid: false, mayPart: false });
  const onDelivery = reserve({ mayPost: [ada] });
  expect(rightsIn(onDelivery, ada)).toEqual({ role: "payer", mayPost: true, mayVoid: false, mayPart: false });
  expect(rightsIn(onDelivery, ben)).toMatchObject({ mayPost: false, mayVoid: true });
  const revocable = reserve({ mayPost: [ada], mayVoid: [ada] });
  expect(rightsIn(revocable, ada)).toMatchObject({ mayPost: true, mayVoid: true, mayPart: true });
  const court = reserve({ mayPost: [eve], mayVoid: [eve] });
  expect(rightsIn(court, eve)).toEqual({ role: "third", mayPost: true, mayVoid: true, mayPart: true });
});
