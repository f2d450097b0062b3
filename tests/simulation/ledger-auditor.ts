// An independent model of the ledger for the simulation: plain maps, its own market arithmetic, its own verdicts.
// It shares nothing with the state machine but the wire types, so that the two are wrong together only by accident.

import { foldName } from "../../ledger/protocol/accounts.ts";
import type { Message } from "../../ledger/protocol/transaction.ts";
import * as moneyModel from "./ledger-auditor-money.ts";

interface Order {
  readonly id: string;
  readonly side: "offer" | "bid";
  readonly by: string;
  readonly energy: bigint;
  readonly price: bigint;
  readonly held: bigint;
  readonly arrival: number;
}

interface Slot {
  arrivals: number;
  readonly placed: Map<string, number>;
  orders: Order[];
}

interface Model {
  readonly names: Set<string>;
  readonly accounts: Map<string, string[]>;
  readonly money: moneyModel.MoneyModel;
  readonly energy: Map<string, bigint>;
  readonly devices: Map<string, { readonly kind: string; readonly solar: boolean }>;
  readonly deviceKeys: Set<string>;
  readonly meterOwner: Map<string, string>;
  readonly slots: Map<number, Slot>;
  log: { size: number; time: string } | null;
}

/** One expected trade, in the order of the events. */
export interface ExpectedTrade {
  readonly slot: number;
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: string;
  readonly price: string;
  readonly amount: string;
}

export interface AuditorOptions {
  readonly slotSeconds: number;
  readonly treasury: bigint;
  readonly grant: bigint;
}

const escrow = "energy:escrow";
const treasury = "city:treasury";

export class Auditor {
  model: Model = {
    names: new Set(),
    accounts: new Map(),
    money: moneyModel.newMoney(),
    energy: new Map(),
    devices: new Map(),
    deviceKeys: new Set(),
    meterOwner: new Map(),
    slots: new Map(),
    log: null,
  };
  readonly #options: AuditorOptions;
  readonly #quota = new Map<string, number>();
  #timeMs = 0;

  constructor(options: AuditorOptions) {
    this.#options = options;
    moneyModel.pay(this.model.money, "city:issuance", treasury, options.treasury);
    moneyModel.pay(this.model.money, "city:issuance", escrow, 0n);
  }

  /** A genesis account. */
  found(account: string, name: string, roles: string[]): void {
    this.#open(account, name, roles);
  }

  /** Clears what has ended by the block's time and says which trades must be. */
  begin(timeMs: number): ExpectedTrade[] {
    this.#timeMs = timeMs;
    moneyModel.expire(this.model.money, timeMs);
    const ended = [...this.model.slots.keys()]
      .filter((slot) => (slot + 1) * this.#options.slotSeconds * 1000 <= timeMs)
      .sort((a, b) => a - b);
    return ended.flatMap((slot) => this.#settle(slot));
  }

  /** The verdict that a correctly signed, fresh transaction must get; the model moves on when it is applied. */
  apply(messages: readonly Message[], transactionId: string): string {
    const actors = new Set(messages.map(({ by }) => by));
    const window = Math.floor(this.#timeMs / 60_000);
    for (const actor of actors) {
      const limit = (this.model.accounts.get(actor)?.length ?? 0) > 0 ? 6_000 : 60;
      if ((this.#quota.get(`${window} ${actor}`) ?? 0) >= limit) return "transaction_quota_must_not_be_exceeded";
    }
    // A single message that is refused has changed nothing.
    const before = messages.length > 1 ? structuredClone(this.model) : this.model;
    let verdict = "";
    messages.forEach((message, index) => {
      if (verdict === "") verdict = this.#act(message, `${transactionId}.${index}`);
    });
    if (verdict !== "") this.model = before;
    for (const actor of actors) {
      const key = `${window} ${actor}`;
      if (this.model.accounts.has(actor)) this.#quota.set(key, (this.#quota.get(key) ?? 0) + 1);
    }
    return verdict;
  }

  #act(message: Message, id: string): string {
    const { model } = this;
    if (message.type !== "accounts/register" && !model.accounts.has(message.by)) return "accounts_account_must_exist";
    switch (message.type) {
      case "accounts/register":
        if (model.accounts.has(message.by)) return "accounts_account_must_not_exist";
        if (model.names.has(foldName(message.name))) return "accounts_name_must_be_free";
        if (moneyModel.availableTo(model.money, treasury) < this.#options.grant)
          return "accounts_treasury_must_suffice";
        this.#open(message.by, message.name, []);
        return "";
      case "money/transfer":
      case "money/reserve":
      case "money/post-reserved":
      case "money/void-reserved":
      case "money/set-limits":
      case "money/cancel-raise":
        return moneyModel.act(model.money, this.#timeMs, (account) => model.accounts.has(account), message, id);
      case "telemetry/register-device":
        if (!this.#is(message.by, "registrar")) return "telemetry_role_must_be_registrar";
        if (model.devices.has(message.device)) return "telemetry_device_must_not_exist";
        if (model.deviceKeys.has(message.key)) return "telemetry_key_must_be_unused";
        model.devices.set(message.device, { kind: message.kind, solar: message.solar === true });
        model.deviceKeys.add(message.key);
        return "";
      case "telemetry/anchor-log":
        if (!this.#is(message.by, "twin")) return "telemetry_role_must_be_twin";
        if (model.log !== null && message.size <= model.log.size) return "telemetry_size_must_grow";
        if (model.log !== null && message.time < model.log.time) return "telemetry_time_must_not_go_back";
        model.log = { size: message.size, time: message.time };
        return "";
      case "energy/link-meter":
        if (model.devices.get(message.meter)?.kind !== "meter") return "energy_meter_must_exist";
        if (model.meterOwner.has(message.meter)) return "energy_meter_must_be_free";
        if ([...model.meterOwner.values()].includes(message.by)) return "energy_account_must_have_no_meter";
        model.meterOwner.set(message.meter, message.by);
        return "";
      case "energy/unlink-meter": {
        if (model.meterOwner.get(message.meter) !== message.by) return "energy_meter_must_be_linked_to_account";
        const open = [...model.slots.values()].flatMap(({ orders }) => orders);
        if (open.some(({ by, side }) => by === message.by && side === "offer"))
          return "energy_account_must_have_no_open_offers";
        model.meterOwner.delete(message.meter);
        return "";
      }
      case "energy/offer": {
        const device = model.devices.get(message.meter);
        if (device?.kind !== "meter") return "energy_meter_must_exist";
        if (model.meterOwner.get(message.meter) !== message.by) return "energy_meter_must_be_linked_to_account";
        if (!device.solar) return "energy_meter_must_have_solar";
        return this.#enter(message, "offer", id, 0n);
      }
      case "energy/bid": {
        const worth = BigInt(message.energyWh) * BigInt(message.price);
        return this.#enter(message, "bid", id, worth / 1000n + (worth % 1000n === 0n ? 0n : 1n));
      }
      case "energy/cancel-order": {
        const slot = model.slots.get(message.slot);
        const order = slot?.orders.find((open) => open.id === message.order);
        if (slot === undefined || order === undefined) return "energy_order_must_exist";
        if (order.by !== message.by) return "energy_order_must_belong_to_account";
        if (order.side === "bid") moneyModel.settle(model.money, order.id, []);
        slot.orders = slot.orders.filter((open) => open !== order);
        return "";
      }
    }
  }

  #enter(
    message: Extract<Message, { type: "energy/offer" | "energy/bid" }>,
    side: Order["side"],
    id: string,
    held: bigint,
  ): string {
    const { by } = message;
    const now = Math.floor(this.#timeMs / 1000 / this.#options.slotSeconds);
    if (message.slot < now || message.slot > now + 3) return "energy_slot_must_be_open";
    const slot: Slot = this.model.slots.get(message.slot) ?? { arrivals: 0, placed: new Map(), orders: [] };
    if (slot.arrivals >= 5_000) return "energy_slot_must_have_room";
    const placed = slot.placed.get(by) ?? 0;
    if (placed >= 20) return "energy_orders_per_account_must_not_exceed_limit";
    const price = BigInt(message.price);
    const own = slot.orders.filter((order) => order.by === by && order.side !== side);
    if (own.some((order) => (side === "bid" ? order.price <= price : order.price >= price)))
      return "energy_order_must_not_cross_own";
    if (side === "bid") {
      const wanted = { from: by, to: escrow, amount: held, terms: null };
      const verdict = moneyModel.setAside(this.model.money, this.#timeMs, id, wanted);
      if (verdict !== "") return verdict === "money_balance_must_suffice" ? "energy_balance_must_cover_bid" : verdict;
    }
    slot.orders.push({ id, side, by, energy: BigInt(message.energyWh), price, held, arrival: slot.arrivals });
    slot.arrivals++;
    slot.placed.set(by, placed + 1);
    this.model.slots.set(message.slot, slot);
    return "";
  }

  /** Settles by cumulated volumes: a trade is a stretch of traded energy with one seller and one buyer. */
  #settle(number: number): ExpectedTrade[] {
    const { orders } = this.model.slots.get(number)!;
    this.model.slots.delete(number);
    const market = marketOf(orders);
    const trades: ExpectedTrade[] = [];
    const payments = new Map<string, { to: string; amount: bigint }[]>();
    for (const [seller, buyer, energy, bid] of market.stretches) {
      const amount = (energy * market.price) / 1000n;
      payments.set(bid, [...(payments.get(bid) ?? []), { to: seller, amount }]);
      this.model.energy.set(buyer, (this.model.energy.get(buyer) ?? 0n) + energy);
      this.model.energy.set(seller, (this.model.energy.get(seller) ?? 0n) - energy);
      const words = { energyWh: `${energy}`, price: `${market.price}`, amount: `${amount}` };
      trades.push({ slot: number, seller, buyer, ...words });
    }
    for (const { id, side } of orders)
      if (side === "bid") moneyModel.settle(this.model.money, id, payments.get(id) ?? []);
    return trades;
  }

  #open(account: string, name: string, roles: string[]): void {
    this.model.accounts.set(account, roles);
    this.model.names.add(foldName(name));
    moneyModel.pay(this.model.money, treasury, account, this.#options.grant);
  }

  #is(account: string, role: string): boolean {
    return this.model.accounts.get(account)?.includes(role) ?? false;
  }
}

/** The market's price and who trades how much with whom, found by trying every limit as the price. */
function marketOf(orders: readonly Order[]): {
  readonly price: bigint;
  readonly stretches: readonly (readonly [seller: string, buyer: string, energy: bigint, bid: string])[];
} {
  const total = (side: Order["side"], takes: (order: Order) => boolean): bigint =>
    orders.reduce((sum, order) => (order.side === side && takes(order) ? sum + order.energy : sum), 0n);
  const clearing: bigint[] = [];
  let volume = 0n;
  for (const { price: p } of orders) {
    const demand = total("bid", ({ price }) => price >= p);
    const supply = total("offer", ({ price }) => price <= p);
    const eager = total("bid", ({ price }) => price > p);
    const keen = total("offer", ({ price }) => price < p);
    const traded = lesser(demand, supply);
    if (traded > volume) volume = traded;
    if (eager <= supply && keen <= demand) clearing.push(p);
  }
  if (volume === 0n) return { price: 0n, stretches: [] };
  clearing.sort((a, b) => (a < b ? -1 : 1));
  const ends = (side: Order["side"], sign: 1 | -1): { end: bigint; by: string; id: string }[] => {
    let end = 0n;
    return orders
      .filter((order) => order.side === side)
      .sort((a, b) => (a.price === b.price ? a.arrival - b.arrival : a.price < b.price ? -sign : sign))
      .map((order) => {
        end += order.energy;
        return { end, by: order.by, id: order.id };
      });
  };
  const offers = ends("offer", 1);
  const bids = ends("bid", -1);
  const cuts = [...new Set([...offers, ...bids].map(({ end }) => lesser(end, volume)))];
  cuts.sort((a, b) => (a < b ? -1 : 1));
  let from = 0n;
  const stretches = cuts.map((cut) => {
    const seller = offers.find(({ end }) => end >= cut)!.by;
    const { by: buyer, id: bid } = bids.find(({ end }) => end >= cut)!;
    const stretch = [seller, buyer, cut - from, bid] as const;
    from = cut;
    return stretch;
  });
  return { price: (clearing[0]! + clearing.at(-1)!) / 2n, stretches };
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
