// Keeps the energy market alive for the first citizens: the city's account `simulated` bids for energy that others offer.
// One bid a slot, 1 to 3 kWh at 0.08 to 0.12 per kWh, only in slots where somebody else's offer stands unmatched.

import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import { hashUnit } from "../../simulation/environment-noise.ts";
import { CityAccount } from "../ledger/city-account.ts";
import { LedgerAwayError, type LedgerClient } from "../ledger/ledger-client.ts";
import type { Signer } from "../ledger/signer.ts";

const lookMs = 3_000;
const slotSchema = z.looseObject({
  slot: z.number().int(),
  orders: z.array(z.looseObject({ side: z.enum(["offer", "bid"]), by: z.string() })).max(10_000),
});

export class MarketLife {
  readonly #ledger: LedgerClient;
  readonly #account: CityAccount;
  readonly #log: Logger;
  #lastSlot = -1;

  constructor(ledger: LedgerClient, signer: Signer, log: Logger) {
    this.#ledger = ledger;
    this.#account = new CityAccount(ledger, signer);
    this.#log = log;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        await this.lookOnce(stop);
      } catch (error) {
        if (stop.aborted) return;
        if (!(error instanceof LedgerAwayError)) throw error;
      }
      await sleep(lookMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  /** Bids in the current slot if there is something to buy and no bid of ours yet. @throws {LedgerAwayError} */
  async lookOnce(stop: AbortSignal): Promise<boolean> {
    const { slot, orders } = await this.#ledger.resource("/v1/energy/slots/current", slotSchema);
    const others = orders.some((order) => order.side === "offer" && order.by !== this.#account.id);
    const own = orders.some((order) => order.side === "bid" && order.by === this.#account.id);
    if (!others || own || slot <= this.#lastSlot) return false;
    this.#lastSlot = slot;
    const bid = bidOf(slot, this.#account.id);
    const submitted = await this.#account.send([bid], stop);
    if (submitted.code !== 0) this.#log.info({ slot, refusal: submitted.refusal }, "simulated bid refused");
    return submitted.code === 0;
  }
}

/** The simulated bid of a slot: the same for the same slot. */
export function bidOf(
  slot: number,
  by: string,
): {
  readonly type: "energy/bid";
  readonly by: string;
  readonly slot: number;
  readonly energyWh: string;
  readonly price: string;
} {
  const energyWh = 1000 + Math.floor(hashUnit(slot, 91, 0) * 21) * 100;
  const price = 80_000 + Math.floor(hashUnit(slot, 92, 0) * 41) * 1000;
  return { type: "energy/bid", by, slot, energyWh: String(energyWh), price: String(price) };
}
