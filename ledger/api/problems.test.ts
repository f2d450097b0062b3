// What a refusal says about trying again, in the header that HTTP clients know.

import { expect, test } from "vitest";
import { refuse } from "../protocol/refusals.ts";
import { refusalProblem } from "./problems.ts";

test.each([
  [400, "1"],
  [1_000, "1"],
  [1_200, "2"],
])("a full mempool that says %i ms says %s s in Retry-After", (retryMs, seconds) => {
  const problem = refusalProblem(refuse("transaction_mempool_must_have_room", { transactions: 5_000, retryMs }));
  expect([problem.problem.status, problem.headers["retry-after"]]).toEqual([503, seconds]);
});
