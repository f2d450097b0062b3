// Tokens of SensorThings 1.1 $filter expressions (§9.3.3.5, a part of OData 4.0). At most 2,000 characters and 300 tokens.

import { QueryError, quoted } from "./query-error.ts";

export type Token =
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "time"; readonly timeMs: number }
  | { readonly kind: "mark"; readonly text: "(" | ")" | "," | "/" };

const filterCharactersMax = 2_000;
const tokensMax = 300;

const space = /\s+/y;
const time = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})/y;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z0-9_.])/y;
const name = /[A-Za-z_@][A-Za-z0-9_.@-]*/y;
const string = /'((?:[^']|'')*)'/y;
const mark = /[(),/]/y;

/** @throws {QueryError} */
export function filterTokens(text: string): Token[] {
  if (text.length > filterCharactersMax) throw new QueryError(400, `$filter is longer than ${filterCharactersMax}`);
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(space);
    if (at >= text.length) return tokens;
    if (tokens.length >= tokensMax) throw new QueryError(400, `$filter has more than ${tokensMax} parts`);
    const token = next(take);
    if (token === null) throw new QueryError(400, `$filter is not understood at ${quoted(text.slice(at))}`);
    tokens.push(token);
  }
}

function next(take: (pattern: RegExp) => RegExpExecArray | null): Token | null {
  let match = take(time);
  if (match !== null) {
    const timeMs = Date.parse(match[0]);
    if (Number.isNaN(timeMs)) throw new QueryError(400, `${quoted(match[0])} is not a time`);
    return { kind: "time", timeMs };
  }
  match = take(number);
  if (match !== null) return { kind: "number", value: Number(match[0]) };
  match = take(string);
  if (match !== null) return { kind: "string", text: (match[1] ?? "").replaceAll("''", "'") };
  match = take(mark);
  if (match !== null) return { kind: "mark", text: match[0] as "(" | ")" | "," | "/" };
  match = take(name);
  return match === null ? null : { kind: "name", text: match[0] };
}
