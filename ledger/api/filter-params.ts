// Parameters by which lists are filtered: modules, message types, attributes of events.

import { z } from "zod";
import type { AttributeFilter } from "./transaction-search.ts";

const word = "[a-z][a-z0-9-]{0,40}";

export const moduleParam = z
  .string()
  .regex(new RegExp(`^${word}$`))
  .describe("a module, such as energy");

export const typeParam = z
  .string()
  .regex(new RegExp(`^${word}/${word}$`))
  .describe("a type of message, such as energy/offer");

export const attributeParam = z
  .string()
  .max(400)
  .regex(new RegExp(`^${word}/${word}\\.[A-Za-z][A-Za-z0-9]{0,40}(=.{0,300})?$`, "us"))
  .describe("an event's attribute, with a value or any: energy/trade.seller, or money/transferred.to=<account>");

/** Of a parameter that has its form. */
export function readAttribute(text: string): AttributeFilter {
  const equals = text.indexOf("=");
  return equals < 0 ? { key: text, value: null } : { key: text.slice(0, equals), value: text.slice(equals + 1) };
}
