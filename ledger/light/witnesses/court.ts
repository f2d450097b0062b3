// Who lies when two servers tell different headers (CometBFT v0.38, light/detector.go, handleConflictingHeaders). Loaded only then.
// Bounds: 32 duplicate votes sent to a side; see examine.ts for what is asked.

import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import { type LightBlock, type SoundBlock, totalPower, trustedPowerBehind, type Validator } from "../light-block.ts";
import { type Failed, fail } from "../outcome.ts";
import type { Provider } from "../provider.ts";
import { checkSound, type StepOptions } from "../verify-step.ts";
import { evidenceWithoutCommon, misbehaviour, send } from "./accusation.ts";
import { type ShownAttack, type ShownReport, shownAttack } from "./attack.ts";
import { duplicateVotes } from "./evidence.ts";
import { type Divergence, examine, type TraceBlock } from "./examine.ts";
import { asked, drop, giveUp, hashOf, lightBlock, type Witness } from "./witness.ts";

export interface CourtOptions {
  readonly core: LightCore;
  readonly primary: Provider;
  readonly stepOptions: () => StepOptions;
  /** Whether somebody but the primary stands behind what is trusted of the chain. */
  readonly isVouched: (chain: string) => Promise<boolean>;
  /** What was found before. */
  readonly attack: () => ShownAttack | null;
  /** Halts and remembers; false when trust was dropped since. */
  readonly found: (attack: ShownAttack, era: number) => Promise<boolean>;
}

export class Court {
  readonly #options: CourtOptions;

  constructor(options: CourtOptions) {
    this.#options = options;
  }

  /**
   * The primary itself told two headers of one height. When those who are trusted signed the other one too, it is an attack; else it
   * is just a server that lies.
   */
  async contradict(known: TraceBlock, other: SoundBlock, others: readonly Provider[], era: number): Promise<void> {
    const { primary } = this.#options;
    if (!isSignedBy(known.validators, other)) return;
    const own = await this.#whole(known);
    const evidence = evidenceWithoutCommon(other, own);
    const receivers = [primary, ...others];
    await this.#halt(primary, null, own, other, era, () =>
      receivers.flatMap((to) => evidence.map((one) => send("primary", to, one))),
    );
  }

  /** A witness told another header than the trace's last. */
  async judge(witness: Witness, trace: readonly TraceBlock[], block: LightBlock, era: number): Promise<void> {
    const { core } = this.#options;
    const head = trace.at(-1)!;
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
    const { core, primary, stepOptions, isVouched } = this.#options;
    const chain = ours.header.chainId;
    const sound = await checkSound(core, chain, block, stepOptions());
    if (!sound.ok) return sound.state === "failed" ? drop(witness, why ?? sound) : giveUp(witness, sound);
    // Signed by those who are trusted here it is an attack, whoever stands behind what.
    if (!isSignedBy(ours.validators, sound.value) && (await isVouched(chain))) {
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
    if (this.#options.attack() !== null) return;
    const { primary, stepOptions, found } = this.#options;
    const sides = [
      { source: primary.name, block: own },
      { source: source.name, block: theirs },
    ] as const;
    const attack = shownAttack(stepOptions().nowMs, common, ...sides);
    // Before anything is sent: a page that is closed now is halted when it is opened again.
    if (await found(attack, era)) await found({ ...attack, reports: await Promise.all(report()) }, era);
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
