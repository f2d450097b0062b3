// Chains of light blocks for tests, with real keys and signatures: validators change, minorities and majorities sign forks. No state.

import { ed25519 } from "@noble/curves/ed25519.js";
import type { BlockId, CommitSignature, HeaderFields } from "../../../wasm-core/bindings/comet.ts";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import { utf8 } from "../../protocol/bytes.ts";
import { timestampOfMs } from "../../protocol/comet.ts";
import { HeaderChain } from "../header-chain.ts";
import type { LightBlock } from "../light-block.ts";
import { pass, unanswered } from "../outcome.ts";
import type { Evidence, Provider } from "../provider.ts";
import { TrustMemory, type TrustStore } from "../trust-store.ts";
import { defaultPolicy, type TrustPolicy } from "../verify-step.ts";
import { AttackMemory } from "../witnesses/attack-memory.ts";
import { Witnesses } from "../witnesses/witnesses.ts";
import { memoryStore } from "./fake-city.ts";
import type { Signer } from "./fake-ledger.ts";

export const chainName = "glasstown-test";
export const chainGenesisMs = Date.UTC(2026, 0, 1);
/** Between two blocks. */
export const blockMs = 1_000;

export interface NextLightBlock {
  /** Validators of this height; those that the block before named when not said. */
  readonly signers?: readonly Signer[];
  /** Who is named as next; the same as now when not said. */
  readonly next?: readonly Signer[];
  /** Whether a validator signs; all do when not said. */
  readonly signs?: (signer: Signer) => boolean;
  readonly round?: bigint;
  readonly timeMs?: number;
  readonly header?: Partial<HeaderFields>;
}

export class FakeChain {
  readonly blocks: LightBlock[];
  readonly #core: Core;
  #next: readonly Signer[];

  constructor(core: Core, signers: readonly Signer[], blocks: readonly LightBlock[] = []) {
    this.#core = core;
    this.#next = signers;
    this.blocks = [...blocks];
  }

  get height(): number {
    return this.blocks.length;
  }

  /** Another chain with the same first blocks, whose next one these validators make. */
  fork(height: number, signers: readonly Signer[]): FakeChain {
    return new FakeChain(this.#core, signers, this.blocks.slice(0, height));
  }

  /** Adds blocks like this one. */
  grow(count: number, next: NextLightBlock = {}): this {
    for (let i = 0; i < count; i++) this.make(next);
    return this;
  }

  make({ signers = this.#next, next = signers, signs = () => true, round = 0n, timeMs, header }: NextLightBlock): this {
    const core = this.#core;
    const height = BigInt(this.height + 1);
    const before = this.blocks.at(-1);
    const empty = core.merkleRoot([]);
    const fields: HeaderFields = {
      versionBlock: 11n,
      versionApp: 1n,
      chainId: chainName,
      height,
      time: timestampOfMs(timeMs ?? chainGenesisMs + Number(height) * blockMs),
      lastBlockId: before?.commit.blockId ?? { hash: new Uint8Array(), partsTotal: 0, partsHash: new Uint8Array() },
      lastCommitHash: before === undefined ? empty : core.commitHash(before.commit.signatures),
      dataHash: empty,
      validatorsHash: core.validatorsHash(signers),
      nextValidatorsHash: core.validatorsHash(next),
      consensusHash: core.consensusHash({ blockMaxBytes: 1_048_576n, blockMaxGas: -1n }),
      appHash: core.sha256(utf8(`state ${height}`)),
      lastResultsHash: empty,
      evidenceHash: empty,
      proposerAddress: signers[0]!.address,
      ...header,
    };
    const hash = core.headerHash(fields);
    const blockId = { hash, partsTotal: 1, partsHash: core.sha256(hash) };
    const signatures = signers.map((signer) => this.#vote(signer, fields, round, blockId, signs(signer)));
    const validators = signers.map(({ address, publicKey, power }) => ({ address, publicKey, power }));
    this.blocks.push({ header: fields, commit: { height: fields.height, round, blockId, signatures }, validators });
    this.#next = next;
    return this;
  }

  #vote(signer: Signer, header: HeaderFields, round: bigint, blockId: BlockId, signs: boolean): CommitSignature {
    const none = new Uint8Array();
    const { chainId, height } = header;
    const { seconds, nanos } = header.time;
    if (!signs)
      return { flag: 1, validatorAddress: none, timestamp: { seconds: -62135596800n, nanos: 0 }, signature: none };
    const timestamp = { seconds: seconds + 1n, nanos };
    const message = this.#core.voteSignBytes({ chainId, height, round, blockId, timestamp });
    const signature = ed25519.sign(message, signer.secret);
    return { flag: 2, validatorAddress: signer.address, timestamp, signature };
  }
}

/** A server that has a chain, or some other one when it is told to. */
export class FakeProvider implements Provider {
  readonly name: string;
  chain: FakeChain;
  /** Heights asked for, null for the newest. */
  readonly asked: (number | null)[] = [];
  readonly reported: Evidence[] = [];
  /** While it is not null, questions wait for it. */
  gate: Promise<void> | null = null;
  isDown = false;

  constructor(name: string, chain: FakeChain) {
    this.name = name;
    this.chain = chain;
  }

  async lightBlock(height: number | null) {
    this.asked.push(height);
    if (this.gate !== null) await this.gate;
    if (this.isDown) return unanswered("server_must_answer", "no route to host");
    const block = height === null ? this.chain.blocks.at(-1) : this.chain.blocks[height - 1];
    return block === undefined ? unanswered("not_on_ledger", "status 404") : pass(block);
  }

  async range(from: number, to: number) {
    const blocks = this.chain.blocks.slice(from - 1, to);
    return blocks.length === to - from + 1 ? pass(blocks) : unanswered("not_on_ledger", "status 404");
  }

  async report(evidence: Evidence) {
    this.reported.push(evidence);
    return pass(undefined);
  }
}

export interface FakeReader {
  readonly headers: HeaderChain;
  readonly witnesses: Witnesses;
  /** What the clock shows; moves only by hand. */
  nowMs: number;
  /** Ends the wait for witnesses. */
  hurry(): void;
}

/** A client that reads only headers, whose clock shows some time after the primary's newest block. */
export function makeReader(
  core: Core,
  primary: FakeProvider,
  witnesses: readonly Provider[],
  options: { readonly store?: TrustStore; readonly policy?: Partial<TrustPolicy> } = {},
): FakeReader {
  const store = options.store ?? memoryStore();
  const policy = { ...defaultPolicy, ...options.policy };
  let hurry = (): void => undefined;
  const reader: FakeReader = {
    nowMs: chainGenesisMs + primary.chain.height * blockMs + 500,
    hurry: () => hurry(),
    witnesses: new Witnesses({
      core,
      primary,
      memory: new AttackMemory(store),
      stepOptions: () => ({ ...policy, nowMs: reader.nowMs }),
      deadline: () => {
        const passed = new Promise<void>((resolve) => {
          hurry = resolve;
        });
        return { passed, cancel: () => undefined };
      },
    }),
    get headers() {
      return headers;
    },
  };
  reader.witnesses.set(witnesses);
  const headers = new HeaderChain({
    core,
    provider: primary,
    policy,
    memory: new TrustMemory(store, core),
    witnesses: reader.witnesses,
    now: () => reader.nowMs,
    wait: async () => undefined,
  });
  return reader;
}
