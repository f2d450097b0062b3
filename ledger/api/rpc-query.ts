// CometBFT's event query language, as libs/pubsub/query/syntax reads it: conditions joined by AND, each a key, an operator and
// a value. Beyond CometBFT, a key may hold "/", since our event types do. Limits: 512 bytes, 32 conditions.

import { utf8 } from "../protocol/bytes.ts";

export const queryBytesMax = 512;
export const queryConditionsMax = 32;

export type QueryOperator = "=" | "<" | "<=" | ">" | ">=" | "CONTAINS" | "EXISTS";

export interface QueryValue {
  readonly kind: "string" | "number" | "date" | "time";
  /** As written, without quotes and without the word before it. */
  readonly text: string;
}

export interface QueryCondition {
  /** "<event type>.<attribute>", or an event type alone. */
  readonly key: string;
  readonly operator: QueryOperator;
  /** Null for EXISTS only. */
  readonly value: QueryValue | null;
}

/** A conjunction of one or more conditions. */
export type EventQuery = readonly QueryCondition[];

export class QueryError extends Error {
  override readonly name = "QueryError";
}

type TokenKind = "tag" | QueryValue["kind"] | "AND" | QueryOperator | "invalid";
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Index into the text. */
  readonly at: number;
}

const operators: readonly TokenKind[] = ["<=", ">=", "<", ">", "=", "CONTAINS", "EXISTS"];
const ordered: readonly TokenKind[] = ["number", "time", "date"];
const equal: readonly TokenKind[] = ["number", "time", "date", "string"];

/** CometBFT's words for the kinds of tokens. */
const labels: Partial<Record<TokenKind, string>> = { time: "timestamp", date: "datestamp", invalid: "invalid token" };
const labelOf = (kind: TokenKind): string =>
  labels[kind] ?? (kind === "AND" || operators.includes(kind) ? `${kind} operator` : kind);

const spacePattern = /\s/u;
const firstTagPattern = /[\p{L}\p{Nd}_]/u;
const tagPattern = /[\p{L}\p{Nd}._/-]*/uy;
const numberPattern = /[0-9]+(?:\.[0-9]*)?/y;
const timePattern = /[-T:+Z0-9]*/y;
const datePattern = /[-0-9]*/y;

/** @throws {QueryError} with CometBFT's words and the offset in bytes. */
export function parseQuery(text: string): EventQuery {
  if (utf8(text).length > queryBytesMax) throw new QueryError("maximum query length exceeded");
  const scanner = new Scanner(text);
  const conditions = [parseCondition(scanner)];
  for (let token = scanner.next(false); token !== null; token = scanner.next(false)) {
    if (token.kind !== "AND") throw scanner.error(token.at, `got ${labelOf(token.kind)}, want AND operator`);
    if (conditions.length === queryConditionsMax)
      throw new QueryError(`a query may have ${queryConditionsMax} conditions`);
    conditions.push(parseCondition(scanner));
  }
  return conditions;
}

/** The query in one form, however it was spaced: equal queries have equal texts. */
export function queryText(query: EventQuery): string {
  return query.map(conditionText).join(" AND ");
}

function conditionText({ key, operator, value }: QueryCondition): string {
  if (value === null) return `${key} ${operator}`;
  switch (value.kind) {
    case "string":
      return `${key} ${operator} '${value.text}'`;
    case "number":
      return `${key} ${operator} ${value.text}`;
    default:
      return `${key} ${operator} ${value.kind.toUpperCase()} ${value.text}`;
  }
}

function parseCondition(scanner: Scanner): QueryCondition {
  const key = scanner.require(["tag"]).text;
  const operator = scanner.require(operators).kind as QueryOperator;
  if (operator === "EXISTS") return { key, operator, value: null };
  const wanted = operator === "CONTAINS" ? (["string"] as const) : operator === "=" ? equal : ordered;
  const { kind, text } = scanner.require(wanted);
  return { key, operator, value: { kind: kind as QueryValue["kind"], text } };
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  require(kinds: readonly TokenKind[]): Token {
    const token = this.next(true);
    if (token === null) throw this.error(this.#at, "EOF");
    if (kinds.includes(token.kind)) return token;
    const names = kinds.map(labelOf);
    const last = names.pop()!;
    throw this.error(
      token.at,
      `got ${labelOf(token.kind)}, wanted ${names.length === 0 ? last : `${names.join(", ")} or ${last}`}`,
    );
  }

  /** Null at the end. What is no token is an error when one is needed, else a token of its own. */
  next(needed: boolean): Token | null {
    const text = this.#text;
    while (this.#at < text.length && spacePattern.test(text[this.#at]!)) this.#at++;
    const at = this.#at;
    if (at === text.length) return null;
    const char = String.fromCodePoint(text.codePointAt(at)!);
    const token =
      char >= "0" && char <= "9"
        ? { kind: "number" as const, text: this.#take(numberPattern), at }
        : firstTagPattern.test(char)
          ? this.#word(at)
          : char === "'"
            ? this.#quoted(at)
            : this.#comparison(at);
    if (token !== null) return token;
    if (!needed) return { kind: "invalid", text: char, at };
    throw this.error(at, `invalid input ${char} at offset ${this.#offset(at + char.length)}`);
  }

  error(at: number, words: string): QueryError {
    return new QueryError(`offset ${this.#offset(at)}: ${words}`);
  }

  #word(at: number): Token {
    const text = this.#take(tagPattern);
    if ((text === "TIME" || text === "DATE") && this.#text[this.#at] === " ") {
      this.#at++;
      return this.#moment(at, text === "TIME" ? "time" : "date");
    }
    if (text === "AND" || text === "EXISTS" || text === "CONTAINS") return { kind: text, text, at };
    return { kind: "tag", text, at };
  }

  #moment(at: number, kind: "time" | "date"): Token {
    const text = this.#take(kind === "time" ? timePattern : datePattern);
    const value = kind === "time" ? timeOf(text) : dateOf(text);
    if (value === null) throw this.error(at, `invalid ${kind.toUpperCase()} value: ${text}`);
    const year = Number(text.slice(0, 4));
    if (year < 1900 || year > 2999) throw this.error(at, `${labelOf(kind)} year ${year} out of range`);
    return { kind, text, at };
  }

  #quoted(at: number): Token {
    const end = this.#text.indexOf("'", at + 1);
    if (end === -1) throw this.error(at, "EOF");
    this.#at = end + 1;
    return { kind: "string", text: this.#text.slice(at + 1, end), at };
  }

  #comparison(at: number): Token | null {
    const two = this.#text.slice(at, at + 2);
    const kind = two === "<=" || two === ">=" ? two : two[0];
    if (kind !== "<" && kind !== ">" && kind !== "=" && kind !== "<=" && kind !== ">=") return null;
    this.#at += kind.length;
    return { kind, text: kind, at };
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += text.length;
    return text;
  }

  /** CometBFT counts bytes. */
  #offset(at: number): number {
    return utf8(this.#text.slice(0, at)).length;
  }
}

/** Nanoseconds since 1970 of "2021-11-23"; null when it is no date. */
export function dateOf(text: string): bigint | null {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return null;
  return momentOf(text, "00:00:00", "", "Z");
}

/** Nanoseconds since 1970 of an RFC 3339 time with any offset; null when it is none. */
export function timeOf(text: string): bigint | null {
  const match =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})$/.exec(
      text,
    );
  return match === null ? null : momentOf(match[1]!, match[2]!, match[3] ?? "", match[4]!);
}

function momentOf(date: string, time: string, fraction: string, zone: string): bigint | null {
  const day = Date.parse(`${date}T00:00:00Z`);
  // Some days that are none, such as 30 February, are read as another day.
  if (!Number.isFinite(day) || new Date(day).toISOString().slice(0, 10) !== date) return null;
  const [hour, minute, second] = time.split(":").map(Number) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const [offsetHour, offsetMinute] = zone === "Z" ? [0, 0] : (zone.slice(1).split(":").map(Number) as [number, number]);
  if (offsetHour > 23 || offsetMinute > 59) return null;
  const offset = (zone[0] === "-" ? -1 : 1) * (offsetHour * 3_600 + offsetMinute * 60);
  const seconds = day / 1_000 + hour * 3_600 + minute * 60 + second - offset;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}
