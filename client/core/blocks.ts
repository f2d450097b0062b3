// Blocks as they arrive: the ledger's event stream, with the REST list to fill gaps after a pause. Keeps the newest 200.

import { computed, signal } from "@preact/signals";
import { type BlockSummary, blockSummarySchema, type Chain, ledgerApi, ledgerUrl } from "./ledger-api.ts";

const keptMax = 200;
/** After a person has asked for earlier blocks. */
const keptEarlierMax = 1000;
const eventBytesMax = 4 * 1024 * 1024;

/** Newest first, no duplicates. */
export const blocks = signal<readonly BlockSummary[]>([]);
export const chain = signal<Chain | null>(null);
export const streamState = signal<"connecting" | "open" | "lost">("connecting");
export const headHeight = computed(() => Math.max(blocks.value[0]?.height ?? 0, chain.value?.height ?? 0));
/** The newest block's time, UNIX ms; 0 before the first is known. What the ledger judges by: later than this a next block is, and no more is sure. */
export const ledgerTime = computed(() => Date.parse(blocks.value[0]?.time ?? "1970-01-01T00:00:00Z"));

let kept = keptMax;
const listeners = new Set<(block: BlockSummary) => void>();

/** Calls back for every new block; returns how to stop. */
export function onBlock(listener: (block: BlockSummary) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Merges blocks into a list that is newest first and at most `max` long. */
export function mergeBlocks(
  known: readonly BlockSummary[],
  added: readonly BlockSummary[],
  max: number,
): readonly BlockSummary[] {
  const byHeight = new Map(known.map((block) => [block.height, block]));
  for (const block of added) byHeight.set(block.height, block);
  return [...byHeight.values()].sort((a, b) => b.height - a.height).slice(0, max);
}

function take(added: readonly BlockSummary[]): void {
  const newest = blocks.peek()[0]?.height ?? 0;
  blocks.value = mergeBlocks(blocks.peek(), added, kept);
  for (const block of added) if (block.height > newest) for (const listener of listeners) listener(block);
}

async function fillGap(): Promise<void> {
  const shown = await ledgerApi.chain();
  // Another chain on the same address: its blocks share nothing with those known, least of all their heights.
  if (chain.peek() !== null && chain.peek()?.chain !== shown.chain) blocks.value = [];
  chain.value = shown;
  take((await ledgerApi.blocks(40)).blocks);
}

/** Loads earlier blocks below the oldest shown. Returns how many came. */
export async function loadEarlier(): Promise<number> {
  const oldest = blocks.peek().at(-1)?.height;
  const answer = await ledgerApi.blocks(40, oldest);
  kept = keptEarlierMax;
  blocks.value = mergeBlocks(blocks.peek(), answer.blocks, kept);
  return answer.blocks.length;
}

/** Opens the event stream and keeps it open, with growing pauses of at most 15 s. Returns how to stop. */
export function startBlocks(): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = 500;
  let stopped = false;
  const receive = (event: MessageEvent): void => {
    if (typeof event.data !== "string" || event.data.length > eventBytesMax) return;
    try {
      const parsed = blockSummarySchema.safeParse(JSON.parse(event.data));
      if (parsed.success) take([parsed.data]);
    } catch {
      // Not JSON: a keep-alive or damage. The next gap fill brings what was lost.
    }
  };
  const retry = (): void => {
    source?.close();
    source = null;
    if (stopped) return;
    streamState.value = "lost";
    clearTimeout(timer);
    timer = setTimeout(connect, pauseMs);
    pauseMs = Math.min(15_000, pauseMs * 2);
  };
  const connect = (): void => {
    if (document.hidden) return;
    source = new EventSource(`${ledgerUrl}/v1/events`);
    source.onopen = () => {
      streamState.value = "open";
      pauseMs = 500;
      fillGap().catch(retry);
    };
    source.onmessage = receive;
    source.addEventListener("block", receive);
    source.onerror = retry;
  };
  // A hidden page gives its connection back: browsers allow six to one origin over all tabs.
  const visibility = (): void => {
    clearTimeout(timer);
    source?.close();
    source = null;
    if (!document.hidden) connect();
  };
  document.addEventListener("visibilitychange", visibility);
  connect();
  return () => {
    stopped = true;
    document.removeEventListener("visibilitychange", visibility);
    clearTimeout(timer);
    source?.close();
  };
}
