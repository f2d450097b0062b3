// Bundles as text: base64url for links, and Base45 (RFC 9285) for QR codes in alphanumeric mode, in parts of which each says its
// number, how many there are, and the checksum of the whole. At most 99 parts.

import type { Sha256 } from "../../../wasm-core/bindings/sha256.ts";
import { fromBase64url, toBase64url } from "../../protocol/base64url.ts";
import { hex } from "../../protocol/bytes.ts";
import { bundleBytesMax } from "./bundle.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const digitOf = new Map([...alphabet].map((sign, value) => [sign, value]));

/** Base45 text of bytes. */
export function toBase45(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const second = bytes[at + 1];
    let rest = second === undefined ? bytes[at]! : bytes[at]! * 256 + second;
    for (let sign = second === undefined ? 2 : 3; sign > 0; sign--) {
      text += alphabet[rest % 45]!;
      rest = Math.floor(rest / 45);
    }
  }
  return text;
}

/** Bytes of Base45 text; null for other signs, impossible lengths and groups that are no bytes. */
export function fromBase45(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 3 === 1) return null;
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0));
  let at = 0;
  for (let first = 0; first < text.length; first += 3) {
    const group = text.slice(first, first + 3);
    let value = 0;
    for (let i = group.length - 1; i >= 0; i--) {
      const digit = digitOf.get(group[i]!);
      if (digit === undefined) return null;
      value = value * 45 + digit;
    }
    if (value > (group.length === 3 ? 0xffff : 0xff)) return null;
    if (group.length === 3) bytes[at++] = value >> 8;
    bytes[at++] = value & 0xff;
  }
  return bytes;
}

const partsMax = 99;
/** A code of version 27 at error correction M: readable from a screen and from paper. */
const partCharactersMax = 1_600;
const partPattern = /^GT1\/([1-9][0-9]?)\/([1-9][0-9]?)\/([0-9A-F]{8})\/([0-9A-Z $%*+\-./:]+)$/;
const charactersMax = Math.ceil((bundleBytesMax * 3) / 2);

/** The texts of the QR codes that hold a bundle together. @throws {RangeError} when it takes more than 99. */
export function toQrTexts(core: Sha256, bundle: Uint8Array): readonly string[] {
  const text = toBase45(bundle);
  const count = Math.max(1, Math.ceil(text.length / partCharactersMax));
  if (count > partsMax) throw new RangeError(`a bundle of ${bundle.length} bytes takes more than ${partsMax} QR codes`);
  const size = Math.ceil(text.length / count);
  const sum = checksum(core, bundle);
  return Array.from(
    { length: count },
    (_, i) => `GT1/${i + 1}/${count}/${sum}/${text.slice(i * size, (i + 1) * size)}`,
  );
}

/** One code's text, read. */
export interface QrPart {
  /** From 1. */
  readonly number: number;
  readonly count: number;
  /** The same in all parts of a bundle. */
  readonly checksum: string;
  readonly text: string;
}

/** Null for any other text. */
export function readQrText(text: string): QrPart | null {
  const match = text.length > charactersMax ? null : partPattern.exec(text);
  if (match === null) return null;
  const [number, count] = [Number(match[1]), Number(match[2])];
  return number > count ? null : { number, count, checksum: match[3]!, text: match[4]! };
}

/** The bundle of all its parts in any order; null while one is missing, and when they do not belong together. */
export function joinQrParts(core: Sha256, parts: readonly QrPart[]): Uint8Array<ArrayBuffer> | null {
  const [first] = parts;
  if (first === undefined) return null;
  const texts = new Map<number, string>();
  for (const { number, count, checksum, text } of parts)
    if (count === first.count && checksum === first.checksum) texts.set(number, text);
  if (texts.size !== first.count) return null;
  const whole = Array.from({ length: first.count }, (_, i) => texts.get(i + 1) ?? "").join("");
  const bytes = whole.length > charactersMax ? null : fromBase45(whole);
  return bytes !== null && checksum(core, bytes) === first.checksum ? bytes : null;
}

/** A bundle as text for links and messages. */
export function toBundleText(bundle: Uint8Array): string {
  return toBase64url(bundle);
}

/** The bytes of a bundle's text, of a link that ends in it, or of one whole QR text; null for anything else. Line breaks are left out. */
export function fromBundleText(core: Sha256, text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length > 2 * charactersMax) return null;
  // Not trimmed: a space is a sign of Base45.
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const parts = lines.map(readQrText);
  if (parts.every((part) => part !== null)) return joinQrParts(core, parts);
  const packed = lines.join("").replaceAll(/\s/g, "");
  const bytes = fromBase64url(packed.slice(packed.lastIndexOf("#") + 1));
  return bytes === null || bytes.length === 0 ? null : bytes;
}

function checksum(core: Sha256, bytes: Uint8Array): string {
  return hex(core.sha256(bytes).subarray(0, 4)).toUpperCase();
}
