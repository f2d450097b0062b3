// The money module's auditor: what each account received and gave, a list of what is set aside, a schedule of limits and a list of
// what was spent. It keeps no sums of holds: it adds them up anew at each question.

import { type AuditBooks, type Auditor, judgeBy } from "../auditor.ts";

/** Money set aside: a reserve of a citizen, or an open bid. */
interface Held {
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  /** The day on which it counts as spent; null when its owner had no limits. */
  readonly day: number | null;
  /** Only for reserves. */
  readonly terms: Terms | null;
}

interface Terms {
  readonly expiresMs: number;
  /** As the message says. */
  readonly mayPost: readonly string[] | undefined;
  readonly mayVoid: readonly string[] | undefined;
  readonly note: string | undefined;
}

/** Limits from a time on; null is without limit. */
interface Period {
  readonly fromMs: number;
  readonly perTransfer: bigint | null;
  readonly perDay: bigint | null;
}

interface Spender {
  readonly periods: readonly Period[];
  /** `id` is that of the hold that the line counts, if it is one. */
  readonly spent: readonly { readonly id: string; readonly day: number; readonly amount: bigint }[];
}

const dayMs = 24 * 3600 * 1000;
const unlimited: Period = { fromMs: 0, perTransfer: null, perDay: null };

/** Whether an account exists, as the accounts module's auditor has it; by name, because that auditor pays through this one. */
const known = (books: AuditBooks, account: string): boolean => books.map("accounts/accounts").has(account);
const credits = (books: AuditBooks) => books.map<bigint>("money/credits");
const debits = (books: AuditBooks) => books.map<bigint>("money/debits");
const holds = (books: AuditBooks) => books.map<Held>("money/holds");
const spenders = (books: AuditBooks) => books.map<Spender>("money/spenders");
const today = (books: AuditBooks): number => Math.floor(books.timeMs / dayMs);

/** Moves money without asking whether there is enough. */
export function pay(books: AuditBooks, from: string, to: string, amount: bigint): void {
  debits(books).set(from, (debits(books).get(from) ?? 0n) + amount);
  credits(books).set(to, (credits(books).get(to) ?? 0n) + amount);
}

/** What is set aside by one side, the payer's or the payee's. */
function heldBy(books: AuditBooks, side: "from" | "to", account: string): bigint {
  return holds(books)
    .values()
    .reduce((sum, held) => (held[side] === account ? sum + held.amount : sum), 0n);
}

export function availableTo(books: AuditBooks, account: string): bigint {
  return (credits(books).get(account) ?? 0n) - (debits(books).get(account) ?? 0n) - heldBy(books, "from", account);
}

/** What an account has, and every hold that is its to pay or to be paid. */
export function moneyOf(
  books: AuditBooks,
  account: string,
): {
  readonly balance: bigint;
  readonly giving: ReadonlyMap<string, bigint>;
  readonly due: ReadonlyMap<string, bigint>;
} {
  const side = (name: "from" | "to"): ReadonlyMap<string, bigint> =>
    new Map(
      [...holds(books).entries()].flatMap(([id, held]) => (held[name] === account ? [[id, held.amount] as const] : [])),
    );
  const balance = (credits(books).get(account) ?? 0n) - (debits(books).get(account) ?? 0n);
  return { balance, giving: side("from"), due: side("to") };
}

function periodNow(books: AuditBooks, spender: Spender | undefined): Period {
  return spender?.periods.findLast(({ fromMs }) => fromMs <= books.timeMs) ?? unlimited;
}

/** The refusal of spending now; "" when there is none. */
function verdictOnSpending(books: AuditBooks, account: string, amount: bigint): string {
  const spender = spenders(books).get(account);
  const { perTransfer, perDay } = periodNow(books, spender);
  if (perTransfer !== null && amount > perTransfer) return "money_amount_must_not_exceed_transfer_limit";
  const spent = (spender?.spent ?? []).reduce((sum, line) => (line.day === today(books) ? sum + line.amount : sum), 0n);
  if (perDay !== null && spent + amount > perDay) return "money_amount_must_not_exceed_day_limit";
  return amount > availableTo(books, account) ? "money_balance_must_suffice" : "";
}

/** Answers the day it counts for; null for who has no limits. */
function noteSpending(books: AuditBooks, account: string, id: string, amount: bigint): number | null {
  const spender = spenders(books).get(account);
  if (spender === undefined) return null;
  const day = today(books);
  spenders(books).set(account, { ...spender, spent: [...spender.spent, { id, day, amount }] });
  return day;
}

/** Sets money aside under an id; answers a refusal or "". */
export function setAside(
  books: AuditBooks,
  id: string,
  wanted: { readonly from: string; readonly to: string; readonly amount: bigint; readonly terms: Terms | null },
): string {
  const verdict = verdictOnSpending(books, wanted.from, wanted.amount);
  if (verdict !== "") return verdict;
  holds(books).set(id, { ...wanted, day: noteSpending(books, wanted.from, id, wanted.amount) });
  return "";
}

/** The day on which a hold counts as spent; null when it does not count. */
export function countedDayOf(books: AuditBooks, id: string): number | null {
  return holds(books).get(id)?.day ?? null;
}

/** Ends what is set aside, paying out of it. */
export function settle(
  books: AuditBooks,
  id: string,
  payments: readonly { readonly to: string; readonly amount: bigint }[],
): void {
  const held = holds(books).get(id);
  if (held === undefined) throw new Error(`the auditor knows no hold ${id}`);
  holds(books).delete(id);
  let paid = 0n;
  for (const { to, amount } of payments) {
    pay(books, held.from, to, amount);
    paid += amount;
  }
  const spender = spenders(books).get(held.from);
  if (spender === undefined) return;
  const spent = spender.spent.map((line) => (line.id === id ? { ...line, amount: paid } : line));
  spenders(books).set(held.from, { ...spender, spent });
}

const reservesOf = (books: AuditBooks): [id: string, held: Held, terms: Terms][] =>
  holds(books)
    .entries()
    .flatMap(([id, held]) => (held.terms === null ? [] : [[id, held, held.terms] as [string, Held, Terms]]));

function expire(books: AuditBooks): void {
  const over = reservesOf(books).filter(([, , { expiresMs }]) => expiresMs <= books.timeMs);
  over.sort(([a, , x], [b, , y]) => x.expiresMs - y.expiresMs || (a < b ? -1 : 1));
  for (const [reserve, { from, to, amount }] of over) {
    settle(books, reserve, []);
    books.tell("money/expired", { reserve, from, to, released: `${amount}` });
  }
}

function setLimits(books: AuditBooks, by: string, perTransfer: string | undefined, perDay: string | undefined): void {
  const spender = spenders(books).get(by) ?? { periods: [], spent: [] };
  const now = periodNow(books, spender);
  const wanted = {
    perTransfer: perTransfer === undefined ? null : BigInt(perTransfer),
    perDay: perDay === undefined ? null : BigInt(perDay),
  };
  const lower = (a: bigint | null, b: bigint | null): bigint | null =>
    a === null ? b : b === null ? a : a < b ? a : b;
  const first = {
    fromMs: books.timeMs,
    perTransfer: lower(now.perTransfer, wanted.perTransfer),
    perDay: lower(now.perDay, wanted.perDay),
  };
  const changed = first.perTransfer !== wanted.perTransfer || first.perDay !== wanted.perDay;
  const periods = changed ? [first, { fromMs: books.timeMs + dayMs, ...wanted }] : [first];
  const spent = spender.spent.filter(({ day }) => day === today(books));
  const limited = periods.some((period) => period.perTransfer !== null || period.perDay !== null);
  // Without limits nothing is counted, unless something was today already.
  if (limited || changed || spent.length > 0) spenders(books).set(by, { periods, spent });
  else spenders(books).delete(by);
  books.tell("money/limits-set", { account: by, effectiveMs: `${periods.at(-1)!.fromMs}` });
}

const noted = (note: string | undefined): { readonly note?: string } => (note === undefined ? {} : { note });

/** A balance's record: what is zero is left out. */
function balanceOf(books: AuditBooks, account: string): unknown {
  const sums = {
    creditsPosted: credits(books).get(account) ?? 0n,
    debitsPosted: debits(books).get(account) ?? 0n,
    creditsPending: heldBy(books, "to", account),
    debitsPending: heldBy(books, "from", account),
  };
  const reserves = reservesOf(books).filter(([, { from }]) => from === account).length;
  return {
    ...Object.fromEntries(Object.entries(sums).flatMap(([name, sum]) => (sum === 0n ? [] : [[name, `${sum}`]]))),
    ...(reserves === 0 ? {} : { reserves }),
  };
}

export const auditor: Auditor = {
  genesis: (books, { treasury }) => {
    pay(books, "city:issuance", "city:treasury", BigInt(treasury));
    pay(books, "city:issuance", "energy:escrow", 0n);
  },
  beginBlock: expire,
  judge: judgeBy({
    "money/transfer": (books, { by, to, amount, note }, id) => {
      if (to === by) return "money_recipient_must_differ";
      if (!known(books, to)) return "money_recipient_must_exist";
      const verdict = verdictOnSpending(books, by, BigInt(amount));
      if (verdict !== "") return verdict;
      noteSpending(books, by, id, BigInt(amount));
      pay(books, by, to, BigInt(amount));
      books.tell("money/transferred", { from: by, to, amount, ...noted(note) });
      return "";
    },
    "money/reserve": (books, { by, to, amount, expiresMs, mayPost, mayVoid, note }, id) => {
      if (to === by) return "money_recipient_must_differ";
      if (!known(books, to)) return "money_recipient_must_exist";
      if (![...(mayPost ?? []), ...(mayVoid ?? [])].every((party) => known(books, party)))
        return "money_party_must_exist";
      if (expiresMs <= books.timeMs) return "money_expiry_must_be_ahead";
      if (expiresMs > books.timeMs + 90 * dayMs) return "money_expiry_must_be_near";
      if (reservesOf(books).filter(([, { from }]) => from === by).length >= 100)
        return "money_reserves_must_not_exceed_limit";
      const terms = { expiresMs, mayPost, mayVoid, note };
      const verdict = setAside(books, id, { from: by, to, amount: BigInt(amount), terms });
      if (verdict !== "") return verdict;
      const words = { reserve: id, from: by, to, amount, expiresMs: `${expiresMs}` };
      books.tell("money/reserved", { ...words, ...noted(note) });
      return "";
    },
    "money/post-reserved": (books, message) => {
      const { by, reserve } = message;
      const held = holds(books).get(reserve);
      if (held === undefined || held.terms === null) return "money_reserve_must_exist";
      if (held.terms.expiresMs <= books.timeMs) return "money_reserve_must_not_be_expired";
      const { mayPost = [held.to], mayVoid = [] } = held.terms;
      if (!mayPost.includes(by)) return "money_account_must_be_allowed_to_post";
      const amount = message.amount === undefined ? held.amount : BigInt(message.amount);
      if (amount > held.amount) return "money_amount_must_not_exceed_reserve";
      if (by === held.from && !mayVoid.includes(by) && amount !== held.amount) return "money_payer_must_post_all";
      settle(books, reserve, [{ to: held.to, amount }]);
      const words = { reserve, from: held.from, to: held.to, amount: `${amount}`, released: `${held.amount - amount}` };
      books.tell("money/posted", { ...words, by });
      return "";
    },
    "money/void-reserved": (books, { by, reserve }) => {
      const held = holds(books).get(reserve);
      if (held === undefined || held.terms === null) return "money_reserve_must_exist";
      if (held.terms.expiresMs <= books.timeMs) return "money_reserve_must_not_be_expired";
      if (![held.to, ...(held.terms.mayVoid ?? [])].includes(by)) return "money_account_must_be_allowed_to_void";
      settle(books, reserve, []);
      books.tell("money/voided", { reserve, from: held.from, to: held.to, released: `${held.amount}`, by });
      return "";
    },
    "money/set-limits": (books, { by, perTransfer, perDay }) => {
      setLimits(books, by, perTransfer, perDay);
      return "";
    },
    "money/cancel-raise": (books, { by }) => {
      const spender = spenders(books).get(by);
      const held = spender?.periods.filter(({ fromMs }) => fromMs <= books.timeMs) ?? [];
      if (spender === undefined || held.length === spender.periods.length) return "money_raise_must_be_waiting";
      spenders(books).set(by, { ...spender, periods: held });
      books.tell("money/raise-cancelled", { account: by });
      return "";
    },
  }),
  tables: [
    {
      prefix: "money/balance/",
      records: (books) => {
        const accounts = new Set([...credits(books).keys(), ...debits(books).keys()]);
        return new Map([...accounts].map((account) => [account, balanceOf(books, account)]));
      },
    },
    {
      prefix: "money/reserve/",
      records: (books) =>
        new Map(
          reservesOf(books).map(([id, { from, to, amount, day }, { expiresMs, mayPost, mayVoid, note }]) => [
            id,
            {
              ...{ from, to, amount: `${amount}`, expiresMs, mayPost, mayVoid, note },
              ...(day === null ? {} : { spentDay: day }),
            },
          ]),
        ),
    },
  ],
};
