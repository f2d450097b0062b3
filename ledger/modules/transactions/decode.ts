// From hostile bytes to a transaction: size, JSON, schema, canonical form, passkeys' answers, in this order (TX-1 to TX-4, TX-19).

import { fromHex, fromUtf8, hex, utf8 } from "../../protocol/bytes.ts";
import { canonicalText } from "../../protocol/canonical.ts";
import { type Assertion, readAssertion } from "../../protocol/passkey.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { type Transaction, transactionSchema } from "../../protocol/transaction.ts";
import { transactionBytesMax } from "../../protocol/transaction-limits.ts";
import type { Hasher } from "../hasher.ts";

export interface Decoded {
  readonly ok: true;
  readonly transaction: Transaction;
  readonly id: string;
  /** Accounts in whose name the messages act, each once, in order of appearance. */
  readonly actors: readonly string[];
  /** What each authorisation's passkey answered; null for those of other keys. */
  readonly assertions: readonly (Assertion | null)[];
  /** The canonical body, a part of the transaction's own bytes: what the id is the hash of, and what is signed. */
  readonly body: Uint8Array;
}

/** Decodes a transaction; the bytes are kept. Never throws. */
export function decode(bytes: Uint8Array, hasher: Hasher): Decoded | Refusal {
  if (bytes.length > transactionBytesMax)
    return refuse("transaction_bytes_must_not_exceed_limit", { bytes: bytes.length, limit: transactionBytesMax });
  let text: string;
  let value: unknown;
  try {
    text = fromUtf8(bytes);
    value = JSON.parse(text);
  } catch {
    return refuse("transaction_must_be_json");
  }
  const parsed = transactionSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse("transaction_must_match_schema", {
      path: (issue?.path.map(String).join(".") ?? "").slice(0, 100),
      problem: (issue?.message ?? "").slice(0, 200),
    });
  }
  const transaction = parsed.data;
  if (!isCanonical(value, text, bytes)) return refuse("transaction_must_be_canonical");
  const body = bodyOf(text, bytes);
  const actors = [...new Set(transaction.body.messages.map(({ by }) => by))];
  const id = hex(hasher.sha256(body));
  const assertions: (Assertion | null)[] = [];
  for (const authorisation of transaction.auth) {
    const assertion = authorisation.kind === "passkey" ? readAssertion(authorisation, fromHex(id)) : null;
    if (assertion !== null && !assertion.ok)
      return { ...assertion, params: { ...assertion.params, account: authorisation.by } };
    assertions.push(assertion);
  }
  return { ok: true, transaction, id, actors, assertions, body };
}

/** What was parsed is written again, so that doubled members, byte order marks and odd numbers all show as a difference. */
function isCanonical(value: unknown, text: string, bytes: Uint8Array): boolean {
  // Decoding UTF-8 drops a byte order mark and nothing else.
  if (bytes[0] !== 0x7b) return false;
  try {
    return canonicalText(value) === text;
  } catch {
    // RFC 8785 has no form for lone surrogates.
    return false;
  }
}

/** Where a list ends and the transaction's last member begins. No string holds this: quotes within one are escaped. */
const beforeBody = '],"body":';

/** The bytes of the body in a canonical transaction: `{"auth":[…],"body":{…}}`. */
function bodyOf(text: string, bytes: Uint8Array): Uint8Array {
  const at = text.indexOf(beforeBody) + beforeBody.length;
  const start = text.length === bytes.length ? at : utf8(text.slice(0, at)).length;
  return bytes.subarray(start, bytes.length - 1);
}
