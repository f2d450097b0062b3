// What pages kept before there were several headers: the newest verified one, as a row of JSON.

import { headerFromJson, headerJsonSchema, validatorJsonSchema, validatorsMax } from "../protocol/comet.ts";
import { list, members, whole } from "../protocol/json-form.ts";
import { validatorFromJson } from "./comet-rpc.ts";
import type { VerifiedHeader } from "./light-block.ts";

const rowForm = members({
  header: headerJsonSchema,
  signers: whole(1, validatorsMax),
  validators: list(validatorsMax, validatorJsonSchema),
});

/** @throws {RangeError} when it is damaged. */
export function readOnlyHeader(value: unknown): Pick<VerifiedHeader, "header" | "signers" | "validators"> {
  const { header, signers, validators } = rowForm.parse(value);
  return { header: headerFromJson(header), signers, validators: validators.map(validatorFromJson) };
}
