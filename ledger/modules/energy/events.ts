// Events of the energy module.

import { z } from "zod";
import { accountIdSchema } from "../../protocol/accounts.ts";
import { energyWhSchema, priceSchema } from "../../protocol/energy.ts";
import { deviceIdSchema } from "../../protocol/telemetry.ts";
import { countText, declareEvent, type EventType } from "../event.ts";

const orderText = z.string().regex(/^[0-9a-f]{64}\.[0-9]{1,3}$/);

export const meterLinked = declareEvent("energy/meter-linked", { meter: deviceIdSchema, account: accountIdSchema });

export const meterUnlinked = declareEvent("energy/meter-unlinked", { meter: deviceIdSchema, account: accountIdSchema });

export const orderPlaced = declareEvent("energy/order-placed", {
  slot: countText,
  order: orderText,
  side: z.enum(["offer", "bid"]),
  by: accountIdSchema,
  energyWh: energyWhSchema,
  price: priceSchema,
});

export const orderCancelled = declareEvent("energy/order-cancelled", {
  slot: countText,
  order: orderText,
  by: accountIdSchema,
});

export const traded = declareEvent("energy/trade", {
  slot: countText,
  number: countText,
  seller: accountIdSchema,
  buyer: accountIdSchema,
  energyWh: countText,
  price: priceSchema,
  amount: countText,
});

/** A slot without trades has no price. */
export const slotCleared = declareEvent("energy/slot-cleared", {
  slot: countText,
  price: priceSchema.exactOptional(),
  tradedWh: countText,
  trades: countText,
});

export const events: readonly EventType[] = [
  meterLinked,
  meterUnlinked,
  orderPlaced,
  orderCancelled,
  traded,
  slotCleared,
];
