// The simulated buyer: buys only what is left over, late in the slot, once.

import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { accountIdOfKey, messageSchema } from "../../../ledger/protocol/transaction.ts";
import { LedgerClient } from "../ledger/ledger-client.ts";
import { signerOfSeed } from "../ledger/signer.ts";
import { LedgerDouble } from "../testing/ledger-double.ts";
import { bidOf, MarketLife } from "./market-life.ts";

const signer = signerOfSeed(Buffer.alloc(32, 5));
const own = accountIdOfKey(signer.publicKeyHex);
const start = Date.UTC(2026, 4, 1);
let ledger: LedgerDouble;
let market: MarketLife;
let now: number;
const stop = new AbortController().signal;

beforeEach(async () => {
  ledger = new LedgerDouble();
  now = start + 45_000;
  market = new MarketLife(new LedgerClient(await ledger.start()), signer, pino({ level: "silent" }), () => now);
});
afterEach(() => ledger.close());

function slotWith(...orders: readonly (readonly [side: "offer" | "bid", by: string, energyWh: string])[]): void {
  ledger.slot = {
    slot: 100,
    start: new Date(start).toISOString(),
    end: new Date(start + 60_000).toISOString(),
    orders: orders.map(([side, by, energyWh]) => ({ side, by, energyWh })),
  };
}

it("buys what nobody else bids for, once a slot", async () => {
  slotWith(["offer", "ann", "700"], ["bid", "ben", "200"]);
  expect(await market.lookOnce(stop)).toBe(true);
  expect(ledger.transactions).toEqual([[bidOf(100, own, 500)]]);
  expect(ledger.transactions[0]?.[0]).toMatchObject({ energyWh: "500" });
  expect(await market.lookOnce(stop)).toBe(false);
});

it.each([
  ["nothing is offered", () => slotWith()],
  ["citizens bid for all of it", () => slotWith(["offer", "ann", "700"], ["bid", "ben", "700"])],
  ["a bid of its own stands", () => slotWith(["offer", "ann", "700"], ["bid", own, "100"])],
  [
    "the slot is young",
    () => {
      slotWith(["offer", "ann", "700"]);
      now = start + 10_000;
    },
  ],
])("leaves the slot alone when %s", async (_when, arrange) => {
  arrange();
  expect(await market.lookOnce(stop)).toBe(false);
  expect(ledger.transactions).toEqual([]);
});

it("bids 1 to 3 kWh at 0.08 to 0.12, in the ledger's form", () => {
  for (let slot = 0; slot < 200; slot++) {
    const bid = messageSchema.parse(bidOf(slot, own, 1e6));
    if (bid.type !== "energy/bid") throw new Error("not a bid");
    expect(Number(bid.energyWh)).toBeGreaterThanOrEqual(1000);
    expect(Number(bid.energyWh)).toBeLessThanOrEqual(3000);
    expect(Number(bid.price)).toBeGreaterThanOrEqual(80_000);
    expect(Number(bid.price)).toBeLessThanOrEqual(120_000);
  }
});
