// Places that are in several lists of the index at once: each list is walked in order and jumps ahead to where the others are.

import type { Place, PlaceRange } from "../storage/records.ts";

/** Places read at a time: few after a jump, more while a list is walked through. */
const pageLengthMin = 8;
const pageLengthMax = 512;

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
  #pageLength = pageLengthMin;
  #ended = false;

  constructor(read: ReadPlaces, to: number, spend: (places: number) => void) {
    this.#read = read;
    this.#to = to;
    this.#spend = spend;
  }

  /**
   * The first place that is not before this one, null when there is none; undefined when it has to be read first.
   * Wanted places must not go back.
   */
  seek(wanted: Place): Place | null | undefined {
    while (this.#at < this.#page.length && comparePlaces(this.#page[this.#at]!, wanted) < 0) this.#at++;
    const found = this.#page[this.#at];
    if (found !== undefined) return found;
    return this.#ended || wanted.height > this.#to ? null : undefined;
  }

  /** Reads on from a place that `seek` did not find yet. */
  async read(wanted: Place): Promise<void> {
    const last = this.#page.at(-1);
    const near = last !== undefined && wanted.height - last.height <= 1;
    this.#pageLength = near ? Math.min(pageLengthMax, this.#pageLength * 2) : pageLengthMin;
    this.#page = await this.#read({
      from: wanted.height,
      to: this.#to,
      after: { height: wanted.height, index: wanted.index - 1 },
      limit: this.#pageLength,
    });
    this.#at = 0;
    this.#ended = this.#page.length < this.#pageLength;
    this.#spend(this.#page.length);
  }
}

/**
 * Hands on the places that are in all lists, ascending. `next` says where to go on from a place: further on, or at the place itself
 * to take it. @throws what `spend` throws: it is told of every place that was read.
 */
export async function walkPlaces(
  lists: readonly ReadPlaces[],
  from: number,
  to: number,
  next: (place: Place) => Place,
  spend: (places: number) => void,
  take: (place: Place) => void | Promise<void>,
): Promise<void> {
  const walks = lists.map((read) => new PlaceList(read, to, spend));
  let wanted = next({ height: from, index: -1 });
  for (;;) {
    let agreed = 0;
    while (agreed < walks.length) {
      const walk = walks[agreed]!;
      let found = walk.seek(wanted);
      while (found === undefined) {
        await walk.read(wanted);
        found = walk.seek(wanted);
      }
      if (found === null) return;
      if (comparePlaces(found, wanted) === 0) agreed++;
      else {
        wanted = next(found);
        agreed = 0;
      }
    }
    const taking = take(wanted);
    if (taking !== undefined) await taking;
    wanted = next({ height: wanted.height, index: wanted.index + 1 });
  }
}
