// Other servers that are asked whether they have the same headers (CometBFT v0.38, light/detector.go, detectDivergence). One that differs
// and whose chain holds proves an attack: evidence goes to both sides, and nothing is believed any more until a person decides.
// Bounds: 8 witnesses, 3 s until an answer waits for none of them, 32 duplicate votes sent to a side.

import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import {
  type LightBlock,
  nanosecondsOf,
  type SoundBlock,
  totalPower,
  trustedPowerBehind,
  type Validator,
} from "../light-block.ts";
import { type Failed, fail, pass } from "../outcome.ts";
import type { Provider } from "../provider.ts";
import { checkSound, type StepOptions } from "../verify-step.ts";
import { evidenceWithoutCommon, misbehaviour, send } from "./accusation.ts";
import { type AttackMemory, type ShownAttack, type ShownReport, shownAttack } from "./attack.ts";
import { duplicateVotes } from "./evidence.ts";
import { type Divergence, examine, type TraceBlock } from "./examine.ts";
import { asked, drop, giveUp, hashOf, lightBlock, newcomer, type ShownWitness, show, type Witness } from "./witness.ts";

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
  #attack: ShownAttack | null = null;
  /** Whether somebody but the primary stands behind what is trusted: another witness, or the checkpoint that trust began with. */
  #vouched = false;
  #era = 0;

  constructor(options: WitnessesOptions) {
    this.#options = options;
  }

  /** @throws {RangeError} for more than 8, or the primary among them. */
  set(providers: readonly Provider[]): void {
    if (providers.length > witnessesMax) throw new RangeError(`${providers.length} witnesses, at most ${witnessesMax}`);
    if (providers.some(({ name }) => name === this.#options.primary.name))
      throw new RangeError(`${this.#options.primary.name} is no witness of itself`);
    const known = new Map(this.#witnesses.map((witness) => [witness.provider.name, witness]));
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
    this.#witnesses = this.#witnesses.map(({ provider }) => newcomer(provider));
    await this.#options.memory.forget();
  }

  /**
   * Compares the last header of a trace that was verified with the witnesses'. The trace begins with a header trusted before; a first
   * contact is a trace of one. Not null when an attack was found. A witness that does not answer holds nothing up: when its answer
   * comes later, later questions fail.
   */
  async compare(trace: readonly TraceBlock[]): Promise<Failed | null> {
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
    const { primary } = this.#options;
    if (!isSignedBy(known.validators, other)) return;
    const own = await this.#whole(known);
    const evidence = evidenceWithoutCommon(other, own);
    const receivers = [primary, ...this.#witnesses.map(({ provider }) => provider)];
    await this.#halt(primary, null, own, other, this.#era, () =>
      receivers.flatMap((to) => evidence.map((one) => send("primary", to, one))),
    );
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

  async #judge(witness: Witness, trace: readonly TraceBlock[], block: LightBlock, era: number): Promise<void> {
    const { core } = this.#options;
    const head = trace.at(-1)!;
    if (hashOf(core, block) === hex(head.hash)) return this.#agree(witness, head, era);
    const { chainId } = head.header;
    if (block.header.chainId !== chainId)
      return drop(witness, fail("header_chain_must_match", `it serves ${block.header.chainId}, not ${chainId}`, null));
    const from = trace.findIndex(({ hash }) => hex(hash) === witness.agreed);
    const part = trace.slice(Math.max(0, from));
    if (part.length === 1) return this.#unrelated(witness, part[0]!, block, null, era);
    const found = await examine(core, part, block, asked(witness.provider), this.#options.stepOptions());
    if (found.ok) return this.#convict(witness, found.value, era);
    if (found.state === "unverified") return giveUp(witness, found);
    if (from >= 0) return drop(witness, found);
    // Never agreed on anything: perhaps what trust began with is not on its chain at all.
    const root = await lightBlock(witness.provider, Number(part[0]!.header.height));
    const differs = root.ok && hashOf(core, root.value) !== hex(part[0]!.hash);
    return differs ? this.#unrelated(witness, part[0]!, root.value, found, era) : drop(witness, found);
  }

  async #agree(witness: Witness, head: TraceBlock, era: number): Promise<void> {
    if (era !== this.#era) return;
    const height = Number(head.header.height);
    if (height >= (witness.shown.agreedHeight ?? 0)) {
      witness.agreed = hex(head.hash);
      witness.shown = { ...witness.shown, agreedHeight: height };
    }
    show(witness, "agrees", "");
    if (!this.#vouched) await this.vouch(head.header.chainId);
  }

  /**
   * Two chains without a common header. What nobody but the primary stands behind is not better than what this witness says; against
   * what others vouch for, one witness with a chain of its own is just that.
   */
  async #unrelated(
    witness: Witness,
    ours: TraceBlock,
    block: LightBlock,
    why: Failed | null,
    era: number,
  ): Promise<void> {
    const { core, primary, memory, stepOptions } = this.#options;
    const chain = ours.header.chainId;
    const sound = await checkSound(core, chain, block, stepOptions());
    if (!sound.ok) return sound.state === "failed" ? drop(witness, why ?? sound) : giveUp(witness, sound);
    this.#vouched ||= await memory.vouched(chain);
    // Signed by those who are trusted here it is an attack, whoever stands behind what.
    if (this.#vouched && !isSignedBy(ours.validators, sound.value)) {
      const detail = `its block ${block.header.height} is not the one that is trusted here`;
      return drop(witness, why ?? fail("header_hash_must_match_commit", detail, null));
    }
    const own = await this.#whole(ours);
    await this.#halt(witness.provider, null, own, sound.value, era, () => [
      ...evidenceWithoutCommon(own, sound.value).map((one) => send("primary", witness.provider, one)),
      ...evidenceWithoutCommon(sound.value, own).map((one) => send("witness", primary, one)),
    ]);
  }

  /** Both chains hold and differ: somebody signed both. First the witness is taken for honest, then the primary. */
  async #convict(witness: Witness, found: Divergence, era: number): Promise<void> {
    const { core, primary, stepOptions } = this.#options;
    const { common, sourceTrace, divergent } = found;
    const own = await this.#whole(divergent);
    const theirs = sourceTrace.at(-1)!;
    const back = await examine(core, [common, ...sourceTrace], own, asked(primary), stepOptions());
    const againstWitness = back.ok
      ? misbehaviour(await this.#whole(back.value.divergent), back.value.sourceTrace.at(-1)!, back.value.common)
      : duplicateVotes(own, theirs);
    await this.#halt(witness.provider, common, own, theirs, era, () => [
      ...misbehaviour(own, theirs, common).map((one) => send("primary", witness.provider, one)),
      ...againstWitness.map((one) => send("witness", primary, one)),
    ]);
  }

  async #halt(
    source: Provider,
    common: TraceBlock | null,
    own: LightBlock,
    theirs: LightBlock,
    era: number,
    report: () => readonly Promise<ShownReport>[],
  ): Promise<void> {
    // The first attack is the one that is shown.
    if (era !== this.#era || this.#attack !== null) return;
    const { primary, memory, stepOptions } = this.#options;
    const sides = [
      { source: primary.name, block: own },
      { source: source.name, block: theirs },
    ] as const;
    const attack = shownAttack(stepOptions().nowMs, common, ...sides);
    this.#attack = attack;
    // Before anything is sent: a page that is closed now is halted when it is opened again.
    await memory.remember(attack);
    const reports = await Promise.all(report());
    if (era !== this.#era) return memory.forget();
    this.#attack = { ...attack, reports };
    await memory.remember(this.#attack);
  }

  /** With its commit; that of a header which came from memory is asked for, and is empty when the primary does not tell it any more. */
  async #whole(block: TraceBlock): Promise<LightBlock> {
    const { header, hash, commit } = block;
    if (commit !== null) return { ...block, commit };
    const told = await lightBlock(this.#options.primary, Number(header.height));
    if (told.ok && hashOf(this.#options.core, told.value) === hex(hash)) return { ...block, commit: told.value.commit };
    const blockId = { hash, partsTotal: 0, partsHash: new Uint8Array() };
    return { ...block, commit: { height: header.height, round: 0n, blockId, signatures: [] } };
  }
}

/** More than a third of the power of these validators stands behind the block. */
function isSignedBy(validators: readonly Validator[], block: SoundBlock): boolean {
  return trustedPowerBehind(block, validators) > totalPower(validators) / 3n;
}
