// One other server that is asked for headers, and what is known of it.

import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import type { LightBlock } from "../light-block.ts";
import { type Failed, type Outcome, type Unanswered, unanswered } from "../outcome.ts";
import type { Provider } from "../provider.ts";

/** What a witness says of the newest header that was compared. */
export interface ShownWitness {
  readonly name: string;
  /**
   * `agrees`: it has the same header. `behind`: it has none of that height yet, and nothing that contradicts. `silent`: no answer.
   * `dropped`: what it says does not hold, and it is not asked again.
   */
  readonly state: "unasked" | "agrees" | "behind" | "silent" | "dropped";
  /** Height of the newest header that it agreed on. */
  readonly agreedHeight: number | null;
  /** Why, where it does not agree. */
  readonly detail: string;
}

export interface Witness {
  readonly provider: Provider;
  shown: ShownWitness;
  /** Hash of the newest header that it agreed on. */
  agreed: string | null;
  underWay: Promise<void> | null;
  /** How many traces it is asked about, one after the other. */
  waiting: number;
}

export function newcomer(provider: Provider): Witness {
  const shown: ShownWitness = { name: provider.name, state: "unasked", agreedHeight: null, detail: "" };
  return { provider, shown, agreed: null, underWay: null, waiting: 0 };
}

export function show(witness: Witness, state: ShownWitness["state"], detail: string): void {
  witness.shown = { ...witness.shown, state, detail };
}

export function drop(witness: Witness, why: Failed): void {
  show(witness, "dropped", `${why.reason}: ${why.detail}`);
}

export function giveUp(witness: Witness, why: Failed | Unanswered): void {
  if (why.state === "failed") drop(witness, why);
  else show(witness, "silent", why.detail);
}

/** A provider is foreign code: what it throws is no answer. */
export async function lightBlock(provider: Provider, height: number | null): Promise<Outcome<LightBlock>> {
  try {
    return await provider.lightBlock(height);
  } catch (error) {
    return unanswered("server_must_answer", `${provider.name}: ${(error as Error).message}`);
  }
}

export function asked(provider: Provider): Pick<Provider, "lightBlock"> {
  return { lightBlock: (height) => lightBlock(provider, height) };
}

/** Null for a header that has no hash, since a field of it is too long. */
export function hashOf(core: LightCore, { header }: Pick<LightBlock, "header">): string | null {
  try {
    return hex(core.headerHash(header));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
