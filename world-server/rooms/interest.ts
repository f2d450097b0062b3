// Who sees whom: the nearest citizens around each, found through a grid. Limits: `interestMax` seen at once, within
// `enterMetres`; someone seen stays seen until `leaveMetres`, so that nobody flickers at the edge.

export const enterMetres = 150;
export const leaveMetres = 175;
export const interestMax = 60;
const cellMetres = 60;

export interface Placed {
  /** Metres. */
  readonly x: number;
  readonly y: number;
}

export class InterestGrid<Key> {
  readonly #cells = new Map<string, Map<Key, Placed>>();
  readonly #places = new Map<Key, string>();

  /** Puts someone at a place, or moves them there. */
  place(key: Key, at: Placed): void {
    const cell = `${Math.floor(at.x / cellMetres)}/${Math.floor(at.y / cellMetres)}`;
    const before = this.#places.get(key);
    if (before !== undefined && before !== cell) this.remove(key);
    let members = this.#cells.get(cell);
    if (members === undefined) {
      members = new Map();
      this.#cells.set(cell, members);
    }
    members.set(key, at);
    this.#places.set(key, cell);
  }

  remove(key: Key): void {
    const cell = this.#places.get(key);
    if (cell === undefined) return;
    this.#places.delete(key);
    const members = this.#cells.get(cell);
    members?.delete(key);
    if (members?.size === 0) this.#cells.delete(cell);
  }

  /** Everyone within a distance, nearest first. */
  within(at: Placed, metres: number): { readonly key: Key; readonly metres: number }[] {
    const found: { key: Key; metres: number }[] = [];
    const reach = Math.ceil(metres / cellMetres);
    const column = Math.floor(at.x / cellMetres);
    const row = Math.floor(at.y / cellMetres);
    for (let c = column - reach; c <= column + reach; c++) {
      for (let r = row - reach; r <= row + reach; r++) {
        for (const [key, place] of this.#cells.get(`${c}/${r}`) ?? []) {
          const distance = Math.hypot(place.x - at.x, place.y - at.y);
          if (distance <= metres) found.push({ key, metres: distance });
        }
      }
    }
    return found.sort((a, b) => a.metres - b.metres);
  }

  /** Whom someone at a place sees from now on, given whom they saw before; never themselves. */
  seenBy(self: Key, at: Placed, before: ReadonlySet<Key>): Set<Key> {
    const seen = new Set<Key>();
    for (const { key, metres } of this.within(at, leaveMetres)) {
      if (seen.size >= interestMax) break;
      if (key !== self && (metres <= enterMetres || before.has(key))) seen.add(key);
    }
    return seen;
  }
}
