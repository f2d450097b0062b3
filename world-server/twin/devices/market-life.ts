// Keeps the energy market alive for the first citizens: the city's account `simulated` buys what nobody else bids for.
// One bid in the later half of a slot, up to 1 to 3 kWh at 0.08 to 0.12 per kWh, never more than is offered beyond others' bids.

import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import { hashUnit } from "../../simulation/environment-noise.ts";
import { CityAccount } from "../ledger/city-account.ts";
import { LedgerAwayError, type LedgerClient } from "../ledger/ledger-client.ts";
import type { Signer } from "../ledger/signer.ts";

const lookMsMin = 250;
const lookMsMax = 3_000;
/** Looks in a slot, so that short slots are not missed. */
const looksInSlot = 8;
const slotSchema = z.looseObject({
  slot: z.number().int(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  orders: z
    .array(z.looseObject({ side: z.enum(["offer", "bid"]), by: z.string(), energyWh: z.string().regex(/^\d{1,6}$/) }))
    .max(10_000),
});

export class MarketLife {
  readonly #ledger: LedgerClient;
  readonly #account: CityAccount;
  readonly #log: Logger;
  readonly #now: () => number;
  #lastSlot = -1;
  #lookMs = lookMsMax;

  constructor(ledger: LedgerClient, signer: Signer, log: Logger, now: () => number) {
    this.#ledger = ledger;
    this.#account = new CityAccount(ledger, signer);
    this.#log = log;
    this.#now = now;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        await this.lookOnce(stop);
      } catch (error) {
        if (stop.aborted) return;
        if (!(error instanceof LedgerAwayError)) throw error;
      }
      await sleep(this.#lookMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  /** Bids in the current slot if something is left to buy and no bid of ours stands. @throws {LedgerAwayError} */
  async lookOnce(stop: AbortSignal): Promise<boolean> {
    const { slot, start, end, orders } = await this.#ledger.resource("/v1/energy/slots/current", slotSchema);
    const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
    this.#lookMs = Math.min(lookMsMax, Math.max(lookMsMin, (endMs - startMs) / looksInSlot));
    // Citizens come first: their bids have the first half of the slot for themselves.
    if (slot <= this.#lastSlot || this.#now() < (startMs + endMs) / 2) return false;
    let left = 0;
    for (const order of orders) {
      if (order.by === this.#account.id) return false;
      left += order.side === "offer" ? Number(order.energyWh) : -Number(order.energyWh);
    }
    if (left <= 0) return false;
    this.#lastSlot = slot;
    const submitted = await this.#account.send([bidOf(slot, this.#account.id, left)], stop);
    if (submitted.code !== 0) this.#log.info({ slot, refusal: submitted.refusal }, "simulated bid refused");
    return submitted.code === 0;
  }
}

/** The simulated bid of a slot: the same for the same slot, and for no more than is left. */
export function bidOf(
  slot: number,
  by: string,
  leftWh: number,
): {
  readonly type: "energy/bid";
  readonly by: string;
  readonly slot: number;
  readonly energyWh: string;
  readonly price: string;
} {
  const energyWh = Math.min(leftWh, 1000 + Math.floor(hashUnit(slot, 91, 0) * 21) * 100);
  const price = 80_000 + Math.floor(hashUnit(slot, 92, 0) * 41) * 1000;
  return { type: "energy/bid", by, slot, energyWh: String(energyWh), price: String(price) };
}
