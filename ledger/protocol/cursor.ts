// Positions in lists, base64url: opaque to callers. One says where to go on and nothing else, so a forged one shows nobody what a
// list would not show anyway; one that cannot be read is refused. At most 600 characters.

import { z } from "zod";
import { fromUtf8, utf8 } from "./bytes.ts";
import { fromBase64, toBase64 } from "./comet.ts";

const cursorCharactersMax = 600;

/** Where a list of things in blocks goes on: strictly after this, in its order. */
export interface PlaceCursor {
  readonly height: number;
  /** -1 for the block itself. */
  readonly index: number;
  /** Which event of the transaction or block; -1 where lists do not go that deep. */
  readonly event: number;
}

export function placeCursor({ height, index, event }: PlaceCursor): string {
  return encode(`p.${height}.${index}.${event}`);
}

/** Null when it is not a cursor of a list of things in blocks. */
export function readPlaceCursor(text: string): PlaceCursor | null {
  const parts = /^p\.([0-9]{1,15})\.(-?[0-9]{1,10})\.(-1|[0-9]{1,9})$/.exec(decode(text) ?? "");
  return parts === null ? null : { height: Number(parts[1]), index: Number(parts[2]), event: Number(parts[3]) };
}

/** Of a list of state entries: strictly after this name. */
export function nameCursor(name: string): string {
  return encode(`n.${name}`);
}

/** Null when it is no position in a list of state entries under the prefix. */
export function readNameCursor(text: string, prefix: string): string | null {
  const decoded = decode(text);
  return decoded?.startsWith(`n.${prefix}`) ? decoded.slice(2) : null;
}

export const placeCursorSchema = z
  .string()
  .max(cursorCharactersMax)
  .refine((text) => readPlaceCursor(text) !== null, "is no cursor of this list")
  .describe("the `next` of the page before");

export const nameCursorSchema = z
  .string()
  .max(cursorCharactersMax)
  .refine((text) => readNameCursor(text, "") !== null, "is no cursor of this list")
  .describe("the `next` of the page before");

function encode(text: string): string {
  return toBase64(utf8(text)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(cursor: string): string | null {
  if (cursor.length > cursorCharactersMax || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  const standard = cursor.replaceAll("-", "+").replaceAll("_", "/");
  try {
    return fromUtf8(fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, "=")));
  } catch {
    return null;
  }
}
