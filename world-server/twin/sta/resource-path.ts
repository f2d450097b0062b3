// Resource paths of SensorThings 1.1 §9.2: sets, entities, relations, properties, $value and $ref. At most 8 segments.

import { type EntityModel, entityModels, modelOf, named, type RelationModel } from "./model.ts";
import { QueryError, quoted } from "./query-error.ts";

/** One step: a set or relation, and the id that picks one of it. */
export interface Step {
  readonly name: string;
  readonly model: EntityModel;
  /** The relation by which it is reached; null for the first step. */
  readonly relation: RelationModel | null;
  readonly id: number | null;
}

export interface ResourcePath {
  readonly steps: readonly [Step, ...Step[]];
  /** True when the path leads to one entity. */
  readonly single: boolean;
  readonly property: string | null;
  readonly form: "entity" | "value" | "ref";
}

const segmentsMax = 8;

/** @throws {QueryError} 404 for what the model has not. */
export function parsePath(path: string): ResourcePath {
  const segments = path.split("/");
  if (segments.length > segmentsMax) throw new QueryError(404, `a path has at most ${segmentsMax} parts`);
  const steps: Step[] = [];
  let property: string | null = null;
  let form: ResourcePath["form"] = "entity";
  for (const [i, segment] of segments.entries()) {
    const last = steps.at(-1);
    const single = last !== undefined && isSingle(last);
    const final = i === segments.length - 1;
    if (segment === "$ref" && last !== undefined && property === null && final) form = "ref";
    else if (segment === "$value" && property !== null && final) form = "value";
    else if (property !== null) throw new QueryError(404, `nothing lies below the property ${quoted(property)}`);
    else if (single && (named(last.model.properties, segment) !== undefined || segment === "id")) property = segment;
    else steps.push(step(segment, last));
  }
  const [first, ...rest] = steps;
  if (first === undefined) throw new QueryError(404, "the path is empty");
  return { steps: [first, ...rest], single: isSingle(rest.at(-1) ?? first), property, form };
}

function isSingle(step: Step): boolean {
  return step.id !== null || (step.relation !== null && !step.relation.many);
}

function step(segment: string, last: Step | undefined): Step {
  const match = /^([A-Za-z]+)(?:\((\d{1,19})\))?$/.exec(segment);
  const name = match?.[1] ?? "";
  const idText = match?.[2];
  const id = idText === undefined ? null : Number(idText);
  if (id !== null && !Number.isSafeInteger(id)) throw new QueryError(404, `there is no ${segment}`);
  if (last === undefined) {
    const model = entityModels.get(name);
    if (model === undefined) throw new QueryError(404, `there is no set ${quoted(segment)}`);
    return { name, model, relation: null, id };
  }
  const relation = isSingle(last) ? named(last.model.relations, name) : undefined;
  if (relation === undefined || (!relation.many && id !== null)) {
    throw new QueryError(404, `${last.name} has no ${quoted(segment)}`);
  }
  return { name, model: modelOf(relation.target), relation, id };
}
