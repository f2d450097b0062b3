// From hostile bytes to a transaction: size, JSON, schema, canonical form, passkeys' answers, in this order (TX-1 to TX-4, TX-19).

import { fromHex, fromUtf8 } from "../../protocol/bytes.ts";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { type Assertion, readAssertion } from "../../protocol/passkey.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { type Transaction, transactionBytesMax, transactionId, transactionSchema } from "../../protocol/transaction.ts";

export interface Decoded {
  readonly ok: true;
  readonly transaction: Transaction;
  readonly id: string;
  /** Accounts in whose name the messages act, each once, in order of appearance. */
  readonly actors: readonly string[];
  /** What each authorisation's passkey answered; null for those of other keys. */
  readonly assertions: readonly (Assertion | null)[];
}

/** Decodes a transaction. Never throws. */
export function decode(bytes: Uint8Array): Decoded | Refusal {
  if (bytes.length > transactionBytesMax)
    return refuse("transaction_bytes_must_not_exceed_limit", { bytes: bytes.length, limit: transactionBytesMax });
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
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
  // What was parsed is written again, so that doubled members, byte order marks and odd numbers all show as a difference.
  if (!isCanonical(transaction, bytes)) return refuse("transaction_must_be_canonical");
  const actors = [...new Set(transaction.body.messages.map(({ by }) => by))];
  const id = transactionId(transaction.body);
  const assertions: (Assertion | null)[] = [];
  for (const authorisation of transaction.auth) {
    const assertion = authorisation.kind === "passkey" ? readAssertion(authorisation, fromHex(id)) : null;
    if (assertion !== null && !assertion.ok)
      return { ...assertion, params: { ...assertion.params, account: authorisation.by } };
    assertions.push(assertion);
  }
  return { ok: true, transaction, id, actors, assertions };
}

function isCanonical(transaction: Transaction, bytes: Uint8Array): boolean {
  let canonical: Uint8Array;
  try {
    canonical = canonicalBytes(transaction);
  } catch {
    // RFC 8785 has no form for lone surrogates.
    return false;
  }
  if (canonical.length !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (canonical[i] !== bytes[i]) return false;
  return true;
}
