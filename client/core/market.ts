// The energy market as the page follows it: the slot that takes orders now, and the last that cleared. Read again when a block
// touches energy and every five seconds while a panel shows it.

import { computed, signal } from "@preact/signals";
import { chain, onBlock } from "./blocks.ts";
import { self } from "./citizen.ts";
import { now } from "./clock.ts";
import { explain } from "./http.ts";
import { ledgerApi, type SettledTrade, type Slot } from "./ledger-api.ts";

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
export const marketProblem = signal<string | null>(null);

/** Reads the market now. Failures are kept for the panel. */
export async function refreshMarket(): Promise<void> {
  try {
    const current = currentSlot.peek();
    const identity = self();
    const [open, next, previous, own] = await Promise.all([
      ledgerApi.slot(current),
      ledgerApi.slot(current + 1),
      ledgerApi.slot(Math.max(0, current - 1)),
      identity === null ? null : ledgerApi.trades(identity.account, tradesMax),
    ]);
    slot.value = open;
    nextSlot.value = next;
    if (previous.record?.status === "cleared" && previous.record.price !== undefined) lastCleared.value = previous;
    if (own !== null) trades.value = own.trades;
    marketProblem.value = null;
  } catch (error) {
    marketProblem.value = explain(error);
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
