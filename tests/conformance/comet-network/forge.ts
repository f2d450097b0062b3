// Misbehaviour made to measure with validators' own keys: duplicate votes and the three attacks on light clients, as JSON that CometBFT's
// /broadcast_evidence takes (types/evidence.go, v0.38). Whether it proves anything is for the real node to say.

import { ed25519 } from "@noble/curves/ed25519.js";
import {
  type BlockIdJson,
  blockIdFromJson,
  type CommitJson,
  fromBase64,
  type HeaderJson,
  headerFromJson,
  hexUpper,
  timestampFromText,
  toBase64,
  type ValidatorJson,
} from "../../../ledger/protocol/comet.ts";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import type { NodeKey } from "./network.ts";

export interface SignedHeaderJson {
  readonly header: HeaderJson;
  readonly commit: CommitJson;
}

/** CometBFT's words in JSON: what has a tag in Go is in snake case, the rest as Go names it. */
export interface DuplicateVoteValue {
  readonly vote_a: VoteValue;
  readonly vote_b: VoteValue;
  readonly TotalVotingPower: string;
  readonly ValidatorPower: string;
  readonly Timestamp: string;
}

export interface VoteValue {
  readonly type: number;
  readonly height: string;
  readonly round: number;
  readonly block_id: BlockIdJson;
  readonly timestamp: string;
  readonly validator_address: string;
  readonly validator_index: number;
  readonly signature: string;
}

export interface AttackValue {
  readonly ConflictingBlock: {
    readonly signed_header: SignedHeaderJson;
    readonly validator_set: { readonly validators: readonly ValidatorJson[]; readonly proposer: ValidatorJson };
  };
  readonly CommonHeight: string;
  readonly ByzantineValidators: readonly ValidatorJson[] | null;
  readonly TotalVotingPower: string;
  readonly Timestamp: string;
}

export type EvidenceValue =
  | { readonly type: "tendermint/DuplicateVoteEvidence"; readonly value: DuplicateVoteValue }
  | { readonly type: "tendermint/LightClientAttackEvidence"; readonly value: AttackValue };

/** What is known of a height: its header, its commit and its validators. */
export interface KnownBlock extends SignedHeaderJson {
  readonly validators: readonly ValidatorJson[];
}

const nilBlock: BlockIdJson = { hash: "", parts: { total: 0, hash: "" } };

export class Forger {
  readonly #core: Core;
  readonly #chain: string;
  readonly #keys: readonly NodeKey[];

  constructor(core: Core, chain: string, keys: readonly NodeKey[]) {
    this.#core = core;
    this.#chain = chain;
    this.#keys = keys;
  }

  #sign(
    address: string,
    vote: Pick<VoteValue, "height" | "round" | "block_id" | "timestamp"> & { readonly type?: number },
  ): string {
    const message = this.#core
      .voteSignBytes({
        chainId: this.#chain,
        height: BigInt(vote.height),
        round: BigInt(vote.round),
        blockId: vote.block_id.hash === "" ? null : blockIdFromJson(vote.block_id),
        timestamp: timestampFromText(vote.timestamp),
      })
      .slice();
    // The core writes precommits (2); a prevote (1) differs in this byte, after length and tag.
    const typeAt = message.indexOf(0x08) + 1;
    if (message[typeAt] !== 2) throw new Error("sign bytes begin otherwise");
    message[typeAt] = vote.type ?? 2;
    const key = this.#keys.find((one) => one.address === address);
    if (key === undefined) throw new Error(`no key of ${address}`);
    return toBase64(ed25519.sign(message, key.seed));
  }

  /** Two votes of one validator for different blocks at one height and round; of type 1 prevotes, of type 2 precommits. */
  duplicateVote(at: KnownBlock, address: string, type: 1 | 2, firstIsNil: boolean): EvidenceValue {
    const index = at.validators.findIndex((one) => one.address === address);
    const vote = (block_id: BlockIdJson): VoteValue => {
      const { height } = at.header;
      const [round, timestamp] = [at.commit.round, at.header.time];
      const signature = this.#sign(address, { type, height, round, block_id, timestamp });
      return {
        type,
        height,
        round,
        block_id,
        timestamp,
        validator_address: address,
        validator_index: index,
        signature,
      };
    };
    const real = at.commit.block_id;
    const other = firstIsNil ? nilBlock : { ...real, hash: `00${real.hash.slice(2)}` };
    // Sorted by block: no hash first, then the smaller one.
    const [first, second] = other.hash < real.hash ? [other, real] : [real, other];
    const value: DuplicateVoteValue = {
      vote_a: vote(first),
      vote_b: vote(second),
      TotalVotingPower: totalOf(at.validators),
      ValidatorPower: at.validators[index]!.voting_power,
      Timestamp: at.header.time,
    };
    return { type: "tendermint/DuplicateVoteEvidence", value };
  }

  /** A header with these changes, and a commit of it that all of its validators with a key here have signed. */
  block(
    like: KnownBlock,
    validators: readonly ValidatorJson[],
    round: number,
    changes: Partial<HeaderJson>,
  ): KnownBlock {
    const set = validators.map((one) => ({
      publicKey: fromBase64(one.pub_key.value),
      power: BigInt(one.voting_power),
    }));
    const header = { ...like.header, validators_hash: hexUpper(this.#core.validatorsHash(set)), ...changes };
    const hash = hexUpper(this.#core.headerHash(headerFromJson(header)));
    const block_id = { hash, parts: { total: 1, hash: hexUpper(this.#core.sha256(fromBase64("Zm9yZ2Vk"))) } };
    const signatures = validators.map(({ address }) => ({
      block_id_flag: 2 as const,
      validator_address: address,
      timestamp: header.time,
      signature: this.#sign(address, { height: header.height, round, block_id, timestamp: header.time }),
    }));
    return { header, commit: { height: header.height, round, block_id, signatures }, validators };
  }

  attack(common: KnownBlock, conflicting: KnownBlock, byzantine: readonly ValidatorJson[] | null): EvidenceValue {
    const { header, commit, validators } = conflicting;
    const value: AttackValue = {
      ConflictingBlock: {
        signed_header: { header, commit },
        validator_set: { validators, proposer: validators[0]! },
      },
      CommonHeight: common.header.height,
      ByzantineValidators: byzantine,
      TotalVotingPower: totalOf(common.validators),
      Timestamp: common.header.time,
    };
    return { type: "tendermint/LightClientAttackEvidence", value };
  }
}

/** The order of a validator set: power descending, then address. */
export function sortedSet(validators: readonly ValidatorJson[]): ValidatorJson[] {
  return [...validators].sort(
    (a, b) => Number(BigInt(b.voting_power) - BigInt(a.voting_power)) || (a.address < b.address ? -1 : 1),
  );
}

function totalOf(validators: readonly ValidatorJson[]): string {
  return String(validators.reduce((sum, one) => sum + BigInt(one.voting_power), 0n));
}
