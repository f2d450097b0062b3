// Other servers that are asked whether they have the same headers (CometBFT v0.38, light/detector.go, detectDivergence). One that differs
// and whose chain holds proves an attack: evidence goes to both sides, and nothing is believed any more until a person decides.
// Bounds: 8 witnesses, 3 s until an answer waits for none of them.

import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import { type LightBlock, nanosecondsOf, type SoundBlock } from "../light-block.ts";
import { type Failed, fail, pass, type Unanswered, unanswered } from "../outcome.ts";
import type { Provider } from "../provider.ts";
import type { StepOptions } from "../verify-step.ts";
import type { ShownAttack } from "./attack.ts";
import type { AttackMemory } from "./attack-memory.ts";
import type { Court } from "./court.ts";
import type { TraceBlock } from "./examine.ts";
import { giveUp, hashOf, lightBlock, newcomer, type ShownWitness, show, type Witness } from "./witness.ts";

export const witnessesMax = 8;
const answerMsMax = 3_000;
/** Traces that wait for one witness. */
const waitingMax = 4;

export interface WitnessesOptions {
  readonly core: LightCore;
  readonly primary: Provider;
  readonly memory: AttackMemory;
  readonly stepOptions: () => StepOptions;
  /** Resolves after this time, or never once it is cancelled. */
  readonly deadline: (milliseconds: number) => { readonly passed: Promise<void>; cancel(): void };
}

export class Witnesses {
  readonly #options: WitnessesOptions;
  #witnesses: readonly Witness[] = [];
  /** Names of those that the primary's operator chose: by agreeing they vouch for nothing. */
  #suggested: readonly string[] = [];
  #attack: ShownAttack | null = null;
  /** Whether somebody but the primary stands behind what is trusted: another witness, or the checkpoint that trust began with. */
  #vouched = false;
  /** Headers differ and the code that judges could not be loaded. */
  #undecided = false;
  #era = 0;

  constructor(options: WitnessesOptions) {
    this.#options = options;
  }

  /** @throws {RangeError} for more than 8, or the primary among them. */
  set(providers: readonly Provider[], suggested: readonly string[] = []): void {
    if (providers.length > witnessesMax) throw new RangeError(`${providers.length} witnesses, at most ${witnessesMax}`);
    if (providers.some(({ name }) => name === this.#options.primary.name))
      throw new RangeError(`${this.#options.primary.name} is no witness of itself`);
    const known = new Map(this.#witnesses.map((witness) => [witness.provider.name, witness]));
    this.#suggested = suggested;
    this.#witnesses = providers.map((provider) => known.get(provider.name) ?? newcomer(provider));
  }

  shown(): readonly ShownWitness[] {
    return this.#witnesses.map(({ shown }) => shown);
  }

  /** The attack that was found, in an earlier visit perhaps; null when there was none. */
  async attack(): Promise<ShownAttack | null> {
    this.#attack ??= await this.#options.memory.attack();
    return this.#attack;
  }

  /** The answer to every question once an attack was found. */
  async halted(): Promise<Failed | null> {
    await this.attack();
    return this.haltedHere();
  }

  /** As `halted`, without a look at what other tabs of this browser have found meanwhile. */
  haltedHere(): Failed | null {
    const attack = this.#attack;
    if (attack === null) return null;
    const { primary, witness } = attack;
    const detail = `${primary.source} has ${primary.hash} at height ${primary.height}, ${witness.source} has ${witness.hash} at ${witness.height}`;
    return fail("sources_must_agree", detail, attack);
  }

  /** Trust began with what a person vouches for. */
  async vouch(chain: string): Promise<void> {
    this.#vouched = true;
    await this.#options.memory.vouch(chain);
  }

  /** Drops what was found, and asks all witnesses anew. */
  async forget(): Promise<void> {
    this.#era++;
    this.#attack = null;
    this.#vouched = false;
    this.#undecided = false;
    this.#witnesses = this.#witnesses.map(({ provider }) => newcomer(provider));
    await this.#options.memory.forget();
  }

  /**
   * Compares the last header of a trace that was verified with the witnesses'. The trace begins with a header trusted before; a first
   * contact is a trace of one. Not null when an attack was found. A witness that does not answer holds nothing up: when its answer
   * comes later, later questions fail.
   */
  async compare(trace: readonly TraceBlock[]): Promise<Failed | Unanswered | null> {
    const newest = trace.at(-1);
    if (newest === undefined) return this.haltedHere();
    const asked = this.#witnesses.filter(
      ({ shown, agreed }) => shown.state !== "dropped" && agreed !== hex(newest.hash),
    );
    // One that was silent before is asked all the same, but nobody waits for it.
    const awaited = asked.filter(({ shown }) => shown.state !== "silent");
    // A slow one is not asked ever more: the next trace begins where it agreed last.
    for (const witness of asked) if (witness.waiting < waitingMax) this.#enqueue(witness, trace);
    if (awaited.length === 0) return this.haltedHere();
    const deadline = this.#options.deadline(answerMsMax);
    const work = Promise.all(awaited.map(({ underWay }) => underWay));
    const late = deadline.passed.then(() => {
      for (const witness of awaited)
        if (witness.underWay !== null) show(witness, "silent", `no answer for ${answerMsMax / 1_000} s`);
    });
    await Promise.race([work, late]);
    deadline.cancel();
    if (this.#undecided)
      return unanswered("server_must_answer", "servers differ, and the code that judges did not load");
    return this.haltedHere();
  }

  /** Resolves when no witness is under way: for tests. */
  async settled(): Promise<void> {
    await Promise.all(this.#witnesses.map(({ underWay }) => underWay));
  }

  /**
   * The primary itself told two headers of one height. When those who are trusted signed the other one too, it is an attack; else it
   * is just a server that lies.
   */
  async contradict(known: TraceBlock, other: SoundBlock): Promise<void> {
    const court = await this.#court();
    await court?.contradict(
      known,
      other,
      this.#witnesses.map(({ provider }) => provider),
      this.#era,
    );
  }

  async #judge(witness: Witness, trace: readonly TraceBlock[], block: LightBlock, era: number): Promise<void> {
    const head = trace.at(-1)!;
    if (hashOf(this.#options.core, block) === hex(head.hash)) return this.#agree(witness, head, era);
    const court = await this.#court();
    if (court === null) show(witness, "silent", "it differs, and the code that judges did not load");
    else await court.judge(witness, trace, block, era);
  }

  #enqueue(witness: Witness, trace: readonly TraceBlock[]): void {
    const era = this.#era;
    witness.waiting++;
    const before = witness.underWay ?? Promise.resolve();
    const run: Promise<void> = before
      .catch(() => undefined)
      .then(() => (witness.shown.state === "dropped" ? undefined : this.#ask(witness, trace, era)))
      .finally(() => {
        witness.waiting--;
        if (witness.underWay === run) witness.underWay = null;
      });
    // One whose code fails must not end the process: it is asked again with the next header.
    run.catch(() => undefined);
    witness.underWay = run;
  }

  async #ask(witness: Witness, trace: readonly TraceBlock[], era: number): Promise<void> {
    const head = trace.at(-1)!;
    const height = Number(head.header.height);
    let told = await lightBlock(witness.provider, height);
    if (!told.ok && told.state === "unverified") {
      const newest = await lightBlock(witness.provider, null);
      if (!newest.ok) return giveUp(witness, newest);
      const reached = newest.value.header.height;
      if (reached < head.header.height) return this.#behind(witness, trace, newest.value, era);
      told = reached === head.header.height ? newest : await lightBlock(witness.provider, height);
    }
    if (!told.ok) return giveUp(witness, told);
    await this.#judge(witness, trace, told.value, era);
  }

  /** Its newest header is below the one that is compared. Whoever is always a block ahead of the others is found out by the block before. */
  async #behind(witness: Witness, trace: readonly TraceBlock[], newest: LightBlock, era: number): Promise<void> {
    const head = trace.at(-1)!;
    const own = newest.header;
    if (nanosecondsOf(own.time) >= nanosecondsOf(head.header.time)) return this.#judge(witness, trace, newest, era);
    const from = trace.findIndex(({ hash }) => hex(hash) === witness.agreed);
    const at = trace.findLastIndex(({ header }) => header.height <= own.height);
    if (at > from) {
      const { height } = trace[at]!.header;
      const told = height === own.height ? pass(newest) : await lightBlock(witness.provider, Number(height));
      if (!told.ok) return giveUp(witness, told);
      await this.#judge(witness, trace.slice(0, at + 1), told.value, era);
    }
    const compared = at <= from || witness.shown.state === "agrees";
    if (compared) show(witness, "behind", `it is at height ${own.height}, ${head.header.height} was asked for`);
  }

  async #agree(witness: Witness, head: TraceBlock, era: number): Promise<void> {
    if (era !== this.#era) return;
    const height = Number(head.header.height);
    if (height >= (witness.shown.agreedHeight ?? 0)) {
      witness.agreed = hex(head.hash);
      witness.shown = { ...witness.shown, agreedHeight: height };
    }
    show(witness, "agrees", "");
    if (!this.#vouched && !this.#suggested.includes(witness.provider.name)) await this.vouch(head.header.chainId);
  }

  /** What is seldom needed is loaded when it is. Null when that failed: nothing is believed then, see `compare`. */
  async #court(): Promise<Court | null> {
    const loaded = await import("./court.ts").catch(() => null);
    this.#undecided = loaded === null;
    if (loaded === null) return null;
    return new loaded.Court({
      ...this.#options,
      isVouched: async (chain) => {
        this.#vouched ||= await this.#options.memory.vouched(chain);
        return this.#vouched;
      },
      attack: () => this.#attack,
      found: async (attack, era) => {
        if (era !== this.#era) return false;
        this.#attack = attack;
        await this.#options.memory.remember(attack);
        if (era === this.#era) return true;
        await this.#options.memory.forget();
        return false;
      },
    });
  }
}
