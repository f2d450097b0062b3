// The headers that the light client has verified, and how it comes to the next: forwards from the nearest trusted one, backwards by
// the ledger's history or the hash chain. First contact trusts a checkpoint that a person gave, or the newest header that is sound in
// itself (trust on first use), and pins the chain's name. Bounds: 512 headers, 16 validator sets.

import type { HeaderFields } from "../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { hex } from "../protocol/bytes.ts";
import { msOfTimestamp } from "../protocol/comet.ts";
import { walkBack } from "./backwards.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { HistoryLeaves } from "./late-history.ts";
import { evidenceOf, type LightBlock, type SoundBlock, type Validator, type VerifiedHeader } from "./light-block.ts";
import { fail, type Outcome, pass, unanswered } from "./outcome.ts";
import type { Provider } from "./provider.ts";
import { trustIn, verifySkipping } from "./skipping.ts";
import type { TrustMemory } from "./trust-store.ts";
import { checkNotExpired, checkSound, type StepOptions, type TrustPolicy, verifyStep } from "./verify-step.ts";
import type { TraceBlock } from "./witnesses/examine.ts";
import type { Witnesses } from "./witnesses/witnesses.ts";

const headersMax = 512;
const setsMax = 16;
/** Headers on the way to the highest that witnesses are asked along. */
const trunkMax = 32;
/** Up to so far back the hash chain is asked at once: the history would cost as many questions. */
const nearMax = 16;
/** The newest header is asked for again after this time. */
const latestMsMax = 500;
/**
 * A head older than this proves nothing about now. A ledger makes a block at least every hour (the longest heartbeat that can be
 * set), and its header's time is that of the vote before: up to two hours, and some for clocks that differ.
 */
const headAgeMsMax = 3 * 60 * 60 * 1000;
/** A header that is due soon is asked for this often, this far apart. */
const waitsMax = 14;
const waitMs = 400;

export interface HeaderChainOptions {
  readonly core: LightCore;
  readonly provider: Provider;
  readonly policy: TrustPolicy;
  readonly memory: TrustMemory;
  readonly witnesses: Witnesses;
  /** UNIX milliseconds. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
}

export class HeaderChain {
  readonly #options: HeaderChainOptions;
  readonly #verified = new Map<number, VerifiedHeader>();
  readonly #sets = new Map<string, readonly Validator[]>();
  readonly #underWay = new Map<number | "latest", Promise<Outcome<VerifiedHeader>>>();
  #anchoring: Promise<Outcome<VerifiedHeader>> | null = null;
  #highest: VerifiedHeader | null = null;
  /** Grows when trust is dropped: what began before brings nothing back. */
  #era = 0;
  #latest: { readonly atMs: number; readonly header: VerifiedHeader } | null = null;
  #history: HistoryLeaves | null = null;
  /** The headers by which trust came to the highest: the first that was trusted, and the newest. What witnesses are asked along. */
  #trunk: readonly TraceBlock[] = [];

  constructor(options: HeaderChainOptions) {
    this.#options = options;
  }

  /** What proves old headers under a new one. It stands on headers itself, so it comes after. */
  goBackBy(history: HistoryLeaves): void {
    this.#history = history;
  }

  /** The highest header verified so far, from memory if need be; null before the first contact. */
  async known(): Promise<VerifiedHeader | null> {
    if (this.#highest !== null) return this.#highest;
    const chain = await this.#options.memory.chain();
    return chain === null ? null : this.#options.memory.header(chain);
  }

  /** The newest header that the server has, verified. */
  latest(): Promise<Outcome<VerifiedHeader>> {
    const latest = this.#latest;
    const age = latest === null ? Number.POSITIVE_INFINITY : this.#options.now() - latest.atMs;
    if (latest !== null && age >= 0 && age < latestMsMax) return this.#unlessHalted(latest.header);
    return this.#once("latest", async () => {
      const anchor = await this.#anchor();
      if (!anchor.ok) return anchor;
      const seen = this.#highest?.header.height ?? 0n;
      const block = await this.#fetch(null);
      if (!block.ok) return block;
      const outcome = await this.#verify(block.value);
      if (!outcome.ok) return outcome;
      const attacked = await this.#options.witnesses.compare(this.#trunkInPeriod());
      if (attacked !== null) return attacked;
      // An old head would prove old state. A server that lags behind what this client has seen proves nothing now.
      const { height } = outcome.value.header;
      if (height < seen) return unanswered("server_must_answer", `the server is at ${height}, ${seen} was seen before`);
      const ageMs = this.#options.now() - msOfTimestamp(outcome.value.header.time);
      if (ageMs > headAgeMsMax)
        return unanswered("server_must_answer", `the newest block is ${Math.floor(ageMs / 60_000)} minutes old`);
      this.#latest = { atMs: this.#options.now(), header: outcome.value };
      return outcome;
    });
  }

  /** The header of a height, verified. */
  at(height: number): Promise<Outcome<VerifiedHeader>> {
    const known = this.#verified.get(height);
    if (known !== undefined) return this.#unlessHalted(known);
    return this.#once(height, async () => {
      const anchor = await this.#anchor();
      if (!anchor.ok) return anchor;
      const anchored = this.#verified.get(height);
      if (anchored !== undefined) return pass(anchored);
      const era = this.#era;
      const kept = await this.#options.memory.headerAt(anchor.value.header.chainId, height);
      if (kept !== null && era === this.#era) {
        this.#keep(kept);
        return pass(kept);
      }
      const block = await this.#fetch(height);
      return block.ok ? this.#verify(block.value) : block;
    });
  }

  /** As `at`, for a header that is due within seconds. */
  async soon(height: number): Promise<Outcome<VerifiedHeader>> {
    for (let i = 0; ; i++) {
      const outcome = await this.at(height);
      if (outcome.ok || outcome.state === "failed" || i >= waitsMax) return outcome;
      await this.#options.wait(waitMs);
    }
  }

  /**
   * Drops all trust and begins anew with the header that a person vouches for, whoever serves it. Nothing is dropped when there is
   * no such header, or when it is older than trust lasts.
   */
  async begin(checkpoint: Checkpoint): Promise<Outcome<VerifiedHeader>> {
    const { core } = this.#options;
    const block = await this.#fetch(checkpoint.height);
    if (!block.ok) return block;
    const sound = await checkSound(core, checkpoint.chain, block.value, this.#stepOptions());
    if (!sound.ok) return sound;
    if (hex(sound.value.hash) !== hex(checkpoint.hash)) {
      const detail = `block ${checkpoint.height} is ${hex(sound.value.hash)} here, ${hex(checkpoint.hash)} in the checkpoint`;
      return fail("checkpoint_must_match", detail, evidenceOf(block.value));
    }
    const expired = checkNotExpired(trustIn(sound.value), this.#stepOptions());
    if (expired !== null) return expired;
    await this.forget();
    await this.#options.witnesses.vouch(checkpoint.chain);
    this.#trunk = [sound.value];
    return this.#accept(sound.value, this.#era);
  }

  /** Drops all trust, so that the next question is a first contact. */
  async forget(): Promise<void> {
    this.drop();
    await Promise.all([this.#options.memory.forget(), this.#options.witnesses.forget()]);
  }

  /** Drops what is trusted here, but not what is kept: the next question begins with that. */
  drop(): void {
    this.#era++;
    this.#verified.clear();
    this.#sets.clear();
    this.#anchoring = null;
    this.#highest = null;
    this.#latest = null;
    this.#trunk = [];
  }

  /** One verification a height at a time; others wait for it. */
  #once(key: number | "latest", work: () => Promise<Outcome<VerifiedHeader>>): Promise<Outcome<VerifiedHeader>> {
    const running = this.#underWay.get(key);
    if (running !== undefined) return running;
    const { witnesses } = this.#options;
    const started = witnesses
      .halted()
      .then((halted) => halted ?? work())
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, started);
    return started;
  }

  #unlessHalted(header: VerifiedHeader): Promise<Outcome<VerifiedHeader>> {
    return Promise.resolve(this.#options.witnesses.haltedHere() ?? pass(header));
  }

  /** Makes sure that there is a trusted header: the remembered one, or the newest at first contact. */
  #anchor(): Promise<Outcome<VerifiedHeader>> {
    if (this.#highest !== null) return Promise.resolve(pass(this.#highest));
    this.#anchoring ??= this.#findAnchor().finally(() => {
      this.#anchoring = null;
    });
    return this.#anchoring;
  }

  async #findAnchor(): Promise<Outcome<VerifiedHeader>> {
    const { core, memory } = this.#options;
    const era = this.#era;
    const pinned = await memory.chain();
    const remembered = pinned === null ? null : await memory.header(pinned);
    if (remembered !== null) {
      if (era !== this.#era) return dropped();
      this.#keep(remembered);
      this.#trunk = [{ ...remembered, commit: null }];
      return pass(remembered);
    }
    const block = await this.#fetch(null);
    if (!block.ok) return block;
    const chain = block.value.header.chainId;
    if (pinned !== null && pinned !== chain)
      return fail("header_chain_must_match", `this place served ${pinned} before, now ${chain}`, { pinned, chain });
    const options = this.#stepOptions();
    const sound = await checkSound(core, chain, block.value, options);
    if (!sound.ok) return sound;
    const expired = checkNotExpired(trustIn(sound.value), options);
    if (expired !== null) return expired;
    const accepted = this.#accept(sound.value, era);
    if (!accepted.ok) return accepted;
    this.#trunk = [sound.value];
    return (await this.#options.witnesses.compare(this.#trunk)) ?? accepted;
  }

  async #fetch(height: number | null): Promise<Outcome<LightBlock>> {
    return this.#options.provider.lightBlock(height);
  }

  /** Verifies a block from the trusted headers. */
  async #verify(block: LightBlock): Promise<Outcome<VerifiedHeader>> {
    const { core } = this.#options;
    const height = Number(block.header.height);
    const known = this.#verified.get(height);
    if (known !== undefined) return this.#compare(known, block);
    const options = this.#stepOptions();
    const era = this.#era;
    const below = this.#nearest(height, -1);
    if (below !== null && checkNotExpired(trustIn(below), options) === null) return this.#bridge(below, block);
    const above = this.#nearest(height, 1);
    if (above !== null) return this.#goBack(above, block);
    if (below === null) return dropped();
    // Nothing above, and below only what is expired: the step says so.
    const outcome = await verifyStep(core, trustIn(below), block, options);
    return outcome.ok ? this.#accept(outcome.value, era) : outcome;
  }

  async #bridge(from: VerifiedHeader, block: LightBlock): Promise<Outcome<VerifiedHeader>> {
    const era = this.#era;
    const { core, provider } = this.#options;
    const trace = await verifySkipping(core, provider, trustIn(from), block, this.#stepOptions());
    if (!trace.ok) return trace;
    const grows = from.header.height === this.#highest?.header.height;
    let reached: Outcome<VerifiedHeader> = pass(from);
    for (const step of trace.value) {
      reached = this.#accept(step, era);
      if (!reached.ok) return reached;
    }
    const way: readonly TraceBlock[] = [{ ...from, commit: null }, ...trace.value];
    if (!grows) return (await this.#options.witnesses.compare(way)) ?? reached;
    const [root = way[0]!, ...rest] = this.#trunk;
    this.#trunk = [root, ...[...rest, ...trace.value].slice(1 - trunkMax)];
    return (await this.#options.witnesses.compare(this.#trunkInPeriod())) ?? reached;
  }

  /** Without the headers that are too old to be trusted. */
  #trunkInPeriod(): readonly TraceBlock[] {
    const options = this.#stepOptions();
    const first = this.#trunk.findIndex((block) => checkNotExpired(trustIn(block), options) === null);
    return this.#trunk.slice(first < 0 ? -1 : first);
  }

  /**
   * Goes back to a header below a trusted one, which must be in its period; the older one need not be. Signatures of the past count
   * for nothing here: whoever signed then may have sold the key since. They only say how many signed.
   */
  async #goBack(above: VerifiedHeader, block: LightBlock): Promise<Outcome<VerifiedHeader>> {
    const era = this.#era;
    const { core, provider } = this.#options;
    const options = this.#stepOptions();
    const expired = checkNotExpired(trustIn(this.#highest ?? above), options);
    if (expired !== null) return expired;
    const sound = await checkSound(core, above.header.chainId, block, options);
    if (!sound.ok) return sound;
    const height = Number(block.header.height);
    if (Number(above.header.height) - height > nearMax && this.#history !== null) {
      const head = await this.latest();
      if (!head.ok) return head;
      const leaf = await this.#history.leaf(height, head.value);
      if (leaf.ok) return this.#acceptOld(sound.value, leaf.value.headerHash, "header_must_be_in_history", era);
      if (leaf.state === "failed") return leaf;
      // A ledger without a history, or whose history does not reach so far back.
    }
    const walked = await walkBack(core, provider, above, height);
    if (!walked.ok) return walked;
    return this.#acceptOld(sound.value, walked.value.hash, "header_hash_must_match_commit", era);
  }

  #acceptOld(
    sound: SoundBlock,
    hash: Uint8Array,
    reason: "header_must_be_in_history" | "header_hash_must_match_commit",
    era: number,
  ): Outcome<VerifiedHeader> {
    if (hex(sound.hash) === hex(hash)) return this.#accept(sound, era);
    const detail = `header ${sound.header.height} is ${hex(sound.hash)}, the trusted chain holds ${hex(hash)}`;
    return fail(reason, detail, evidenceOf(sound));
  }

  /** A header of a height that is known already must be the same. */
  async #compare(known: VerifiedHeader, block: LightBlock): Promise<Outcome<VerifiedHeader>> {
    const { core } = this.#options;
    const sound = await checkSound(core, known.header.chainId, block, this.#stepOptions());
    if (!sound.ok) return sound;
    if (hex(sound.value.hash) === hex(known.hash)) return pass(known);
    await this.#options.witnesses.contradict(
      this.#trunk.find(({ hash }) => hex(hash) === hex(known.hash)) ?? { ...known, commit: null },
      sound.value,
    );
    const detail = `two signed headers of height ${known.header.height}: ${hex(known.hash)} and ${hex(sound.value.hash)}`;
    return fail("header_hash_must_match_commit", detail, evidenceOf(block));
  }

  /** Takes in what was verified, unless it contradicts a neighbour that was verified before. */
  #accept({ header, hash, validators, signers, commit }: SoundBlock, era: number): Outcome<VerifiedHeader> {
    if (era !== this.#era) return dropped();
    const height = Number(header.height);
    const before = this.#verified.get(height - 1);
    const after = this.#verified.get(height + 1);
    const known = this.#verified.get(height);
    const linked =
      (before === undefined || hex(header.lastBlockId.hash) === hex(before.hash)) &&
      (after === undefined || hex(after.header.lastBlockId.hash) === hex(hash)) &&
      (known === undefined || hex(known.hash) === hex(hash));
    if (!linked) {
      const detail = `header ${height} does not join the verified headers around it`;
      return fail("header_hash_must_match_commit", detail, evidenceOf({ header, commit, validators }));
    }
    const verified: VerifiedHeader = { header, hash, validators: this.#shareSet(header, validators), signers };
    this.#keep(verified);
    void this.#options.memory.remember(verified);
    return pass(verified);
  }

  #keep(verified: VerifiedHeader): void {
    this.#shareSet(verified.header, verified.validators);
    if (this.#highest === null || verified.header.height > this.#highest.header.height) this.#highest = verified;
    this.#verified.set(Number(verified.header.height), verified);
    for (const height of this.#verified.keys()) {
      if (this.#verified.size <= headersMax) break;
      if (height !== Number(this.#highest.header.height)) this.#verified.delete(height);
    }
  }

  #shareSet(header: HeaderFields, validators: readonly Validator[]): readonly Validator[] {
    const name = hex(header.validatorsHash);
    const known = this.#sets.get(name);
    if (known !== undefined) return known;
    for (const oldest of this.#sets.keys()) {
      if (this.#sets.size < setsMax) break;
      this.#sets.delete(oldest);
    }
    this.#sets.set(name, validators);
    return validators;
  }

  #nearest(height: number, direction: 1 | -1): VerifiedHeader | null {
    let nearest: number | null = null;
    for (const candidate of this.#verified.keys()) {
      const distance = (candidate - height) * direction;
      if (distance > 0 && (nearest === null || distance < (nearest - height) * direction)) nearest = candidate;
    }
    return nearest === null ? null : (this.#verified.get(nearest) ?? null);
  }

  #stepOptions(): StepOptions {
    return { ...this.#options.policy, nowMs: this.#options.now() };
  }
}

function dropped(): Outcome<never> {
  return unanswered("server_must_answer", "trust was dropped meanwhile");
}
