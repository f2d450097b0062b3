// What this browser has verified itself, kept by question: while no server answers it is said again, with the time of then. Bounds: of
// each of five kinds 64 verdicts and 512 KiB, 64 KiB one; the oldest go first. A damaged one counts as none.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { canonicalText } from "../protocol/canonical.ts";
import { anything, list, members, oneOf, text, whole } from "../protocol/json-form.ts";
import type { TrustMemory } from "./trust-store.ts";
import { custodySteps, type Verdict } from "./verdict.ts";

/** Kinds have room of their own: a page that follows the blocks pushes nobody's balance out. */
export type ProofKind = "reading" | "state" | "transaction" | "events" | "block";

const proofsMax = 64;
const proofCharactersMax = 65_536;
const charactersMax = 512 * 1024;

const stepForm = members({ step: oneOf(...custodySteps), state: oneOf("passed", "failed", "pending", "skipped") });
const verdictForm = members({
  state: oneOf("verified"),
  height: whole(1),
  time: text(40),
  signers: whole(1),
  validators: whole(1),
  steps: list(custodySteps.length, stepForm),
  value: anything,
});
const rowForm = members({ verdict: text(proofCharactersMax) });

/** A proof's row: its key says when it was put and how long it is, so that pruning reads no rows. */
interface Place {
  readonly key: string;
  readonly atMs: number;
  readonly length: number;
  readonly question: string;
}

export class OwnProofs {
  readonly #core: LightCore;
  readonly #memory: TrustMemory;
  readonly #now: () => number;

  constructor(core: LightCore, memory: TrustMemory, now: () => number) {
    this.#core = core;
    this.#memory = memory;
    this.#now = now;
  }

  /** Keeps a verdict if it is green, in place of what the same question was answered before. */
  async keep(kind: ProofKind, question: readonly unknown[], verdict: Verdict): Promise<void> {
    const name = this.#nameOf(question);
    if (name === null || verdict.state !== "verified" || verdict.remembered !== undefined) return;
    const told = JSON.stringify(verdict);
    if (told.length > proofCharactersMax) return;
    await this.#memory.write(async (store) => {
      const prefix = prefixOf(kind);
      const places = (await store.keys(prefix)).map(placeOf);
      const others = places.filter((place) => place !== null && place.question !== name) as Place[];
      const own = `${prefix}${String(Math.max(0, Math.floor(this.#now()))).padStart(16, "0")}/${told.length}/${name}`;
      await store.put(own, { verdict: told });
      let room = charactersMax - told.length;
      const kept = new Set<string>();
      for (const { key, length } of others.reverse()) {
        room -= length;
        if (room < 0 || kept.size === proofsMax - 1) break;
        kept.add(key);
      }
      for (const key of await store.keys(prefix)) if (key !== own && !kept.has(key)) await store.delete(key);
    });
  }

  /** The green verdict that the question had before, with the time of then, if its value is what is expected now. */
  async recall(kind: ProofKind, question: readonly unknown[], expected?: unknown): Promise<Verdict | null> {
    const name = this.#nameOf(question);
    if (name === null) return null;
    const places = (await this.#memory.keys(prefixOf(kind))).map(placeOf);
    const place = places.findLast((one) => one?.question === name);
    const row = place ? await this.#memory.read(place.key, rowForm) : null;
    if (!place || row === null) return null;
    try {
      const verdict = verdictForm.safeParse(JSON.parse(row.verdict));
      if (!verdict.success) return null;
      const { value } = verdict.data;
      if (expected !== undefined && canonicalText(value) !== canonicalText(expected)) return null;
      return { ...verdict.data, remembered: { atMs: place.atMs } };
    } catch {
      return null;
    }
  }

  /** Null for what has no canonical form, and so no name. */
  #nameOf(question: readonly unknown[]): string | null {
    try {
      return hex(this.#core.sha256(utf8(canonicalText(question.map((part) => part ?? null)))));
    } catch {
      return null;
    }
  }
}

const prefixOf = (kind: ProofKind): string => `proof/${kind}/`;

function placeOf(key: string): Place | null {
  const match = /^proof\/[a-z]+\/([0-9]{16})\/([0-9]{1,6})\/([0-9a-f]{64})$/.exec(key);
  return match === null ? null : { key, atMs: Number(match[1]), length: Number(match[2]), question: match[3]! };
}
