// The ledgers that an operator suggests to pages as witnesses: base URLs with commas between them, at most 8, as the light client takes.

export const witnessUrlsMax = 8;
const lengthMax = 200;

/** @throws {Error} with a message for a person, naming the part that is wrong. */
export function parseWitnessUrls(listed: string): readonly string[] {
  const parts = listed.split(",").map((part) => part.trim());
  const urls = parts.filter((part) => part !== "").map(witnessUrl);
  if (urls.length > witnessUrlsMax) throw new Error(`${urls.length} addresses, at most ${witnessUrlsMax}`);
  const twice = urls.find((url, at) => urls.indexOf(url) !== at);
  if (twice !== undefined) throw new Error(`"${twice}" is named twice`);
  return urls;
}

function witnessUrl(part: string): string {
  const url = URL.canParse(part) ? new URL(part) : null;
  // Pages show these to everybody: a password in one would be given away.
  const plain = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url === null || !plain || !/^https?:$/.test(url.protocol) || part.length > lengthMax)
    throw new Error(`"${part}" is not the address of a ledger, such as https://ledger.example.org`);
  return url.href.replace(/\/+$/, "");
}
