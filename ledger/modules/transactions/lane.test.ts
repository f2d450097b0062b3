// Which lane admission gives a transaction: none may be had by putting something else beside what earns it.

import { expect, it } from "vitest";
import type { Message } from "../../protocol/transaction.ts";
import {
  administration,
  noPending,
  type Person,
  person,
  registrar,
  registration,
  signed,
  type TestCity,
  twin,
} from "../test-city.ts";
import { ann, bob, cityOfTwo } from "./test-two-citizens.ts";

const pay = (from: Person, to: Person): Message => ({
  type: "money/transfer",
  by: from.account,
  to: to.account,
  amount: "1",
});
const anchor = (who: Person, size: number): Message => ({
  type: "telemetry/anchor-log",
  by: who.account,
  size,
  root: "ab".repeat(32),
  time: "2030-06-01T12:00:00.000Z",
});
const laneIn = (city: TestCity, messages: readonly Message[], ...signers: readonly Person[]): string =>
  city.application.check(signed(messages, signers, city.application.height + 5), noPending).lane;

it("anchors are the twin's and nothing but anchors, services those of whom each has a role, newcomers have no account yet", () => {
  const city = cityOfTwo();
  const cleo = person("cleo");
  expect(laneIn(city, [anchor(twin, 1)], twin)).toBe("anchor");
  expect(laneIn(city, [anchor(twin, 1), anchor(twin, 2)], twin)).toBe("anchor");
  expect(laneIn(city, [anchor(twin, 1), pay(twin, ann)], twin)).toBe("service");
  expect(laneIn(city, [anchor(twin, 1), pay(ann, bob)], twin, ann)).toBe("citizen");
  expect(laneIn(city, [anchor(registrar, 1)], registrar)).toBe("service");
  expect(laneIn(city, [anchor(ann, 1)], ann)).toBe("citizen");
  expect(laneIn(city, [pay(registrar, ann), pay(twin, ann)], registrar, twin)).toBe("service");
  expect(laneIn(city, [pay(registrar, ann), pay(ann, bob)], registrar, ann)).toBe("citizen");
  expect(laneIn(city, [registration(cleo, "Cleo")], cleo)).toBe("newcomer");
  expect(laneIn(city, [pay(registrar, ann), registration(cleo, "Cleo")], registrar, cleo)).toBe("newcomer");
});

it("a role whose time is over earns no lane", () => {
  const city = cityOfTwo();
  const untilMs = city.timeMs + 10_000;
  const grant = (role: "twin" | "court"): Message => ({
    type: "accounts/grant-role",
    by: administration.account,
    account: ann.account,
    role,
    untilMs,
  });
  expect(city.apply([grant("court"), grant("twin")], administration)).toBe("");
  city.block([], untilMs - 1);
  expect(laneIn(city, [anchor(ann, 1)], ann)).toBe("anchor");
  expect(laneIn(city, [pay(ann, bob)], ann)).toBe("service");
  city.block([], untilMs);
  expect(laneIn(city, [anchor(ann, 1)], ann)).toBe("citizen");
  expect(laneIn(city, [pay(ann, bob)], ann)).toBe("citizen");
});
