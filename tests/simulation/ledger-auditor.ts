// The ledger as its auditors have it: one model a module (ledger/modules/<name>/auditor.ts), which share nothing with the state
// machine but the wire types. Says for every block what must come of it, and compares the whole state on demand.

import { AuditBooks, type AuditedBlock } from "../../ledger/modules/auditor.ts";
import { enabledModules } from "../../ledger/modules/enabled.ts";
import type { Module } from "../../ledger/modules/module.ts";
import {
  countActors,
  judgeActor,
  judgeAdmission,
  type Signer,
  watchSpending,
} from "../../ledger/modules/transactions/auditor.ts";
import type { AppState } from "../../ledger/protocol/genesis.ts";
import type { LedgerEvent } from "../../ledger/protocol/rest.ts";
import type { Message } from "../../ledger/protocol/transaction.ts";

export interface Expected {
  /** A refusal's name; empty when the transaction applies. */
  readonly verdict: string;
  readonly events: readonly LedgerEvent[];
}

export class LedgerAuditor {
  readonly books = new AuditBooks();
  readonly #modules: readonly Module[];

  constructor(appState: AppState, modules: readonly Module[] = enabledModules) {
    this.#modules = modules;
    for (const { auditor } of modules) auditor?.genesis?.(this.books, appState);
  }

  /** Moves to the next block and says which events it must begin with. */
  begin(height: number, timeMs: number, misbehaviour: AuditBooks["misbehaviour"] = []): readonly LedgerEvent[] {
    this.books.height = height;
    this.books.timeMs = timeMs;
    this.books.misbehaviour = misbehaviour;
    const { events } = this.books.run(() => {
      for (const { auditor } of this.#modules) auditor?.beginBlock?.(this.books);
      return "";
    });
    return events;
  }

  /** Ends the block that was begun. */
  end(block: AuditedBlock): void {
    for (const { auditor } of this.#modules) auditor?.endBlock?.(this.books, block);
  }

  /** What a fresh transaction must come to. The books move on when it applies. `signers` are in the order of its authorisations. */
  apply(
    messages: readonly Message[],
    transactionId: string,
    signers: readonly Signer[],
    validlySigned: boolean,
  ): Expected {
    const admission = judgeAdmission(this.books, messages, signers, validlySigned);
    if (admission !== "") return { verdict: admission, events: [] };
    const expected = this.books.run(() => {
      const spending = watchSpending(this.books, signers);
      for (const [index, message] of messages.entries()) {
        const actor = judgeActor(this.books, message, signers);
        const verdict = actor === "" ? this.#judge(message, `${transactionId}.${index}`) : actor;
        if (verdict !== "") return verdict;
        spending.message(message);
      }
      return spending.verdict();
    });
    countActors(this.books, messages);
    return expected;
  }

  /** What the books say differently from the state; empty when they agree. Modules without an auditor are not compared. */
  differences(entries: ReadonlyMap<string, unknown>): string[] {
    const wrong: string[] = [];
    for (const { prefix, records } of this.#modules.flatMap(({ auditor }) => auditor?.tables ?? [])) {
      const expected = records(this.books);
      for (const [name, record] of entries) {
        if (!name.startsWith(prefix)) continue;
        const wanted = expected.get(name.slice(prefix.length));
        if (textOf(wanted) !== textOf(record)) wrong.push(`${name} is ${textOf(record)}, not ${textOf(wanted)}`);
      }
      for (const id of expected.keys()) if (!entries.has(prefix + id)) wrong.push(`${prefix}${id} is not there`);
    }
    return wrong;
  }

  #judge(message: Message, id: string): string {
    const name = message.type.slice(0, message.type.indexOf("/"));
    const auditor = this.#modules.find((module) => module.name === name)?.auditor;
    if (auditor === undefined) throw new Error(`the ${name} module has messages and no auditor`);
    return auditor.judge(this.books, message, id);
  }
}

/** JSON with sorted members, so that equal records have equal texts. */
function textOf(record: unknown): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
