// Query options of SensorThings 1.1 §9.3: $top $skip $count $orderby $select $expand (nested) $filter.
// Bounds: $top 1,000, $skip 10^9, $expand 2,000 characters and 4 levels, 10 keys to order by.

import { QueryError, quoted } from "./query-error.ts";

interface OrderKey {
  readonly path: string;
  readonly descending: boolean;
}
interface Expansion {
  readonly relation: string;
  readonly options: QueryOptions;
}
export interface QueryOptions {
  readonly top: number;
  readonly skip: number;
  readonly count: boolean;
  readonly orderBy: readonly OrderKey[];
  readonly select: readonly string[] | null;
  readonly expand: readonly Expansion[];
  readonly filter: string | null;
}

export const topDefault = 100;
const topMax = 1_000;
const skipMax = 1_000_000_000;
const listMax = 10;
const expandCharactersMax = 2_000;
const expandDepthMax = 4;

/** Options of a URL's query string, percent-decoded. A plus is a space, but not in a time zone such as +01:00. */
export function parseQuery(search: string): QueryOptions {
  const pairs: [string, string][] = [];
  for (const part of search.replace(/^\?/, "").split("&")) {
    if (part === "") continue;
    const cut = part.indexOf("=");
    if (cut < 0) throw new QueryError(400, `the option ${quoted(part)} has no value`);
    pairs.push([decoded(part.slice(0, cut)), decoded(part.slice(cut + 1))]);
  }
  return optionsOf(pairs, 0);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+(?!\d\d:\d\d)/g, " "));
  } catch {
    throw new QueryError(400, `${quoted(text)} is not percent-encoded UTF-8`);
  }
}

function optionsOf(pairs: readonly (readonly [string, string])[], depth: number): QueryOptions {
  const names = pairs.map(([name]) => name);
  if (new Set(names).size !== names.length) throw new QueryError(400, "an option stands there twice");
  let options: QueryOptions = {
    top: topDefault,
    skip: 0,
    count: false,
    orderBy: [],
    select: null,
    expand: [],
    filter: null,
  };
  for (const [name, value] of pairs) options = { ...options, ...option(name, value.trim(), depth) };
  return options;
}

function option(name: string, value: string, depth: number): Partial<QueryOptions> {
  switch (name) {
    case "$top":
      return { top: Math.min(topMax, wholeNumber(name, value)) };
    case "$skip":
      return { skip: wholeNumber(name, value) };
    case "$count":
      if (value !== "true" && value !== "false") throw new QueryError(400, "$count must be true or false");
      return { count: value === "true" };
    case "$orderby":
      return { orderBy: listOf(name, value).map(orderKey) };
    case "$select":
      return { select: listOf(name, value) };
    case "$filter":
      if (value === "") throw new QueryError(400, "$filter is empty");
      return { filter: value };
    case "$expand":
      if (value.length > expandCharactersMax) throw new QueryError(400, "$expand is too long");
      if (depth >= expandDepthMax) throw new QueryError(400, `$expand is nested more than ${expandDepthMax} deep`);
      return { expand: split(value, ",").map((item) => expansion(item.trim(), depth + 1)) };
    default:
      throw new QueryError(400, `the option ${quoted(name)} is not supported`);
  }
}

function wholeNumber(name: string, value: string): number {
  const number = Number(value);
  if (!/^\d{1,10}$/.test(value) || number > skipMax) throw new QueryError(400, `${name} must be a whole number`);
  return number;
}

function listOf(name: string, value: string): string[] {
  const items = value.split(",").map((item) => item.trim());
  if (items.length > listMax || items.includes("")) {
    throw new QueryError(400, `${name} must list 1 to ${listMax} names`);
  }
  return items;
}

function orderKey(text: string): OrderKey {
  const match = /^(\S+)(?:\s+(asc|desc))?$/.exec(text);
  if (match === null) throw new QueryError(400, `$orderby does not understand ${quoted(text)}`);
  return { path: match[1] ?? "", descending: match[2] === "desc" };
}

/** `Datastreams`, `Datastreams/Observations` or `Datastreams($top=1;$expand=...)`. */
function expansion(text: string, depth: number): Expansion {
  if (depth > expandDepthMax) throw new QueryError(400, `$expand is nested more than ${expandDepthMax} deep`);
  const match = /^([A-Za-z]{1,40})(?:\/(.+)|\((.*)\))?$/s.exec(text);
  if (match === null) throw new QueryError(400, `$expand does not understand ${quoted(text)}`);
  const [, relation = "", deeper, inner] = match;
  if (deeper !== undefined) {
    return { relation, options: { ...optionsOf([], depth), expand: [expansion(deeper, depth + 1)] } };
  }
  const pairs = split(inner ?? "", ";")
    .filter((part) => part.trim() !== "")
    .map((part): [string, string] => {
      const cut = part.indexOf("=");
      if (cut < 0) throw new QueryError(400, `the option ${quoted(part)} has no value`);
      return [part.slice(0, cut).trim(), part.slice(cut + 1)];
    });
  return { relation, options: optionsOf(pairs, depth) };
}

/** Splits at a separator that stands outside of parentheses and quotes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "'") quote = !quote;
    else if (quote) continue;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
    if (depth < 0) throw new QueryError(400, "parentheses do not match");
  }
  if (depth !== 0 || quote) throw new QueryError(400, "parentheses or quotes do not match");
  parts.push(text.slice(start));
  return parts;
}
