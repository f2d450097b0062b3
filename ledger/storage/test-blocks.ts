// For tests of the store: block records that are well formed, though nobody signed them.

import { createHash } from "node:crypto";
import type { CommitFields } from "../../wasm-core/bindings/comet.ts";
import { encodeBlock } from "../../wasm-core/bindings/comet-encoding.ts";
import { utf8 } from "../protocol/bytes.ts";
import { timestampOfMs } from "../protocol/comet.ts";
import type { BlockRecord } from "./block-record.ts";
import type { StoredResult } from "./records.ts";

export const testAppHash = "00".repeat(32);

export const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
export const accountOf = (name: string): string => digest(name).slice(0, 40);
const bytesOf = (text: string): Uint8Array => Buffer.from(digest(text), "hex");

export function transactionBy(account: string, type = "energy/offer"): Uint8Array {
  return utf8(JSON.stringify({ auth: [{ by: account }], body: { messages: [{ by: account, type }] } }));
}

/** Its data stands for the root over the events. */
export function applied(events: StoredResult["events"]): StoredResult {
  const data = Buffer.from(bytesOf(JSON.stringify(events))).toString("base64");
  return { code: 0, codespace: "", refusal: "", params: {}, data, events };
}

/** A block; its transactions' ids and hashes are digests of `id <height>.<index>` and `tx <height>.<index>`. */
export function blockRecord(
  height: number,
  timeMs: number,
  transactions: readonly Uint8Array[],
  more: Partial<BlockRecord> = {},
): BlockRecord {
  const none = new Uint8Array();
  const commitAt = (at: number): CommitFields =>
    at === 0
      ? { height: 0n, round: 0n, blockId: { hash: none, partsTotal: 0, partsHash: none }, signatures: [] }
      : {
          height: BigInt(at),
          round: 0n,
          blockId: { hash: bytesOf(`block ${at}`), partsTotal: 1, partsHash: bytesOf(`parts ${at}`) },
          signatures: [
            {
              flag: 2,
              validatorAddress: bytesOf("validator").subarray(0, 20),
              timestamp: timestampOfMs(timeMs + 1),
              signature: Buffer.concat([bytesOf("r"), bytesOf("s")]),
            },
          ],
        };
  const lastCommit = commitAt(height - 1);
  const header = {
    versionBlock: 11n,
    versionApp: 1n,
    chainId: "chain",
    height: BigInt(height),
    time: timestampOfMs(timeMs),
    lastBlockId: lastCommit.blockId,
    lastCommitHash: bytesOf("last commit"),
    dataHash: bytesOf("data"),
    validatorsHash: bytesOf("validators"),
    nextValidatorsHash: bytesOf("validators"),
    consensusHash: bytesOf("parameters"),
    appHash: bytesOf("state"),
    lastResultsHash: bytesOf("results"),
    evidenceHash: bytesOf("evidence"),
    proposerAddress: bytesOf("validator").subarray(0, 20),
  };
  return {
    head: { chain: "chain", height, hash: digest(`block ${height}`), appHash: testAppHash },
    encoded: encodeBlock(header, transactions, lastCommit),
    timeMs,
    commit: commitAt(height),
    results: {
      appHash: testAppHash,
      ids: transactions.map((_, index) => digest(`id ${height}.${index}`)),
      transactions: transactions.map(() => applied([])),
      events: [],
    },
    changes: [],
    transactions: transactions.map((bytes, index) => ({
      id: digest(`id ${height}.${index}`),
      hash: digest(`tx ${height}.${index}`),
      bytes,
    })),
    ...more,
  };
}
