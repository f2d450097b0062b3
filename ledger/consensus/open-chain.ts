// Opens a chain's folder: key, genesis, store and application, checked against each other before anything is served.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Core } from "../../wasm-core/bindings/core.ts";
import type { Application } from "../modules/application.ts";
import { hex } from "../protocol/bytes.ts";
import { headerFromJson } from "../protocol/comet.ts";
import { removeLeftovers } from "../storage/durable-file.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import { repairAdvice, StoreError, storeErrorOf } from "../storage/store-error.ts";
import { BlockBuilder, type ChainPosition } from "./block-building.ts";
import { type Genesis, type GenesisDocument, loadGenesis } from "./genesis.ts";
import { ValidatorSigner } from "./validator-signer.ts";

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
    // The store's lock comes first: only one process at a time may make or use the validator's key.
    store = await LedgerStore.open(join(folder, "store"));
    await removeLeftovers(folder);
    const signer = await ValidatorSigner.load(folder);
    const genesis = await loadGenesis(folder, () => makeDocument(signer));
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

/** Brings a fresh application to the store's newest block and answers where the chain stands. @throws {StoreError} */
export async function restoreApplication(chain: OpenedChain, application: Application): Promise<ChainPosition> {
  const { store, genesis, builder } = chain;
  const damaged = (what: string): StoreError =>
    new StoreError(`${store.folder}: is damaged (${what}); ${repairAdvice}`);
  const head = store.head;
  if (head === null) {
    const changes = application.initialise(genesis.chain, genesis.appState);
    await store.initialise(genesis.chain, hex(application.appHash), changes);
    return builder.start(application.appHash);
  }
  const root = await application.restore(genesis.chain, head.height, store.stateBatches());
  if (hex(root) !== head.appHash) throw damaged(`the state's root is not that of block ${head.height}`);
  if (head.height === 0) return builder.start(root);
  const stored = await store.block(head.height);
  const results = await store.results(head.height);
  if (stored === null || results === null) throw damaged(`block ${head.height} is missing`);
  if (
    results.appHash !== head.appHash ||
    hex(builder.core.headerHash(headerFromJson(stored.block.header))) !== head.hash
  )
    throw damaged(`block ${head.height} is not the one that was stored`);
  return builder.positionAfter(stored, results);
}
