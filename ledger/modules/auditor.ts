// What a module's auditor is: a second, independent account of its rules, against which the simulation holds the state machine.
// An auditor.ts sees the wire types, this file and other auditors only, so that the two are wrong together only by accident.
// Plain maps and plain arithmetic; slow is fine, the same code as the module's is not.

import type { AppState } from "../protocol/genesis.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { Message } from "../protocol/transaction.ts";

/** A map that a refused transaction leaves as it was. Values must not be changed in place: set a new one. */
export class AuditMap<Value> {
  readonly #values = new Map<string, Value>();
  readonly #undo: (() => void)[];

  constructor(undo: (() => void)[]) {
    this.#undo = undo;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  set(key: string, value: Value): void {
    this.#remember(key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    this.#remember(key);
    this.#values.delete(key);
  }

  keys(): string[] {
    return [...this.#values.keys()];
  }

  values(): Value[] {
    return [...this.#values.values()];
  }

  entries(): [key: string, value: Value][] {
    return [...this.#values];
  }

  #remember(key: string): void {
    const had = this.#values.has(key);
    const before = this.#values.get(key) as Value;
    this.#undo.push(() => {
      if (had) this.#values.set(key, before);
      else this.#values.delete(key);
    });
  }
}

/** What all auditors of a simulation write in. */
export class AuditBooks {
  height = 0;
  timeMs = 0;
  /** What the block that begins is told of validators. */
  misbehaviour: readonly { readonly kind: string; readonly address: string; readonly height: number }[] = [];
  readonly #maps = new Map<string, AuditMap<unknown>>();
  readonly #undo: (() => void)[] = [];
  #told: LedgerEvent[] = [];

  /** The map of this name, such as "money/balances"; empty at first. Its module's auditor alone writes in it, by its functions. */
  map<Value>(name: string): AuditMap<Value> {
    const known = this.#maps.get(name) ?? new AuditMap<unknown>(this.#undo);
    this.#maps.set(name, known);
    return known as AuditMap<Value>;
  }

  /** An event that the state machine must emit at this point. */
  tell(type: string, attributes: LedgerEvent["attributes"]): void {
    this.#told.push({ type, attributes });
  }

  /** Runs a part and hands out what it told. What it wrote is undone when it answers a refusal's name. */
  run(part: () => string): { readonly verdict: string; readonly events: readonly LedgerEvent[] } {
    this.#undo.length = 0;
    this.#told = [];
    const verdict = part();
    if (verdict === "") return { verdict, events: this.#told };
    for (const undo of this.#undo.toReversed()) undo();
    return { verdict, events: [] };
  }
}

/** Entries that must be in the state under a prefix: exactly these, with exactly these records. */
export interface AuditedTable {
  readonly prefix: string;
  /** Records by what follows the prefix. */
  records(books: AuditBooks): ReadonlyMap<string, unknown>;
}

/** A block that was executed. */
export interface AuditedBlock {
  /** The header's, hex. */
  readonly hash: string;
  /** The block's own. */
  readonly events: readonly LedgerEvent[];
}

export interface Auditor {
  /** In the order of enabled.ts. */
  readonly genesis?: (books: AuditBooks, appState: AppState) => void;
  /** What happens before a block's transactions; `books.tell` for every event. */
  readonly beginBlock?: (books: AuditBooks) => void;
  /** What happens after a block's transactions. */
  readonly endBlock?: (books: AuditBooks, block: AuditedBlock) => void;
  /**
   * The verdict on one message of the module: the refusal's name, "" when it applies; `books.tell` for every event.
   * `id` is `<transaction id>.<message index>`. The account in `by` exists, unless the message registers it.
   */
  readonly judge: (books: AuditBooks, message: Message, id: string) => string;
  readonly tables: readonly AuditedTable[];
}

/** Binds verdicts to message types; a type without one is a mistake of the auditor. */
export function judgeBy<Types extends Message["type"]>(
  verdicts: {
    readonly [Type in Types]: (books: AuditBooks, message: Extract<Message, { type: Type }>, id: string) => string;
  },
): Auditor["judge"] {
  return (books, message, id) => {
    const verdict = verdicts[message.type as Types];
    if (verdict === undefined) throw new Error(`no auditor judges ${message.type}`);
    return verdict(books, message as Extract<Message, { type: Types }>, id);
  };
}
