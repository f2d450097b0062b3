// Examples for the OpenAPI document: answers by "<method> <path>", parameters by name, or "<path>#<name>" where a name means something else.
// They are real answers, shortened; openapi.test.ts holds them to the schemas.

import { readFileSync } from "node:fs";

const examples = JSON.parse(readFileSync(new URL("openapi-examples.json", import.meta.url), "utf8")) as {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly answers: Readonly<Record<string, unknown>>;
};

export const parameterExamples = examples.parameters;
export const answerExamples = examples.answers;
