// Messages of the energy module.

import {
  bidSchema,
  cancelOrderSchema,
  linkMeterSchema,
  offerSchema,
  unlinkMeterSchema,
} from "../../protocol/energy.ts";
import { bind, type MessageBinding } from "../module.ts";
import { bid } from "./bid.ts";
import { cancelOrder } from "./cancel-order.ts";
import { linkMeter } from "./link-meter.ts";
import { offer } from "./offer.ts";
import { unlinkMeter } from "./unlink-meter.ts";

export const messages: readonly MessageBinding[] = [
  bind("energy/link-meter", linkMeterSchema, linkMeter),
  bind("energy/unlink-meter", unlinkMeterSchema, unlinkMeter),
  bind("energy/offer", offerSchema, offer),
  bind("energy/bid", bidSchema, bid),
  bind("energy/cancel-order", cancelOrderSchema, cancelOrder),
];
