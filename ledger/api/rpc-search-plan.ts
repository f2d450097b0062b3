// How a search is done: which heights, which lists of the store's index must all hold a place, and what is left to be seen in the
// events that stand there.

import { methodFailed } from "./rpc-error.ts";
import type { EventQuery, QueryCondition } from "./rpc-query.ts";
import { decimalOf, type EventsMatcher, eventsMatcher, typeOf } from "./rpc-query-match.ts";

/** What is searched: transactions by their events, or blocks by the events of the block itself. */
export type Searched = "tx" | "block";

export interface IndexTerm {
  /** "<event type>.<attribute>". */
  readonly key: string;
  /** Null for any value. */
  readonly value: string | null;
}

export interface SearchPlan {
  readonly searched: Searched;
  /** Heights, both included; none when `from` is more than `to`. */
  readonly from: number;
  readonly to: number;
  /** CometBFT hash of the one transaction that is asked for, hex. */
  readonly hash: string | null;
  /** Every place that fits is in the lists of all these terms. */
  readonly terms: readonly IndexTerm[];
  /** Whether every place that is in all of those lists fits, as far as the index can tell. */
  readonly exact: boolean;
  /** Whether the events at a place fit. */
  readonly matches: EventsMatcher;
}

interface Heights {
  from: number;
  to: number;
}

/** @throws {RpcError} when a condition on the height or the hash makes no sense. */
export function planOf(searched: Searched, query: EventQuery, lowest: number, newest: number): SearchPlan {
  const heightKey = `${searched}.height`;
  const heights: Heights = { from: lowest, to: newest };
  let hash: string | null = null;
  let impossible = false;
  const onEvents: QueryCondition[] = [];
  for (const condition of query) {
    if (condition.key === heightKey) narrow(heights, condition);
    else if (searched === "tx" && condition.key === "tx.hash") {
      const wanted = hashOf(condition);
      impossible ||= hash !== null && hash !== wanted;
      hash = wanted;
    } else onEvents.push(condition);
  }
  if (impossible) heights.to = heights.from - 1;
  return {
    searched,
    ...heights,
    hash,
    terms: termsOf(onEvents),
    exact: onEvents.every(isTerm) && new Set(onEvents.map(({ key }) => typeOf(key))).size === onEvents.length,
    matches: eventsMatcher(onEvents),
  };
}

/** Whether a list of the index says all that the condition asks. */
function isTerm({ key, operator, value }: QueryCondition): boolean {
  return typeOf(key) !== null && (operator === "EXISTS" || (operator === "=" && value?.kind === "string"));
}

function termsOf(conditions: readonly QueryCondition[]): IndexTerm[] {
  const terms = new Map<string, IndexTerm>();
  const valued = new Set<string>();
  for (const condition of conditions) {
    const { key, operator, value } = condition;
    if (typeOf(key) === null) continue;
    if (operator === "=" && value?.kind === "string") {
      terms.set(`${key}=${value.text}`, { key, value: value.text });
      valued.add(key);
    } else terms.set(key, { key, value: null });
  }
  // Where a value of an attribute is asked for, that it is there is said already.
  for (const key of valued) terms.delete(key);
  // Those with a value are shorter: the others jump from place to place after them.
  return [...terms.values()].sort((a, b) => Number(a.value === null) - Number(b.value === null));
}

function narrow(heights: Heights, { key, operator, value }: QueryCondition): void {
  if (operator === "EXISTS") return;
  const number = value?.kind === "number" || operator === "=" ? decimalOf(value?.text ?? "") : null;
  if (number === null || value?.kind === "date" || value?.kind === "time")
    throw methodFailed(`${key} can only be compared with numbers`);
  // Beyond 2^53 it is beyond all heights, whatever its digits.
  const whole = Math.min(Number(number.whole || "0"), Number.MAX_SAFE_INTEGER - 1);
  const isWhole = number.fraction === "";
  const atLeast = (height: number): void => {
    heights.from = Math.max(heights.from, height);
  };
  const atMost = (height: number): void => {
    heights.to = Math.min(heights.to, height);
  };
  switch (operator) {
    case "=":
      atLeast(isWhole ? whole : whole + 1);
      atMost(whole);
      break;
    case ">":
      atLeast(whole + 1);
      break;
    case ">=":
      atLeast(isWhole ? whole : whole + 1);
      break;
    case "<":
      atMost(isWhole ? whole - 1 : whole);
      break;
    default:
      atMost(whole);
  }
}

function hashOf({ operator, value }: QueryCondition): string {
  const text = value?.text ?? "";
  if (operator !== "=" || value?.kind !== "string" || !/^[0-9a-fA-F]{64}$/.test(text))
    throw methodFailed("tx.hash can only be compared with = and the 64 hex digits of a hash");
  return text.toLowerCase();
}
