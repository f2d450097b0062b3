// energy/bid: buys up to an amount of energy at a price or less; the most it can cost is held in escrow (EN-4).

import type { z } from "zod";
import type { bidSchema } from "../../protocol/energy.ts";
import { systemAccounts } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { moneyOf, move } from "../money/interface.ts";
import { enterOrder, type NewOrder, refuseOrder } from "./place-order.ts";
import { heldFor } from "./state.ts";

export function bid(execution: MessageExecution, message: z.infer<typeof bidSchema>): Refusal | null {
  const { state } = execution;
  const { by, slot, energyWh, price } = message;
  const held = heldFor(BigInt(energyWh), BigInt(price));
  const order: NewOrder = { side: "bid", by, energyWh, price, held: held.toString() };
  const refusal = refuseOrder(execution, slot, order);
  if (refusal !== null) return refusal;
  if (!move(state, by, systemAccounts.energyEscrow, held))
    return refuse("energy_balance_must_cover_bid", { balance: moneyOf(state, by).toString(), held: held.toString() });
  enterOrder(execution, slot, order);
  return null;
}
