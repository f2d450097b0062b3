// What a block tells its subscribers, as CometBFT v0.38 publishes it (state/execution.go fireEvents, types/event_bus.go): NewBlock,
// NewBlockHeader, NewBlockEvents, then one Tx for each transaction. The messages of the last four blocks asked for are kept.

import { createHash } from "node:crypto";
import { fromBase64, hexUpper } from "../protocol/comet.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { StoredBlock, StoredResult, StoredResults } from "../storage/records.ts";
import { readBlock } from "./blocks-read.ts";
import type { LedgerContext } from "./context.ts";
import { eventsJson, resultJson } from "./rpc-json.ts";
import { type MessageEvents, messageEventsOf } from "./rpc-query-match.ts";

const blocksKept = 4;

export class EventMessage {
  readonly events: MessageEvents;
  readonly #type: string;
  readonly #value: () => unknown;
  #members: string | null = null;

  /** `added` is what CometBFT adds to the events that came of the application. */
  constructor(
    type: string,
    events: readonly LedgerEvent[],
    added: Readonly<Record<string, string>>,
    value: () => unknown,
  ) {
    this.#type = type;
    this.#value = value;
    this.events = messageEventsOf(events, { "tm.event": type, ...added });
  }

  /** The members `data` and `events` of an answer's result, as JSON without the braces: written once for all who get it. */
  get members(): string {
    this.#members ??= JSON.stringify({
      data: { type: `tendermint/event/${this.#type}`, value: this.#value() },
      events: Object.fromEntries(this.events.values),
    }).slice(1, -1);
    return this.#members;
  }
}

export function messagesOf(stored: StoredBlock, results: StoredResults): readonly EventMessage[] {
  const { block, block_id } = stored;
  const { height } = block.header;
  const txs = block.data.txs ?? [];
  const newBlock = () => ({ block, block_id, result_finalize_block: finalizeJson(results) });
  const blockEvents = () => ({ height, events: eventsJson(results.events), num_txs: String(txs.length) });
  return [
    new EventMessage("NewBlock", results.events, {}, newBlock),
    new EventMessage("NewBlockHeader", [], {}, () => ({ header: block.header })),
    new EventMessage("NewBlockEvents", results.events, {}, blockEvents),
    ...txs.map((tx, index) => transactionMessage(height, index, tx, results.transactions[index]!)),
  ];
}

function transactionMessage(height: string, index: number, tx: string, result: StoredResult): EventMessage {
  const hash = hexUpper(createHash("sha256").update(fromBase64(tx)).digest());
  const value = () => ({ TxResult: { height, ...(index === 0 ? {} : { index }), tx, result: told(result) } });
  return new EventMessage("Tx", result.events, { "tx.hash": hash, "tx.height": height }, value);
}

/** Go writes this one without the members that are zero. */
function told(result: StoredResult): unknown {
  return Object.fromEntries(
    Object.entries(resultJson(result)).filter(([, value]) => {
      if (Array.isArray(value)) return value.length > 0;
      return value !== 0 && value !== "" && value !== "0" && value !== null;
    }),
  );
}

function finalizeJson(results: StoredResults): unknown {
  return {
    ...(results.events.length === 0 ? {} : { events: eventsJson(results.events) }),
    ...(results.transactions.length === 0 ? {} : { tx_results: results.transactions.map(resultJson) }),
    validator_updates: [],
    app_hash: Buffer.from(results.appHash, "hex").toString("base64"),
  };
}

/** The messages of a block, for as many as ask. */
export class EventFeed {
  readonly #ledger: LedgerContext;
  /** By height, the one asked for longest ago first. */
  readonly #kept = new Map<number, Promise<readonly EventMessage[] | null>>();
  #newest: { readonly height: number; readonly stored: StoredBlock; readonly results: StoredResults } | null = null;

  constructor(ledger: LedgerContext) {
    this.#ledger = ledger;
    ledger.engine.onBlock((block) => {
      this.#newest = block;
    });
  }

  /** Null when the block is not kept. */
  at(height: number): Promise<readonly EventMessage[] | null> {
    const messages = this.#kept.get(height) ?? this.#read(height);
    this.#kept.delete(height);
    this.#kept.set(height, messages);
    if (this.#kept.size > blocksKept) this.#kept.delete(this.#kept.keys().next().value!);
    return messages;
  }

  async #read(height: number): Promise<readonly EventMessage[] | null> {
    const block = this.#newest?.height === height ? this.#newest : await readBlock(this.#ledger.store, height);
    return block === null ? null : messagesOf(block.stored, block.results);
  }
}
