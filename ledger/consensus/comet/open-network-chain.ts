// Opens the folder of a ledger that follows a network: genesis, which must be there, store and application, checked against each other
// before CometBFT is let in. The validator's key is CometBFT's own.

import { hash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import type { Application } from "../../modules/application.ts";
import { hex } from "../../protocol/bytes.ts";
import { removeLeftovers } from "../../storage/durable-file.ts";
import { LedgerStore } from "../../storage/ledger-store.ts";
import { repairAdvice, repairAdviceOfNetwork, StoreError, storeErrorOf } from "../../storage/store-error.ts";
import { BlockBuilder } from "../block-building.ts";
import { type Genesis, loadGenesis } from "../genesis.ts";
import { checkLinks } from "../open-chain.ts";

export interface NetworkChain {
  readonly genesis: Genesis;
  /** SHA-256 of the genesis document, hex. */
  readonly genesisHash: string;
  readonly builder: BlockBuilder;
  readonly store: LedgerStore;
}

/** @throws {StoreError} */
export async function openNetworkChain(folder: string, core: Core): Promise<NetworkChain> {
  let store: LedgerStore | null = null;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    store = await LedgerStore.open(join(folder, "store"));
    await removeLeftovers(folder);
    const file = join(folder, "genesis.json");
    const genesis = await loadGenesis(folder, () => {
      throw new StoreError(`${file}: is missing; put the network's genesis.json there, the one that CometBFT has too`);
    });
    const genesisHash = hash("sha256", JSON.stringify(genesis.document));
    if (store.head !== null && store.head.chain !== genesis.chain)
      throw new StoreError(
        `${folder}: the store is of chain ${store.head.chain}, but genesis.json of chain ${genesis.chain}`,
      );
    const knownHash = store.head === null ? null : await store.genesisHash();
    if (knownHash !== null && knownHash !== genesisHash)
      throw new StoreError(`${file}: is not the one that the chain began with; restore it`);
    return { genesis, genesisHash, builder: new BlockBuilder(core, genesis), store };
  } catch (error) {
    await store?.close();
    const known = storeErrorOf(folder, error);
    // Here CometBFT has the blocks.
    throw new StoreError(known.message.replace(repairAdvice, repairAdviceOfNetwork), { cause: known });
  }
}

/** Brings a fresh application to the store's newest block; before the first one CometBFT begins the chain. @throws {StoreError} */
export async function restoreNetworkApplication(chain: NetworkChain, application: Application): Promise<void> {
  const { store, genesis } = chain;
  const { head } = store;
  const damaged = (what: string): StoreError =>
    new StoreError(`${store.folder}: is damaged (${what}); ${repairAdviceOfNetwork}`);
  if (!store.indexIsWhole)
    throw new StoreError(
      `${store.folder}: making the index again was interrupted; run \`npm run ledger -- index\` once more`,
    );
  if (head === null) return;
  const root = await application.restore(genesis.chain, head.height, store.stateBatches());
  if (hex(root) !== head.appHash) throw damaged(`the state's root is not that of block ${head.height}`);
  await checkLinks(store, store.wholeTo, damaged);
}
