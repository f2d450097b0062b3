// Proven state entries: ICS-23 proofs (tendermint spec, key sha256(name)) of the state after block H against the app hash in header H + 1.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { checkState, failState, type StateProof } from "./check-state.ts";
import type { HeaderChain } from "./header-chain.ts";
import type { LedgerSource, ToldEntry } from "./ledger-source.ts";
import type { VerifiedHeader } from "./light-block.ts";
import { type Outcome, pass } from "./outcome.ts";

const proofType = "ics23:simple";

export interface ProvenEntry {
  /** Parsed JSON; null when the entry is absent, which is proven too. */
  readonly value: unknown;
  /** Whose app hash the proof leads to. */
  readonly header: VerifiedHeader;
  /** What was checked, so that others can check it too. */
  readonly state: StateProof;
}

export class StateProver {
  readonly #core: LightCore;
  readonly #source: LedgerSource;
  readonly #headers: HeaderChain;

  constructor(core: LightCore, source: LedgerSource, headers: HeaderChain) {
    this.#core = core;
    this.#source = source;
    this.#headers = headers;
  }

  /**
   * The entry under the newest header, which tells the state one block before it: no waiting. Only when the server has not
   * kept that state is it the newest state, under the header that comes next.
   */
  async settled(name: string, head: VerifiedHeader): Promise<Outcome<ProvenEntry>> {
    const height = Number(head.header.height);
    if (height > 1) {
      const told = await this.#source.entry(name, height - 1);
      if (told.ok) return this.#prove(told.value, head);
      if (told.state === "failed") return told;
    }
    return this.#proveNext(name, height);
  }

  /** The entry as it is after the newest block; `enough` takes the settled one instead when that already is what was looked for. */
  async newest(name: string, head: VerifiedHeader, enough: (value: unknown) => boolean): Promise<Outcome<ProvenEntry>> {
    const height = Number(head.header.height);
    if (height === 1) return this.#proveNext(name, height);
    const [before, after] = await Promise.all([this.#source.entry(name, height - 1), this.#source.entry(name, height)]);
    if (!before.ok) return before.state === "failed" ? before : this.#proveNext(name, height);
    const settled = this.#prove(before.value, head);
    if (!settled.ok || enough(settled.value.value)) return settled;
    // Not yet proven, but a server that hides a change for one block only delays what the next header shows.
    const changed =
      after.ok && hex(after.value.value ?? new Uint8Array()) !== hex(before.value.value ?? new Uint8Array());
    return changed ? this.#proveNext(name, height) : settled;
  }

  /** The entry as it was after the block of a height; servers keep the newest 1,000 or so. */
  async at(name: string, height: number): Promise<Outcome<ProvenEntry>> {
    const told = await this.#source.entry(name, height);
    if (!told.ok) return told;
    const header = await this.#headers.at(height + 1);
    return header.ok ? this.#prove(told.value, header.value) : header;
  }

  async #proveNext(name: string, height: number): Promise<Outcome<ProvenEntry>> {
    const told = await this.#source.entry(name, height);
    if (!told.ok) return told;
    const header = await this.#headers.soon(height + 1);
    return header.ok ? this.#prove(told.value, header.value) : header;
  }

  #prove(told: ToldEntry, header: VerifiedHeader): Outcome<ProvenEntry> {
    const { name, value, proof } = told;
    const state: StateProof = { name, value, proof };
    if (told.proofType !== proofType || hex(told.proofKey) !== hex(this.#core.sha256(utf8(name))))
      return failState(state, header.header, "the proof is of something else");
    const checked = checkState(this.#core, state, header.header);
    return checked.ok ? pass({ value: checked.value, header, state }) : checked;
  }
}
