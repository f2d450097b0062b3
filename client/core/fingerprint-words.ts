// A hash as words that two people can read to each other: BIP-39's lists, twelve words of its first 128 bits. The list of the language
// comes when it is first needed.

import { fromHex, hex } from "../../ledger/protocol/bytes.ts";
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

/** Loads the lists of both languages, so that they are there without a network too. */
export async function loadWordLists(): Promise<void> {
  await wordLists();
}

async function wordLists() {
  const [{ mnemonicToEntropy }, ...lists] = await Promise.all([
    import("@scure/bip39"),
    import("@scure/bip39/wordlists/english.js"),
    import("@scure/bip39/wordlists/korean.js"),
  ]);
  return { mnemonicToEntropy, lists };
}

/** The first 16 bytes, in hex, of the hash whose words these are, in either language; null when they are none. */
export async function fingerprintEntropy(text: string): Promise<string | null> {
  const said = text
    .trim()
    .toLowerCase()
    .normalize("NFKD")
    .split(/[\s,.;0-9]+/u)
    .filter((word) => word !== "");
  if (said.length !== 12) return null;
  const { mnemonicToEntropy, lists } = await wordLists();
  for (const { wordlist } of lists) {
    try {
      return hex(mnemonicToEntropy(said.join(" "), wordlist));
    } catch {
      // The other language, or a word that was heard wrong.
    }
  }
  return null;
}
