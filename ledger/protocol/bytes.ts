// Hex and UTF-8 conversions for wire values. Hex on the wire is lower case, without a prefix.

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true });
// A name may begin with U+FEFF, which decoders otherwise take for a byte order mark.
const nameDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a string. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return textEncoder.encode(text);
}

/** The string of UTF-8 bytes. @throws {TypeError} when the bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return textDecoder.decode(bytes);
}

/** The name of a state entry: as `fromUtf8`, but for a first U+FEFF, which stays. @throws {TypeError} as `fromUtf8`. */
export function nameFromUtf8(bytes: Uint8Array): string {
  return nameDecoder.decode(bytes);
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** Value of a hex digit by its character code; -1 for what is none. */
const digitOfCode = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  digitOfCode[digit.toString(16).charCodeAt(0)] = digit;
  digitOfCode[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** Lower-case hex of bytes. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += hexOfByte[bytes[i]!]!;
  return text;
}

/** Bytes of a hex string of either case. @throws {RangeError} when the text is not hex. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length >> 1);
  let digits = 0;
  for (let i = 0; i < bytes.length; i++) {
    const high = digitOfCode[text.charCodeAt(2 * i)] ?? -1;
    const low = digitOfCode[text.charCodeAt(2 * i + 1)] ?? -1;
    digits |= high | low;
    bytes[i] = (high << 4) | low;
  }
  // One that is no digit makes it negative.
  if (digits < 0 || text.length % 2 !== 0) throw new RangeError(`not hex: ${text.slice(0, 20)}`);
  return bytes;
}
