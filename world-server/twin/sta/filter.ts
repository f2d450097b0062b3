// $filter and $orderby expressions compiled to SQL with bound values (SensorThings 1.1 §9.3.3.5).
// Comparison, and/or/not, arithmetic, substringof, startswith, endswith, length, tolower, toupper, year; at most 24 levels deep.

import type { SqlValue } from "../store/database.ts";
import { filterTokens, type Token } from "./filter-tokens.ts";
import { type EntityModel, modelOf, named } from "./model.ts";
import { QueryError, quoted } from "./query-error.ts";

type Kind = "boolean" | "number" | "text" | "time" | "json" | "null";

/** SQL text with the values of its question marks, in order. */
export interface Sql {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}
interface Expression extends Sql {
  readonly kind: Kind;
  /** The text of a string literal, which may yet turn out to be a time. */
  readonly literal?: string;
}

const depthMax = 24;
const relationsMax = 4;
const comparisons: Readonly<Record<string, string>> = { eq: "=", ne: "<>", gt: ">", ge: ">=", lt: "<", le: "<=" };
const sums: Readonly<Record<string, string>> = { add: "+", sub: "-" };
const products: Readonly<Record<string, string>> = { mul: "*", div: "/", mod: "%" };

/** @throws {QueryError} when the expression is malformed or names what the entity has not. */
export function compileFilter(text: string, model: EntityModel, alias: string): Sql {
  const compiler = new Compiler(filterTokens(text), model, alias);
  const expression = compiler.whole();
  if (expression.kind !== "boolean") throw new QueryError(400, "$filter must be true or false");
  return expression;
}

/** SQL to order by, of a property, a path into a JSON property, or a property of a related entity. */
export function compileOrder(path: string, model: EntityModel, alias: string): Sql {
  const compiler = new Compiler(filterTokens(path), model, alias);
  return compiler.whole();
}

class Compiler {
  readonly #tokens: readonly Token[];
  readonly #model: EntityModel;
  readonly #alias: string;
  #at = 0;
  #depth = 0;
  #aliases = 0;

  constructor(tokens: readonly Token[], model: EntityModel, alias: string) {
    this.#tokens = tokens;
    this.#model = model;
    this.#alias = alias;
  }

  whole(): Expression {
    const expression = this.#or();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw new QueryError(400, `$filter is not understood at part ${this.#at + 1}`);
    return expression;
  }

  #word(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.kind === "name" ? token.text : undefined;
  }

  #mark(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "mark" || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #expectMark(text: string): void {
    if (!this.#mark(text)) throw new QueryError(400, `$filter lacks "${text}" at part ${this.#at + 1}`);
  }

  #or(): Expression {
    if (++this.#depth > depthMax) throw new QueryError(400, `$filter is nested more than ${depthMax} deep`);
    let left = this.#and();
    while (this.#word() === "or") {
      this.#at++;
      left = logical(left, "OR", this.#and());
    }
    this.#depth--;
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#word() === "and") {
      this.#at++;
      left = logical(left, "AND", this.#not());
    }
    return left;
  }

  #not(): Expression {
    let negated = false;
    while (this.#word() === "not") {
      this.#at++;
      negated = !negated;
    }
    const expression = this.#comparison();
    if (!negated) return expression;
    if (expression.kind !== "boolean") throw new QueryError(400, "not needs something true or false");
    return { ...expression, sql: `NOT coalesce(${expression.sql}, 0)` };
  }

  #comparison(): Expression {
    const left = this.#sum();
    const operator = named(comparisons, this.#word() ?? "");
    if (operator === undefined) return left;
    this.#at++;
    return compared(left, operator, this.#sum());
  }

  #sum(): Expression {
    return this.#chain(sums, () => this.#chain(products, () => this.#primary()));
  }

  #chain(operators: Readonly<Record<string, string>>, part: () => Expression): Expression {
    let left = part();
    for (;;) {
      const operator = named(operators, this.#word() ?? "");
      if (operator === undefined) return left;
      this.#at++;
      const right = part();
      // Division by an INTEGER literal would be whole-numbered in SQLite.
      const sql = `(CAST(${left.sql} AS REAL) ${operator} ${right.sql})`;
      left = { kind: "number", sql, values: [...left.values, ...right.values] };
    }
  }

  #primary(): Expression {
    if (this.#mark("(")) {
      const inner = this.#or();
      this.#expectMark(")");
      return { ...inner, sql: `(${inner.sql})` };
    }
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new QueryError(400, "$filter ends too early");
    switch (token.kind) {
      case "number":
        return { kind: "number", sql: "?", values: [token.value] };
      case "time":
        return { kind: "time", sql: "?", values: [token.timeMs] };
      case "string":
        return { kind: "text", sql: "?", values: [token.text], literal: token.text };
      case "mark":
        throw new QueryError(400, `$filter is not understood at "${token.text}"`);
      case "name":
        if (token.text === "null") return { kind: "null", sql: "NULL", values: [] };
        if (token.text === "true" || token.text === "false") {
          return { kind: "boolean", sql: token.text === "true" ? "1" : "0", values: [] };
        }
        return this.#mark("(") ? this.#function(token.text) : this.#path(token.text);
    }
  }

  #function(name: string): Expression {
    const parts: Expression[] = [];
    if (!this.#mark(")")) {
      do parts.push(this.#or());
      while (this.#mark(","));
      this.#expectMark(")");
    }
    return called(name, parts);
  }

  #path(first: string): Expression {
    const segments = [first];
    while (this.#mark("/")) {
      const segment = this.#word();
      if (segment === undefined) throw new QueryError(400, "$filter has a path that ends with a slash");
      this.#at++;
      segments.push(segment);
    }
    return this.#resolve(segments, this.#model, this.#alias, 0);
  }

  #resolve(segments: readonly string[], model: EntityModel, alias: string, depth: number): Expression {
    const [first = "", ...rest] = segments;
    if ((first === "id" || first === "@iot.id") && rest.length === 0) {
      return { kind: "number", sql: `${alias}.id`, values: [] };
    }
    const property = named(model.properties, first);
    if (property !== undefined && property.kind !== "interval") {
      if (property.kind !== "json") {
        if (rest.length > 0) throw new QueryError(400, `${quoted(first)} has no parts`);
        return { kind: property.kind, sql: property.sql(alias), values: [] };
      }
      const jsonPath = `$${rest.map((segment) => `.${JSON.stringify(segment)}`).join("")}`;
      return { kind: "json", sql: `json_extract(${property.sql(alias)}, ?)`, values: [jsonPath] };
    }
    const relation = named(model.relations, first);
    if (relation !== undefined && !relation.many && rest.length > 0 && depth < relationsMax) {
      const inner = `r${++this.#aliases}`;
      const target = modelOf(relation.target);
      const value = this.#resolve(rest, target, inner, depth + 1);
      const sql = `(SELECT ${value.sql} FROM ${target.table} ${inner} WHERE ${relation.on(inner, `${alias}.${relation.column}`)})`;
      return { kind: value.kind, sql, values: value.values };
    }
    throw new QueryError(400, `${model.set} cannot be filtered or ordered by ${quoted(segments.join("/"))}`);
  }
}

function logical(left: Expression, operator: "AND" | "OR", right: Expression): Expression {
  if (left.kind !== "boolean" || right.kind !== "boolean") {
    throw new QueryError(400, `${operator.toLowerCase()} needs something true or false on both sides`);
  }
  return { kind: "boolean", sql: `(${left.sql} ${operator} ${right.sql})`, values: [...left.values, ...right.values] };
}

function compared(left: Expression, operator: string, right: Expression): Expression {
  const values = [...left.values, ...right.values];
  if (left.kind === "null" || right.kind === "null") {
    if (operator !== "=" && operator !== "<>") throw new QueryError(400, "null can only be compared with eq and ne");
    return { kind: "boolean", sql: `(${left.sql} IS ${operator === "=" ? "" : "NOT "}${right.sql})`, values };
  }
  const [a, b] = [timely(left, right), timely(right, left)];
  if ((a.kind === "time") !== (b.kind === "time") && a.kind !== "json" && b.kind !== "json") {
    throw new QueryError(400, "a time can only be compared with a time such as 2026-05-01T12:00:00Z");
  }
  const [x, y] = a.kind === "number" && b.kind === "text" ? [asText(a), b] : [a, b];
  const [p, q] = x.kind === "text" && y.kind === "number" ? [x, asText(y)] : [x, y];
  return { kind: "boolean", sql: `(${p.sql} ${operator} ${q.sql})`, values: [...p.values, ...q.values] };
}

/** A quoted time beside a time is meant as a time. */
function timely(expression: Expression, other: Expression): Expression {
  if (other.kind !== "time" || expression.literal === undefined) return expression;
  const timeMs = Date.parse(expression.literal);
  return Number.isNaN(timeMs) ? expression : { kind: "time", sql: "?", values: [timeMs] };
}

/** A number compared with a string is compared as its JSON text, as SensorThings' conformance tests do. */
function asText(number: Expression): Expression {
  const { sql, values } = number;
  return {
    kind: "text",
    sql: `CASE WHEN ${sql} = CAST(${sql} AS INTEGER) THEN CAST(CAST(${sql} AS INTEGER) AS TEXT) ELSE CAST(${sql} AS TEXT) END`,
    values: [...values, ...values, ...values, ...values],
  };
}

function called(name: string, parts: readonly Expression[]): Expression {
  const expect = (count: number): void => {
    if (parts.length !== count) throw new QueryError(400, `${name} takes ${count} value${count === 1 ? "" : "s"}`);
  };
  const [first, second] = parts as readonly [Expression, Expression];
  const both = parts.flatMap((part) => part.values);
  switch (name) {
    case "substringof":
      expect(2);
      return {
        kind: "boolean",
        sql: `(instr(${second.sql}, ${first.sql}) > 0)`,
        values: [...second.values, ...first.values],
      };
    case "startswith":
      expect(2);
      return { kind: "boolean", sql: `(instr(${first.sql}, ${second.sql}) = 1)`, values: both };
    case "endswith": {
      expect(2);
      const values = [...first.values, ...second.values, ...second.values];
      return { kind: "boolean", sql: `(substr(${first.sql}, -length(${second.sql})) = ${second.sql})`, values };
    }
    case "length":
      expect(1);
      return { kind: "number", sql: `length(${first.sql})`, values: both };
    case "tolower":
    case "toupper":
      expect(1);
      return { kind: "text", sql: `${name === "tolower" ? "lower" : "upper"}(${first.sql})`, values: both };
    case "year":
      expect(1);
      if (first.kind !== "time") throw new QueryError(400, "year takes a time");
      return { kind: "number", sql: `CAST(strftime('%Y', ${first.sql} / 1000, 'unixepoch') AS INTEGER)`, values: both };
    default:
      throw new QueryError(400, `the function ${quoted(name)} is not known`);
  }
}
