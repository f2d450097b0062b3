// The uniform-price double auction of one slot, as a pure function (EN-10 to EN-13).
// Work is O(n log n) in the orders; trades are at most offers + bids - 1.

/** A price limit for an amount. Prices are whole units per unit of energy; lower sequences came earlier. */
export interface AuctionOrder {
  readonly id: string;
  readonly energy: bigint;
  readonly price: bigint;
  readonly sequence: number;
}

interface AuctionTrade {
  readonly offer: string;
  readonly bid: string;
  readonly energy: bigint;
}

/** Trades at one price; the price is null when nothing is traded. */
export interface Clearing {
  readonly price: bigint | null;
  readonly energy: bigint;
  readonly trades: readonly AuctionTrade[];
}

/** Clears a slot's orders: the most energy that one price can move, at the midpoint (floor) of the prices that can. */
export function clear(offers: readonly AuctionOrder[], bids: readonly AuctionOrder[]): Clearing {
  const asks = [...offers].sort((a, b) => byPrice(a, b) || a.sequence - b.sequence);
  const wants = [...bids].sort((a, b) => byPrice(b, a) || a.sequence - b.sequence);
  const trades: AuctionTrade[] = [];
  let total = 0n;
  let ask = 0;
  let want = 0;
  let askLeft = asks[0]?.energy ?? 0n;
  let wantLeft = wants[0]?.energy ?? 0n;
  let lastAsk: AuctionOrder | null = null;
  let lastWant: AuctionOrder | null = null;
  while (ask < asks.length && want < wants.length && wants[want]!.price >= asks[ask]!.price) {
    lastAsk = asks[ask]!;
    lastWant = wants[want]!;
    const energy = askLeft < wantLeft ? askLeft : wantLeft;
    trades.push({ offer: lastAsk.id, bid: lastWant.id, energy });
    total += energy;
    askLeft -= energy;
    wantLeft -= energy;
    if (askLeft === 0n) askLeft = asks[++ask]?.energy ?? 0n;
    if (wantLeft === 0n) wantLeft = wants[++want]?.energy ?? 0n;
  }
  if (lastAsk === null || lastWant === null) return { price: null, energy: 0n, trades };
  // An order matched in part is both the last matched and the best unmatched one of its side.
  const low = greater(lastAsk.price, wants[want]?.price ?? lastAsk.price);
  const high = lesser(lastWant.price, asks[ask]?.price ?? lastWant.price);
  return { price: (low + high) / 2n, energy: total, trades };
}

function byPrice(a: AuctionOrder, b: AuctionOrder): number {
  return a.price < b.price ? -1 : a.price > b.price ? 1 : 0;
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
