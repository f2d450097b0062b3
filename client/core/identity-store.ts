// Identities in IndexedDB, one a chain, and one that waits for a recovery. Brings Dexie with it, so it is loaded when somebody's key is looked for.

import { Dexie, type Table } from "dexie";
import type { Found, Identity } from "./identity.ts";

class IdentityDatabase extends Dexie {
  identities!: Table<Identity, string>;
  recoveries!: Table<Identity, string>;
  constructor() {
    super("glasstown-identity");
    this.version(1).stores({ identities: "&chain, created" });
    this.version(2).stores({ identities: "&chain, created", recoveries: "&chain" });
  }
}

const database = new IdentityDatabase();

/** The identity stored for a chain, or the newest of another chain. */
export async function findIdentity(chain: string): Promise<Found> {
  const own = await database.identities.get(chain);
  if (own !== undefined) return { state: "own", identity: own };
  const other = await database.identities.orderBy("created").last();
  return other === undefined ? { state: "none" } : { state: "other-chain", identity: other };
}

/**
 * Keeps an identity in place of its account's earlier one, or of the key `over` that the page has found here. False, with nothing
 * changed, when another account's key is here meanwhile: another tab has made it, and it may be the only copy.
 */
export const storeIdentity = (identity: Identity, over: string | null): Promise<boolean> =>
  database.transaction("rw", database.identities, async () => {
    const kept = await database.identities.get(identity.chain);
    if (kept !== undefined && kept.account !== identity.account && kept.publicKey !== over) return false;
    await database.identities.put(identity);
    return true;
  });

/** Whether `storeIdentity` would keep a new account's key now. */
export async function hasRoom(chain: string, over: string | null): Promise<boolean> {
  const kept = await database.identities.get(chain);
  return kept === undefined || kept.publicKey === over;
}

/** Forgets every key on this device. There is no way back. */
export async function forgetIdentities(): Promise<void> {
  await database.identities.clear();
  await database.recoveries.clear();
}

/** The key that waits on this device to become an account's only one; null when none does. */
export const findRecovery = async (chain: string): Promise<Identity | null> =>
  (await database.recoveries.get(chain)) ?? null;

export const storeRecovery = async (identity: Identity): Promise<void> =>
  void (await database.recoveries.put(identity));

export const forgetRecovery = async (chain: string): Promise<void> => database.recoveries.delete(chain);
