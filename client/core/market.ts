// The energy market as the page follows it: the slot that takes orders now, and the last that cleared. Read again when a block
// touches energy and every five seconds while a panel shows it.

import { computed, signal } from "@preact/signals";
import { chain, onBlock } from "./blocks.ts";
import { self } from "./citizen.ts";
import { now } from "./clock.ts";
import { explain } from "./http.ts";
import { ledgerApi, type SettledTrade, type Slot } from "./ledger-api.ts";
import { type FollowedOrder, followOrders } from "./order-fates.ts";

const pauseMs = 5000;
const tradesMax = 20;

export const slotSeconds = computed(() => chain.value?.slotSeconds ?? 60);
/** The running slot's number by the city's clock. */
export const currentSlot = computed(() => Math.floor(now.value / 1000 / slotSeconds.value));
/** Milliseconds until it closes. */
export const slotLeftMs = computed(() => (currentSlot.value + 1) * slotSeconds.value * 1000 - now.value);

export const slot = signal<Slot | null>(null);
/** The next slot, when it has orders already. */
export const nextSlot = signal<Slot | null>(null);
export const lastCleared = signal<Slot | null>(null);
export const trades = signal<readonly SettledTrade[]>([]);
/** The own orders whose outcome is of interest. */
export const followedOrders = signal<readonly FollowedOrder[]>([]);
/** Slots of those orders that are known to have cleared. */
export const clearedSlots = signal<ReadonlySet<number>>(new Set());
export const marketProblem = signal<string | null>(null);

let asked = 0;
let applied = 0;

/** Reads the market now. Failures are kept for the panel. An answer that a later one has overtaken is dropped. */
export async function refreshMarket(): Promise<void> {
  asked += 1;
  const turn = asked;
  try {
    const current = currentSlot.peek();
    const identity = self();
    const [open, next, previous, own] = await Promise.all([
      ledgerApi.slot(current),
      ledgerApi.slot(current + 1),
      ledgerApi.slot(Math.max(0, current - 1)),
      identity === null ? null : ledgerApi.trades(identity.account, tradesMax),
    ]);
    if (turn < applied) return;
    applied = turn;
    slot.value = open;
    nextSlot.value = next;
    if (previous.record?.status === "cleared" && previous.record.price !== undefined) lastCleared.value = previous;
    // Before the orders: an order must not look unsold for the moment in which its trade is not here yet.
    if (own !== null && identity !== null) trades.value = tradesOf(identity.account, own.trades);
    if (identity !== null) {
      const listed = [open, next];
      followedOrders.value = followOrders(followedOrders.peek(), listed, identity.account, current);
      await learnCleared(current, previous);
    }
    marketProblem.value = null;
  } catch (error) {
    marketProblem.value = explain(error);
  }
}

/** A true trade between others proves nothing about this citizen. */
const tradesOf = (account: string, told: readonly SettledTrade[]): readonly SettledTrade[] =>
  told.filter(({ seller, buyer }) => seller === account || buyer === account);

/** Learns which of the followed orders' slots have cleared. */
async function learnCleared(current: number, previous: Slot): Promise<void> {
  const wanted = new Set(followedOrders.peek().map((order) => order.slot));
  const closed = [...wanted].filter((number) => number < current && !clearedSlots.peek().has(number));
  const slots = await Promise.all(
    closed.map((number) => (number === previous.slot ? previous : ledgerApi.slot(number))),
  );
  const cleared = slots.filter(({ record }) => record?.status === "cleared").map((one) => one.slot);
  const kept = [...clearedSlots.peek()].filter((number) => wanted.has(number));
  if (cleared.length > 0 || kept.length < clearedSlots.peek().size) {
    // The trades that were read may be older than the clearing that was read.
    const identity = self();
    if (cleared.length > 0 && identity !== null)
      trades.value = tradesOf(identity.account, (await ledgerApi.trades(identity.account, tradesMax)).trades);
    clearedSlots.value = new Set([...kept, ...cleared]);
  }
}

const touchesEnergy = (type: unknown): boolean => typeof type === "string" && type.startsWith("energy/");

/** Follows the market while someone looks; returns how to stop. */
export function followMarket(): () => void {
  void refreshMarket();
  const timer = setInterval(() => void refreshMarket(), pauseMs);
  const stop = onBlock((block) => {
    const touched =
      block.events.some((event) => touchesEnergy(event.type)) ||
      block.transactions.some((transaction) =>
        transaction.messages.some((message) => touchesEnergy((message as { type?: unknown } | null)?.type)),
      );
    if (touched) void refreshMarket();
  });
  return () => {
    clearInterval(timer);
    stop();
  };
}
