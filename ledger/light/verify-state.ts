// One entry of ledger state as it is now, or was after a block, or its absence.

import { utf8 } from "../protocol/bytes.ts";
import { canonicalText } from "../protocol/canonical.ts";
import { nameBytesMax } from "./check-state.ts";
import type { LightParts } from "./light-parts.ts";
import { fail } from "./outcome.ts";
import type { CustodyStep, Verdict } from "./verdict.ts";
import { headerStep, verdictOf, verified } from "./verdict-building.ts";

const asked: readonly CustodyStep[] = ["block", "signatures"];

export async function verifyState(
  parts: LightParts,
  name: string,
  expected: unknown,
  height?: number,
): Promise<Verdict> {
  if (name === "" || utf8(name).length > nameBytesMax)
    return verdictOf(fail("answer_must_be_well_formed", "no entry can have this name", name), "block", asked, []);
  const head = await parts.headers.latest();
  if (!head.ok) return verdictOf(head, headerStep(head), asked, []);
  const matches = (value: unknown): boolean => expected !== undefined && sameJson(value, expected);
  const entry = await (height === undefined
    ? parts.state.newest(name, head.value, matches)
    : parts.state.at(name, height));
  if (!entry.ok) return verdictOf(entry, headerStep(entry), asked, ["signatures"]);
  const { value, header } = entry.value;
  if (expected === undefined || matches(value)) return verified(header, asked, value);
  const difference = fail("value_must_match_entry", `${name} is another in ledger state`, {
    name,
    proven: value,
    expected,
  });
  return verdictOf(difference, "block", asked, ["signatures"]);
}

function sameJson(a: unknown, b: unknown): boolean {
  try {
    return canonicalText(a) === canonicalText(b);
  } catch {
    return false;
  }
}
