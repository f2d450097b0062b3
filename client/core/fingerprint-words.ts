// A hash as words that two people can read to each other: BIP-39's lists, twelve words of its first 128 bits. The list of the language
// comes when it is first needed.

import { fromHex } from "../../ledger/protocol/bytes.ts";
import type { Language } from "./language.ts";

/** The words of a hash in lower-case hex, in the order in which they are read. @throws {RangeError} when it has no 32 bytes. */
export async function fingerprintWords(hash: string, language: Language): Promise<readonly string[]> {
  const bytes = fromHex(hash);
  if (bytes.length !== 32) throw new RangeError(`a hash has 32 bytes, not ${bytes.length}`);
  const [{ entropyToMnemonic }, { wordlist }] = await Promise.all([
    import("@scure/bip39"),
    language === "ko" ? import("@scure/bip39/wordlists/korean.js") : import("@scure/bip39/wordlists/english.js"),
  ]);
  // The Korean list is stored in parts of syllables, which not every font joins; the mnemonic's separator may be another space.
  return entropyToMnemonic(bytes.subarray(0, 16), wordlist).normalize("NFC").split(/\s+/u);
}
