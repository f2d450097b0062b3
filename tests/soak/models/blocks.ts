// Light blocks, validator sets, commits and blocks to damage: made ones, sound and with every kind of fault that bytes alone do not show
// (hashes and powers follow the fault), and real ones where ../shared/vectors has them. Encoded by the encoder of the conformance tests.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type BlockJson,
  type CommitJson,
  type HeaderJson,
  toBase64,
  type ValidatorJson,
} from "../../../ledger/protocol/comet.ts";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import {
  madeBlock,
  madeChain,
  madeCommit,
  madeHeader,
  madeLightBlock,
  madeValidators,
} from "../../../wasm-core/bindings/testing/made-block.ts";
import {
  type EvidenceJson,
  encodeBlock,
  encodeCommit,
  encodeLightBlock,
  encodeValidatorSet,
  type SetOptions,
} from "../../conformance/comet-protobuf.ts";
import type { Random } from "../random.ts";

export interface Message {
  readonly chain: string;
  readonly bytes: Uint8Array;
  /** Made or taken so that every rule holds. */
  readonly sound: boolean;
}

export interface Trusting {
  readonly chain: string;
  readonly set: Uint8Array;
  readonly commit: Uint8Array;
}

const validatorsMax = 7;
const vectors = join(import.meta.dirname, "../../../../shared/vectors");

interface RealLightBlock {
  readonly header: HeaderJson;
  readonly commit: CommitJson;
  readonly validators: readonly ValidatorJson[];
}

/** The mocha-4 blocks with the fewest validators; none where the vectors are missing. */
function realLightBlocks(): RealLightBlock[] {
  const folder = join(vectors, "tendermintx-mocha-4", "circuits", "fixtures", "mocha-4");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((height) => join(folder, height, "signed_block.json"))
    .filter((file) => existsSync(file))
    .map((file) => {
      const { result } = JSON.parse(readFileSync(file, "utf8")) as {
        result: { header: HeaderJson; commit: CommitJson; validator_set: { validators: ValidatorJson[] } };
      };
      return { header: result.header, commit: result.commit, validators: result.validator_set.validators };
    })
    .filter(({ validators }) => validators.length <= 12);
}

/** The whole blocks of a real chain's answers. */
function realBlocks(): BlockJson[] {
  const folder = join(vectors, "tendermint-rs-rpc-fixtures", "rpc", "tests", "kvstore_fixtures", "v0_38", "incoming");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^block_at_height_\d+\.json$/.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as { result?: { block: BlockJson } })
    .flatMap(({ result }) => (result === undefined ? [] : [result.block]));
}

function powersOf(random: Random): bigint[] {
  return Array.from({ length: 1 + random.below(validatorsMax) }, () =>
    random.oneIn(20) ? 1n << BigInt(random.below(63)) : BigInt(1 + random.below(100)),
  );
}

const flagOf = (random: Random): 1 | 2 | 3 => (random.oneIn(4) ? random.pick([1, 3] as const) : 2);

/** A light block with one fault that its hashes do not show. */
function faultyLightBlock(random: Random): Uint8Array {
  const core = loadCore();
  const validators = madeValidators(powersOf(random));
  const one = validators[random.below(validators.length)]!;
  const fault = random.below(14);
  if (fault === 0) validators.push(one);
  if (fault === 1) one.voting_power = random.pick(["0", "-1", "1152921504606846975", "9223372036854775807"]);
  if (fault === 2) one.address = "00".repeat(20);
  const changes: Partial<HeaderJson> = {
    ...(fault === 3 ? { height: random.pick(["0", "-1"]) } : {}),
    ...(fault === 4 ? { version: { block: "10", app: "1" } } : {}),
    ...(fault === 5 ? { chain_id: "another" } : {}),
  };
  const options: SetOptions = {
    ...(fault === 6 ? { totalVotingPower: String(random.below(300)) } : {}),
    ...(fault === 7 ? { proposer: { ...one, voting_power: "77" } } : {}),
  };
  const header = madeHeader(core, validators, changes);
  const made = madeCommit(core, header, validators, []);
  const signatures = made.signatures.map((slot) => ({ ...slot }));
  const slot = signatures[random.below(signatures.length)]!;
  if (fault === 8) slot.signature = random.pick(["AAAA", "", toBase64(random.bytes(63))]);
  if (fault === 9) signatures.pop();
  if (fault === 10) signatures.push(slot);
  if (fault === 11) slot.validator_address = "11".repeat(20);
  if (fault === 12) slot.validator_address = "";
  const height = fault === 13 ? String(BigInt(header.height) + 1n) : header.height;
  return encodeLightBlock({ header, commit: { ...made, height, signatures } }, validators, options);
}

export function lightBlocks(random: Random, count: number): Message[] {
  const core = loadCore();
  const made = Array.from({ length: count }, (_, i): Message => {
    if (i % 2 === 1) return { chain: madeChain, bytes: faultyLightBlock(random), sound: false };
    const powers = powersOf(random);
    const light = madeLightBlock(core, powers, random.oneIn(2) ? [] : powers.map(() => flagOf(random)));
    const proposer = random.oneIn(2) ? { proposer: light.validators[0]! } : {};
    return { chain: madeChain, bytes: encodeLightBlock(light, light.validators, proposer), sound: false };
  });
  const real = realLightBlocks().map((light) => ({
    chain: light.header.chain_id,
    bytes: encodeLightBlock(light, light.validators),
    sound: true,
  }));
  return [...made, ...real];
}

export function trustings(random: Random, count: number): Trusting[] {
  const core = loadCore();
  return Array.from({ length: count }, () => {
    const validators = madeValidators(powersOf(random));
    const light = madeLightBlock(core, powersOf(random), []);
    const signatures = light.commit.signatures.map((slot) => ({ ...slot }));
    if (random.oneIn(3)) signatures.push(signatures[0]!);
    const commit = random.oneIn(2)
      ? { ...light.commit, signatures }
      : madeCommit(
          core,
          light.header,
          light.validators,
          light.validators.map(() => flagOf(random)),
        );
    return { chain: madeChain, set: encodeValidatorSet(validators), commit: encodeCommit(commit) };
  });
}

/** Evidence of both kinds over a made light block. */
function evidenceOf(random: Random, light: ReturnType<typeof madeLightBlock>): EvidenceJson {
  const { header, commit, validators } = light;
  const { time } = header;
  if (random.oneIn(2)) {
    const signed_header = { header, commit };
    const validator_set = { validators, proposer: random.pick(validators) };
    const value = {
      conflicting_block: { signed_header, validator_set },
      common_height: String(1 + random.below(300)),
      byzantine_validators: validators.slice(0, random.below(3)),
      total_voting_power: String(1 + random.below(1_000)),
      timestamp: time,
    };
    return { type: "tendermint/LightClientAttackEvidence", value };
  }
  const vote = {
    type: 1 + random.below(2),
    height: String(1 + random.below(300)),
    round: random.below(3),
    block_id: commit.block_id,
    timestamp: time,
    validator_address: validators[0]!.address,
    validator_index: random.below(2),
    signature: commit.signatures[0]!.signature!,
  };
  const nil = { ...vote, block_id: { hash: "", parts: { total: 0, hash: "" } } };
  const value = { vote_a: nil, vote_b: vote, total_voting_power: "10", validator_power: "5", timestamp: time };
  return { type: "tendermint/DuplicateVoteEvidence", value };
}

export function blocks(random: Random, count: number): Message[] {
  const core = loadCore();
  const light = madeLightBlock(core, [5n, 3n], []);
  const made = Array.from({ length: count }, (): Message => {
    const transactions = Array.from({ length: random.below(6) }, () =>
      random.bytes(random.below(random.oneIn(5) ? 900 : 60)),
    );
    const evidence = random.oneIn(2)
      ? []
      : Array.from({ length: 1 + random.below(2) }, () => evidenceOf(random, light));
    const block = madeBlock(core, transactions, random.oneIn(4), evidence);
    return { chain: madeChain, bytes: encodeBlock(block), sound: true };
  });
  const real = realBlocks().map((block) => ({
    chain: block.header.chain_id,
    bytes: encodeBlock(block),
    sound: true,
  }));
  return [...made, ...real];
}
