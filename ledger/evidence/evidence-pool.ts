// Evidence that the ledger has been shown and has proven: kept on disk, one file a piece, named by CometBFT's hash. Bounds: 100 pieces of
// 256 KiB; when they are there, what comes later is refused, for the first ones say enough.

import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import type { Core } from "../../wasm-core/bindings/core.ts";
import type { EvidenceAnswer, EvidencePort, EvidenceReport } from "../api/evidence-port.ts";
import type { Clock } from "../consensus/clock.ts";
import type { OpenedChain } from "../consensus/open-chain.ts";
import { validatorsUnder } from "../consensus/validator-sets.ts";
import { attackHash, type Misbehaviour } from "../light/witnesses/evidence.ts";
import { evidenceFromJson } from "../light/witnesses/evidence-json.ts";
import { encodeEvidence } from "../light/witnesses/evidence-protobuf.ts";
import { hex } from "../protocol/bytes.ts";
import { commitFromJson, headerFromJson } from "../protocol/comet.ts";
import { verifyEd25519Batch } from "../protocol/ed25519-node.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";
import { type EvidenceGround, faultOf } from "./check-evidence.ts";

export const piecesMax = 100;
const pieceBytesMax = 256 * 1024;

const evidenceSchema = z.object({
  type: z.enum(["tendermint/DuplicateVoteEvidence", "tendermint/LightClientAttackEvidence"]),
  value: z.unknown(),
});
const pieceSchema = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  kind: z.enum(["duplicate_vote", "light_client_attack"]),
  height: z.number().int().min(1),
  validators: z.array(z.string()),
  received: z.string(),
  evidence: evidenceSchema,
});

export interface EvidencePoolOptions extends Pick<OpenedChain, "builder" | "store"> {
  /** Made when the first piece comes. */
  readonly folder: string;
  readonly engine: { readonly height: number };
  readonly clock: Clock;
  readonly log: Logger;
}

export class EvidencePool implements EvidencePort {
  readonly #options: EvidencePoolOptions;
  readonly #pieces: Map<string, EvidenceAnswer>;
  /** One after the other, so that two of one kind are one, and the bound holds. */
  #working: Promise<unknown> = Promise.resolve();

  private constructor(options: EvidencePoolOptions, pieces: Map<string, EvidenceAnswer>) {
    this.#options = options;
    this.#pieces = pieces;
  }

  /** With what an earlier run kept. A file that cannot be read is left alone, and said to be. */
  static async open(options: EvidencePoolOptions): Promise<EvidencePool> {
    const pieces: EvidenceAnswer[] = [];
    const names = await readdir(options.folder).catch(() => []);
    for (const name of names.filter((one) => /^[0-9a-f]{64}\.json$/.test(one)).slice(0, piecesMax))
      try {
        const text = (await readIfPresent(join(options.folder, name), 2 * pieceBytesMax)) ?? "";
        const piece = pieceSchema.parse(JSON.parse(text));
        if (`${piece.hash}.json` !== name) throw new RangeError("it is named by another hash");
        pieces.push(piece as EvidenceAnswer);
      } catch (error) {
        options.log.warn({ err: error, file: name }, "a piece of evidence cannot be read");
      }
    pieces.sort((a, b) => (a.received < b.received ? -1 : 1));
    return new EvidencePool(options, new Map(pieces.map((piece) => [piece.hash, piece])));
  }

  list(): readonly EvidenceAnswer[] {
    return [...this.#pieces.values()];
  }

  get(hash: string): EvidenceAnswer | null {
    return this.#pieces.get(hash) ?? null;
  }

  /** Checks and keeps. The same piece again is no news, and no fault. */
  submit(evidence: unknown): Promise<EvidenceReport> {
    const report = this.#working.then(() => this.#submit(evidence));
    this.#working = report.catch(() => undefined);
    return report;
  }

  async #submit(told: unknown): Promise<EvidenceReport> {
    const { builder, clock, log, folder } = this.#options;
    const { core } = builder;
    const refused = (step: "basic" | "proof", reason: string): EvidenceReport => ({ ok: false, step, reason });
    if (JSON.stringify(told).length > pieceBytesMax)
      return refused("basic", `it has more than ${pieceBytesMax} characters`);
    const read = evidenceSchema.safeParse(told);
    if (!read.success)
      return refused(
        "basic",
        "it is neither a tendermint/DuplicateVoteEvidence nor a tendermint/LightClientAttackEvidence",
      );
    let misbehaviour: Misbehaviour;
    let hash: string;
    try {
      misbehaviour = evidenceFromJson({ type: read.data.type, value: read.data.value });
      hash = hex(hashOf(core, misbehaviour));
    } catch (error) {
      if (error instanceof RangeError) return refused("basic", error.message);
      throw error;
    }
    if (this.#pieces.has(hash)) return { ok: true, hash };
    let fault: string | null;
    try {
      fault = await faultOf(this.#ground(), misbehaviour);
    } catch (error) {
      if (error instanceof RangeError) return refused("basic", error.message);
      throw error;
    }
    if (fault !== null) return refused("proof", fault);
    if (this.#pieces.size >= piecesMax)
      return refused("proof", `it is proven, but ${piecesMax} pieces are kept already`);
    const piece: EvidenceAnswer = {
      hash,
      ...whom(misbehaviour),
      received: new Date(clock.nowMs()).toISOString(),
      evidence: { type: read.data.type, value: read.data.value },
    };
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeDurably(join(folder, `${hash}.json`), `${JSON.stringify(piece)}\n`, 0o600);
    this.#pieces.set(hash, piece);
    const { kind, height, validators } = piece;
    log.error({ hash, kind, height, validators }, "a validator of this chain has misbehaved: the evidence is proven");
    return { ok: true, hash };
  }

  #ground(): EvidenceGround {
    const { engine, store, builder } = this.#options;
    const { core } = builder;
    const { chain, document } = builder.genesis;
    const { max_age_num_blocks, max_age_duration } = document.consensus_params.evidence;
    return {
      core,
      chain,
      newest: engine.height,
      maxAge: { blocks: BigInt(max_age_num_blocks), nanoseconds: BigInt(max_age_duration) },
      blockAt: async (height) => {
        const signed = height < store.lowest ? null : await store.signedHeader(height);
        if (signed === null) return null;
        const validators = await validatorsUnder(builder, store, signed.header.validators_hash);
        return { header: headerFromJson(signed.header), commit: commitFromJson(signed.commit), validators };
      },
      verify: (items) =>
        verifyEd25519Batch(items.map(({ publicKey, message, signature }) => ({ key: publicKey, message, signature }))),
    };
  }
}

/** `Evidence.Hash()`. */
function hashOf(core: Core, evidence: Misbehaviour): Uint8Array {
  return evidence.kind === "duplicate_vote"
    ? core.sha256(encodeEvidence(evidence))
    : attackHash(core, evidence.conflictingBlock.header, evidence.commonHeight);
}

function whom(evidence: Misbehaviour): Pick<EvidenceAnswer, "kind" | "height" | "validators"> {
  const { kind } = evidence;
  if (kind === "duplicate_vote")
    return { kind, height: Number(evidence.voteA.height), validators: [hex(evidence.voteA.validatorAddress)] };
  const validators = evidence.byzantineValidators.map(({ address }) => hex(address));
  return { kind, height: Number(evidence.conflictingBlock.header.height), validators };
}
