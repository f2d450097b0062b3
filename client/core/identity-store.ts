// Identities in IndexedDB, one a chain. Brings Dexie with it, so it is loaded when somebody's key is looked for.

import { Dexie, type Table } from "dexie";
import type { Found, Identity } from "./identity.ts";

class IdentityDatabase extends Dexie {
  identities!: Table<Identity, string>;
  constructor() {
    super("glasstown-identity");
    this.version(1).stores({ identities: "&chain, created" });
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
export const forgetIdentities = async (): Promise<void> => database.identities.clear();
