// repair: makes a store anew from the blocks that a damaged one still holds (and a backup, if given), by executing them. What cannot
// be had is named. The damaged store is moved aside, never changed.

import { copyFile, link, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import type { Settings } from "../../settings/settings.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { BlockBuilder } from "../consensus/block-building.ts";
import { Replay } from "../consensus/replay.ts";
import { signedHeightIn } from "../consensus/validator-signer.ts";
import { msOfTimestamp, timestampFromText } from "../protocol/comet.ts";
import { baseFile, baseHeights, readBase } from "../storage/base-state.ts";
import { dayOf } from "../storage/daily-totals.ts";
import { keysOf, numberOfKey } from "../storage/keys.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import type { StoredBlock, StoredResults } from "../storage/records.ts";
import { StoreError, storeErrorOf } from "../storage/store-error.ts";
import { chainFolderOf, genesisOf, hasStore, newApplication, refuseInUse, stampOf } from "./chain.ts";
import { advise, type Command, progressOf, say } from "./command.ts";

export const repair: Command = {
  name: "repair",
  usage: "[--from <backup>]",
  summary: "makes a damaged store anew from its blocks, and says what is lost",
  help:
    "Reads every block that the store still holds, and with --from those of a backup that it does not; executes them; writes a new\n" +
    "store with state, index and totals; moves the old one aside (data/ledger/store-damaged-<time>). validator-state.json is not\n" +
    "touched. The ledger must be stopped. Status 1 when blocks are lost.",
  values: ["from"],
  async run(settings, input) {
    const folder = chainFolderOf(settings);
    if (!(await hasStore(folder))) throw new StoreError(`${folder}: there is no store to repair; restore a backup`);
    await refuseInUse(folder);
    const sources = await Sources.open(folder, input.values["from"]);
    try {
      return await rebuild(settings, folder, sources);
    } finally {
      await sources.close();
    }
  },
};

/** Stores that may hold a block, the best first. */
class Sources {
  readonly #stores: readonly LedgerStore[];
  readonly #scratch: readonly string[];

  private constructor(stores: readonly LedgerStore[], scratch: readonly string[]) {
    this.#stores = stores;
    this.#scratch = scratch;
  }

  static async open(folder: string, backup: string | undefined): Promise<Sources> {
    const scratch = [
      join(folder, "store-salvaged"),
      ...(backup === undefined ? [] : [join(folder, "store-from-backup")]),
    ];
    const stores: LedgerStore[] = [];
    for (const [at, from] of [
      join(folder, "store"),
      ...(backup === undefined ? [] : [join(backup, "store")]),
    ].entries())
      stores.push(await salvage(from, scratch[at]!));
    return new Sources(stores, scratch);
  }

  async block(height: number): Promise<StoredBlock | null> {
    return this.#first((store) => store.block(height));
  }

  async results(height: number): Promise<StoredResults | null> {
    return this.#first((store) => store.results(height));
  }

  /** The proposal of a height, if it was about to be signed. */
  async proposal(height: number) {
    const found = await this.#first((store) => store.proposal());
    return found?.height === height ? found : null;
  }

  /** Totals of the days before. */
  async totalsBefore(day: string) {
    const found = await this.#first((store) => store.dailyTotals("", day));
    return (found ?? []).filter((totals) => totals.day < day);
  }

  /** Lowest and highest height of which anything is left. */
  async bounds(): Promise<{ readonly lowest: number; readonly highest: number } | null> {
    let lowest = Number.POSITIVE_INFINITY;
    let highest = 0;
    for (const { keyValue } of this.#stores)
      for (const letter of ["b", "c"] as const)
        for (const descending of [false, true])
          for await (const [[key]] of keyValue.pages({ ...keysOf(letter), descending }) as AsyncIterable<
            [[Uint8Array]]
          >) {
            lowest = Math.min(lowest, numberOfKey(key));
            if (letter === "b") highest = Math.max(highest, numberOfKey(key));
            break;
          }
    return highest === 0 ? null : { lowest, highest };
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
    for (const folder of this.#scratch) await rm(folder, { recursive: true, force: true });
  }

  /** A record that is damaged in one store may be whole in the next. */
  async #first<T>(read: (store: LedgerStore) => Promise<T | null>): Promise<T | null> {
    for (const store of this.#stores) {
      const found = await read(store).catch((error: unknown) => {
        if (error instanceof StoreError) return null;
        throw error;
      });
      if (found !== null) return found;
    }
    return null;
  }
}

/** What LevelDB's own repair can still read, in a folder beside; tables are linked, since it never changes them. */
async function salvage(store: string, scratch: string): Promise<LedgerStore> {
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o700 });
  for (const name of await readdir(store)) {
    const [from, to] = [join(store, name), join(scratch, name)];
    if (/\.(ldb|sst)$/.test(name)) await link(from, to).catch(() => copyFile(from, to));
    else if (name.endsWith(".log")) await copyFile(from, to);
  }
  try {
    await ClassicLevel.repair(scratch);
    return await LedgerStore.salvaged(scratch);
  } catch (error) {
    throw storeErrorOf(store, error);
  }
}

async function rebuild(_settings: Settings, folder: string, sources: Sources): Promise<number> {
  const genesis = await genesisOf(folder, null);
  const builder = new BlockBuilder(loadCore(), genesis);
  const application = newApplication();
  const bounds = await sources.bounds();
  const signed = await signedHeightIn(folder);
  const highest = Math.max(bounds?.highest ?? 0, signed ?? 0);
  const start = await startOf(builder, folder, sources, application);
  const making = join(folder, "store-making");
  await rm(making, { recursive: true, force: true });
  const store = await LedgerStore.open(making);
  const progress = progressOf("repair");
  let recomputed = 0;
  let reason: string | null = null;
  try {
    const { height, appHash } = start.replay.position;
    const head = { chain: genesis.chain, height, hash: start.hash, appHash: Buffer.from(appHash).toString("hex") };
    if (height === 0) await store.initialise(genesis.chain, head.appHash, start.replay.genesisChanges);
    else {
      await store.beginWith(head, readBase(baseFile(folder, height)));
      for (const totals of await sources.totalsBefore(start.day)) await store.putTotals(totals);
    }
    for (;;) {
      const next = start.replay.position.height + 1;
      const stored = await sources.block(next);
      if (stored === null) break;
      let results = await sources.results(next);
      if (results === null) recomputed++;
      let record = start.replay.next(stored, results);
      if (typeof record === "string" && /results|events/.test(record)) {
        // The block is signed and its results are not: what executing it gives is what it is.
        results = null;
        recomputed++;
        record = start.replay.next(stored, null);
      }
      if (typeof record === "string") {
        reason = record;
        break;
      }
      await store.append(record, false);
      progress(next, highest);
    }
    const end = start.replay.position.height;
    const proposal = await sources.proposal(end + 1);
    if (proposal !== null) await store.putProposal(proposal);
    await store.flush();
  } finally {
    await store.close();
  }
  const end = start.replay.position.height;
  const aside = join(folder, `store-damaged-${stampOf(Date.now())}`);
  await rename(join(folder, "store"), aside);
  await rename(making, join(folder, "store"));
  // A block that was proposed and signed is made again from the proposal.
  const proposed = (await hasProposal(folder, end + 1)) && highest === end + 1;
  const lost = highest > end && !proposed ? { from: end + 1, to: highest } : null;
  say({
    chain: genesis.chain,
    lowest: start.replayedFrom,
    height: end,
    recomputedResults: recomputed,
    lost,
    reason,
    oldStore: aside,
  });
  if (lost === null) return 0;
  advise(
    `repair: blocks ${lost.from} to ${lost.to} could not be read${reason === null ? "" : ` (block ${lost.from}: ${reason})`}. ` +
      "Take them from a backup that holds them: `npm run ledger -- repair --from <backup>`. Until then the ledger does not start " +
      "where the validator has signed them: it must not sign other blocks at these heights.",
  );
  return 1;
}

async function hasProposal(folder: string, height: number): Promise<boolean> {
  const store = await LedgerStore.open(join(folder, "store"));
  try {
    return (await store.proposal())?.height === height;
  } finally {
    await store.close();
  }
}

interface Start {
  readonly replay: Replay;
  /** Hash of the block before, hex; empty at genesis. */
  readonly hash: string;
  /** Day of the first block; totals of earlier days cannot be counted again. */
  readonly day: string;
  readonly replayedFrom: number;
}

/** Genesis when its first block is there, else the newest kept state whose next block is there. */
async function startOf(
  builder: BlockBuilder,
  folder: string,
  sources: Sources,
  application: ReturnType<typeof newApplication>,
): Promise<Start> {
  const bases = await baseHeights(folder);
  if ((await sources.block(1)) !== null || bases.length === 0)
    return { replay: Replay.fromGenesis(builder, application), hash: "", day: "", replayedFrom: 1 };
  let last = "the blocks after it are gone";
  for (const base of bases) {
    const first = await sources.block(base + 1);
    if (first === null) continue;
    const replay = await Replay.fromState(builder, application, first, readBase(baseFile(folder, base))).catch(
      (error: unknown) => (error as Error).message,
    );
    if (typeof replay === "string") {
      last = replay;
      continue;
    }
    const { header } = first.block;
    const day = dayOf(msOfTimestamp(timestampFromText(header.time)));
    return { replay, hash: header.last_block_id.hash.toLowerCase(), day, replayedFrom: base + 1 };
  }
  throw new StoreError(`${baseFile(folder, bases[0]!)}: cannot be used (${last}); restore a backup`);
}
