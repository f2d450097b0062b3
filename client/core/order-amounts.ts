// What a citizen types, as exact ledger amounts. Everything is integer text; a comma or a point may separate decimals.
// Limits: ledger/protocol/energy.ts and accounts.ts.

import type { MessageKey } from "./language.ts";

export type Amount =
  | { readonly ok: true; readonly units: string }
  | { readonly ok: false; readonly problem: MessageKey };

/** Decimal text to integer units with `decimals` places. Never rounds: more places than allowed are refused. */
export function unitsOf(text: string, decimals: number): string | null {
  const match = /^([0-9]{1,12})(?:[.,]([0-9]*))?$|^[.,]([0-9]+)$/.exec(text.trim());
  if (match === null) return null;
  const whole = match[1] ?? "0";
  const fraction = match[2] ?? match[3] ?? "";
  if (fraction.length > decimals) return null;
  return String(BigInt(whole + fraction.padEnd(decimals, "0")));
}

/** Energy of an order typed in kWh: 1 Wh to 999.999 kWh. */
export function energyAmount(text: string): Amount {
  const units = unitsOf(text, 3);
  if (units === null) return { ok: false, problem: "amount.energy.form" };
  if (units === "0") return { ok: false, problem: "amount.energy.zero" };
  if (units.length > 6) return { ok: false, problem: "amount.energy.large" };
  return { ok: true, units };
}

/** Price per kWh: 0 to 999.999999. */
export function priceAmount(text: string): Amount {
  const units = unitsOf(text, 6);
  if (units === null) return { ok: false, problem: "amount.price.form" };
  if (units.length > 9) return { ok: false, problem: "amount.price.large" };
  return { ok: true, units };
}

/** Money to send: above 0, at most 999,999,999.999999. */
export function moneyAmount(text: string): Amount {
  const units = unitsOf(text, 6);
  if (units === null) return { ok: false, problem: "amount.money.form" };
  if (units === "0") return { ok: false, problem: "amount.money.zero" };
  if (units.length > 15) return { ok: false, problem: "amount.money.large" };
  return { ok: true, units };
}

/** What a bid holds until its slot clears: ⌈energyWh·price/1000⌉ micro-units. */
export function heldForBid(energyWh: string, price: string): string {
  return String((BigInt(energyWh) * BigInt(price) + 999n) / 1000n);
}

/** What an offer earns at least if all of it sells: ⌊energyWh·price/1000⌋ micro-units. */
export function earnedByOffer(energyWh: string, price: string): string {
  return String((BigInt(energyWh) * BigInt(price)) / 1000n);
}

/** The slot that an order should name: the current one, or the next when this one is about to close. */
export function slotForOrder(nowMs: number, slotSeconds: number, guardMs: number): number {
  const slotMs = slotSeconds * 1000;
  const current = Math.floor(nowMs / slotMs);
  const left = (current + 1) * slotMs - nowMs;
  return left < Math.min(guardMs, slotMs / 4) ? current + 1 : current;
}

export interface CurvePoint {
  readonly energyWh: number;
  readonly price: number;
}

/** Supply (cheapest first) and demand (dearest first) as cumulative steps, for the eye only: numbers, not money. */
export function curves(
  orders: readonly { readonly side: "offer" | "bid"; readonly energyWh: string; readonly price: string }[],
): { readonly supply: readonly CurvePoint[]; readonly demand: readonly CurvePoint[] } {
  const steps = (side: "offer" | "bid"): CurvePoint[] => {
    const chosen = orders
      .filter((order) => order.side === side)
      .map((order) => ({ energyWh: Number(order.energyWh), price: Number(order.price) }))
      .sort((a, b) => (side === "offer" ? a.price - b.price : b.price - a.price));
    let total = 0;
    return chosen.flatMap((order) => {
      const from = total;
      total += order.energyWh;
      return [
        { energyWh: from, price: order.price },
        { energyWh: total, price: order.price },
      ];
    });
  };
  return { supply: steps("offer"), demand: steps("bid") };
}
