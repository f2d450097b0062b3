// What a citizen who lost all keys hands to the guardians: a link that carries the new key, and a code that is read out to them. The
// code is 24 digits of a SHA-256 over chain, account and key: some 2^80 keys would have to be made to find another one that fits.

import { sha256 } from "@noble/hashes/sha2.js";
import { accountIdSchema } from "../../ledger/protocol/accounts.ts";
import { hex, utf8 } from "../../ledger/protocol/bytes.ts";
import { anyPublicKeySchema, namesOneKey, rpIdSchema } from "../../ledger/protocol/keys.ts";

/** The key that shall be the account's only one. */
export interface RecoveryRequest {
  readonly account: string;
  readonly key: string;
  /** Of a passkey. */
  readonly rpId?: string;
}

const domain = "glasstown/recovery-code/1";
const digits = 24;
const groupDigits = 4;
const linkCharactersMax = 2_000;

/** The code of a request on a chain, 24 digits in groups of four. */
export function codeOf(chain: string, { account, key, rpId }: RecoveryRequest): string {
  const digest = sha256(utf8([domain, chain, account, key, rpId ?? ""].join("\n")));
  const text = (BigInt(`0x${hex(digest)}`) % 10n ** BigInt(digits)).toString().padStart(digits, "0");
  return (text.match(new RegExp(`.{${groupDigits}}`, "g")) ?? []).join(" ");
}

/** What a person typed: `complete` once there are 24 digits, whatever stands between them. */
export function judgeCode(typed: string, code: string): "empty" | "incomplete" | "wrong" | "right" {
  const text = typed.normalize("NFKC").replaceAll(/[\s\-–.,]/g, "");
  if (text === "") return "empty";
  const wanted = code.replaceAll(" ", "");
  // A digit that is wrong already is not waited with: the person is still on the phone.
  if (!wanted.startsWith(text)) return "wrong";
  return text.length === wanted.length ? "right" : "incomplete";
}

const mark = "#recover=";

/** The link that brings a request to a guardian; what it says stands behind the `#`, which browsers keep to themselves. */
export function linkOf(page: string, { account, key, rpId }: RecoveryRequest): string {
  return `${page.split("#")[0]}${mark}${account}.${key}${rpId === undefined ? "" : `.${rpId}`}`;
}

/** The request in a link or in its end; null when there is none. */
export function readLink(text: string): RecoveryRequest | null {
  const from = text.indexOf(mark);
  if (from < 0 || text.length > linkCharactersMax) return null;
  const [account = "", key = "", ...rest] = text
    .slice(from + mark.length)
    .trim()
    .split(".");
  const rpId = rest.length === 0 ? undefined : rest.join(".");
  if (!accountIdSchema.safeParse(account).success || !anyPublicKeySchema.safeParse(key).success) return null;
  if (rpId !== undefined && !rpIdSchema.safeParse(rpId).success) return null;
  const request = { account, key, ...(rpId === undefined ? {} : { rpId }) };
  return namesOneKey(request) ? request : null;
}
