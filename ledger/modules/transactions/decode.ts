// From hostile bytes to a transaction: size, JSON, schema, canonical form, in this order (TX-1 to TX-4).

import { fromUtf8 } from "../../protocol/bytes.ts";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { type Transaction, transactionBytesMax, transactionId, transactionSchema } from "../../protocol/transaction.ts";

export interface Decoded {
  readonly ok: true;
  readonly transaction: Transaction;
  readonly id: string;
  /** Accounts in whose name the messages act, each once, in order of appearance. */
  readonly actors: readonly string[];
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
  return { ok: true, transaction, id: transactionId(transaction.body), actors };
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
