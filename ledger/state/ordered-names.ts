// Names in ascending order, for iteration by prefix beside the tree: sorted chunks of at most 512 names.
// Order is that of UTF-16 code units (JavaScript's `<`), which for ASCII names is byte order.

const chunkNamesMax = 512;

export class OrderedNames {
  /** Never holds an empty chunk. */
  readonly #chunks: string[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a name; nothing happens when it is there. */
  add(name: string): void {
    const at = Math.max(0, this.#chunkOf(name));
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([name]);
      this.#size = 1;
      return;
    }
    const index = lowerBound(chunk, name);
    if (chunk[index] === name) return;
    chunk.splice(index, 0, name);
    this.#size++;
    if (chunk.length > chunkNamesMax) this.#chunks.splice(at + 1, 0, chunk.splice(chunkNamesMax >> 1));
  }

  /** Removes a name; nothing happens when it is not there. */
  remove(name: string): void {
    const at = this.#chunkOf(name);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const index = lowerBound(chunk, name);
    if (chunk[index] !== name) return;
    chunk.splice(index, 1);
    this.#size--;
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Names with the prefix, ascending, strictly after `after` when given. */
  *ascending(prefix: string, after = ""): Generator<string> {
    const start = after > prefix ? after : prefix;
    for (let at = Math.max(0, this.#chunkOf(start)); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at]!;
      for (let index = lowerBound(chunk, start); index < chunk.length; index++) {
        const name = chunk[index]!;
        if (!name.startsWith(prefix)) return;
        if (after === "" || name > after) yield name;
      }
    }
  }

  /** Names with the prefix, descending, strictly before `before` when given. */
  *descending(prefix: string, before?: string): Generator<string> {
    let passed = false;
    let at = this.#chunks.length - 1;
    if (before !== undefined) at = Math.min(at, Math.max(0, this.#chunkOf(before)));
    else at = Math.min(at, this.#lastChunkOf(prefix));
    for (; at >= 0; at--) {
      const chunk = this.#chunks[at]!;
      for (let index = chunk.length - 1; index >= 0; index--) {
        const name = chunk[index]!;
        if (before !== undefined && name >= before) continue;
        if (name.startsWith(prefix)) {
          passed = true;
          yield name;
        } else if (passed || name < prefix) return;
      }
    }
  }

  /** Index of the chunk that holds, or would hold, the name; -1 when it would come before all. */
  #chunkOf(name: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#chunks[middle]![0]! <= name) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Index of the last chunk that may hold a name with the prefix. */
  #lastChunkOf(prefix: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = this.#chunks[middle]![0]!;
      if (first <= prefix || first.startsWith(prefix)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function lowerBound(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (names[middle]! < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
