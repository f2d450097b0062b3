// Searches of transactions and blocks by events, over the store's index. A search is exact or refused: it never answers with part
// of what there is. Bounds: 100,000 places of the index looked at; where events must be read, 50,000 units, a transaction of a block
// that is read being one and the block ten; two searches at a time, 32 waiting.

import type { LedgerEvent } from "../protocol/rest.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import type { Place, StoredResults } from "../storage/records.ts";
import { methodFailed } from "./rpc-error.ts";
import type { Owe } from "./rpc-method.ts";
import type { EventQuery } from "./rpc-query.ts";
import type { EventsMatcher } from "./rpc-query-match.ts";
import { planOf, type Searched, type SearchPlan } from "./rpc-search-plan.ts";
import { type ReadPlaces, walkPlaces } from "./rpc-search-walk.ts";

export const searchLimits = {
  placesMax: 100_000,
  readUnitsMax: 50_000,
  atOnceMax: 2,
  waitingMax: 32,
} as const;
export type SearchLimits = { readonly [K in keyof typeof searchLimits]: number };
const unitsOfBlock = 10;
/** A read of the caller's limit is worth so many places of the index, or units. */
const placesPerRead = 500;
const unitsPerRead = 100;

interface Spent {
  places: number;
  units: number;
}

export type SearchStore = Pick<LedgerStore, "lowest" | "results" | "place" | "placesOfEvent" | "placesOfTransactions">;

export interface Found {
  readonly places: readonly Place[];
  /** Whether events that stand at a place satisfy the query. */
  readonly fits: EventsMatcher;
}

export class EventSearch {
  readonly #store: SearchStore;
  readonly #newest: () => number;
  readonly #limits: SearchLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(store: SearchStore, newest: () => number, limits: SearchLimits = searchLimits) {
    this.#store = store;
    this.#newest = newest;
    this.#limits = limits;
  }

  /**
   * All places that fit, ascending: of transactions, or of blocks (index -1). The index knows terms by 12 bytes of their hash: where
   * it alone decided, what stands at a place must be seen with `fits`, and if it does not, be asked for again thoroughly.
   * @throws {RpcError} when the query cannot be, or when a bound is passed.
   */
  async find(searched: Searched, query: EventQuery, thorough: boolean, owe: Owe = () => undefined): Promise<Found> {
    const plan = planOf(searched, query, this.#store.lowest, this.#newest());
    await this.#turn();
    const spent: Spent = { places: 0, units: 0 };
    try {
      const places = await this.#placesOf(thorough ? { ...plan, exact: false } : plan, spent);
      return { places, fits: plan.matches };
    } finally {
      // One that passed a bound has cost the most.
      owe(Math.floor(spent.places / placesPerRead) + Math.floor(spent.units / unitsPerRead));
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= this.#limits.atOnceMax) {
      if (this.#waiting.length >= this.#limits.waitingMax) throw methodFailed("too many searches at once; try again");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }

  async #placesOf(plan: SearchPlan, spent: Spent): Promise<readonly Place[]> {
    if (plan.from > plan.to) return [];
    if (plan.hash !== null) return this.#placeOfHash(plan, plan.hash, spent);
    const places: Place[] = [];
    const reader = this.#reader(plan, spent);
    const take = plan.exact
      ? (place: Place) => void places.push(place)
      : async (place: Place) => {
          if (plan.matches(await reader(place))) places.push(place);
        };
    await this.#walk(plan, take, spent);
    return places;
  }

  async #placeOfHash(plan: SearchPlan, hash: string, spent: Spent): Promise<readonly Place[]> {
    const place = await this.#store.place("hash", hash);
    if (place === null || place.height < plan.from || place.height > plan.to) return [];
    return plan.matches(await this.#reader(plan, spent)(place)) ? [place] : [];
  }

  async #walk(plan: SearchPlan, take: (place: Place) => void | Promise<void>, spent: Spent): Promise<void> {
    const { searched, terms, from, to } = plan;
    const store = this.#store;
    const spend = (places: number): void => {
      spent.places += places;
      if (spent.places > this.#limits.placesMax)
        throw tooMuch(searched, `${this.#limits.placesMax} places of the index`);
    };
    if (terms.length === 0 && searched === "block") {
      for (let height = from; height <= to; height++) {
        spend(1);
        await take({ height, index: -1 });
      }
      return;
    }
    const lists: ReadPlaces[] =
      terms.length === 0
        ? [(range) => store.placesOfTransactions(range)]
        : terms.map(
            ({ key, value }) =>
              (range) =>
                store.placesOfEvent(key, value, range),
          );
    await walkPlaces(lists, from, to, searched === "tx" ? toTransaction : toBlock, spend, take);
  }

  /** Reads the events at places that come in order. */
  #reader({ searched }: SearchPlan, spent: Spent): (place: Place) => Promise<readonly LedgerEvent[]> {
    let height = 0;
    let results: StoredResults | null = null;
    return async (place) => {
      if (place.height !== height) {
        results = await this.#store.results(place.height);
        height = place.height;
        spent.units += unitsOfBlock + (results?.transactions.length ?? 0);
        if (spent.units > this.#limits.readUnitsMax)
          throw tooMuch(searched, `${this.#limits.readUnitsMax} transactions and blocks`);
      }
      // A block that was pruned while the search went on.
      if (results === null) return [];
      return place.index === -1 ? results.events : results.transactions[place.index]!.events;
    };
  }
}

function toTransaction({ height, index }: Place): Place {
  return { height, index: Math.max(0, index) };
}

function toBlock({ height, index }: Place): Place {
  return index === -1 ? { height, index } : { height: height + 1, index: -1 };
}

function tooMuch(searched: Searched, what: string) {
  return methodFailed(
    `the search would look at more than ${what}; narrow it by ${searched}.height, or ask for an exact value`,
  );
}
