// The auction against an independent brute-force model, and against foreign cases. fast-check prints the seed of a failure.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AuctionOrder, type Clearing, clear } from "./clearing.ts";

const sum = (orders: readonly AuctionOrder[]): bigint => orders.reduce((total, { energy }) => total + energy, 0n);
const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * What economics says, tried at every price: the volume one price can move is the lesser of demand and supply at it, and a
 * price clears the market when nobody who would rather trade at it is left out.
 */
function bruteForce(offers: readonly AuctionOrder[], bids: readonly AuctionOrder[], priceMax: bigint) {
  let volume = 0n;
  const clearing: bigint[] = [];
  for (let p = 0n; p <= priceMax; p++) {
    const demand = sum(bids.filter(({ price }) => price >= p));
    const supply = sum(offers.filter(({ price }) => price <= p));
    const eager = sum(bids.filter(({ price }) => price > p));
    const keen = sum(offers.filter(({ price }) => price < p));
    if (lesser(demand, supply) > volume) volume = lesser(demand, supply);
    if (eager <= supply && keen <= demand) clearing.push(p);
  }
  return { volume, low: clearing[0]!, high: clearing.at(-1)! };
}

function energyOf(clearing: Clearing, side: "offer" | "bid"): Map<string, bigint> {
  const energy = new Map<string, bigint>();
  for (const trade of clearing.trades) energy.set(trade[side], (energy.get(trade[side]) ?? 0n) + trade.energy);
  return energy;
}

const priceMax = 12;
const side = (name: string, offset: number) =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: priceMax })), { maxLength: 9 })
    .map((orders) =>
      orders.map(([energy, price], n) => ({
        id: `${name}${n}`,
        energy: BigInt(energy),
        price: BigInt(price),
        sequence: 2 * n + offset,
      })),
    );

describe("clearing", () => {
  it("EN-11, EN-12: moves the most energy one price can, at the midpoint of the prices that clear the market", () => {
    let traded = 0;
    fc.assert(
      fc.property(side("o", 0), side("b", 1), (offers, bids) => {
        const result = clear(offers, bids);
        const model = bruteForce(offers, bids, BigInt(priceMax));
        expect(result.energy).toBe(model.volume);
        expect(sum(result.trades.map((t) => ({ id: "", price: 0n, sequence: 0, energy: t.energy })))).toBe(
          model.volume,
        );
        const midpoint = model.volume === 0n ? null : (model.low + model.high) / 2n;
        if (midpoint !== null) traded++;
        expect(result.price).toBe(midpoint);
      }),
      { numRuns: 2_000 },
    );
    expect(traded).toBeGreaterThan(500);
  });

  it("EN-13: no limit is broken, nothing is traded twice, and better orders go first, earlier ones among equals", () => {
    fc.assert(
      fc.property(side("o", 0), side("b", 1), (offers, bids) => {
        const result = clear(offers, bids);
        for (const [orders, which, better] of [
          [offers, "offer", (a: bigint, b: bigint) => a < b],
          [bids, "bid", (a: bigint, b: bigint) => a > b],
        ] as const) {
          const filled = energyOf(result, which);
          for (const order of orders) {
            const got = filled.get(order.id) ?? 0n;
            expect(got <= order.energy).toBe(true);
            if (got > 0n)
              expect(which === "offer" ? order.price <= result.price! : order.price >= result.price!).toBe(true);
            if (got === order.energy) continue;
            // Whoever comes after an order that is not filled got nothing.
            for (const other of orders) {
              const after =
                better(order.price, other.price) || (order.price === other.price && order.sequence < other.sequence);
              if (after) expect(filled.has(other.id)).toBe(false);
            }
          }
        }
        expect(result.trades.length).toBeLessThanOrEqual(Math.max(0, offers.length + bids.length - 1));
      }),
      { numRuns: 1_000 },
    );
  });

  it("EN-12: the midpoint is rounded down, and an order matched in part bounds the price from both sides", () => {
    const order = (id: string, energy: bigint, price: bigint): AuctionOrder => ({ id, energy, price, sequence: 0 });
    expect(clear([order("o", 10n, 1n)], [order("b", 10n, 4n)]).price).toBe(2n);
    expect(clear([order("o", 10n, 1n)], [order("b", 11n, 4n)]).price).toBe(4n);
    expect(clear([order("o", 11n, 1n)], [order("b", 10n, 4n)]).price).toBe(1n);
    expect(clear([order("o", 10n, 5n)], [order("b", 10n, 4n)])).toEqual({ price: null, energy: 0n, trades: [] });
    expect(clear([], [order("b", 10n, 4n)])).toEqual({ price: null, energy: 0n, trades: [] });
    expect(clear([order("o", 1n, 0n)], [order("b", 1n, 0n)]).price).toBe(0n);
  });

  it("EN-16: clears a full slot of 5,000 orders", () => {
    const orders = (name: string, base: number): AuctionOrder[] =>
      Array.from({ length: 2_500 }, (_, n) => ({
        id: `${name}${n}`,
        energy: BigInt(1 + ((n * 37) % 900)),
        price: BigInt(base + ((n * 7_919) % 1_000)),
        sequence: n,
      }));
    const result = clear(orders("o", 0), orders("b", 500));
    expect(result.trades.length).toBeGreaterThan(1_000);
    expect(result.trades.length).toBeLessThan(5_000);
  });
});

const vectors = join(import.meta.dirname, "../../../../shared/vectors/energy");
const read = (file: string): unknown => JSON.parse(readFileSync(join(vectors, file), "utf8"));
/** Foreign prices and amounts have decimals; ours are whole. */
const scale = 100_000;
const scaled = (n: number): bigint => BigInt(Math.round(n * scale));

describe.skipIf(!existsSync(vectors))(
  "clearing, foreign cases (skipped when ../shared/vectors/energy is missing)",
  () => {
    it("EN-11, EN-12: gsy-framework pay-as-clear books have the equilibria given beside them", () => {
      // The framework's own pay-as-clear result under-clears these books; the file says so and gives the equilibria.
      type Row = [id: number, trader: string, rate: number, energy: number];
      const { payAsClear, competitiveEquilibrium } = read("gsy-matching.json") as {
        payAsClear: { in: { bids: Row[]; offers: Row[] } }[];
        competitiveEquilibrium: { qty: number; priceInterval: [number, number] }[];
      };
      const orders = (rows: Row[]): AuctionOrder[] =>
        rows.map(([id, , rate, energy], sequence) => ({
          id: `${id}`,
          energy: scaled(energy),
          price: scaled(rate),
          sequence,
        }));
      expect(payAsClear.length).toBe(2);
      payAsClear.forEach((book, n) => {
        const result = clear(orders(book.in.offers), orders(book.in.bids));
        const { qty, priceInterval } = competitiveEquilibrium[n]!;
        expect(result.energy).toBe(scaled(qty));
        expect(result.price).toBe((scaled(priceInterval[0]) + scaled(priceInterval[1])) / 2n);
      });
    });

    it("EN-13: gsy-framework pairs orders of one price as we do", () => {
      type Row = [id: string, energy: number];
      const { pairing } = read("gsy-matching.json") as {
        pairing: { bids: Row[]; offers: Row[]; clearingEnergy: number; out: [string, string, number][] }[];
      };
      expect(pairing.length).toBe(3);
      for (const { bids, offers, clearingEnergy, out } of pairing) {
        const orders = (rows: Row[]): AuctionOrder[] =>
          rows.map(([id, energy], sequence) => ({ id, energy: BigInt(energy), price: 7n, sequence }));
        // The framework is told how much clears; here that much is offered and asked for, so the longer side is cut.
        const cut = (rows: Row[]): Row[] => {
          let left = clearingEnergy;
          return rows.flatMap(([id, energy]): Row[] => {
            const part = Math.min(energy, left);
            left -= part;
            return part > 0 ? [[id, part]] : [];
          });
        };
        const result = clear(orders(cut(offers)), orders(cut(bids)));
        expect(result.trades.map(({ offer, bid, energy }) => [offer, bid, Number(energy)])).toEqual(out);
      }
    });

    it("EN-11, EN-12: pymarket's uniform-price equilibria", () => {
      // Its maximum-welfare and maximum-volume results pair at many prices, and Huang's rule drops marginal traders: other rules.
      const { datasets, equilibrium } = read("pymarket.json") as {
        datasets: Record<string, [qty: number, price: number, user: number, buying: number][]>;
        equilibrium: Record<string, { qty: number; price: number }>;
      };
      expect(Object.keys(equilibrium)).toEqual(["0", "1"]);
      for (const [name, { qty, price }] of Object.entries(equilibrium)) {
        const orders = (buying: number): AuctionOrder[] =>
          datasets[name]!.flatMap(([energy, limit, user, side], sequence) =>
            side === buying ? [{ id: `${user}`, energy: scaled(energy), price: scaled(limit), sequence }] : [],
          );
        const result = clear(orders(0), orders(1));
        expect(result.energy).toBe(scaled(qty));
        expect(result.price).toBe(scaled(price));
      }
    });

    it.skip("powermatcher: demand curves in price steps, another rule; simply: grid fees between clusters, another rule", () => {});
  },
);
