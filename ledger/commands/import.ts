// import <folder>: a fresh node from a snapshot. Nothing of the folder is trusted but genesis: the block must be signed by the
// genesis validator, its header commits to the state, and every chunk is checked against that.

import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Settings } from "../../settings/settings.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { BlockBuilder } from "../consensus/block-building.ts";
import { isSigned, positionBefore, Replay } from "../consensus/replay.ts";
import { hex } from "../protocol/bytes.ts";
import { blockIdJsonSchema, blockJsonSchema, commitJsonSchema } from "../protocol/comet.ts";
import { members, whole } from "../protocol/json-form.ts";
import {
  readManifest,
  type SnapshotManifest,
  snapshotChunkBytesMax,
  snapshotManifestBytesMax,
} from "../state/snapshot.ts";
import { ChunkChecker } from "../state/snapshot-import.ts";
import { baseFile, type EntryPage, readBase, writeBase } from "../storage/base-state.ts";
import { createDurably, readBytesIfPresent, readIfPresent, textBytesMax } from "../storage/durable-file.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import type { StoredBlock } from "../storage/records.ts";
import { StoreError } from "../storage/store-error.ts";
import { asideOf, chainFolderOf, genesisOf, hasStore, newApplication, putInPlace, refuseInUse } from "./chain.ts";
import { advise, type Command, folderOf, progressOf, say } from "./command.ts";
import { chunkFile } from "./export.ts";

/** A block of 1 MiB in base64, with its header. */
const blockFileBytesMax = 4 * 1_048_576;
const blockSchema = members({
  block_id: blockIdJsonSchema,
  block: blockJsonSchema,
  commit: commitJsonSchema,
  size: whole(0),
});
const tools = { hasher: loadCore(), newTree: loadStateTree };

export const importState: Command = {
  name: "import",
  usage: "<folder> [--force]",
  summary: "begins a fresh node from a snapshot that `export` wrote",
  help:
    "Checks the commit of the snapshot's block against the validator of genesis, the manifest against the block's header, and each\n" +
    "chunk against the manifest. Where data/ledger/genesis.json is already there it must be the same; else compare the chain and the\n" +
    "validator that are printed with what you trust. A ledger that is there is kept unless --force, which moves its store aside.",
  positions: 1,
  flags: ["force"],
  async run(settings, input) {
    const from = resolve(folderOf(importState, input));
    const folder = chainFolderOf(settings);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await refuseInUse(folder);
    const present = await hasStore(folder);
    if (present && !input.flags.has("force"))
      throw new StoreError(`${folder}: holds a ledger already; --force moves its store aside and imports in its place`);
    const genesis = await genesisOf(from, null);
    const genesisText = (await readBounded(join(from, "genesis.json"), textBytesMax)).toString("utf8");
    const own = await readIfPresent(join(folder, "genesis.json"), textBytesMax);
    if (own !== null && JSON.stringify((await genesisOf(folder, null)).document) !== JSON.stringify(genesis.document))
      throw new StoreError(
        `${join(from, "genesis.json")}: is not that of ${folder}; this snapshot is of another chain`,
      );
    const builder = new BlockBuilder(loadCore(), genesis);
    const block = await readBlockFile(join(from, "block.json"), builder);
    const position = positionBefore(block);
    const trusted = { chain: genesis.chain, height: position.height, appHash: position.appHash };
    const manifestFile = join(from, "manifest.json");
    const verdict = readManifest(await readBounded(manifestFile, snapshotManifestBytesMax), trusted, loadCore());
    if (!verdict.ok) throw new StoreError(`${manifestFile}: is refused (${verdict.fault}); take another snapshot`);
    const { manifest } = verdict;
    await writeBase(baseFile(folder, manifest.height), chunksOf(from, manifest));
    const making = join(folder, "store-importing");
    await rm(making, { recursive: true, force: true });
    await fill(settings, making, folder, builder, block, manifest);
    const aside = await asideOf(folder, "store-replaced-");
    await putInPlace(making, folder, present ? aside : null);
    await createDurably(join(folder, "genesis.json"), genesisText, 0o644);
    const validator = genesis.validator.address;
    say({
      chain: genesis.chain,
      validator,
      height: manifest.height + 1,
      entries: manifest.entries,
      ...(present ? { oldStore: aside } : {}),
    });
    advise(
      `import: to make blocks, put the validator's validator.json and its newest validator-state.json into ${folder}; ` +
        "without them the chain can be read (verify, export --json)",
    );
    return 0;
  },
};

async function readBlockFile(file: string, builder: BlockBuilder): Promise<StoredBlock> {
  let block: StoredBlock;
  try {
    const bytes = await readBounded(file, blockFileBytesMax);
    block = blockSchema.parse(JSON.parse(bytes.toString("utf8"))) as StoredBlock;
    if (block.block.last_commit === null) throw new RangeError("the last commit is missing");
    if (!isSigned(builder, block)) throw new StoreError(`${file}: is not signed by the validator of genesis`);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`${file}: is no block; take another snapshot`, { cause });
  }
  return block;
}

async function* chunksOf(from: string, manifest: SnapshotManifest): AsyncGenerator<EntryPage, void, undefined> {
  const checker = new ChunkChecker(manifest, tools);
  const progress = progressOf("import");
  for (const index of manifest.chunks.keys()) {
    const file = join(from, chunkFile(index));
    const verdict = checker.check(index, await readBounded(file, snapshotChunkBytesMax));
    if (!verdict.ok) throw new StoreError(`${file}: is refused (${verdict.fault}); take another snapshot`);
    progress(index + 1, manifest.chunks.length);
    yield verdict.entries;
  }
}

async function fill(
  settings: Settings,
  making: string,
  folder: string,
  builder: BlockBuilder,
  block: StoredBlock,
  manifest: SnapshotManifest,
): Promise<void> {
  const base = baseFile(folder, manifest.height);
  const store = await LedgerStore.open(making);
  try {
    const hash = hex(positionBefore(block).blockId.hash);
    const head = { chain: manifest.chain, height: manifest.height, hash, appHash: manifest.appHash };
    await store.beginWith(head, readBase(base));
    const replay = await Replay.fromState(builder, newApplication(settings), block, readBase(base));
    if (typeof replay === "string") throw new StoreError(`${base}: ${replay}`);
    const record = replay.next(block, null);
    if (typeof record === "string")
      throw new StoreError(`block ${manifest.height + 1} of the snapshot is refused: ${record}`);
    await store.append(record);
    await store.flush();
  } finally {
    await store.close();
  }
}

/** @throws {StoreError} when the file is missing or longer than it may be. */
async function readBounded(path: string, bytesMax: number): Promise<Buffer> {
  const bytes = await readBytesIfPresent(path, bytesMax);
  if (bytes === null) throw new StoreError(`${path}: is missing`);
  return bytes;
}
