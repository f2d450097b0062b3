// Transactions and events found through the store's index. What a list shows is looked at again in the block itself: the index
// knows terms by hashes only. One search examines at most 400 places and tells where to go on.

import type { PlaceCursor } from "../protocol/cursor.ts";
import type { HistoryEvent, LedgerEvent, TransactionAnswer } from "../protocol/rest.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import type { Place } from "../storage/records.ts";
import { readBlock, transactionAnswerOf } from "./blocks-read.ts";
import { type SearchRange, searchPlaces, type Term } from "./place-search.ts";
import type { Charge } from "./route.ts";

const examinedMax = 400;
/** A read's token is worth so many blocks that must be read for one answer. */
const blocksPerRead = 4;
/** The same of pages of the index, which a search that leaps between lists reads without finding anything. */
const pagesPerRead = 8;

/** An event's attribute: "<type>.<attribute>", with a value or any. */
export interface AttributeFilter {
  readonly key: string;
  readonly value: string | null;
}

export interface TransactionFilter {
  readonly account?: string | undefined;
  readonly module?: string | undefined;
  readonly type?: string | undefined;
  readonly event?: AttributeFilter | undefined;
  readonly outcome?: "applied" | "refused" | undefined;
  readonly code?: number | undefined;
}

/** A page, and where the list goes on; null at its end. */
export interface Page<T> {
  readonly lines: readonly T[];
  readonly next: PlaceCursor | null;
}

type Block = NonNullable<Awaited<ReturnType<typeof readBlock>>>;

export async function findTransactions(
  store: LedgerStore,
  charge: Charge,
  filter: TransactionFilter,
  range: SearchRange,
  limit: number,
): Promise<Page<TransactionAnswer>> {
  const { account, module, type, event } = filter;
  const terms: Term[] = [];
  if (account !== undefined) terms.push((page) => store.placesOfAccount(account, page));
  if (event !== undefined) terms.push((page) => store.placesOfEvent(event.key, event.value, page));
  if (type !== undefined) terms.push((page) => store.placesOfMessage(type, page));
  if (module !== undefined) terms.push((page) => store.placesOfMessage(module, page));
  if (terms.length === 0) terms.push((page) => store.placesOfTransactions(page));
  const lines: TransactionAnswer[] = [];
  const next = await walk(store, charge, terms, range, ({ stored, results }, { index }) => {
    if (index < 0) return null;
    const answer = transactionAnswerOf(stored, results, index);
    if (!transactionFits(answer, filter)) return null;
    if (lines.length >= limit) return "full";
    lines.push(answer);
    return null;
  });
  return { lines, next };
}

export interface EventFilter {
  readonly account?: string | undefined;
  readonly event?: AttributeFilter | undefined;
  readonly module?: string | undefined;
}

/** Events of transactions and of blocks themselves. */
export async function findEvents(
  store: LedgerStore,
  charge: Charge,
  terms: readonly Term[],
  accept: (event: LedgerEvent) => boolean,
  range: SearchRange & { readonly cursor?: PlaceCursor },
  limit: number,
): Promise<Page<HistoryEvent>> {
  const lines: HistoryEvent[] = [];
  const { cursor, descending } = range;
  // The place at which the page before ended may hold more events.
  const after =
    cursor === undefined || cursor.event < 0
      ? cursor
      : { height: cursor.height, index: cursor.index + (descending ? 1 : -1) };
  const walked = { ...range, ...(after === undefined ? {} : { after }) };
  const next = await walk(store, charge, terms, walked, ({ stored, results }, place) => {
    const { height, index } = place;
    const events = (index < 0 ? results.events : results.transactions[index]!.events).map(
      (event, number) => [number, event] as const,
    );
    for (const [number, event] of descending ? events.reverse() : events) {
      const resumed = cursor !== undefined && cursor.height === height && cursor.index === index && cursor.event >= 0;
      if (resumed && (descending ? number >= cursor.event : number <= cursor.event)) continue;
      if (!accept(event)) continue;
      if (lines.length >= limit) return "full";
      const transaction = index < 0 ? null : results.ids[index]!;
      lines.push({ height, time: stored.block.header.time, index, number, transaction, ...event });
    }
    return null;
  });
  const last = lines.at(-1);
  if (next === null || last === undefined || lines.length < limit) return { lines, next };
  return { lines, next: { height: last.height, index: last.index, event: last.number } };
}

/** Whether an event names what is asked for. */
export function eventFits({ type, attributes }: LedgerEvent, { account, event, module }: EventFilter): boolean {
  if (module !== undefined && !type.startsWith(`${module}/`)) return false;
  if (account !== undefined && !Object.values(attributes).includes(account)) return false;
  return event === undefined || attributeFits({ type, attributes }, event);
}

/** Goes through the places under all terms. The visitor says "full" when what it saw belongs to the next page. */
async function walk(
  store: LedgerStore,
  charge: Charge,
  terms: readonly Term[],
  range: SearchRange,
  visit: (block: Block, place: Place) => "full" | null,
): Promise<PlaceCursor | null> {
  let block: Block | null = null;
  let blockHeight = 0;
  let blocks = 0;
  let examined = 0;
  let seen: Place | null = range.after ?? null;
  let pages = 0;
  const paid = terms.map(
    (term): Term =>
      (page) => {
        if (pages++ % pagesPerRead === pagesPerRead - 1) charge("read", 1);
        return term(page);
      },
  );
  for await (const step of searchPlaces(paid, range)) {
    if ("stoppedAt" in step) return { ...step.stoppedAt, event: -1 };
    const { found } = step;
    if (examined++ >= examinedMax && seen !== null) return { ...seen, event: -1 };
    // Several places of one block follow each other, so that each block is read once.
    if (found.height !== blockHeight) {
      if (blocks++ % blocksPerRead === blocksPerRead - 1) charge("read", 1);
      block = await readBlock(store, found.height);
      blockHeight = found.height;
    }
    if (block !== null && visit(block, found) === "full") return seen === null ? null : { ...seen, event: -1 };
    seen = found;
  }
  return null;
}

/** Whether a transaction is what is asked for. */
export function transactionFits(
  answer: TransactionAnswer,
  { account, module, type, event, outcome, code }: TransactionFilter,
): boolean {
  const { messages } = answer.transaction.body;
  if (outcome !== undefined && (answer.code === 0) !== (outcome === "applied")) return false;
  if (code !== undefined && answer.code !== code) return false;
  if (type !== undefined && !messages.some((message) => message.type === type)) return false;
  if (module !== undefined && !messages.some((message) => message.type.startsWith(`${module}/`))) return false;
  if (event !== undefined && !answer.events.some((one) => attributeFits(one, event))) return false;
  if (account === undefined) return true;
  return (
    messages.some(({ by }) => by === account) ||
    answer.transaction.auth.some(({ by }) => by === account) ||
    answer.events.some(({ attributes }) => Object.values(attributes).includes(account))
  );
}

function attributeFits({ type, attributes }: LedgerEvent, { key, value }: AttributeFilter): boolean {
  const attribute = key.startsWith(`${type}.`) ? attributes[key.slice(type.length + 1)] : undefined;
  return attribute !== undefined && (value === null || attribute === value);
}
