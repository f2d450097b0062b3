// What a block's transactions are called: by the id of the body that was signed, as far as the bytes hold one.

import { createHash } from "node:crypto";
import { fromUtf8 } from "../protocol/bytes.ts";
import { type TransactionBody, transactionId } from "../protocol/transaction.ts";

/** The id of a transaction's body; null for bytes without one, such as another's engine may put into a block. */
export function bodyIdOf(transaction: Uint8Array): string | null {
  try {
    const { body } = JSON.parse(fromUtf8(transaction)) as { body?: unknown };
    return typeof body === "object" && body !== null ? transactionId(body as TransactionBody) : null;
  } catch {
    return null;
  }
}

/** The id of a transaction in a block, hex: of its body, or where it has none CometBFT's hash of its bytes. */
export function idOf(transaction: Uint8Array): string {
  return bodyIdOf(transaction) ?? createHash("sha256").update(transaction).digest("hex");
}
