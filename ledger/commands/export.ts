// export <folder>: a snapshot of the state in chunks that can each be checked alone, with the signed block whose header commits to it.
// export --json: the state's entries as JSON lines on standard output.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { finished } from "node:stream/promises";
import type { Settings } from "../../settings/settings.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { systemClock } from "../consensus/clock.ts";
import { openChain, restoreApplication } from "../consensus/open-chain.ts";
import { replayUntil } from "../consensus/replay.ts";
import { SoloEngine } from "../consensus/solo.ts";
import { fromUtf8 } from "../protocol/bytes.ts";
import { manifestBytes, type SnapshotManifest } from "../state/snapshot.ts";
import { takeSnapshot } from "../state/snapshot-export.ts";
import { VersionedState } from "../state/versioned-state.ts";
import type { EntryPage } from "../storage/base-state.ts";
import { writeDurably } from "../storage/durable-file.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import { StoreError, storeErrorOf } from "../storage/store-error.ts";
import {
  chainFolderOf,
  newApplication,
  newTree,
  openBackedUp,
  openForReading,
  pagesOf,
  type ReadableChain,
} from "./chain.ts";
import { type Command, folderOf, progressOf, say } from "./command.ts";

export const chunkFile = (index: number): string => `chunk-${String(index).padStart(5, "0")}`;

export const exportState: Command = {
  name: "export",
  usage: "(<folder> | --json) [--from <backup>]",
  summary: "writes a snapshot of the state that anyone can check, or its entries as JSON lines",
  help:
    "The snapshot holds chunks of at most 1 MiB, a manifest, genesis and the block whose header commits to the state. A state stands\n" +
    "under the header of the next block, so one block is made, as at a start; the validator's key must be there. --json only reads.\n" +
    "The ledger must be stopped; while it runs, make a backup and give its folder to --from: the snapshot is of the state before its\n" +
    "newest block, which is had by executing the blocks before. Nothing is signed then, and the backup is not changed.",
  positions: 1,
  flags: ["json"],
  values: ["from"],
  async run(settings, input) {
    const { from } = input.values;
    const open = () => (from === undefined ? openForReading(settings) : openBackedUp(resolve(from)));
    if (input.flags.has("json")) return exportLines((await open()).store);
    const target = resolve(folderOf(exportState, input));
    await mkdir(target, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw storeErrorOf(target, error);
    });
    if ((await readdir(target)).length > 0)
      throw new StoreError(`${target}: is not empty; choose a new folder for the snapshot`);
    if (from !== undefined) return exportBackup(settings, await open(), target);
    // Says whether there is a chain; opening it as a validator would begin one.
    await (await openForReading(settings)).store.close();
    const chain = await openChain(chainFolderOf(settings), loadCore(), () => {
      throw new StoreError(`${chainFolderOf(settings)}: holds no chain`);
    });
    try {
      const { genesis, store } = chain;
      const manifest = await writeChunks(settings, store.stateBatches(), store.head!.height, genesis.chain, target);
      const application = newApplication(settings);
      const position = await restoreApplication(chain, application);
      const onFatal = (error: unknown): void => {
        throw error;
      };
      const engine = new SoloEngine(
        { ...chain, application, clock: systemClock, heartbeatMs: 3_600_000, onFatal },
        position,
      );
      await engine.start();
      await engine.stop();
      await finish(chain, manifest, target);
      return 0;
    } finally {
      await chain.store.close();
    }
  },
};

/** A backup's newest block commits to the state before it, so nothing needs to be signed. */
async function exportBackup(settings: Settings, chain: ReadableChain, target: string): Promise<number> {
  const { builder, genesis, store } = chain;
  try {
    const end = store.head!.height - 1;
    if (end < 0) throw new StoreError(`${store.folder}: holds no block yet, so nothing commits to its state`);
    const application = newApplication(settings);
    const fault = await replayUntil(store, builder, application, end, progressOf("export"));
    if (fault !== null) throw new StoreError(`${store.folder}: block ${fault.height}: ${fault.reason}`);
    const manifest = await writeChunks(settings, pagesOf(application), end, genesis.chain, target);
    await finish(chain, manifest, target);
    return 0;
  } finally {
    await store.close();
  }
}

/** Writes what the chunks are checked against, the manifest last. */
async function finish(
  { genesis, store }: Pick<ReadableChain, "genesis" | "store">,
  manifest: SnapshotManifest,
  target: string,
): Promise<void> {
  const block = (await store.block(manifest.height + 1))!;
  if (block.block.header.app_hash.toLowerCase() !== manifest.appHash)
    throw new Error("the block does not commit to the state");
  const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  await writeDurably(join(target, "genesis.json"), text(genesis.document), 0o644);
  await writeDurably(join(target, "block.json"), text(block), 0o644);
  await writeDurably(join(target, "manifest.json"), fromUtf8(manifestBytes(manifest)), 0o644);
  const { height, appHash, entries, chunks } = manifest;
  say({ chain: genesis.chain, folder: target, height, appHash, entries, chunks: chunks.length });
}

/** The chunks of a state; one in memory at a time. */
async function writeChunks(
  settings: Settings,
  batches: AsyncIterable<EntryPage> | Iterable<EntryPage>,
  height: number,
  chain: string,
  target: string,
): Promise<SnapshotManifest> {
  const progress = progressOf("export");
  const state = new VersionedState(newTree(settings));
  for await (const batch of batches) state.load(batch);
  state.endLoad(height);
  const steps = takeSnapshot(state, chain, { hasher: loadCore(), newTree: loadStateTree });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const snapshot = step.value;
  const { chunks } = snapshot.manifest;
  for (const index of chunks.keys()) {
    await writeFile(join(target, chunkFile(index)), snapshot.chunk(index), { flush: true, mode: 0o644 });
    progress(index + 1, chunks.length);
  }
  return snapshot.manifest;
}

/** One JSON line per state entry of the newest block, ascending by name. */
async function exportLines(store: LedgerStore): Promise<number> {
  try {
    const out = createWriteStream("", { fd: 1 });
    for await (const batch of store.stateBatches())
      for (const [name, value] of batch)
        if (!out.write(`${JSON.stringify({ name, value: JSON.parse(fromUtf8(value)) })}\n`)) await once(out, "drain");
    out.end();
    await finished(out);
    return 0;
  } finally {
    await store.close();
  }
}
