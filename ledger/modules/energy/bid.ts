// energy/bid: buys up to an amount of energy at a price or less; the most it can cost is held until the slot clears (EN-4).

import type { z } from "zod";
import type { bidSchema } from "../../protocol/energy.ts";
import { systemAccounts } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { hold } from "../money/interface.ts";
import { enterOrder, type NewOrder, refuseOrder } from "./place-order.ts";
import { heldFor } from "./state.ts";

export function bid(execution: MessageExecution, message: z.infer<typeof bidSchema>): Refusal | null {
  const { by, slot, energyWh, price } = message;
  const worth = heldFor(BigInt(energyWh), BigInt(price));
  const order: NewOrder = { side: "bid", by, energyWh, price, held: worth.toString() };
  const refusal = refuseOrder(execution, slot, order);
  if (refusal !== null) return refusal;
  const held = hold(execution, by, systemAccounts.energyEscrow, worth);
  if (!held.ok) {
    if (held.name !== "money_balance_must_suffice") return held;
    return refuse("energy_balance_must_cover_bid", { ...held.params, held: worth.toString() });
  }
  enterOrder(execution, slot, held.spentDay === null ? order : { ...order, spentDay: held.spentDay });
  return null;
}
