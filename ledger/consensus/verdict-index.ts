// Which waiting transactions rest on which state entries: a block touches what rests on an entry it changed, and nothing else
// need be checked again. As large as the mempool: a check reads a bounded number of entries.

/** Repetition and quotas: a change of them does not undo an admission. */
const passedOver = "transactions/";

export class VerdictIndex {
  readonly #idsByName = new Map<string, Set<string>>();
  /** By the prefix's length, so that a name needs one look for each length and not for each prefix. */
  readonly #idsByPrefix = new Map<number, Map<string, Set<string>>>();
  readonly #rests = new Map<string, { readonly names: readonly string[]; readonly prefixes: readonly string[] }>();

  add(id: string, rests: { readonly names: Iterable<string>; readonly prefixes: Iterable<string> }): void {
    const names = [...rests.names].filter((name) => !name.startsWith(passedOver));
    const prefixes = [...rests.prefixes].filter((prefix) => !prefix.startsWith(passedOver));
    this.#rests.set(id, { names, prefixes });
    for (const name of names) put(this.#idsByName, name, id);
    for (const prefix of prefixes) {
      const sameLength = this.#idsByPrefix.get(prefix.length) ?? new Map<string, Set<string>>();
      this.#idsByPrefix.set(prefix.length, sameLength);
      put(sameLength, prefix, id);
    }
  }

  remove(id: string): void {
    const rests = this.#rests.get(id);
    if (rests === undefined) return;
    this.#rests.delete(id);
    for (const name of rests.names) take(this.#idsByName, name, id);
    for (const prefix of rests.prefixes) {
      const sameLength = this.#idsByPrefix.get(prefix.length);
      if (sameLength === undefined) continue;
      take(sameLength, prefix, id);
      if (sameLength.size === 0) this.#idsByPrefix.delete(prefix.length);
    }
  }

  restingOn(names: Iterable<string>): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const name of names) {
      for (const id of this.#idsByName.get(name) ?? []) ids.add(id);
      for (const [length, byPrefix] of this.#idsByPrefix)
        for (const id of byPrefix.get(name.slice(0, length)) ?? []) ids.add(id);
    }
    return ids;
  }
}

function put(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}

function take(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(key);
}
