// What a block becomes in a stream of server-sent events: one event for the block, or one for each transaction or event that fits.

import type { HistoryEvent } from "../protocol/rest.ts";
import type { StoredBlock, StoredResults } from "../storage/records.ts";
import { summaryOf, transactionAnswerOf } from "./blocks-read.ts";
import { type AttributeFilter, eventFits, transactionFits } from "./transaction-search.ts";

export interface BlockParts {
  readonly stored: StoredBlock;
  readonly results: StoredResults;
}

export interface StreamFilter {
  readonly of: "blocks" | "transactions" | "events";
  readonly account?: string | undefined;
  readonly module?: string | undefined;
  /** Of a message or of an event. */
  readonly type?: string | undefined;
  readonly event?: AttributeFilter | undefined;
}

/** Says nothing, and lets a client that comes back begin where it stood. */
export function keepAliveText(height: number): string {
  return height < 1 ? ": keep-alive\n\n" : `id: ${height}\n: keep-alive\n\n`;
}

/** The events of a block that come after those sent before; empty when nothing fits. */
export function eventTexts(
  block: BlockParts,
  filter: StreamFilter,
  sent: { readonly index: number; readonly number: number } | null,
): string {
  const { stored, results } = block;
  const height = Number(stored.block.header.height);
  if (filter.of === "blocks") {
    const open = [filter.account, filter.module, filter.type, filter.event].every((each) => each === undefined);
    if (!open && transactionTexts(block, filter, null) === "" && historyTexts(block, filter, null) === "") return "";
    return text(String(height), "block", newestSummary(stored, results));
  }
  return filter.of === "transactions" ? transactionTexts(block, filter, sent) : historyTexts(block, filter, sent);
}

/** Many streams send the same newest block. */
let summarised: { readonly stored: StoredBlock; readonly text: string } | null = null;

function newestSummary(stored: StoredBlock, results: StoredResults): string {
  if (summarised?.stored !== stored) summarised = { stored, text: JSON.stringify(summaryOf(stored, results)) };
  return summarised.text;
}

function transactionTexts(
  { stored, results }: BlockParts,
  filter: StreamFilter,
  sent: { readonly index: number } | null,
): string {
  const { type } = filter;
  let texts = "";
  for (let index = (sent?.index ?? -1) + 1; index < results.ids.length; index++) {
    const answer = transactionAnswerOf(stored, results, index);
    const typeFits =
      type === undefined ||
      answer.transaction.body.messages.some((message) => message.type === type) ||
      answer.events.some((event) => event.type === type);
    if (typeFits && transactionFits(answer, { ...filter, type: undefined }))
      texts += text(`${answer.height}.${index}`, "transaction", JSON.stringify(answer));
  }
  return texts;
}

function historyTexts(
  { stored, results }: BlockParts,
  filter: StreamFilter,
  sent: { readonly index: number; readonly number: number } | null,
): string {
  const { height: heightText, time } = stored.block.header;
  const height = Number(heightText);
  let texts = "";
  const lists = [results.events, ...results.transactions.map(({ events }) => events)];
  for (const [at, events] of lists.entries()) {
    const index = at - 1;
    if (sent !== null && index < sent.index) continue;
    for (const [number, event] of events.entries()) {
      if (sent !== null && index === sent.index && number <= sent.number) continue;
      if (filter.type !== undefined && event.type !== filter.type) continue;
      if (!eventFits(event, filter)) continue;
      const transaction = index < 0 ? null : results.ids[index]!;
      const line: HistoryEvent = { height, time, index, number, transaction, ...event };
      texts += text(`${height}.${index}.${number}`, "event", JSON.stringify(line));
    }
  }
  return texts;
}

function text(id: string, event: string, data: string): string {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}
