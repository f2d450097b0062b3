// Wire types of the energy module: offers and bids per slot, cleared at one price.

import { z } from "zod";
import { accountIdSchema } from "./accounts.ts";
import { deviceIdSchema } from "./telemetry.ts";

/** Energy in Wh as a decimal string: 1 to 999,999 Wh an order. */
export const energyWhSchema = z.string().regex(/^[1-9][0-9]{0,5}$/);
/** Price limit in micro-units of money per kWh: "140000" is 0.14 per kWh. At most 999.999999. */
export const priceSchema = z.string().regex(/^(0|[1-9][0-9]{0,8})$/);
/** A slot's number: ⌊start (UNIX seconds) / slotSeconds⌋. */
export const slotSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Ties a free smart meter to the account, so that the account may sell what its home makes. One meter an account. */
export const linkMeterSchema = z.strictObject({
  type: z.literal("energy/link-meter"),
  by: accountIdSchema,
  meter: deviceIdSchema,
});
/** Gives the meter back. Refused while the account has open offers. */
export const unlinkMeterSchema = z.strictObject({
  type: z.literal("energy/unlink-meter"),
  by: accountIdSchema,
  meter: deviceIdSchema,
});
/** Sells up to `energyWh` in a slot at `price` or more. The meter must be linked to `by` and have solar panels. */
export const offerSchema = z.strictObject({
  type: z.literal("energy/offer"),
  by: accountIdSchema,
  meter: deviceIdSchema,
  slot: slotSchema,
  energyWh: energyWhSchema,
  price: priceSchema,
});
/** Buys up to `energyWh` in a slot at `price` or less. ⌈energyWh·price/1000⌉ is held until the slot clears. */
export const bidSchema = z.strictObject({
  type: z.literal("energy/bid"),
  by: accountIdSchema,
  slot: slotSchema,
  energyWh: energyWhSchema,
  price: priceSchema,
});
/** Withdraws an own open order before its slot ends; a bid's held money returns. */
export const cancelOrderSchema = z.strictObject({
  type: z.literal("energy/cancel-order"),
  by: accountIdSchema,
  slot: slotSchema,
  /** The order's id: `<transaction id>.<message index>`. */
  order: z.string().regex(/^[0-9a-f]{64}\.[0-9]{1,3}$/),
});

/** Refusals of the energy module: numbers 200 to 299, append-only (ledger/protocol/refusals.ts). */
export const energyRefusals = {
  energy_meter_must_exist: 200,
  energy_meter_must_be_free: 201,
  energy_meter_must_be_linked_to_account: 202,
  energy_account_must_have_no_meter: 203,
  energy_meter_must_have_solar: 204,
  energy_slot_must_be_open: 205,
  energy_slot_must_have_room: 206,
  energy_orders_per_account_must_not_exceed_limit: 207,
  energy_order_must_exist: 208,
  energy_order_must_belong_to_account: 209,
  energy_balance_must_cover_bid: 210,
  energy_account_must_have_no_open_offers: 211,
  energy_order_must_not_cross_own: 212,
} as const;

/** State `energy/params`, fixed at genesis. */
export interface EnergyParams {
  readonly slotSeconds: number;
  /** How many slots ahead of the current one take orders. */
  readonly slotsAhead: number;
  readonly ordersPerSlotMax: number;
  readonly ordersPerAccountMax: number;
}

/** State `energy/order/<slot>/<order id>`: open orders only; cleared and cancelled ones leave the state. */
export interface OrderRecord {
  readonly side: "offer" | "bid";
  readonly by: string;
  readonly meter?: string;
  readonly energyWh: string;
  readonly price: string;
  /** Arrival number in the slot: earlier orders go first at equal price. */
  readonly sequence: number;
  /** Micro-units held until the slot clears; bids only. */
  readonly held?: string;
  /** The day against whose limit the hold counts; left out when the buyer has no spending limits. */
  readonly spentDay?: number;
}

/** State `energy/slot/<slot>`. */
export interface SlotRecord {
  readonly status: "open" | "cleared";
  readonly orders: number;
  /** Uniform price per kWh in micro-units; only when something was traded. */
  readonly price?: string;
  readonly tradedWh?: string;
  readonly trades?: number;
  /** Height at which it cleared. */
  readonly clearedAt?: number;
}

/** State `energy/trade/<slot>/<number, 4 digits>`. `amount` = ⌊energyWh·price/1000⌋ micro-units, buyer to seller. */
export interface TradeRecord {
  readonly seller: string;
  readonly buyer: string;
  readonly meter: string;
  readonly energyWh: string;
  readonly price: string;
  readonly amount: string;
  readonly offer: string;
  readonly bid: string;
}

/** State `energy/balance/<account>`: net Wh bought (positive) or sold (negative); sums to zero over all accounts. */
export interface EnergyBalanceRecord {
  readonly energyWh: string;
}

/** State `energy/meter/<meter>`. */
export interface MeterLinkRecord {
  readonly account: string;
  readonly since: number;
}

/** State names of this module. */
export const energyState = {
  params: "energy/params",
  slot: (slot: number): string => `energy/slot/${slotText(slot)}`,
  order: (slot: number, order: string): string => `energy/order/${slotText(slot)}/${order}`,
  ordersOf: (slot: number): string => `energy/order/${slotText(slot)}/`,
  trade: (slot: number, number: number): string => `energy/trade/${slotText(slot)}/${String(number).padStart(4, "0")}`,
  tradesOf: (slot: number): string => `energy/trade/${slotText(slot)}/`,
  balance: (account: string): string => `energy/balance/${account}`,
  meter: (meter: string): string => `energy/meter/${meter}`,
  /** Holds `{ "meter": id }`. */
  meterOf: (account: string): string => `energy/meter-of/${account}`,
};

/** Slot numbers in names have 12 digits, so that names sort by time. */
function slotText(slot: number): string {
  return String(slot).padStart(12, "0");
}
