// Places that are in several lists of the index at once: each list is walked in order and jumps ahead to where the others are.

import type { Place, PlaceRange } from "../storage/records.ts";

/** Places read at a time. */
const pageLength = 256;

export type ReadPlaces = (range: PlaceRange) => Promise<readonly Place[]>;

/** Negative when a comes before b. */
export function comparePlaces(a: Place, b: Place): number {
  return a.height - b.height || a.index - b.index;
}

class PlaceList {
  readonly #read: ReadPlaces;
  readonly #to: number;
  readonly #spend: (places: number) => void;
  #page: readonly Place[] = [];
  #at = 0;
  #ended = false;

  constructor(read: ReadPlaces, to: number, spend: (places: number) => void) {
    this.#read = read;
    this.#to = to;
    this.#spend = spend;
  }

  /** The first place that is not before this one. Wanted places must not go back. */
  async seek(wanted: Place): Promise<Place | null> {
    for (;;) {
      while (this.#at < this.#page.length && comparePlaces(this.#page[this.#at]!, wanted) < 0) this.#at++;
      if (this.#at < this.#page.length) return this.#page[this.#at]!;
      if (this.#ended || wanted.height > this.#to) return null;
      this.#page = await this.#read({
        from: wanted.height,
        to: this.#to,
        after: { height: wanted.height, index: wanted.index - 1 },
        limit: pageLength,
      });
      this.#at = 0;
      this.#ended = this.#page.length < pageLength;
      this.#spend(this.#page.length);
    }
  }
}

/**
 * Places that are in all lists, ascending. `next` says where to go on from a place: further on, or at the place itself to take it.
 * @throws what `spend` throws: it is told of every place that was read.
 */
export async function* placesInAll(
  lists: readonly ReadPlaces[],
  from: number,
  to: number,
  next: (place: Place) => Place,
  spend: (places: number) => void,
): AsyncGenerator<Place> {
  const walks = lists.map((read) => new PlaceList(read, to, spend));
  let wanted: Place = next({ height: from, index: -1 });
  for (;;) {
    let agreed = 0;
    while (agreed < walks.length) {
      const found = await walks[agreed]!.seek(wanted);
      if (found === null) return;
      if (comparePlaces(found, wanted) === 0) agreed++;
      else {
        wanted = next(found);
        agreed = 0;
      }
    }
    yield wanted;
    wanted = next({ height: wanted.height, index: wanted.index + 1 });
  }
}
