// Several clients of one origin, a browser's tabs, share their questions: one asks the server for a light block at a time and hands it
// to the others, who read it strictly and verify it themselves. Bounds: 64 blocks of 10 s (the newest: half a second), 512 KiB each,
// 250 ms of waiting for what another has asked.

import { decodeLightBlock } from "../../wasm-core/bindings/comet-decoding.ts";
import { encodeLightBlock } from "../../wasm-core/bindings/comet-encoding.ts";
import { Form, FormError, members, oneOf } from "../protocol/json-form.ts";
import type { LightBlock } from "./light-block.ts";
import { type Outcome, pass } from "./outcome.ts";
import { type Evidence, lightBlockBytesMax, type Provider } from "./provider.ts";

/** The other clients, as they are handed in. */
export interface Neighbours {
  /**
   * Does the work while no other client does work of this name. `waited` says that one did just before. Whoever would wait for
   * long does it beside the other.
   */
  alone<T>(name: string, work: (waited: boolean) => Promise<T>): Promise<T>;
  /** Sends what structured clones hold to all others. */
  tell(message: unknown): void;
  hear(listener: (message: unknown) => void): void;
}

const newestMsMax = 500;
const blockMsMax = 10_000;
const blocksMax = 64;
const waitMs = 250;

const bytesForm = new Form<Uint8Array>((value, at) => {
  if (value instanceof Uint8Array && value.length <= lightBlockBytesMax) return value;
  throw new FormError(`${at} must be bytes`);
});
const blockForm = members({ kind: oneOf("newest", "block"), bytes: bytesForm });
const forgottenForm = members({ kind: oneOf("forgotten") });

interface Heard {
  readonly atMs: number;
  readonly block: LightBlock;
}

export interface SharedProviderOptions {
  readonly provider: Provider;
  readonly neighbours: Neighbours;
  /** UNIX milliseconds. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Another client has dropped all trust, and what is kept with it. */
  readonly onForgotten: () => void;
}

export class SharedProvider implements Provider {
  readonly name: string;
  readonly #options: SharedProviderOptions;
  readonly #heard = new Map<number | "newest", Heard>();

  constructor(options: SharedProviderOptions) {
    this.name = options.provider.name;
    this.#options = options;
    options.neighbours.hear((message) => this.#hear(message));
  }

  async lightBlock(height: number | null): Promise<Outcome<LightBlock>> {
    const key = height ?? "newest";
    const { neighbours, provider, wait } = this.#options;
    const known = this.#fresh(key);
    if (known !== null) return pass(known);
    return neighbours.alone(`${this.name}/${key}`, async (waited) => {
      // Locks and messages come by different ways.
      if (waited && this.#fresh(key) === null) await wait(waitMs);
      const heard = this.#fresh(key);
      if (heard !== null) return pass(heard);
      const block = await provider.lightBlock(height);
      if (!block.ok) return block;
      this.#tell(height === null ? "newest" : "block", block.value);
      // A first contact asks twice in a row.
      if (height === null) this.#keep("newest", block.value);
      return block;
    });
  }

  range(from: number, to: number): Promise<Outcome<readonly LightBlock[]>> {
    return this.#options.provider.range(from, to);
  }

  report(evidence: Evidence): Promise<Outcome<void>> {
    return this.#options.provider.report(evidence);
  }

  /** Tells the others that trust was dropped here, and that it begins with what is kept now. */
  tellForgotten(): void {
    this.#heard.clear();
    this.#options.neighbours.tell({ kind: "forgotten" });
  }

  #tell(kind: "newest" | "block", block: LightBlock): void {
    try {
      this.#options.neighbours.tell({ kind, bytes: encodeLightBlock(block) });
    } catch (error) {
      // A block that cannot be written is no sound one either; here it is refused all the same.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  #hear(message: unknown): void {
    if (forgottenForm.safeParse(message).success) {
      this.#heard.clear();
      this.#options.onForgotten();
      return;
    }
    const told = blockForm.safeParse(message);
    if (!told.success) return;
    try {
      const block = decodeLightBlock(told.data.bytes);
      const { height } = block.header;
      if (height < 1n || height > BigInt(Number.MAX_SAFE_INTEGER)) return;
      this.#keep(Number(height), block);
      if (told.data.kind === "newest") this.#keep("newest", block);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }

  #keep(key: number | "newest", block: LightBlock): void {
    this.#heard.delete(key);
    this.#heard.set(key, { atMs: this.#options.now(), block });
    for (const oldest of this.#heard.keys()) {
      if (this.#heard.size <= blocksMax) break;
      this.#heard.delete(oldest);
    }
  }

  #fresh(key: number | "newest"): LightBlock | null {
    const heard = this.#heard.get(key);
    if (heard === undefined) return null;
    const age = this.#options.now() - heard.atMs;
    return age >= 0 && age < (key === "newest" ? newestMsMax : blockMsMax) ? heard.block : null;
  }
}
