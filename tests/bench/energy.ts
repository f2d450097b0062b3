// Bench of the energy market: the auction as a pure function, and signed orders through the state machine up to settlement.

import { type AuctionOrder, clear } from "../../ledger/modules/energy/clearing.ts";
import { genesis, person, registrar, signed, slotSeconds, startMs, TestCity } from "../../ledger/modules/test-city.ts";
import { energyState, type SlotRecord } from "../../ledger/protocol/energy.ts";
import type { Message } from "../../ledger/protocol/transaction.ts";
import { seededNumbers } from "../seeded-numbers.ts";
import { print, quick } from "./command-line.ts";
import { compareRounds, millisecondsOf } from "./measure.ts";

const random = seededNumbers(2);

function side(count: number, name: string, lowest: number): AuctionOrder[] {
  return Array.from({ length: count }, (_, sequence) => ({
    id: `${name}${sequence}`,
    energy: BigInt(1 + random(5000)),
    price: BigInt(lowest + random(200_000)),
    sequence,
  }));
}

for (const [exponent, goal] of [
  [3, 5],
  [5, 500],
] as const) {
  const offers = side(10 ** exponent, "offer", 50_000);
  const bids = side(10 ** exponent, "bid", 80_000);
  if (clear(offers, bids).price === null) throw new Error("nothing was traded");
  print(
    await compareRounds({
      bench: `energy/clear-10^${exponent}-ms`,
      unit: `ms for 10^${exponent} offers and 10^${exponent} bids`,
      goal,
      higherIsBetter: false,
      rounds: quick ? 3 : exponent === 3 ? 51 : 9,
      ours: () => millisecondsOf(() => clear(offers, bids)),
    }),
  );
}

// Orders: half the citizens sell, half buy, each a few orders a slot; the block after the slot's end clears and settles it.

const citizens = Array.from({ length: quick ? 50 : 400 }, (_, i) => person(`citizen ${i}`));
const ordersEach = quick ? 4 : 10;
const blockTransactions = 1000;
const sells = (i: number): boolean => i % 2 === 0;
const city = new TestCity({
  appState: {
    ...genesis,
    accounts: [...genesis.accounts, ...citizens.map(({ key }, i) => ({ key, name: `Citizen ${i}`, roles: [] }))],
  },
});

function applied(transactions: readonly Uint8Array[], timeMs: number): void {
  const wrong = city.block(transactions, timeMs).results.find(({ code }) => code !== 0);
  if (wrong !== undefined) throw new Error(`${wrong.refusal} ${JSON.stringify(wrong.params)}`);
}

const expires = (): number => city.application.height + 50;
const meterOf = (i: number): string => `meter-${String(i).padStart(4, "0")}`;
const meters = citizens.flatMap((_, i) => {
  const { key } = person(`meter ${i}`);
  const message: Message = {
    type: "telemetry/register-device",
    by: registrar.account,
    device: meterOf(i),
    kind: "meter",
    key,
    solar: true,
  };
  return sells(i) ? [signed([message], [registrar], expires())] : [];
});
const links = citizens.flatMap((citizen, i) =>
  sells(i)
    ? [signed([{ type: "energy/link-meter", by: citizen.account, meter: meterOf(i) }], [citizen], expires())]
    : [],
);
applied(meters, startMs);
applied(links, startMs + 1000);

let slot = startMs / (slotSeconds * 1000);

/** One slot from its first order to its settlement; orders per second. */
function tradeOneSlot(): number {
  slot++;
  const slotMs = slot * slotSeconds * 1000;
  const blocks: Uint8Array[][] = [];
  for (let number = 0; number < citizens.length * ordersEach; number++) {
    const i = number % citizens.length;
    const citizen = citizens[i]!;
    const by = citizen.account;
    const order = { by, slot, energyWh: String(100 + random(900)), price: String(100_000 + random(60_000)) };
    const message: Message = sells(i)
      ? { type: "energy/offer", meter: meterOf(i), ...order }
      : { type: "energy/bid", ...order };
    if (number % blockTransactions === 0) blocks.push([]);
    blocks.at(-1)!.push(signed([message], [citizen], expires()));
  }
  const started = performance.now();
  for (const [i, block] of blocks.entries()) applied(block, slotMs + (i + 1) * 1000);
  applied([], slotMs + slotSeconds * 1000);
  const elapsed = performance.now() - started;
  const record = city.read<SlotRecord>(energyState.slot(slot));
  if (record?.status !== "cleared" || !((record.trades ?? 0) > 0)) throw new Error("the slot was not cleared");
  return (citizens.length * ordersEach * 1000) / elapsed;
}

tradeOneSlot();
print(
  await compareRounds({
    bench: "energy/orders-per-s",
    unit: "signed orders placed, cleared and settled/s",
    goal: null,
    higherIsBetter: true,
    rounds: quick ? 2 : 7,
    ours: tradeOneSlot,
  }),
);
