// Old headers by the ledger's history: after every block the state machine appends the header's hash, and the root of the block's own
// events, to an RFC 6962 tree whose root stands in state. So one header that is trusted now proves every header before it, however old.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { fromHex, hex } from "../protocol/bytes.ts";
import { list, members, text, whole } from "../protocol/json-form.ts";
import type { VerifiedHeader } from "./light-block.ts";
import { fail, type Outcome, pass, unanswered } from "./outcome.ts";
import type { Server } from "./server.ts";
import type { StateProver } from "./state-prover.ts";

/** The state entry that holds the tree's size, root and right edge. */
export const historyEntry = "history/tree/blocks";

const hash = text(64, /^[0-9a-f]{64}$/);
const treeForm = members({ size: whole(1), root: hash });
const answerForm = members({ height: whole(1), size: whole(1), header: hash, events: hash, path: list(64, hash) });

/** What the history says of a block. */
export interface HistoryLeaf {
  readonly headerHash: Uint8Array;
  /** RFC 6962 root over the block's own events, those of no transaction. */
  readonly eventsRoot: Uint8Array;
}

export class History {
  readonly #core: LightCore;
  readonly #server: Server;
  readonly #url: string;
  readonly #state: StateProver;
  /** Of the newest head that was asked under. */
  #tree: { readonly under: string; readonly size: number; readonly root: Uint8Array } | null = null;

  constructor(core: LightCore, server: Server, ledgerUrl: string, state: StateProver) {
    this.#core = core;
    this.#server = server;
    this.#url = ledgerUrl;
    this.#state = state;
  }

  /** The block's leaf, proven under a trusted head. `unverified` where the ledger keeps no history, or none of this block. */
  async leaf(height: number, head: VerifiedHeader): Promise<Outcome<HistoryLeaf>> {
    const tree = await this.#treeUnder(head);
    if (!tree.ok) return tree;
    const { size, root } = tree.value;
    if (height > size) return unanswered("not_on_ledger", `the history ends at block ${size}`);
    const url = `${this.#url}/v1/history/${height}?size=${size}`;
    const told = await this.#server.json(url, answerForm);
    if (!told.ok) return told;
    const { header, events, path } = told.value;
    const leaf = fromHex(header + events);
    const proven =
      told.value.height === height &&
      told.value.size === size &&
      this.#core.verifyInclusion(root, this.#core.leafHash(leaf), height - 1, size, path.map(fromHex));
    if (proven) return pass({ headerHash: leaf.subarray(0, 32), eventsRoot: leaf.subarray(32) });
    const detail = `the history of ${size} blocks does not hold what is told of block ${height}`;
    return fail("header_must_be_in_history", detail, { told: told.value, root: hex(root) });
  }

  async #treeUnder(head: VerifiedHeader): Promise<Outcome<{ readonly size: number; readonly root: Uint8Array }>> {
    const under = hex(head.hash);
    if (this.#tree?.under === under) return pass(this.#tree);
    const proven = await this.#state.settled(historyEntry, head);
    if (!proven.ok) return proven;
    const { value } = proven.value;
    if (value === null) return unanswered("not_on_ledger", "this ledger keeps no history of its blocks");
    const read = treeForm.safeParse(value);
    if (!read.success) return fail("header_must_be_in_history", `${historyEntry}: ${read.error.message}`, value);
    this.#tree = { under, size: read.data.size, root: fromHex(read.data.root) };
    return pass(this.#tree);
  }
}
