// Paths of C2SP tlog-tiles resources: `<L>/<N>[.p/<W>]`, N in zero-padded groups of three digits, all but the last with an x.

import { tileWidth } from "./tile-tree.ts";

export interface TilePath {
  /** Level of hashes, or the bundles of entries. */
  readonly level: number | "entries";
  readonly number: number;
  /** 1 to 256. */
  readonly width: number;
}

/** Levels that a log of at most 2^53 entries can have. */
const levelMax = 63;
/** `x123/x456/x789/x012/345`: more groups than 2^53 entries need are refused. */
const pattern = /^(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Reads the part of the path after `/tile/`; undefined when it has not the one canonical form. */
export function parseTilePath(path: string): TilePath | undefined {
  const match = pattern.exec(path);
  if (match === null) return undefined;
  const [, levelText = "", groups = "", widthText] = match;
  const level = levelText === "entries" ? levelText : Number(levelText);
  if (level !== "entries" && level > levelMax) return undefined;
  const number = Number(groups.replaceAll(/[x/]/g, ""));
  if (!Number.isSafeInteger(number) || tileNumberText(number) !== groups) return undefined;
  const width = widthText === undefined ? tileWidth : Number(widthText);
  if (widthText !== undefined && width >= tileWidth) return undefined;
  return { level, number, width };
}

/** The path form of a tile's number: 1234067 is `x001/x234/067`. */
export function tileNumberText(number: number): string {
  const digits = String(number);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/[0-9]{3}/g) ?? [];
  return groups.map((group, i) => (i + 1 < groups.length ? `x${group}` : group)).join("/");
}

/** Entries of a bundle, each behind its length as big-endian uint16. */
export function entryBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const entry of entries) {
    view.setUint16(offset, entry.length);
    bytes.set(entry, offset + 2);
    offset += 2 + entry.length;
  }
  return bytes;
}
