// Refusal codes. Numbers are append-only: never reuse or renumber one (refusal-numbers.txt keeps them all). The part before the first underscore is the
// module, which is also the ABCI codespace. The same code appears in HTTP problems and in room messages.

import { accountsRefusals } from "./accounts.ts";
import { energyRefusals } from "./energy.ts";
import { moneyRefusals } from "./money.ts";
import { telemetryRefusals } from "./telemetry.ts";
import { transactionRefusals } from "./transaction.ts";
import { validatorsRefusals } from "./validators.ts";

/** Every refusal there is: each module declares its own beside its messages, a hundred numbers each. */
export const refusalCodes = {
  ...transactionRefusals,
  ...accountsRefusals,
  ...energyRefusals,
  ...telemetryRefusals,
  ...moneyRefusals,
  ...validatorsRefusals,
} as const;

export type RefusalName = keyof typeof refusalCodes;

/** A refusal is a value, never an exception. `params` are for people and for messages in their language. */
export interface Refusal {
  readonly ok: false;
  readonly name: RefusalName;
  readonly code: number;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Makes a refusal. */
export function refuse(name: RefusalName, params: Readonly<Record<string, string | number>> = {}): Refusal {
  return { ok: false, name, code: refusalCodes[name], params };
}

/** The module of a refusal: the ABCI codespace. */
export function codespaceOf(name: RefusalName): string {
  return name.slice(0, name.indexOf("_"));
}
