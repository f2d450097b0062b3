// repair: makes a store anew from the blocks that a damaged one still holds (and a backup, if given), by executing them. What cannot
// be had is named. The damaged store is moved aside, never changed.

import { copyFile, link, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import type { Settings } from "../../settings/settings.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { StateTreeFull } from "../../wasm-core/bindings/state-tree.ts";
import { BlockBuilder, type ChainPosition } from "../consensus/block-building.ts";
import { Replay } from "../consensus/replay.ts";
import { signedHeightIn } from "../consensus/validator-signer.ts";
import { fromBase64, msOfTimestamp, timestampFromText } from "../protocol/comet.ts";
import { baseFile, baseHeights, readBase } from "../storage/base-state.ts";
import { type DailyTotals, dayOf } from "../storage/daily-totals.ts";
import { headKey, keysOf, numberOfKey } from "../storage/keys.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import type { Proposal, StoredBlock, StoredResults } from "../storage/records.ts";
import { StoreError, storeErrorOf } from "../storage/store-error.ts";
import { asideOf, chainFolderOf, genesisOf, hasStore, newApplication, putInPlace, refuseInUse } from "./chain.ts";
import { advise, type Command, progressOf, say } from "./command.ts";

/** Of the stores that a repair moves aside. */
const asidePrefix = "store-damaged-";

export const repair: Command = {
  name: "repair",
  usage: "[--from <backup>]",
  summary: "makes a damaged store anew from its blocks, and says what is lost",
  help:
    "Reads every block that the store still holds, and those that it does not from a backup (--from) and from the stores that earlier\n" +
    "repairs moved aside; executes them; writes a new\n" +
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

  /** The store, the backup, and what earlier repairs moved aside, the newest first. */
  static async open(folder: string, backup: string | undefined): Promise<Sources> {
    const aside = (await readdir(folder)).filter((name) => name.startsWith(asidePrefix)).sort();
    const needed = [join(folder, "store"), ...(backup === undefined ? [] : [join(backup, "store")])];
    const stores: LedgerStore[] = [];
    const scratch: string[] = [];
    for (const from of [...needed, ...aside.reverse().map((name) => join(folder, name))]) {
      const salvaged = join(folder, `store-salvaged-${scratch.length}`);
      scratch.push(salvaged);
      const store = await salvage(from, salvaged).catch((error: unknown) => {
        if (needed.includes(from)) throw error;
        return null;
      });
      if (store !== null) stores.push(store);
    }
    return new Sources(stores, scratch);
  }

  /** Whether there is anything of a block. */
  async has(height: number): Promise<boolean> {
    for (const { keyValue } of this.#stores) if ((await keyValue.get(headKey(height))) !== undefined) return true;
    return false;
  }

  async block(height: number): Promise<StoredBlock | null> {
    return this.#first((store) => store.block(height));
  }

  async results(height: number): Promise<StoredResults | null> {
    return this.#first((store) => store.results(height));
  }

  /** The proposal of a height, if it was about to be signed. */
  proposal(height: number): Promise<Proposal | null> {
    return this.#first(async (store) => {
      const found = await store.proposal();
      return found?.height === height ? found : null;
    });
  }

  /** Totals of the days before. */
  async totalsBefore(day: string): Promise<readonly DailyTotals[]> {
    const found = await this.#first((store) => store.dailyTotals("", day));
    return (found ?? []).filter((totals) => totals.day < day);
  }

  /** A day's totals as they were when a block was the newest that they count. */
  totalsAt(day: string, lastHeight: number): Promise<DailyTotals | null> {
    return this.#first(async (store) => {
      const [totals] = await store.dailyTotals(day, day);
      return totals?.lastHeight === lastHeight ? totals : null;
    });
  }

  /** Gives what the first store that knows it knows of the history before another's beginning. */
  async giveHistory(to: LedgerStore): Promise<void> {
    for (const { keyValue } of this.#stores) if (await to.takeHistory(keyValue)) return;
  }

  /** The highest height of which anything is left or said; null when there is nothing. */
  async highest(): Promise<number | null> {
    const heights: number[] = [];
    for (const store of this.#stores) {
      const marked = await store.markedHeight();
      if (marked !== null) heights.push(marked);
      for await (const page of store.keyValue.pages({ ...keysOf("b"), descending: true })) {
        heights.push(numberOfKey(page[0]![0]));
        break;
      }
    }
    return heights.length === 0 ? null : Math.max(...heights);
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

async function rebuild(settings: Settings, folder: string, sources: Sources): Promise<number> {
  const genesis = await genesisOf(folder, null);
  const builder = new BlockBuilder(loadCore(), genesis);
  const application = newApplication(settings);
  const left = await sources.highest();
  if (left === null) throw new StoreError(`${join(folder, "store")}: nothing of it can be read; restore a backup`);
  const highest = Math.max(left, (await signedHeightIn(folder)) ?? 0);
  const start = await startOf(builder, folder, sources, application);
  const making = join(folder, "store-making");
  await rm(making, { recursive: true, force: true });
  const store = await LedgerStore.open(making);
  const progress = progressOf("repair");
  let recomputed = 0;
  let reason: string | null = null;
  let end = 0;
  try {
    const { height, appHash } = start.replay.position;
    const head = { chain: genesis.chain, height, hash: start.hash, appHash: Buffer.from(appHash).toString("hex") };
    if (height === 0) await store.initialise(genesis.chain, head.appHash, start.replay.genesisChanges);
    else {
      await store.beginWith(head, readBase(baseFile(folder, height)));
      for (const totals of await sources.totalsBefore(start.day)) await store.putTotals(totals);
      await sources.giveHistory(store);
    }
    for (;;) {
      const next = start.replay.position.height + 1;
      const stored = await sources.block(next);
      if (stored === null) break;
      const results = await sources.results(next);
      let record = start.replay.next(stored, results);
      if (results === null) recomputed++;
      else if (typeof record === "string") {
        // Results that are whole, and yet not what the block gives: only the next header says whose are right.
        const difference = record;
        const after = await sources.block(next + 1);
        record = start.replay.next(stored, null);
        if (typeof record !== "string" && (after === null || !isNext(builder, start.replay.position, after)))
          record = difference;
        recomputed++;
      }
      if (typeof record === "string") {
        reason = record;
        break;
      }
      await store.append(record, false);
      progress(next, highest);
    }
    end = store.head!.height;
    if (start.day !== "") {
      // Of the first day some blocks are pruned: what was counted with them stands, if it ends where the count does now.
      const [counted] = await store.dailyTotals(start.day, start.day);
      const totals = counted === undefined ? null : await sources.totalsAt(start.day, counted.lastHeight);
      if (totals !== null) await store.putTotals(totals);
    }
    const proposal = await sources.proposal(end + 1);
    if (proposal !== null) await store.putProposal(proposal);
    await store.flush();
  } finally {
    await store.close();
  }
  const aside = await asideOf(folder, asidePrefix);
  await putInPlace(making, folder, aside);
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

/** Where a replay comes furthest: genesis or a kept state, the earliest of those that come as far. */
async function startOf(
  builder: BlockBuilder,
  folder: string,
  sources: Sources,
  application: ReturnType<typeof newApplication>,
): Promise<Start> {
  const runs: { readonly base: number; readonly end: number }[] = [];
  for (const base of new Set([0, ...(await baseHeights(folder))])) {
    const before = runs.at(-1);
    let end = before !== undefined && base < before.end ? before.end : base;
    while (await sources.has(end + 1)) end++;
    if (end > base) runs.push({ base, end });
  }
  runs.sort((a, b) => b.end - a.end || a.base - b.base);
  let last = "no block can be read";
  for (const { base } of runs) {
    if (base === 0) return { replay: Replay.fromGenesis(builder, application), hash: "", day: "", replayedFrom: 1 };
    const first = await sources.block(base + 1);
    if (first === null) continue;
    const replay = await Replay.fromState(builder, application, first, readBase(baseFile(folder, base))).catch(
      (error: unknown) => {
        if (error instanceof StateTreeFull) throw error;
        return (error as Error).message;
      },
    );
    if (typeof replay === "string") {
      last = replay;
      continue;
    }
    const { header } = first.block;
    const day = dayOf(msOfTimestamp(timestampFromText(header.time)));
    return { replay, hash: header.last_block_id.hash.toLowerCase(), day, replayedFrom: base + 1 };
  }
  throw new StoreError(`${join(folder, "store")}: cannot be made anew (${last}); restore a backup`);
}

/** Whether a stored block follows from a position. */
function isNext(builder: BlockBuilder, position: ChainPosition, stored: StoredBlock): boolean {
  return builder.follows(position, stored, (stored.block.data.txs ?? []).map(fromBase64));
}
