// An account of the city that sends transactions: one body is sent again, unchanged, until the ledger has decided on it.
// The ledger takes a body once only, so sending it again is safe. Waits double from 0.5 s to 30 s.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  accountIdOfKey,
  type Message,
  signTransaction,
  type TransactionBody,
} from "../../../ledger/protocol/transaction.ts";
import { expiryBlocksMax } from "../../../ledger/protocol/transaction-limits.ts";
import { LedgerAwayError, type LedgerClient, type Submitted } from "./ledger-client.ts";
import type { Signer } from "./signer.ts";

const waitMsMin = 500;
const waitMsMax = 30_000;
/** Half of what the ledger allows leaves room for blocks made while a transaction travels. */
const expiryBlocks = Math.floor(expiryBlocksMax / 2);
/** Refusals that pass by themselves: the city is busy. */
const passing = new Set([
  "transaction_quota_must_not_be_exceeded",
  "transaction_mempool_must_have_room",
  "transaction_mempool_share_must_not_be_exceeded",
  "transaction_mempool_place_must_be_kept",
  "transaction_ledger_must_be_running",
]);

export class CityAccount {
  readonly id: string;
  readonly #ledger: LedgerClient;
  readonly #signer: Signer;

  constructor(ledger: LedgerClient, signer: Signer) {
    this.#ledger = ledger;
    this.#signer = signer;
    this.id = accountIdOfKey(signer.publicKeyHex);
  }

  /**
   * Sends messages in one transaction until it is applied or refused for good.
   * @throws {LedgerAwayError} or an AbortError once `stop` is aborted.
   */
  async send(messages: Message[], stop: AbortSignal): Promise<Submitted> {
    let waitMs = waitMsMin;
    let body: TransactionBody | null = null;
    for (;;) {
      stop.throwIfAborted();
      try {
        const chain = await this.#ledger.chain();
        if (body === null || body.expires < chain.height || body.chain !== chain.chain) {
          const expires = chain.height + expiryBlocks;
          body = { chain: chain.chain, id: randomBytes(16).toString("hex"), expires, messages };
        }
        const transaction = await signTransaction(body, this.id, this.#signer.publicKeyHex, async (bytes) =>
          this.#signer.sign(bytes),
        );
        const submitted = await this.#ledger.submit(transaction);
        // Seen before: an earlier try of this very body got through.
        if (submitted.refusal === "transaction_must_not_be_repeated") return { code: 0, height: submitted.height };
        if (!passing.has(submitted.refusal ?? "")) return submitted;
      } catch (error) {
        if (!(error instanceof LedgerAwayError)) throw error;
      }
      await sleep(waitMs, undefined, { signal: stop });
      waitMs = Math.min(waitMsMax, waitMs * 2);
    }
  }
}
