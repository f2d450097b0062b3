// Canonical JSON (RFC 8785) of wire values: what is hashed and signed.

import canonicalize from "canonicalize";
import { utf8 } from "./bytes.ts";

/** Canonical JSON text. @throws {TypeError} for values that JSON cannot hold. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("a value that JSON cannot hold has no canonical form");
  return text;
}

/** Canonical JSON as UTF-8 bytes. */
export function canonicalBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8(canonicalText(value));
}
