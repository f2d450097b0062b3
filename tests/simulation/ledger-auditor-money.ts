// The auditor's own model of money: what each account received and gave, a list of what is set aside, a schedule of limits and a
// list of what was spent. It keeps no sums of holds: it adds them up anew at each question. Plain data, so that it can be cloned.

import type { Message } from "../../ledger/protocol/transaction.ts";

/** Money set aside: a reserve of a citizen, or an open bid. */
interface Held {
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  /** The line in the payer's spending that it counts as. */
  readonly line: Spent | null;
  /** Only for reserves. */
  readonly terms: {
    readonly expiresMs: number;
    readonly post: readonly string[];
    readonly void: readonly string[];
  } | null;
}

interface Spent {
  readonly day: number;
  amount: bigint;
}

/** Limits from a time on; null is without limit. */
interface Period {
  readonly fromMs: number;
  readonly perTransfer: bigint | null;
  readonly perDay: bigint | null;
}

interface Spender {
  periods: Period[];
  spent: Spent[];
}

export interface MoneyModel {
  readonly credits: Map<string, bigint>;
  readonly debits: Map<string, bigint>;
  readonly held: Map<string, Held>;
  readonly spenders: Map<string, Spender>;
}

export type MoneyMessage = Extract<Message, { type: `money/${string}` }>;

const dayMs = 24 * 3600 * 1000;
const unlimited: Period = { fromMs: 0, perTransfer: null, perDay: null };

export function newMoney(): MoneyModel {
  return { credits: new Map(), debits: new Map(), held: new Map(), spenders: new Map() };
}

const increase = (sums: Map<string, bigint>, account: string, amount: bigint): void => {
  sums.set(account, (sums.get(account) ?? 0n) + amount);
};

export function pay(money: MoneyModel, from: string, to: string, amount: bigint): void {
  increase(money.debits, from, amount);
  increase(money.credits, to, amount);
}

/** What is set aside by one side, the payer's or the payee's. */
function heldBy(money: MoneyModel, side: "from" | "to", account: string): bigint {
  return [...money.held.values()].reduce((sum, held) => (held[side] === account ? sum + held.amount : sum), 0n);
}

export function availableTo(money: MoneyModel, account: string): bigint {
  return (money.credits.get(account) ?? 0n) - (money.debits.get(account) ?? 0n) - heldBy(money, "from", account);
}

function periodAt(spender: Spender | undefined, timeMs: number): Period {
  return spender?.periods.findLast(({ fromMs }) => fromMs <= timeMs) ?? unlimited;
}

/** The refusal of spending now; "" when there is none. */
function verdictOnSpending(money: MoneyModel, timeMs: number, account: string, amount: bigint): string {
  const spender = money.spenders.get(account);
  const { perTransfer, perDay } = periodAt(spender, timeMs);
  if (perTransfer !== null && amount > perTransfer) return "money_amount_must_not_exceed_transfer_limit";
  const today = Math.floor(timeMs / dayMs);
  const spent = (spender?.spent ?? []).reduce((sum, line) => (line.day === today ? sum + line.amount : sum), 0n);
  if (perDay !== null && spent + amount > perDay) return "money_amount_must_not_exceed_day_limit";
  return amount > availableTo(money, account) ? "money_balance_must_suffice" : "";
}

function noteSpending(money: MoneyModel, timeMs: number, account: string, amount: bigint): Spent | null {
  const spender = money.spenders.get(account);
  if (spender === undefined) return null;
  const line = { day: Math.floor(timeMs / dayMs), amount };
  spender.spent.push(line);
  return line;
}

/** Sets money aside under an id; answers a refusal or "". */
export function setAside(
  money: MoneyModel,
  timeMs: number,
  id: string,
  wanted: Pick<Held, "from" | "to" | "amount" | "terms">,
): string {
  const verdict = verdictOnSpending(money, timeMs, wanted.from, wanted.amount);
  if (verdict !== "") return verdict;
  money.held.set(id, { ...wanted, line: noteSpending(money, timeMs, wanted.from, wanted.amount) });
  return "";
}

/** Ends what is set aside, paying out of it. */
export function settle(
  money: MoneyModel,
  id: string,
  payments: readonly { readonly to: string; readonly amount: bigint }[],
): void {
  const held = money.held.get(id);
  if (held === undefined) throw new Error(`the auditor knows no hold ${id}`);
  money.held.delete(id);
  let paid = 0n;
  for (const { to, amount } of payments) {
    pay(money, held.from, to, amount);
    paid += amount;
  }
  if (held.line !== null) held.line.amount = paid;
}

/** Ends the reserves whose time has come; answers their ids. */
export function expire(money: MoneyModel, timeMs: number): string[] {
  const over = [...money.held].filter(([, { terms }]) => terms !== null && terms.expiresMs <= timeMs).map(([id]) => id);
  for (const id of over) settle(money, id, []);
  return over;
}

/** The verdict on a message; the model moves on when it is applied. */
export function act(
  money: MoneyModel,
  timeMs: number,
  exists: (account: string) => boolean,
  message: MoneyMessage,
  id: string,
): string {
  switch (message.type) {
    case "money/transfer": {
      const { by, to } = message;
      const amount = BigInt(message.amount);
      if (to === by) return "money_recipient_must_differ";
      if (!exists(to)) return "money_recipient_must_exist";
      const verdict = verdictOnSpending(money, timeMs, by, amount);
      if (verdict !== "") return verdict;
      noteSpending(money, timeMs, by, amount);
      pay(money, by, to, amount);
      return "";
    }
    case "money/reserve": {
      const { by, to, expiresMs, mayPost = [to], mayVoid = [] } = message;
      if (to === by) return "money_recipient_must_differ";
      if (!exists(to)) return "money_recipient_must_exist";
      if (![...mayPost, ...mayVoid].every(exists)) return "money_party_must_exist";
      if (expiresMs <= timeMs) return "money_expiry_must_be_ahead";
      if (expiresMs > timeMs + 90 * dayMs) return "money_expiry_must_be_near";
      const given = [...money.held.values()].filter(({ from, terms }) => from === by && terms !== null);
      if (given.length >= 100) return "money_reserves_must_not_exceed_limit";
      const terms = { expiresMs, post: mayPost, void: [to, ...mayVoid] };
      return setAside(money, timeMs, id, { from: by, to, amount: BigInt(message.amount), terms });
    }
    case "money/post-reserved":
    case "money/void-reserved": {
      const held = money.held.get(message.reserve);
      if (held === undefined || held.terms === null) return "money_reserve_must_exist";
      if (held.terms.expiresMs <= timeMs) return "money_reserve_must_not_be_expired";
      const mayVoid = held.terms.void.includes(message.by);
      if (message.type === "money/void-reserved") {
        if (!mayVoid) return "money_account_must_be_allowed_to_void";
        settle(money, message.reserve, []);
        return "";
      }
      if (!held.terms.post.includes(message.by)) return "money_account_must_be_allowed_to_post";
      const amount = message.amount === undefined ? held.amount : BigInt(message.amount);
      if (amount > held.amount) return "money_amount_must_not_exceed_reserve";
      if (message.by === held.from && !mayVoid && amount !== held.amount) return "money_payer_must_post_all";
      settle(money, message.reserve, [{ to: held.to, amount }]);
      return "";
    }
    case "money/set-limits":
      setLimits(money, timeMs, message);
      return "";
    case "money/cancel-raise": {
      const spender = money.spenders.get(message.by);
      const waiting = spender?.periods.filter(({ fromMs }) => fromMs > timeMs) ?? [];
      if (spender === undefined || waiting.length === 0) return "money_raise_must_be_waiting";
      spender.periods = spender.periods.filter(({ fromMs }) => fromMs <= timeMs);
      return "";
    }
  }
}

function setLimits(
  money: MoneyModel,
  timeMs: number,
  message: Extract<MoneyMessage, { type: "money/set-limits" }>,
): void {
  const spender: Spender = money.spenders.get(message.by) ?? { periods: [], spent: [] };
  const now = periodAt(spender, timeMs);
  const wanted = {
    perTransfer: message.perTransfer === undefined ? null : BigInt(message.perTransfer),
    perDay: message.perDay === undefined ? null : BigInt(message.perDay),
  };
  const lower = (a: bigint | null, b: bigint | null): bigint | null =>
    a === null ? b : b === null ? a : a < b ? a : b;
  const first = {
    fromMs: timeMs,
    perTransfer: lower(now.perTransfer, wanted.perTransfer),
    perDay: lower(now.perDay, wanted.perDay),
  };
  const changed = first.perTransfer !== wanted.perTransfer || first.perDay !== wanted.perDay;
  spender.periods = changed ? [first, { fromMs: timeMs + dayMs, ...wanted }] : [first];
  spender.spent = spender.spent.filter(({ day }) => day === Math.floor(timeMs / dayMs));
  const limited = spender.periods.some(({ perTransfer, perDay }) => perTransfer !== null || perDay !== null);
  // Without limits nothing is counted, unless something was today already.
  if (limited || changed || spender.spent.length > 0) money.spenders.set(message.by, spender);
  else money.spenders.delete(message.by);
}

/** What each account's balance must be: its four sums and how many reserves it has given. */
export function balancesOf(money: MoneyModel): Map<string, string> {
  const accounts = new Set([...money.credits.keys(), ...money.debits.keys()]);
  const line = (account: string): string => {
    const reserves = [...money.held.values()].filter(({ from, terms }) => from === account && terms !== null).length;
    const pending = [heldBy(money, "to", account), heldBy(money, "from", account)];
    return [money.credits.get(account) ?? 0n, money.debits.get(account) ?? 0n, ...pending, reserves].join(" ");
  };
  return new Map([...accounts].map((account) => [account, line(account)]));
}

/** Open reserves by id: payer, payee, amount and expiry. */
export function reservesOf(money: MoneyModel): Map<string, string> {
  const lines = new Map<string, string>();
  for (const [id, { from, to, amount, terms }] of money.held)
    if (terms !== null) lines.set(id, [from, to, amount, terms.expiresMs].join(" "));
  return lines;
}
