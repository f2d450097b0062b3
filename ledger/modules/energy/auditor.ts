// The energy module's auditor: the market found by trying every limit as the price, settled by cumulated volumes.

import type { Message } from "../../protocol/transaction.ts";
import { type AuditBooks, type Auditor, judgeBy } from "../auditor.ts";
import { countedDayOf, setAside, settle } from "../money/auditor.ts";
import { meterOf } from "../telemetry/auditor.ts";

interface Order {
  readonly id: string;
  readonly side: "offer" | "bid";
  readonly by: string;
  readonly meter: string | null;
  readonly energy: bigint;
  readonly price: bigint;
  readonly held: bigint;
  /** The day on which a bid's hold counts against its owner's limits. */
  readonly day: number | null;
  readonly arrival: number;
}

interface Slot {
  readonly arrivals: number;
  /** Orders ever placed, by account. */
  readonly placed: ReadonlyMap<string, number>;
  readonly orders: readonly Order[];
}

const escrow = "energy:escrow";
const slots = (books: AuditBooks) => books.map<Slot>("energy/slots");
const net = (books: AuditBooks) => books.map<bigint>("energy/net");
const links = (books: AuditBooks) => books.map<{ readonly account: string; readonly since: number }>("energy/links");
const params = (books: AuditBooks) => books.map<number>("energy/params");

function placeOrder(
  books: AuditBooks,
  message: Extract<Message, { type: "energy/offer" | "energy/bid" }>,
  order: Pick<Order, "id" | "side" | "held" | "meter">,
): string {
  const { by, slot: number, energyWh } = message;
  const now = Math.floor(books.timeMs / 1000 / params(books).get("slotSeconds")!);
  if (number < now || number > now + 3) return "energy_slot_must_be_open";
  const slot = slots(books).get(`${number}`) ?? { arrivals: 0, placed: new Map(), orders: [] };
  if (slot.arrivals >= 5_000) return "energy_slot_must_have_room";
  const placed = slot.placed.get(by) ?? 0;
  if (placed >= 20) return "energy_orders_per_account_must_not_exceed_limit";
  const price = BigInt(message.price);
  const own = slot.orders.filter((open) => open.by === by && open.side !== order.side);
  if (own.some((open) => (order.side === "bid" ? open.price <= price : open.price >= price)))
    return "energy_order_must_not_cross_own";
  if (order.side === "bid") {
    const verdict = setAside(books, order.id, { from: by, to: escrow, amount: order.held, terms: null });
    if (verdict !== "") return verdict === "money_balance_must_suffice" ? "energy_balance_must_cover_bid" : verdict;
  }
  const day = countedDayOf(books, order.id);
  slots(books).set(`${number}`, {
    arrivals: slot.arrivals + 1,
    placed: new Map(slot.placed).set(by, placed + 1),
    orders: [...slot.orders, { ...order, by, energy: BigInt(energyWh), price, day, arrival: slot.arrivals }],
  });
  const { id, side } = order;
  books.tell("energy/order-placed", { slot: `${number}`, order: id, side, by, energyWh, price: message.price });
  return "";
}

/** A trade is a stretch of the traded energy with one seller and one buyer. */
function clearSlot(books: AuditBooks, number: string): void {
  const { orders } = slots(books).get(number)!;
  slots(books).delete(number);
  const { price, stretches } = marketOf(orders);
  let traded = 0n;
  const payments = new Map<string, { to: string; amount: bigint }[]>();
  stretches.forEach(([seller, buyer, energy, bid], index) => {
    const amount = (energy * price) / 1000n;
    payments.set(bid, [...(payments.get(bid) ?? []), { to: seller, amount }]);
    net(books).set(buyer, (net(books).get(buyer) ?? 0n) + energy);
    net(books).set(seller, (net(books).get(seller) ?? 0n) - energy);
    traded += energy;
    const words = { energyWh: `${energy}`, price: `${price}`, amount: `${amount}` };
    books.tell("energy/trade", { slot: number, number: `${index}`, seller, buyer, ...words });
  });
  for (const { id, side } of orders) if (side === "bid") settle(books, id, payments.get(id) ?? []);
  books.tell("energy/slot-cleared", {
    slot: number,
    ...(stretches.length === 0 ? {} : { price: `${price}` }),
    tradedWh: `${traded}`,
    trades: `${stretches.length}`,
  });
}

/** The market's price and who trades how much with whom. */
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

const recordOf = ({ side, by, meter, energy, price, held, day, arrival }: Order): unknown => ({
  side,
  by,
  ...(meter === null ? {} : { meter }),
  energyWh: `${energy}`,
  price: `${price}`,
  sequence: arrival,
  ...(side === "bid" ? { held: `${held}` } : {}),
  ...(day === null ? {} : { spentDay: day }),
});

export const auditor: Auditor = {
  genesis: (books, { energy: { slotSeconds } }) => params(books).set("slotSeconds", slotSeconds),
  beginBlock: (books) => {
    const slotMs = params(books).get("slotSeconds")! * 1000;
    const ended = slots(books)
      .keys()
      .filter((slot) => (Number(slot) + 1) * slotMs <= books.timeMs);
    for (const slot of ended.sort((a, b) => Number(a) - Number(b))) clearSlot(books, slot);
  },
  judge: judgeBy({
    "energy/link-meter": (books, { by, meter }) => {
      if (meterOf(books, meter) === null) return "energy_meter_must_exist";
      if (links(books).has(meter)) return "energy_meter_must_be_free";
      if (
        links(books)
          .values()
          .some(({ account }) => account === by)
      )
        return "energy_account_must_have_no_meter";
      links(books).set(meter, { account: by, since: books.height });
      books.tell("energy/meter-linked", { meter, account: by });
      return "";
    },
    "energy/unlink-meter": (books, { by, meter }) => {
      if (links(books).get(meter)?.account !== by) return "energy_meter_must_be_linked_to_account";
      const open = slots(books)
        .values()
        .flatMap(({ orders }) => orders);
      if (open.some((order) => order.by === by && order.side === "offer"))
        return "energy_account_must_have_no_open_offers";
      links(books).delete(meter);
      books.tell("energy/meter-unlinked", { meter, account: by });
      return "";
    },
    "energy/offer": (books, message, id) => {
      const meter = meterOf(books, message.meter);
      if (meter === null) return "energy_meter_must_exist";
      if (links(books).get(message.meter)?.account !== message.by) return "energy_meter_must_be_linked_to_account";
      if (!meter.solar) return "energy_meter_must_have_solar";
      return placeOrder(books, message, { id, side: "offer", held: 0n, meter: message.meter });
    },
    "energy/bid": (books, message, id) => {
      const worth = BigInt(message.energyWh) * BigInt(message.price);
      const held = worth / 1000n + (worth % 1000n === 0n ? 0n : 1n);
      return placeOrder(books, message, { id, side: "bid", held, meter: null });
    },
    "energy/cancel-order": (books, { by, slot: number, order: id }) => {
      const slot = slots(books).get(`${number}`);
      const order = slot?.orders.find((open) => open.id === id);
      if (slot === undefined || order === undefined) return "energy_order_must_exist";
      if (order.by !== by) return "energy_order_must_belong_to_account";
      if (order.side === "bid") settle(books, id, []);
      slots(books).set(`${number}`, { ...slot, orders: slot.orders.filter((open) => open !== order) });
      books.tell("energy/order-cancelled", { slot: `${number}`, order: id, by });
      return "";
    },
  }),
  tables: [
    {
      prefix: "energy/balance/",
      records: (books) =>
        new Map(
          net(books)
            .entries()
            .map(([account, energy]) => [account, { energyWh: `${energy}` }]),
        ),
    },
    { prefix: "energy/meter/", records: (books) => new Map(links(books).entries()) },
    {
      prefix: "energy/order/",
      records: (books) =>
        new Map(
          slots(books)
            .entries()
            .flatMap(([slot, { orders }]) =>
              orders.map((order) => [`${slot.padStart(12, "0")}/${order.id}`, recordOf(order)] as const),
            ),
        ),
    },
  ],
};
