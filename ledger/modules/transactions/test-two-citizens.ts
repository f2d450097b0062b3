// What tests of admission and of quotas share: two citizens, and the refusal that a transaction gets. Not part of the product.

import { expect } from "vitest";
import type { Message } from "../../protocol/transaction.ts";
import { headerHashAt, noPending, person, registration, TestCity } from "../test-city.ts";

export const ann = person("ann");
export const bob = person("bob");

export const transfer = (amount = "1"): Message => ({
  type: "money/transfer",
  by: ann.account,
  to: bob.account,
  amount,
});

/** A city in which both are registered. */
export function cityOfTwo(): TestCity {
  const city = new TestCity();
  expect(city.apply([registration(ann, "Ann")], ann)).toBe("");
  expect(city.apply([registration(bob, "Bob")], bob)).toBe("");
  return city;
}

/** The refusal at admission and the refusal in a block must be the same. */
export function refusalOf(city: TestCity, bytes: Uint8Array): string {
  const admission = city.application.check(bytes, noPending).refusal;
  const height = city.application.height + 1;
  const { results } = city.application.finalise({
    height,
    hash: headerHashAt(height),
    timeMs: city.timeMs + 1,
    transactions: [bytes],
  });
  expect(results[0]!.refusal).toBe(admission);
  return admission;
}
