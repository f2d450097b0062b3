// Random operations of the energy module, some of them wrong on purpose.

import { energyState, type OrderRecord } from "../../protocol/energy.ts";
import type { Draw, Operation } from "../module.ts";
import { openSlotsOf, paramsOf, slotAt } from "./state.ts";

const pick = <T>(draw: Draw, items: readonly T[]): T | undefined => items[draw.random(items.length)];

/** Mostly the next slot, so that it fills; else mostly an open one, sometimes just outside. */
const anySlot = (draw: Draw): number => {
  const now = slotAt(paramsOf(draw.state), draw.timeMs);
  return draw.random(3) > 0 ? now + 1 : Math.max(0, now + draw.random(6) - 1);
};
/** Few prices, so that many orders tie, and odd ones, so that rounding shows. */
const anyPrice = (draw: Draw): string => (draw.random(12) * 24_999).toString();
const anyEnergy = (draw: Draw): string => (1 + draw.random(3_000)).toString();

const linkMeter: Operation = (draw) => {
  const registered = pick(draw, draw.state.list("telemetry/device/meter-", 200))?.slice("telemetry/device/".length);
  const meter = registered === undefined || draw.random(10) === 0 ? `meter-${draw.random(120)}` : registered;
  return { type: "energy/link-meter", by: pick(draw, draw.citizens)!, meter };
};

const unlinkMeter: Operation = (draw) => {
  const by = pick(draw, draw.citizens)!;
  const meter = draw.state.get<{ readonly meter: string }>(energyState.meterOf(by))?.meter;
  return meter === undefined || draw.random(2) > 0 ? null : { type: "energy/unlink-meter", by, meter };
};

const offer: Operation = (draw) => {
  const linked = draw.state.list("energy/meter/", 200);
  const name = pick(draw, linked);
  if (name === undefined) return null;
  const meter = name.slice("energy/meter/".length);
  const owner = draw.state.get<{ readonly account: string }>(name)!.account;
  const by = draw.random(15) === 0 ? pick(draw, draw.citizens)! : owner;
  return { type: "energy/offer", by, meter, slot: anySlot(draw), energyWh: anyEnergy(draw), price: anyPrice(draw) };
};

const bid: Operation = (draw) => ({
  type: "energy/bid",
  by: pick(draw, draw.citizens)!,
  slot: anySlot(draw),
  energyWh: anyEnergy(draw),
  price: anyPrice(draw),
});

const cancelOrder: Operation = (draw) => {
  const slot = pick(draw, openSlotsOf(draw.state));
  if (slot === undefined) return null;
  const prefix = energyState.ordersOf(slot);
  const name = pick(draw, draw.state.list(prefix, 50));
  if (name === undefined) return null;
  const owner = draw.state.get<OrderRecord>(name)!.by;
  const by = draw.random(10) === 0 ? pick(draw, draw.citizens)! : owner;
  return { type: "energy/cancel-order", by, slot, order: name.slice(prefix.length) };
};

export const workload: readonly Operation[] = [
  linkMeter,
  unlinkMeter,
  offer,
  offer,
  offer,
  offer,
  bid,
  bid,
  bid,
  bid,
  cancelOrder,
];
