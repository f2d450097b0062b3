// Invariants over entries that follow from records: names, queues, lists, indexes. Each entry is weighed as a number of its own, so
// that a sum over what a block changed tells whether exactly those entries are there that the records say.

import { hex, utf8 } from "../protocol/bytes.ts";
import type { Invariant } from "./module.ts";

/**
 * A text as a number of its own. A sum weighed with it is zero only when it is zero for each text: one's excess does not make up
 * for what another lacks, but by a coincidence of both with their texts.
 */
export function numberOf(text: string): bigint {
  return BigInt(`0x1${hex(utf8(text))}`);
}

/** Of which records, and which entries follow from them. */
export interface Derivation<Source, Derived> {
  readonly from: string;
  readonly prefix: string;
  /** What follows from a record, by the part of its name after `from`: names after `prefix`, with what `holding` adds. */
  readonly entriesOf: (id: string, record: Source) => Iterable<string>;
  /** What of a derived entry's record belongs to it, if anything does. */
  readonly holding?: (record: Derived) => string;
}

/** Exactly those entries are under `prefix` that the records under `from` say. */
export function derived<Source, Derived>(rule: string, derivation: Derivation<Source, Derived>): Invariant {
  const { from, prefix, entriesOf, holding } = derivation;
  return {
    rule,
    weigh: (name, record) => {
      if (name.startsWith(prefix))
        return -numberOf(name.slice(prefix.length) + (holding === undefined ? "" : holding(record as Derived)));
      if (!name.startsWith(from)) return 0n;
      let sum = 0n;
      for (const entry of entriesOf(name.slice(from.length), record as Source)) sum += numberOf(entry);
      return sum;
    },
  };
}
