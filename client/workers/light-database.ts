// Where the light client's memory lies: one table of keys and rows in IndexedDB. What older pages kept by Dexie (its version 1 is
// IndexedDB's 10, a table "trust" of {key, value}) is taken over as it is. Four kinds of request need no library.

import type { TrustStore } from "../../ledger/light/trust-store.ts";

const version = 11;
const table = "memory";
const oldTable = "trust";
/** Sorts after every key that begins with what stands before it. */
const after = "\uffff";

/** Opened at the first question; one that was closed or could not be opened is tried again at the next. */
export function openLightDatabase(name: string): TrustStore {
  let opening: Promise<IDBDatabase> | null = null;

  async function ask<T>(mode: IDBTransactionMode, question: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const forget = (): void => {
      opening = null;
    };
    opening ??= open(name, forget).catch((error: unknown) => {
      forget();
      throw error;
    });
    const transaction = (await opening).transaction(table, mode);
    const request = question(transaction.objectStore(table));
    return new Promise((resolve, reject) => {
      // What was put is kept only when its transaction is complete.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("the memory refused"));
    });
  }

  return {
    get: (key) => ask<unknown>("readonly", (rows) => rows.get(key)),
    put: async (key, value) => {
      await ask("readwrite", (rows) => rows.put(value, key));
    },
    delete: (key) => ask("readwrite", (rows) => rows.delete(key)),
    keys: async (prefix) => {
      const keys = await ask("readonly", (rows) => rows.getAllKeys(IDBKeyRange.bound(prefix, prefix + after)));
      return keys.map(String);
    },
  };
}

function open(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => upgrade(request.result, request.transaction!);
    // A tab with an older page holds it: this visit works without memory rather than wait.
    request.onblocked = () => reject(new Error("another tab holds an older memory"));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = closed;
      // A newer page wants to upgrade, or a person to delete it.
      database.onversionchange = () => {
        database.close();
        closed();
      };
      resolve(database);
    };
  });
}

function upgrade(database: IDBDatabase, transaction: IDBTransaction): void {
  const rows = database.createObjectStore(table);
  if (!database.objectStoreNames.contains(oldTable)) return;
  const old = transaction.objectStore(oldTable).getAll();
  old.onsuccess = () => {
    for (const { key, value } of old.result as { readonly key: string; readonly value: unknown }[])
      rows.put(value, key);
    database.deleteObjectStore(oldTable);
  };
}
