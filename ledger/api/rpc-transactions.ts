// CometBFT v0.38 RPC: transactions, found and handed in (rpc/core/tx.go, mempool.go). A refusal by the ledger's rules is the code of
// an answer, as an application's CheckTx gives it; what CometBFT's own mempool would refuse is an RPC error.

import type { Submission } from "../consensus/admission.ts";
import { hex } from "../protocol/bytes.ts";
import { fromBase64, toBase64 } from "../protocol/comet.ts";
import type { Refusal, RefusalName } from "../protocol/refusals.ts";
import { transactionBytesMax } from "../protocol/transaction-limits.ts";
import { methodFailed, type RpcError } from "./rpc-error.ts";
import { appliedJson, hashJson, refusalJson, resultJson, transactionJson } from "./rpc-json.ts";
import { blockAt, bytesOf, hashOf, perPageOf, type RpcContext, type RpcMethods } from "./rpc-method.ts";

/** How long `broadcast_tx_commit` waits: CometBFT's default. */
const broadcastCommitMs = 10_000;

export const transactionMethods: RpcMethods = {
  tx: {
    params: { hash: "bytes", prove: "boolean" },
    async call(context, params) {
      const hash = hex(bytesOf(params, "hash"));
      const { store, builder } = context.ledger;
      // The index knows hashes by their first bytes, so that of anything else than a whole hash it knows nothing.
      const place = hash.length === 64 ? await store.place("hash", hash) : null;
      if (place === null) throw methodFailed(`tx (${hashJson(hash)}) not found`);
      const { stored, results } = await blockAt(context, place.height);
      if (hashOf(fromBase64(stored.block.data.txs![place.index]!)) !== hashJson(hash))
        throw methodFailed(`tx (${hashJson(hash)}) not found`);
      return transactionJson(builder.core, stored, results, place.index, params["prove"] === true);
    },
  },

  check_tx: {
    params: { tx: "bytes" },
    writes: true,
    call({ ledger: { application, engine } }, params) {
      const bytes = bytesOf(params, "tx");
      if (bytes.length > transactionBytesMax) throw tooLarge(bytes);
      const { code, refusal, params: words } = application.check(bytes, engine.mempool);
      return code === 0 ? appliedJson : refusalJson({ ok: false, name: refusal as RefusalName, code, params: words });
    },
  },

  unconfirmed_txs: {
    params: { limit: "int64" },
    reads: 5,
    call({ ledger: { engine } }, params) {
      const limit = perPageOf(params, "limit");
      const txs: string[] = [];
      for (const { bytes } of engine.mempool) {
        if (txs.length === limit) break;
        txs.push(toBase64(bytes));
      }
      return { ...mempoolJson(engine.mempool, txs.length), txs };
    },
  },

  num_unconfirmed_txs: {
    params: {},
    call: ({ ledger: { engine } }) => ({ ...mempoolJson(engine.mempool, engine.mempool.size), txs: null }),
  },

  broadcast_tx_sync: {
    params: { tx: "bytes" },
    writes: true,
    async call(context, params) {
      const bytes = bytesOf(params, "tx");
      const submission = await submit(context, bytes);
      const { code, log, codespace } = submission.ok ? appliedJson : refusalJson(submission);
      return { code, data: "", log, codespace, hash: hashOf(bytes) };
    },
  },

  broadcast_tx_async: {
    params: { tx: "bytes" },
    writes: true,
    async call(context, params) {
      const bytes = bytesOf(params, "tx");
      await submit(context, bytes);
      return { code: 0, data: "", log: "", codespace: "", hash: hashOf(bytes) };
    },
  },

  broadcast_tx_commit: {
    params: { tx: "bytes" },
    writes: true,
    async call(context, params) {
      const { engine } = context.ledger;
      const bytes = bytesOf(params, "tx");
      const hash = hashOf(bytes);
      const submission = await submit(context, bytes, "error on broadcastTxCommit: ");
      if (!submission.ok) return { check_tx: refusalJson(submission), tx_result: appliedJson, hash, height: "0" };
      const outcome = await engine.outcomeOf(submission.id, broadcastCommitMs);
      if (outcome === null) throw methodFailed("timed out waiting for tx to be included in a block");
      if (outcome.kind === "dropped")
        return { check_tx: refusalJson(outcome.refusal), tx_result: appliedJson, hash, height: "0" };
      return { check_tx: appliedJson, tx_result: resultJson(outcome.result), hash, height: String(outcome.height) };
    },
  },
};

/** @throws {RpcError} for what CometBFT's mempool refuses before it asks the application: too large, no room. */
async function submit(
  { ledger: { engine }, refused }: RpcContext,
  bytes: Uint8Array,
  before = "",
): Promise<Submission> {
  if (bytes.length > transactionBytesMax) {
    refused("transaction_bytes_must_not_exceed_limit");
    throw tooLarge(bytes, before);
  }
  const submission = await engine.submit(bytes);
  if (!submission.ok) refused(submission.name);
  if (!submission.ok && isFull(submission)) {
    const { size, bytes: waiting } = engine.mempool;
    throw methodFailed(`${before}mempool is full: number of txs ${size}, total txs bytes ${waiting}`);
  }
  return submission;
}

function isFull({ name }: Refusal): boolean {
  return name === "transaction_mempool_must_have_room";
}

function tooLarge(bytes: Uint8Array, before = ""): RpcError {
  return methodFailed(`${before}Tx too large. Max size is ${transactionBytesMax}, but got ${bytes.length}`);
}

function mempoolJson(mempool: { readonly size: number; readonly bytes: number }, count: number) {
  return { n_txs: String(count), total: String(mempool.size), total_bytes: String(mempool.bytes) };
}
