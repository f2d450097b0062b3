// Replays a stored chain from genesis on a fresh application, and checks on the way that every block is well made:
// its header follows from the chain before it, its commit is signed by the validator, its results and state roots agree.

import type { Application } from "../modules/application.ts";
import { hex } from "../protocol/bytes.ts";
import { commitFromJson, fromBase64, headerFromJson, msOfTimestamp } from "../protocol/comet.ts";
import { verifyEd25519Sync } from "../protocol/ed25519-node.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import { resultOfStored } from "../storage/records.ts";
import type { BlockBuilder, ChainPosition } from "./block-building.ts";
import { resultsHash } from "./block-encoding.ts";

export interface ReplayReport {
  readonly height: number;
  readonly transactions: number;
  /** State root after the last block, hex. */
  readonly appHash: string;
  /** The first disagreement; null when everything agrees. */
  readonly fault: { readonly height: number; readonly reason: string } | null;
}

/** Replays all blocks; the application must be fresh. The store is only read. */
export async function replayChain(
  store: LedgerStore,
  builder: BlockBuilder,
  application: Application,
): Promise<ReplayReport> {
  application.initialise(builder.genesis.chain, builder.genesis.appState);
  let position = builder.start(application.appHash);
  let transactionCount = 0;
  const report = (fault: ReplayReport["fault"]): ReplayReport => ({
    height: position.height,
    transactions: transactionCount,
    appHash: hex(position.appHash),
    fault,
  });
  const end = store.head?.height ?? 0;
  for (let height = 1; height <= end; height++) {
    const next = await replayBlock(store, builder, application, position);
    if (typeof next === "string") return report({ height, reason: next });
    position = next.position;
    transactionCount += next.transactions;
  }
  if (store.head !== null && store.head.appHash !== hex(position.appHash))
    return report({ height: end, reason: "the stored state root is not the replayed one" });
  const reason = await compareState(store, application);
  return report(reason === null ? null : { height: end, reason });
}

async function replayBlock(
  store: LedgerStore,
  builder: BlockBuilder,
  application: Application,
  before: ChainPosition,
): Promise<{ position: ChainPosition; transactions: number } | string> {
  const height = before.height + 1;
  const stored = await store.block(height);
  const results = await store.results(height);
  if (stored === null || results === null) return "the block is missing";
  const transactions = (stored.block.data.txs ?? []).map(fromBase64);
  if (!builder.follows(before, stored, transactions)) return "the header does not follow from the chain before it";
  const commit = commitFromJson(stored.commit);
  const vote = commit.signatures[0];
  if (vote === undefined || commit.signatures.length !== 1) return "the commit has not one signature";
  const block = builder.build(before, transactions);
  const signBytes = builder.voteSignBytes(block, vote.timestamp);
  if (!verifyEd25519Sync(builder.genesis.validator.publicKey, signBytes, vote.signature))
    return "the commit's signature is not valid";
  const timeMs = msOfTimestamp(headerFromJson(stored.block.header).time);
  const result = application.finalise({ height, timeMs, transactions });
  const storedRoot = resultsHash(builder.core, results.transactions.map(resultOfStored));
  if (hex(storedRoot) !== hex(resultsHash(builder.core, result.results))) return "the results differ";
  if (hex(result.appHash) !== results.appHash) return "the state root differs";
  application.commit();
  return { position: builder.positionAfter(stored, results), transactions: transactions.length };
}

/** The entries on disk must be exactly the replayed ones: the state root binds the application's memory, not the disk. */
async function compareState(store: LedgerStore, application: Application): Promise<string | null> {
  const onDisk = new Map(await store.stateEntries());
  for (let after: string | undefined; ; ) {
    const page = application.list("", { limit: 1_000, ...(after === undefined ? {} : { after }) });
    for (const [name, value] of page) {
      const stored = onDisk.get(name);
      if (stored === undefined || Buffer.compare(stored, value) !== 0) return `the stored state differs at ${name}`;
      onDisk.delete(name);
    }
    const last = page.at(-1);
    if (last === undefined) break;
    after = last[0];
  }
  return onDisk.size === 0 ? null : "the store holds entries that the replay does not";
}
