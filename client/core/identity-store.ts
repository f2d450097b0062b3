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

export const storeIdentity = async (identity: Identity): Promise<void> =>
  void (await database.identities.put(identity));

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
