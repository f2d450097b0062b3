// An account's statement: what the ledger's events say that it received and gave. Read from GET /v1/events/history?account=<id>.
// Holding and giving back change what may be spent, not what the account has: they are lines without an amount.

/** An event as histories and blocks tell it. */
interface ToldEvent {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export type StatementKind = "transfer" | "reserved" | "posted" | "returned" | "trade";

export interface StatementLine {
  readonly kind: StatementKind;
  /** By how much the account's balance changed, in micro-units; 0n while money is only set aside or given back. */
  readonly change: bigint;
  /** The sum that the line is about, never negative. */
  readonly amount: bigint;
  /** Whether the account is the one that pays, or would. */
  readonly paying: boolean;
  /** The account on the other side. */
  readonly other: string;
  readonly note: string | null;
}

const amountPattern = /^(0|[1-9][0-9]{0,39})$/;

/** The line that an event makes in an account's statement; null for events that are not about its money. */
export function statementLine(account: string, { type, attributes }: ToldEvent): StatementLine | null {
  const form = Object.hasOwn(forms, type) ? forms[type] : undefined;
  if (form === undefined) return null;
  const payer = attributes[form.payer];
  const payee = attributes[form.payee];
  const amount = attributes[form.amount];
  if (payer === undefined || payee === undefined || amount === undefined || !amountPattern.test(amount)) return null;
  if (payer === payee || (payer !== account && payee !== account)) return null;
  const paying = payer === account;
  const sum = BigInt(amount);
  return {
    kind: form.kind,
    change: form.moves ? (paying ? -sum : sum) : 0n,
    amount: sum,
    paying,
    other: paying ? payee : payer,
    note: attributes["note"] ?? null,
  };
}

interface Form {
  readonly kind: StatementKind;
  readonly payer: string;
  readonly payee: string;
  readonly amount: string;
  /** Whether it moves money, or only sets it aside or gives it back. */
  readonly moves: boolean;
}

const between = { payer: "from", payee: "to", amount: "amount" } as const;

const forms: Readonly<Record<string, Form>> = {
  "money/transferred": { kind: "transfer", ...between, moves: true },
  "money/reserved": { kind: "reserved", ...between, moves: false },
  "money/posted": { kind: "posted", ...between, moves: true },
  "money/voided": { kind: "returned", ...between, amount: "released", moves: false },
  "money/expired": { kind: "returned", ...between, amount: "released", moves: false },
  "energy/trade": { kind: "trade", payer: "buyer", payee: "seller", amount: "amount", moves: true },
};
