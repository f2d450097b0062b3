// The index: for each term (an account, a message type, an event's attribute) and each block one list of the places there.
// A list is varints: index + 1 of the first place (0 is the block itself), then the distances. Terms are hashes of 12 bytes, so
// two could in principle share a list: who must be certain looks at what stands at the place.

import type { LedgerEvent } from "../protocol/rest.ts";
import type { BlockFacts } from "./block-facts.ts";
import type { Entry, KeyValueReader } from "./key-value.ts";
import { keyNumberMax, numberOfKey, termKey, termOf } from "./keys.ts";
import type { Place, PlaceRange } from "./records.ts";
import { readVarints, writeVarints } from "./varint.ts";

/** Ids of accounts, as they stand in event attributes. */
const accountForm = /^[0-9a-f]{40}$/;
/** The block's own events stand before its first transaction. */
const blockItself = -1;

export const accountTerm = (account: string): Uint8Array => termOf("account", account);
/** Of a message type such as "energy/offer", or of a module such as "energy". */
export const messageTerm = (type: string): Uint8Array => termOf("message", type);
export const eventTerm = (key: string, value: string | null): Uint8Array =>
  value === null ? termOf("event", key) : termOf("attribute", key, value);
export const everyTransactionTerm: Uint8Array = termOf("all", "");

/** One list per term of the block. */
export function postingsOf(block: BlockFacts): { type: "put"; key: Uint8Array; value: Uint8Array }[] {
  const lists = new Map<string, number[]>();
  const terms = new Map<string, Uint8Array>();
  const add = (name: string, index: number, make: () => Uint8Array): void => {
    let list = lists.get(name);
    if (list === undefined) {
      list = [];
      lists.set(name, list);
      terms.set(name, make());
    }
    if (list.at(-1) !== index) list.push(index);
  };
  const addAccount = (account: string, index: number): void => add(`a${account}`, index, () => accountTerm(account));
  const addEvents = (events: readonly LedgerEvent[], index: number): void => {
    for (const { type, attributes } of events)
      for (const [name, value] of Object.entries(attributes)) {
        const key = `${type}.${name}`;
        add(`k${key}`, index, () => eventTerm(key, null));
        add(`v${key.length}.${key}${value}`, index, () => eventTerm(key, value));
        if (accountForm.test(value)) addAccount(value, index);
      }
  };
  addEvents(block.events, blockItself);
  block.transactions.forEach((transaction, index) => {
    add("*", index, () => everyTransactionTerm);
    for (const account of transaction.by) addAccount(account, index);
    for (const type of transaction.messages) {
      add(`m${type}`, index, () => messageTerm(type));
      const module = moduleOf(type);
      if (module !== type) add(`m${module}`, index, () => messageTerm(module));
    }
    addEvents(transaction.events, index);
  });
  return Array.from(lists, ([name, list]) => ({
    type: "put",
    key: termKey(terms.get(name)!, block.height),
    value: writeVarints(distancesOf(list)),
  }));
}

/** The module of a message or event type: what stands before the first stroke. */
export function moduleOf(type: string): string {
  const stroke = type.indexOf("/");
  return stroke === -1 ? type : type.slice(0, stroke);
}

/** A page of a term's places. `lowest` is the first height that is kept. */
export async function readPlaces(
  reader: KeyValueReader,
  term: Uint8Array,
  lowest: number,
  range: PlaceRange,
): Promise<Place[]> {
  const { after, limit, descending = false } = range;
  let from = Math.max(range.from ?? lowest, lowest);
  let to = Math.min(range.to ?? keyNumberMax - 1, keyNumberMax - 1);
  if (after !== undefined && descending) to = Math.min(to, after.height);
  if (after !== undefined && !descending) from = Math.max(from, after.height);
  const places: Place[] = [];
  if (from > to || limit <= 0) return places;
  const keys = { from: termKey(term, from), to: termKey(term, to + 1), descending };
  for await (const page of reader.pages(keys))
    for (const entry of page)
      for (const place of placesOfList(entry, descending)) {
        if (after !== undefined && place.height === after.height)
          if (descending ? place.index >= after.index : place.index <= after.index) continue;
        places.push(place);
        if (places.length >= limit) return places;
      }
  return places;
}

function placesOfList([key, value]: Entry, descending: boolean): Place[] {
  const height = numberOfKey(key);
  let index = blockItself - 1;
  const places = readVarints(value).map((distance, at) => {
    index += at === 0 ? distance + 1 : distance;
    return { height, index };
  });
  return descending ? places.reverse() : places;
}

function distancesOf(list: readonly number[]): number[] {
  return list.map((index, at) => (at === 0 ? index - blockItself : index - list[at - 1]!));
}
