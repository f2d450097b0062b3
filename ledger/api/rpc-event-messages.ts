// What a block tells its subscribers, as CometBFT v0.38 publishes it (state/execution.go fireEvents, types/event_bus.go): NewBlock,
// NewBlockHeader, NewBlockEvents, then one Tx for each transaction. The messages of the last four blocks asked for are kept.

import { createHash } from "node:crypto";
import { fromBase64, hexUpper } from "../protocol/comet.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { StoredBlock, StoredResult, StoredResults } from "../storage/records.ts";
import { readBlock } from "./blocks-read.ts";
import type { LedgerContext } from "./context.ts";
import { eventsJson, resultJson } from "./rpc-json.ts";
import { type MessageEvents, type MessageMatcher, messageEventsOf } from "./rpc-query-match.ts";
import type { Held } from "./unsent-room.ts";

const blocksKept = 4;
/** A block and its results, read into memory, take about so many bytes for each of its own. */
const memoryPerBlockByte = 4;

export class EventMessage {
  readonly events: MessageEvents;
  readonly #type: string;
  readonly #value: () => unknown;
  #tail: Buffer | null = null;

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

  /** The members `data` and `events` of an answer's result, then the braces that close both: written once for all who get it. */
  get tail(): Buffer {
    if (this.#tail === null) {
      const members = JSON.stringify({
        data: { type: `tendermint/event/${this.#type}`, value: this.#value() },
        events: Object.fromEntries(this.events.values),
      });
      this.#tail = Buffer.from(`${members.slice(1)}}`, "utf8");
    }
    return this.#tail;
  }
}

/** What one block tells, for as many as ask: each text is written, and each query matched, once. */
export class BlockMessages implements Held {
  readonly messages: readonly EventMessage[];
  readonly #written = new Set<number>();
  readonly #matching = new Map<string, Uint8Array>();
  #bytes: number;

  constructor(messages: readonly EventMessage[], blockBytes: number) {
    this.messages = messages;
    this.#bytes = blockBytes * memoryPerBlockByte;
  }

  /** What it takes in memory, about; grows with what is asked of it. */
  get bytes(): number {
    return this.#bytes;
  }

  tail(index: number): Buffer {
    const { tail } = this.messages[index]!;
    if (!this.#written.has(index)) {
      this.#written.add(index);
      this.#bytes += tail.length;
    }
    return tail;
  }

  /** For each message 1 if it matches, else 0. Equal texts must be of equal queries. */
  matching(text: string, matches: MessageMatcher): Uint8Array {
    let found = this.#matching.get(text);
    if (found === undefined) {
      found = Uint8Array.from(this.messages, ({ events }) => Number(matches(events)));
      this.#matching.set(text, found);
      this.#bytes += found.length;
    }
    return found;
  }

  isMatched(text: string): boolean {
    return this.#matching.has(text);
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
  readonly #kept = new Map<number, Promise<BlockMessages | null>>();
  #newest: { readonly height: number; readonly stored: StoredBlock; readonly results: StoredResults } | null = null;

  constructor(ledger: LedgerContext) {
    this.#ledger = ledger;
    ledger.engine.onBlock((block) => {
      this.#newest = block;
    });
  }

  /** Null when the block is not kept. */
  at(height: number): Promise<BlockMessages | null> {
    const messages = this.#kept.get(height) ?? this.#read(height);
    this.#kept.delete(height);
    this.#kept.set(height, messages);
    if (this.#kept.size > blocksKept) this.#kept.delete(this.#kept.keys().next().value!);
    return messages;
  }

  async #read(height: number): Promise<BlockMessages | null> {
    const block = this.#newest?.height === height ? this.#newest : await readBlock(this.#ledger.store, height);
    if (block === null) return null;
    return new BlockMessages(messagesOf(block.stored, block.results), block.stored.size);
  }
}
