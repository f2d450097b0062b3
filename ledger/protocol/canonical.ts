// Canonical JSON (RFC 8785) of wire values: what is hashed and signed. Plain objects, arrays, strings, finite numbers, booleans
// and null. Strings and numbers are written as ECMAScript writes them, so JSON.stringify does it wherever the members' order is right.

import { utf8 } from "./bytes.ts";

/** Canonical JSON text. @throws {TypeError} for values that have no canonical form: no JSON, or lone surrogates. */
export function canonicalText(value: unknown): string {
  return isInOrder(value) ? JSON.stringify(value) : inOrderText(value);
}

/** Canonical JSON as UTF-8 bytes. @throws {TypeError} as `canonicalText`. */
export function canonicalBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8(canonicalText(value));
}

/** Whether all members stand in RFC 8785's order, that of UTF-16 code units. @throws {TypeError} */
function isInOrder(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return isScalar(value);
  if (Array.isArray(value)) {
    for (const item of value) if (!isInOrder(item)) return false;
    return true;
  }
  const members = plain(value);
  let before = "";
  for (const name of namesOf(members)) {
    if (name < before) return false;
    before = name;
    if (!isScalar(name) || !isInOrder(members[name])) return false;
  }
  return true;
}

function inOrderText(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    isScalar(value);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(inOrderText).join(",")}]`;
  const members = plain(value);
  let text = "";
  for (const name of namesOf(members).sort())
    text += `${text === "" ? "{" : ","}${inOrderText(name)}:${inOrderText(members[name])}`;
  return text === "" ? "{}" : `${text}}`;
}

type Members = Readonly<Record<string, unknown>>;

/** @throws {TypeError} for objects that JSON.stringify would write in a way of their own. */
function plain(value: object): Members {
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || typeof (value as Members)["toJSON"] === "function")
    throw new TypeError("only plain objects and arrays have a canonical form");
  return value as Members;
}

/** Names of the members. Those that are undefined are left out, as JSON.stringify does. */
function namesOf(members: Members): string[] {
  const names = Object.keys(members);
  for (const name of names) if (members[name] === undefined) return names.filter((each) => members[each] !== undefined);
  return names;
}

/** True for what JSON writes in one way only. @throws {TypeError} for what it cannot hold. */
function isScalar(value: unknown): boolean {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new TypeError("a lone surrogate has no canonical form");
      return true;
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical form`);
      return true;
    case "boolean":
      return true;
    default:
      if (value === null) return true;
      throw new TypeError("a value that JSON cannot hold has no canonical form");
  }
}
