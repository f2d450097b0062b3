// Whether events satisfy a query: for subscriptions as CometBFT's pubsub has it, each condition for itself over all events of a
// message; for searches as its indexer has it, the conditions on one event type within one event.

import type { LedgerEvent } from "../protocol/rest.ts";
import {
  dateOf,
  type EventQuery,
  type QueryCondition,
  type QueryOperator,
  type QueryValue,
  timeOf,
} from "./rpc-query.ts";

type Test = (text: string) => boolean;

/** Values by "<event type>.<attribute>", as subscribers are sent them. */
export type EventValues = ReadonlyMap<string, readonly string[]>;

/** The events of one message, ready to be matched. */
export interface MessageEvents {
  readonly values: EventValues;
  /** Event types: a condition on a type alone is held against an empty text. */
  readonly types: ReadonlySet<string>;
}

export type MessageMatcher = (events: MessageEvents) => boolean;

export function messageEventsOf(
  events: readonly LedgerEvent[],
  added: Readonly<Record<string, string>>,
): MessageEvents {
  const values = new Map<string, string[]>();
  const types = new Set<string>();
  const add = (key: string, value: string): void => {
    const present = values.get(key);
    if (present === undefined) values.set(key, [value]);
    else present.push(value);
  };
  for (const { type, attributes } of events)
    for (const [name, value] of Object.entries(attributes)) {
      add(`${type}.${name}`, value);
      types.add(type);
    }
  for (const [key, value] of Object.entries(added)) {
    add(key, value);
    types.add(typeOf(key) ?? key);
  }
  return { values, types };
}

/** As CometBFT's pubsub matches: values of different events may satisfy different conditions. */
export function messageMatcher(query: EventQuery): MessageMatcher {
  const tests = query.map(({ key, ...condition }) => ({ key, test: testOf(condition) }));
  return ({ values, types }) =>
    tests.every(({ key, test }) => values.get(key)?.some(test) === true || (types.has(key) && test("")));
}

export type EventsMatcher = (events: readonly LedgerEvent[]) => boolean;

/** As CometBFT's indexer matches: one event must satisfy all conditions on its type. Different types may be of different events. */
export function eventsMatcher(conditions: readonly QueryCondition[]): EventsMatcher {
  const groups = new Map<string, { readonly attribute: string | null; readonly test: Test }[]>();
  for (const { key, ...condition } of conditions) {
    const type = typeOf(key) ?? key;
    const attribute = type === key ? null : key.slice(type.length + 1);
    groups.set(type, [...(groups.get(type) ?? []), { attribute, test: testOf(condition) }]);
  }
  return (events) =>
    [...groups].every(([wanted, tests]) =>
      events.some(
        ({ type, attributes }) =>
          type === wanted &&
          tests.every(({ attribute, test }) => {
            if (attribute === null) return test("");
            return Object.hasOwn(attributes, attribute) && test(attributes[attribute]!);
          }),
      ),
    );
}

/** The event type of a key; null when it has no attribute. Attributes of ours have no dots, types might. */
export function typeOf(key: string): string | null {
  const dot = key.lastIndexOf(".");
  return dot === -1 ? null : key.slice(0, dot);
}

/** Whether one value satisfies a condition. */
export function testOf({ operator, value }: Pick<QueryCondition, "operator" | "value">): Test {
  if (value === null) return () => true;
  if (value.kind !== "string") return comparison(operator, value);
  return operator === "CONTAINS" ? (text) => text.includes(value.text) : (text) => text === value.text;
}

function comparison(operator: QueryOperator, { kind, text: wantedText }: QueryValue): Test {
  const accepts = acceptsOf(operator);
  if (kind === "number") {
    const wanted = decimalOf(wantedText)!;
    return (text) => {
      const found = decimalOf(text);
      return found !== null && accepts(compareDecimals(found, wanted));
    };
  }
  const read = kind === "date" ? dateOf : timeOf;
  const wanted = read(wantedText)!;
  return (text) => {
    const found = read(text);
    return found !== null && accepts(found < wanted ? -1 : found > wanted ? 1 : 0);
  };
}

function acceptsOf(operator: QueryOperator): (order: number) => boolean {
  switch (operator) {
    case "<":
      return (order) => order < 0;
    case "<=":
      return (order) => order <= 0;
    case ">":
      return (order) => order > 0;
    case ">=":
      return (order) => order >= 0;
    default:
      return (order) => order === 0;
  }
}

interface Decimal {
  /** Without leading zeros. */
  readonly whole: string;
  /** Without trailing zeros. */
  readonly fraction: string;
}

/** The number that a text begins with, of whatever size: "8.045stake" is 8.045. Null when it begins with none. */
export function decimalOf(text: string): Decimal | null {
  const match = /^([0-9]+)(?:\.([0-9]*))?/.exec(text);
  if (match === null) return null;
  return { whole: match[1]!.replace(/^0+/, ""), fraction: withoutTrailingZeros(match[2] ?? "") };
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.whole.length !== b.whole.length) return a.whole.length - b.whole.length;
  if (a.whole !== b.whole) return a.whole < b.whole ? -1 : 1;
  return a.fraction === b.fraction ? 0 : a.fraction < b.fraction ? -1 : 1;
}

/** Not by /0+$/, whose time grows with the square of the zeros. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}
