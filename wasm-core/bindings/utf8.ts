// UTF-8 of texts, of those alone that have one: TextEncoder gives an unpaired surrogate the bytes of U+FFFD, so that two texts would
// have the same hash.

const textEncoder = new TextEncoder();
const unpairedSurrogate = /\p{Cs}/u;

/** Null for a text with an unpaired surrogate. */
export function utf8Of(text: string): Uint8Array<ArrayBuffer> | null {
  return unpairedSurrogate.test(text) ? null : textEncoder.encode(text);
}
