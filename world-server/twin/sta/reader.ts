// Answers SensorThings requests from the store. One request builds at most 20,000 entities, expanded ones included.

import type { Database, Row, SqlValue } from "../store/database.ts";
import { compileFilter, compileOrder, type Sql } from "./filter.ts";
import { type EntityModel, modelOf, named, type PropertyKind } from "./model.ts";
import { type QueryOptions, topDefault } from "./options.ts";
import { QueryError, quoted } from "./query-error.ts";
import type { ResourcePath, Step } from "./resource-path.ts";

export type Json = Record<string, unknown>;

const entitiesMax = 20_000;
const everything: QueryOptions = {
  top: topDefault,
  skip: 0,
  count: false,
  orderBy: [],
  select: null,
  expand: [],
  filter: null,
};

interface Listed {
  readonly entities: Json[];
  readonly count: number | null;
  readonly more: boolean;
}

export class Reader {
  readonly #database: Database;
  /** URL of the service root, without a slash at the end. */
  readonly #root: string;
  #built = 0;

  constructor(database: Database, root: string) {
    this.#database = database;
    this.#root = root;
  }

  /** An entity, a set with its counts and links, a property, or a property's bare value as text. */
  read(path: ResourcePath, options: QueryOptions): Json | string {
    const last = path.steps.at(-1) ?? path.steps[0];
    let scope: Sql | null = null;
    for (const [i, step] of path.steps.entries()) {
      scope = this.#narrow(step, scope);
      const next = path.steps[i + 1];
      if (next === undefined) break;
      if (next.relation === null) throw new Error("only the first step has no relation");
      const value = this.#one(step, scope)[next.relation.column] as SqlValue;
      scope = { sql: next.relation.on("e", "?"), values: [value] };
    }
    if (!path.single) return this.#set(last.model, scope, options, path.form === "ref");
    this.#one(last, scope);
    const chosen = path.property === null ? options : { ...everything, select: [path.property] };
    const [entity] = this.#list(last.model, scope, { ...chosen, top: 1, skip: 0, filter: null, count: false }).entities;
    if (entity === undefined) throw new QueryError(404, `there is no such ${last.name}`);
    if (path.form === "ref") return this.#reference(last.model, scope);
    if (path.property === null) return entity;
    const name = path.property === "id" ? "@iot.id" : path.property;
    if (path.form !== "value") return { [path.property]: entity[name] ?? null };
    const value = entity[name];
    return typeof value === "string" ? value : JSON.stringify(value ?? null);
  }

  #narrow(step: Step, scope: Sql | null): Sql | null {
    if (step.id === null) return scope;
    const own: Sql = { sql: "e.id = ?", values: [step.id] };
    return scope === null ? own : { sql: `${scope.sql} AND ${own.sql}`, values: [...scope.values, ...own.values] };
  }

  /** The columns of the one row in scope. */
  #one(step: Step, scope: Sql | null): Row {
    const { table, columns } = step.model;
    const row = this.#database.get(
      `SELECT ${columns.map((name) => `e.${name} AS ${name}`).join(", ")} FROM ${table} e WHERE ${scope?.sql ?? "1"} LIMIT 1`,
      ...(scope?.values ?? []),
    );
    if (row === undefined) throw new QueryError(404, `there is no such ${step.name}`);
    return row;
  }

  #reference(model: EntityModel, scope: Sql | null): Json {
    const row = this.#database.get(
      `SELECT e.id AS id FROM ${model.table} e WHERE ${scope?.sql ?? "1"}`,
      ...(scope?.values ?? []),
    );
    return { "@iot.selfLink": this.#selfLink(model, Number(row?.["id"])) };
  }

  #set(model: EntityModel, scope: Sql | null, options: QueryOptions, references: boolean): Json {
    const listed = this.#list(model, scope, references ? { ...options, select: null, expand: [] } : options);
    const value = references
      ? listed.entities.map((entity) => ({ "@iot.selfLink": entity["@iot.selfLink"] }))
      : listed.entities;
    // The link to the next page is added by the route, which knows the request's own words.
    return {
      ...(listed.count === null ? {} : { "@iot.count": listed.count }),
      ...(listed.more ? { "@iot.nextLink": "" } : {}),
      value,
    };
  }

  #list(model: EntityModel, scope: Sql | null, options: QueryOptions): Listed {
    const filter = options.filter === null ? null : compileFilter(options.filter, model, "e");
    const conditions = [scope, filter].filter((part) => part !== null);
    const where = conditions.map((part) => part.sql).join(" AND ") || "1";
    const values = conditions.flatMap((part) => part.values);
    const properties = this.#selected(model, options);
    const order = orderOf(model, options);
    const columns = [
      ...model.columns.map((name) => `e.${name} AS ${name}`),
      ...properties.map(([, property], i) => `${property.sql("e")} AS p${i}`),
    ];
    const rows = this.#database.all(
      `SELECT ${columns.join(", ")} FROM ${model.table} e WHERE ${where} ORDER BY ${order.sql} LIMIT ? OFFSET ?`,
      ...values,
      ...order.values,
      options.top + 1,
      options.skip,
    );
    const page = rows.slice(0, options.top);
    this.#built += page.length;
    if (this.#built > entitiesMax) {
      throw new QueryError(400, `the request asks for more than ${entitiesMax} entities; use a smaller $top`);
    }
    const count = options.count
      ? Number(this.#database.get(`SELECT count(*) AS n FROM ${model.table} e WHERE ${where}`, ...values)?.["n"])
      : null;
    return {
      entities: page.map((row) => this.#entity(model, row, properties, options)),
      count,
      more: rows.length > page.length,
    };
  }

  #selected(model: EntityModel, options: QueryOptions): [string, EntityModel["properties"][string]][] {
    for (const name of options.select ?? []) {
      const known = named(model.properties, name) ?? named(model.relations, name);
      if (known === undefined && !isId(name))
        throw new QueryError(400, `${model.set} has no ${quoted(name)} to select`);
    }
    return Object.entries(model.properties).filter(([name]) => options.select?.includes(name) ?? true);
  }

  #entity(
    model: EntityModel,
    row: Row,
    properties: readonly [string, EntityModel["properties"][string]][],
    options: QueryOptions,
  ): Json {
    const entity: Json = {};
    const self = this.#selfLink(model, Number(row["id"]));
    if (options.select?.some(isId) ?? true) {
      entity["@iot.id"] = row["id"];
      entity["@iot.selfLink"] = self;
    }
    for (const [i, [name, property]] of properties.entries()) {
      const value = written(row[`p${i}`], property.kind);
      if (value !== undefined) entity[name] = value;
    }
    for (const name of Object.keys(model.relations)) {
      if (options.select?.includes(name) ?? true) entity[`${name}@iot.navigationLink`] = `${self}/${name}`;
    }
    for (const { relation: name, options: inner } of options.expand)
      this.#expand(entity, model, row, self, name, inner);
    return entity;
  }

  #expand(entity: Json, model: EntityModel, row: Row, self: string, name: string, options: QueryOptions): void {
    const relation = named(model.relations, name);
    if (relation === undefined) throw new QueryError(400, `${model.set} has no ${quoted(name)} to expand`);
    const target = modelOf(relation.target);
    const scope: Sql = { sql: relation.on("e", "?"), values: [row[relation.column] as SqlValue] };
    const listed = this.#list(target, scope, relation.many ? options : { ...options, top: 1, skip: 0, count: false });
    if (!relation.many) {
      entity[name] = listed.entities[0] ?? null;
      return;
    }
    if (listed.count !== null) entity[`${name}@iot.count`] = listed.count;
    if (listed.more) {
      const order = options.orderBy.map((key) => `${key.path}${key.descending ? " desc" : ""}`).join(",");
      const rest = [
        `$top=${options.top}`,
        `$skip=${options.skip + options.top}`,
        ...(order === "" ? [] : [`$orderby=${encodeURIComponent(order)}`]),
        ...(options.filter === null ? [] : [`$filter=${encodeURIComponent(options.filter)}`]),
        ...(options.select === null ? [] : [`$select=${options.select.join(",")}`]),
      ];
      entity[`${name}@iot.nextLink`] = `${self}/${name}?${rest.join("&")}`;
    }
    entity[name] = listed.entities;
  }

  #selfLink(model: EntityModel, id: number): string {
    return `${this.#root}/${model.set}(${id})`;
  }
}

const isId = (name: string): boolean => name === "id" || name === "@iot.id";

/** The order asked for, then the default order, so that pages never overlap. */
function orderOf(model: EntityModel, options: QueryOptions): Sql {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  let direction = "ASC";
  for (const key of options.orderBy) {
    const compiled = compileOrder(key.path, model, "e");
    direction = key.descending ? "DESC" : "ASC";
    parts.push(`${compiled.sql} ${direction}`);
    values.push(...compiled.values);
  }
  // The last direction goes on, so that one index serves the whole order.
  const asked = new Set(parts.map((part) => part.split(" ")[0]));
  for (const name of model.order) if (!asked.has(`e.${name}`)) parts.push(`e.${name} ${direction}`);
  return { sql: parts.join(", "), values };
}

function written(value: unknown, kind: PropertyKind): unknown {
  if (value === null || value === undefined) return undefined;
  switch (kind) {
    case "json":
      return JSON.parse(String(value)) as unknown;
    case "time":
      return new Date(Number(value)).toISOString();
    case "interval":
      return String(value)
        .split("/")
        .map((edge) => new Date(Number(edge)).toISOString())
        .join("/");
    default:
      return value;
  }
}
