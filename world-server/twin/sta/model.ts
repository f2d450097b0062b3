// The entity types of OGC SensorThings 1.1 §8 over the twin's tables: properties as SQL, relations as joins.
// Property and relation names are the standard's; everything that reaches SQL text is a literal of this file.

export type SetName =
  | "Things"
  | "Locations"
  | "HistoricalLocations"
  | "Sensors"
  | "ObservedProperties"
  | "Datastreams"
  | "Observations"
  | "FeaturesOfInterest";

/** How a column is written in JSON and compared in filters. `interval` is `<from ms>/<to ms>` and cannot be filtered. */
export type PropertyKind = "number" | "text" | "time" | "json" | "interval";

interface PropertyModel {
  readonly kind: PropertyKind;
  /** SQL of the value, given the alias of the entity's row. */
  readonly sql: (alias: string) => string;
}

export interface RelationModel {
  readonly target: SetName;
  readonly many: boolean;
  /** Column of the source row that the join needs. */
  readonly column: string;
  /** Condition on the target's row, given its alias and SQL of the source column's value. */
  readonly on: (target: string, value: string) => string;
}

export interface EntityModel {
  readonly set: SetName;
  readonly table: string;
  /** Columns that relations start from. */
  readonly columns: readonly string[];
  readonly order: readonly string[];
  readonly properties: Readonly<Record<string, PropertyModel>>;
  readonly relations: Readonly<Record<string, RelationModel>>;
}

const column = (kind: PropertyKind, name: string): PropertyModel => ({ kind, sql: (alias) => `${alias}.${name}` });
const text = (name: string): PropertyModel => column("text", name);
const json = (name: string): PropertyModel => column("json", name);

const equals =
  (name: string) =>
  (target: string, value: string): string =>
    `${target}.${name} = ${value}`;
const many = (target: SetName, from: string, to: string): RelationModel => ({
  target,
  many: true,
  column: from,
  on: equals(to),
});
const one = (target: SetName, from: string, to: string): RelationModel => ({
  target,
  many: false,
  column: from,
  on: equals(to),
});

const edge = (alias: string, order: "ASC" | "DESC"): string =>
  `(SELECT o.time FROM observations o WHERE o.datastream = ${alias}.id ORDER BY o.time ${order} LIMIT 1)`;
const span: PropertyModel = {
  kind: "interval",
  sql: (alias) => `${edge(alias, "ASC")} || '/' || ${edge(alias, "DESC")}`,
};

const models: readonly EntityModel[] = [
  {
    set: "Things",
    table: "things",
    columns: ["id"],
    order: ["id"],
    properties: { name: text("name"), description: text("description"), properties: json("properties") },
    relations: {
      Locations: many("Locations", "id", "thing"),
      HistoricalLocations: many("HistoricalLocations", "id", "thing"),
      Datastreams: many("Datastreams", "id", "thing"),
    },
  },
  {
    set: "Locations",
    table: "locations",
    columns: ["id", "thing"],
    order: ["id"],
    properties: {
      name: text("name"),
      description: text("description"),
      encodingType: text("encoding_type"),
      location: json("location"),
    },
    relations: {
      Things: many("Things", "thing", "id"),
      HistoricalLocations: many("HistoricalLocations", "thing", "thing"),
    },
  },
  {
    set: "HistoricalLocations",
    table: "historical_locations",
    columns: ["id", "thing"],
    order: ["id"],
    properties: { time: column("time", "time") },
    relations: { Thing: one("Things", "thing", "id"), Locations: many("Locations", "thing", "thing") },
  },
  {
    set: "Sensors",
    table: "sensors",
    columns: ["id"],
    order: ["id"],
    properties: {
      name: text("name"),
      description: text("description"),
      encodingType: text("encoding_type"),
      metadata: text("metadata"),
    },
    relations: { Datastreams: many("Datastreams", "id", "sensor") },
  },
  {
    set: "ObservedProperties",
    table: "observed_properties",
    columns: ["id"],
    order: ["id"],
    properties: { name: text("name"), definition: text("definition"), description: text("description") },
    relations: { Datastreams: many("Datastreams", "id", "observed_property") },
  },
  {
    set: "Datastreams",
    table: "datastreams",
    columns: ["id", "thing", "sensor", "observed_property"],
    order: ["id"],
    properties: {
      name: text("name"),
      description: text("description"),
      observationType: text("observation_type"),
      unitOfMeasurement: json("unit"),
      phenomenonTime: span,
      resultTime: span,
      properties: json("properties"),
    },
    relations: {
      Thing: one("Things", "thing", "id"),
      Sensor: one("Sensors", "sensor", "id"),
      ObservedProperty: one("ObservedProperties", "observed_property", "id"),
      Observations: many("Observations", "id", "datastream"),
    },
  },
  {
    set: "Observations",
    table: "observations",
    columns: ["id", "datastream"],
    order: ["time", "id"],
    properties: {
      phenomenonTime: column("time", "time"),
      resultTime: column("time", "time"),
      result: column("number", "result"),
      // ObservationParameters (world-server/protocol/telemetry-log.ts), read from the log entry.
      parameters: {
        kind: "json",
        sql: (alias) =>
          `(SELECT json_object('device', l.entry ->> 'device', 'stream', l.entry ->> 'stream', 'sequence',
            l.entry ->> 'sequence', 'signature', l.entry ->> 'signature', 'logIndex', l.position)
            FROM log_entries l WHERE l.position = ${alias}.id - 1)`,
      },
    },
    relations: {
      Datastream: one("Datastreams", "datastream", "id"),
      FeatureOfInterest: {
        target: "FeaturesOfInterest",
        many: false,
        column: "datastream",
        on: (target, value) => `${target}.thing = (SELECT d.thing FROM datastreams d WHERE d.id = ${value})`,
      },
    },
  },
  {
    set: "FeaturesOfInterest",
    table: "features",
    columns: ["id", "thing"],
    order: ["id"],
    properties: {
      name: text("name"),
      description: text("description"),
      encodingType: text("encoding_type"),
      feature: json("feature"),
    },
    relations: {
      Observations: {
        target: "Observations",
        many: true,
        column: "thing",
        on: (target, value) => `${target}.datastream IN (SELECT d.id FROM datastreams d WHERE d.thing = ${value})`,
      },
    },
  },
];

export const entityModels: ReadonlyMap<string, EntityModel> = new Map(models.map((model) => [model.set, model]));

export function modelOf(set: SetName): EntityModel {
  const model = entityModels.get(set);
  if (model === undefined) throw new Error(`no model of ${set}`);
  return model;
}

/** Reads an own property; names come from requests, so inherited ones must not be found. */
export function named<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
