// Searches through the store's index: places that stand under every one of several terms, found by leaping from each list to the
// next place that the others allow. Bounded: a search that leaps more than 200 times stops and says where to go on.

import type { Place, PlaceRange } from "../storage/records.ts";

/** A page of the places of one term, in order. */
export type Term = (range: PlaceRange) => Promise<readonly Place[]>;

export interface SearchRange {
  readonly from: number;
  readonly to: number;
  readonly descending: boolean;
  /** Strictly after this, in walking order. */
  readonly after?: Place;
}

/** A step of a search: a place under all terms, or only how far it has come when it had to stop. */
export type Step = { readonly found: Place } | { readonly stoppedAt: Place };

const pageLength = 64;
const leapsMax = 200;

/** Places under either of two terms. */
export function eitherOf(first: Term, second: Term): Term {
  return async (range) => {
    const order = orderOf(range.descending === true);
    const places = [...(await first(range)), ...(await second(range))].sort(order);
    return places.filter((place, at) => at === 0 || order(places[at - 1]!, place) !== 0).slice(0, range.limit);
  };
}

/** Places under all terms (at least one), in order. The last step says where the search stopped, unless it came to the end. */
export async function* searchPlaces(terms: readonly Term[], range: SearchRange): AsyncGenerator<Step, void, undefined> {
  const walks = terms.map((term) => new Walk(term, range));
  let wanted: Place | null = range.after === undefined ? startOf(range) : following(range.after, range.descending);
  const order = orderOf(range.descending);
  while (wanted !== null) {
    let agreed: Place = wanted;
    for (const walk of walks) {
      const place = await walk.firstFrom(agreed);
      if (place === null) return;
      agreed = place;
    }
    if (walks.reduce((leaps, walk) => leaps + walk.leaps, 0) > leapsMax) {
      yield { stoppedAt: preceding(agreed, range.descending) };
      return;
    }
    if (order(agreed, wanted) === 0 || walks.length === 1) {
      yield { found: agreed };
      wanted = following(agreed, range.descending);
    } else wanted = agreed;
  }
}

class Walk {
  leaps = 0;
  readonly #term: Term;
  readonly #range: SearchRange;
  #page: readonly Place[] = [];
  #at = 0;
  #last = false;

  constructor(term: Term, range: SearchRange) {
    this.#term = term;
    this.#range = range;
  }

  /** The first place that does not come before the wanted one. */
  async firstFrom(wanted: Place): Promise<Place | null> {
    const { descending, from, to } = this.#range;
    const order = orderOf(descending);
    for (;;) {
      while (this.#at < this.#page.length && order(this.#page[this.#at]!, wanted) < 0) this.#at++;
      if (this.#at < this.#page.length) return this.#page[this.#at]!;
      if (this.#last) return null;
      this.leaps++;
      const after = preceding(wanted, descending);
      this.#page = await this.#term({ from, to, descending, after, limit: pageLength });
      this.#at = 0;
      this.#last = this.#page.length < pageLength;
    }
  }
}

function orderOf(descending: boolean): (a: Place, b: Place) => number {
  return (a, b) => (descending ? -1 : 1) * (a.height - b.height || a.index - b.index);
}

/** Before the block's own events no index stands, after its last transaction none can. */
const indexMax = 2 ** 31;

function startOf({ from, to, descending }: SearchRange): Place {
  return descending ? { height: to, index: indexMax } : { height: from, index: -1 };
}

function following({ height, index }: Place, descending: boolean): Place {
  return { height, index: descending ? index - 1 : index + 1 };
}

function preceding({ height, index }: Place, descending: boolean): Place {
  return { height, index: descending ? index + 1 : index - 1 };
}
