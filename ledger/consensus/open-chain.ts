// Opens a chain's folder: key, genesis, store and application, checked against each other before anything is served.

import { hash } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Core } from "../../wasm-core/bindings/core.ts";
import type { Application } from "../modules/application.ts";
import { hex } from "../protocol/bytes.ts";
import { fromBase64, headerFromJson } from "../protocol/comet.ts";
import { readIfPresent, removeLeftovers, textBytesMax } from "../storage/durable-file.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import { repairAdvice, StoreError, storeErrorOf } from "../storage/store-error.ts";
import { BlockBuilder, type ChainPosition } from "./block-building.ts";
import { type Genesis, type GenesisDocument, loadGenesis } from "./genesis.ts";
import { isSigned } from "./replay.ts";
import { ValidatorSigner } from "./validator-signer.ts";

/** LevelDB's log has 4 MiB, and a block takes at least 1 KiB of it. */
const linkedHeadersMax = 5_000;

export interface OpenedChain {
  readonly genesis: Genesis;
  readonly builder: BlockBuilder;
  readonly store: LedgerStore;
  readonly signer: ValidatorSigner;
}

/** Makes what is missing (key, genesis, store) and opens the rest. @throws {StoreError} */
export async function openChain(
  folder: string,
  core: Core,
  makeDocument: (signer: ValidatorSigner) => GenesisDocument,
): Promise<OpenedChain> {
  let store: LedgerStore | null = null;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await refuseHalfReplaced(folder);
    // The store's lock comes first: only one process at a time may make or use the validator's key.
    store = await LedgerStore.open(join(folder, "store"));
    await removeLeftovers(folder);
    // What is missing beside blocks is lost, not new: another key or genesis would not be this chain's.
    if (store.head !== null)
      for (const name of ["genesis.json", "validator.json"])
        if ((await readIfPresent(join(folder, name), textBytesMax)) === null)
          throw new StoreError(
            `${join(folder, name)}: is missing, but the store holds chain ${store.head.chain}; restore it from a backup`,
          );
    const signer = await ValidatorSigner.load(folder);
    const genesis = await loadGenesis(folder, () => makeDocument(signer));
    if (genesis.validators.length > 1)
      throw new StoreError(
        `${join(folder, "genesis.json")}: is of a network of ${genesis.validators.length} validators; start it with GLASSTOWN_CONSENSUS=comet`,
      );
    if (genesis.appState.validators !== undefined)
      throw new StoreError(
        `${join(folder, "genesis.json")}: has validators in app_state, so it is of a network; start it with GLASSTOWN_CONSENSUS=comet`,
      );
    if (signer.address !== genesis.validator.address)
      throw new StoreError(`${folder}: validator.json is not the key that genesis.json names; restore both together`);
    if (store.head !== null && store.head.chain !== genesis.chain)
      throw new StoreError(
        `${folder}: the store is of chain ${store.head.chain}, but genesis.json of chain ${genesis.chain}`,
      );
    return { genesis, builder: new BlockBuilder(core, genesis), store, signer };
  } catch (error) {
    await store?.close();
    throw storeErrorOf(folder, error);
  }
}

/** A new chain must not begin where a command was replacing the store when it was interrupted. @throws {StoreError} */
async function refuseHalfReplaced(folder: string): Promise<void> {
  const names = await readdir(folder);
  const stores = names.filter((name) => name.startsWith("store-")).sort();
  if (names.includes("store") || stores.length === 0) return;
  throw new StoreError(
    `${folder}: the store is missing, but there is ${stores.join(", ")}: a command that replaces it was interrupted; ` +
      "rename the newest store-damaged-... or store-replaced-... to store and run the command again, or restore a backup",
  );
}

/** Brings a fresh application to the store's newest block and answers where the chain stands. @throws {StoreError} */
export async function restoreApplication(chain: OpenedChain, application: Application): Promise<ChainPosition> {
  const { store, genesis, builder } = chain;
  const damaged = (what: string): StoreError =>
    new StoreError(`${store.folder}: is damaged (${what}); ${repairAdvice}`);
  if (!store.indexIsWhole)
    throw new StoreError(
      `${store.folder}: making the index again was interrupted; run \`npm run ledger -- index\` once more`,
    );
  const genesisHash = hash("sha256", JSON.stringify(genesis.document));
  // Before the chain has begun genesis may still be mended.
  const knownHash = store.head === null ? null : await store.genesisHash();
  if (knownHash !== null && knownHash !== genesisHash)
    throw new StoreError(
      `${join(dirname(store.folder), "genesis.json")}: is not the one that the chain began with; restore it from a backup`,
    );
  const head = store.head;
  if (head === null) {
    const changes = application.initialise(genesis.chain, genesis.appState);
    await store.initialise(genesis.chain, hex(application.appHash), changes);
    await store.putGenesisHash(genesisHash);
    return builder.start(application.appHash);
  }
  if (knownHash === null) await store.putGenesisHash(genesisHash);
  const root = await application.restore(genesis.chain, head.height, store.stateBatches());
  if (hex(root) !== head.appHash) throw damaged(`the state's root is not that of block ${head.height}`);
  if (head.height === 0) return builder.start(root);
  const stored = await store.block(head.height);
  const results = await store.results(head.height);
  if (stored === null || results === null) throw damaged(`block ${head.height} is missing`);
  const { header } = stored.block;
  if (
    Number(header.height) !== head.height ||
    header.chain_id !== genesis.chain ||
    results.appHash !== head.appHash ||
    results.ids.length !== (stored.block.data.txs ?? []).length ||
    hex(builder.core.headerHash(headerFromJson(header))) !== head.hash ||
    hex(builder.core.dataHash((stored.block.data.txs ?? []).map(fromBase64))) !== header.data_hash.toLowerCase() ||
    stored.block_id.hash.toLowerCase() !== head.hash
  )
    throw damaged(`block ${head.height} is not the one that was stored`);
  if (!isSigned(builder, stored)) throw damaged(`the commit of block ${head.height} is not the validator's`);
  const proposal = await store.proposal();
  if (proposal !== null && proposal.height !== head.height + 1)
    throw damaged(`the proposal is of block ${proposal.height}, the newest block is ${head.height}`);
  await checkLinks(store, head.height, damaged);
  return builder.positionAfter(stored, results);
}

/**
 * The newest headers are linked without a gap: a part of LevelDB's log that was lost would take blocks with it. The log holds fewer
 * blocks than are looked at here; older ones are in tables.
 */
export async function checkLinks(
  store: LedgerStore,
  end: number,
  damaged: (what: string) => StoreError,
): Promise<void> {
  let last: string | null = null;
  for (let height = Math.max(store.lowest, end - linkedHeadersMax + 1); height <= end; height++) {
    const header = await store.signedHeader(height);
    if (header === null) throw damaged(`block ${height} is missing`);
    if (last !== null && header.header.last_block_id.hash !== last)
      throw damaged(`block ${height} does not follow block ${height - 1}`);
    last = header.block_id.hash;
  }
}
