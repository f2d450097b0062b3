// What became of the citizen's own orders: standing until the slot closes, being settled, traded, or not. Derived from what the
// ledger shows, so it survives a reload while the slot is open. At most 12 orders are followed.

import type { Order, SettledTrade } from "./ledger-api.ts";

const followedMax = 12;
/** Fates stay on the screen for this many slots. */
const slotsShown = 3;

export interface FollowedOrder {
  readonly id: string;
  readonly side: "offer" | "bid";
  readonly slot: number;
  readonly energyWh: string;
  readonly price: string;
}

export type OrderFate =
  | { readonly state: "standing" }
  /** The slot has closed; the block that clears it is on its way. */
  | { readonly state: "settling" }
  | { readonly state: "traded"; readonly trades: readonly SettledTrade[] }
  | { readonly state: "not-traded" };

/**
 * Orders to follow from now on: the known ones, and the citizen's own among those that are open. What was withdrawn leaves. The
 * ledger may clear a slot before the page's clock has left it: an order missing there is settled, not withdrawn.
 */
export function followOrders(
  known: readonly FollowedOrder[],
  open: readonly {
    readonly slot: number;
    readonly orders: readonly Order[];
    readonly record?: { readonly status: "open" | "cleared" } | null;
  }[],
  account: string,
  currentSlot: number,
): readonly FollowedOrder[] {
  const own = open.flatMap(({ slot, orders }) =>
    orders
      .filter((order) => order.by === account)
      .map(({ id, side, energyWh, price }): FollowedOrder => ({ id, side, slot, energyWh, price })),
  );
  const asked = new Set(open.filter(({ record }) => record?.status !== "cleared").map(({ slot }) => slot));
  const closed = known.filter(
    (order) =>
      !own.some(({ id }) => id === order.id) &&
      order.slot > currentSlot - slotsShown &&
      (order.slot < currentSlot || !asked.has(order.slot)),
  );
  return [...own, ...closed].sort((a, b) => b.slot - a.slot).slice(0, followedMax);
}

export function fateOf(
  order: FollowedOrder,
  currentSlot: number,
  cleared: ReadonlySet<number>,
  trades: readonly SettledTrade[],
): OrderFate {
  const own = trades.filter(({ offer, bid }) => (order.side === "offer" ? offer : bid) === order.id);
  if (own.length > 0) return { state: "traded", trades: own };
  if (order.slot >= currentSlot) return { state: "standing" };
  return { state: cleared.has(order.slot) ? "not-traded" : "settling" };
}
