// CometBFT v0.38 hashes of the WASM core against its own unit vectors and against real blocks of several chains.

import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { hex, utf8 } from "../../ledger/protocol/bytes.ts";
import {
  type BlockJson,
  blockIdFromJson,
  type CommitJson,
  commitFromJson,
  fromBase64,
  type HeaderJson,
  headerFromJson,
  hexUpper,
  timestampFromText,
  type ValidatorJson,
} from "../../ledger/protocol/comet.ts";
import { describeLightCores } from "./variants.ts";
import { describeVectors, readVector, vectorFiles } from "./vectors.ts";

describeLightCores((core) => {
  const headerHash = (json: HeaderJson): string => hexUpper(core.headerHash(headerFromJson(json)));
  const setHash = (validators: readonly ValidatorJson[]): string =>
    hexUpper(
      core.validatorsHash(
        validators.map((v) => ({ publicKey: fromBase64(v.pub_key.value), power: BigInt(v.voting_power) })),
      ),
    );

  /** Checks every signature for the block in a commit. Returns how many there were. */
  function checkSignatures(header: HeaderJson, commit: CommitJson, validators: readonly ValidatorJson[]): number {
    const fields = commitFromJson(commit);
    let count = 0;
    for (const [index, signature] of fields.signatures.entries()) {
      if (signature.flag !== 2) continue;
      const key = fromBase64(validators[index]!.pub_key.value);
      expect(hex(core.sha256(key).subarray(0, 20))).toBe(hex(signature.validatorAddress));
      const message = core.voteSignBytes({
        chainId: header.chain_id,
        height: fields.height,
        round: fields.round,
        blockId: fields.blockId,
        timestamp: signature.timestamp,
      });
      expect(ed25519.verify(signature.signature, message, key, { zip215: true })).toBe(true);
      count++;
    }
    return count;
  }

  describeVectors("cometbft-unit", "CometBFT v0.38 unit vectors", () => {
    const vectors = readVector("cometbft-unit", "cometbft-unit.json") as {
      header_hash: { header: HeaderJson; hash: string };
      vote_sign_bytes: { cases: { chain_id: string; type: number; height: number; round: number; want: string }[] };
      default_consensus_params_hash: { hash: string };
    };

    test("TestHeaderHash", () => {
      const { header, hash } = vectors.header_hash;
      const field = (text: string): Uint8Array => {
        const name = /^sha256_of:(\w+)(\[0:20\])?$/.exec(text);
        const digest = core.sha256(utf8(name![1]!));
        return name![2] === undefined ? digest : digest.subarray(0, 20);
      };
      const value = core.headerHash({
        versionBlock: BigInt(header.version.block),
        versionApp: BigInt(header.version.app ?? "0"),
        chainId: header.chain_id,
        height: BigInt(header.height),
        time: timestampFromText(header.time),
        lastBlockId: blockIdFromJson(header.last_block_id),
        lastCommitHash: field(header.last_commit_hash),
        dataHash: field(header.data_hash),
        validatorsHash: field(header.validators_hash),
        nextValidatorsHash: field(header.next_validators_hash),
        consensusHash: field(header.consensus_hash),
        appHash: field(header.app_hash),
        lastResultsHash: field(header.last_results_hash),
        evidenceHash: field(header.evidence_hash),
        proposerAddress: field(header.proposer_address),
      });
      expect(hexUpper(value)).toBe(hash);
    });

    // The core signs precommits alone. The other types of the table differ from it in the type field, which is put in its place here.
    test.each(vectors.vote_sign_bytes.cases)("TestVoteSignBytes type $type $chain_id", (v) => {
      const bytes = core.voteSignBytes({
        chainId: v.chain_id,
        height: BigInt(v.height),
        round: BigInt(v.round),
        blockId: null,
        timestamp: { seconds: -62135596800n, nanos: 0 },
      });
      const content = bytes.subarray(3);
      expect(hex(bytes.subarray(0, 3))).toBe(hex(Uint8Array.of(content.length + 2, 0x08, 0x02)));
      const type = v.type === 0 ? [] : [0x08, v.type];
      expect(hex(Uint8Array.of(type.length + content.length, ...type, ...content))).toBe(v.want);
    });

    test("default consensus parameters", () => {
      expect(hexUpper(core.consensusHash({ blockMaxBytes: 22_020_096n, blockMaxGas: -1n }))).toBe(
        vectors.default_consensus_params_hash.hash.toUpperCase(),
      );
    });
  });

  describeVectors("tendermint-rs-rpc-fixtures", "headers and genesis of real nodes", () => {
    test.each(["kvstore_fixtures/v0_38", "gaia_fixtures"])("genesis of %s: as the first header has it", (chain) => {
      const at = (name: string): string[] => ["tendermint-rs-rpc-fixtures", "rpc", "tests", chain, "incoming", name];
      const { genesis } = (readVector(...at("genesis.json")) as { result: { genesis: never } }).result as {
        genesis: {
          validators?: { pub_key: { value: string }; power: string }[];
          consensus_params: { block: { max_bytes: string; max_gas: string } };
        };
      };
      const { block } = (readVector(...at("block_at_height_1.json")) as { result: { block: BlockJson } }).result;
      // Gaia's genesis makes its validators by transactions.
      expect(genesis.validators === undefined).toBe(chain === "gaia_fixtures");
      if (genesis.validators !== undefined) {
        const set = genesis.validators.map((v) => ({
          publicKey: fromBase64(v.pub_key.value),
          power: BigInt(v.power),
        }));
        expect(hexUpper(core.validatorsHash(set))).toBe(block.header.validators_hash);
      }
      const { max_bytes, max_gas } = genesis.consensus_params.block;
      const params = { blockMaxBytes: BigInt(max_bytes), blockMaxGas: BigInt(max_gas) };
      expect(hexUpper(core.consensusHash(params))).toBe(block.header.consensus_hash);
    });

    test("header_with_known_hash.json", () => {
      const json = readVector(
        "tendermint-rs-rpc-fixtures",
        "tendermint/tests/support/serialization/block/header_with_known_hash.json",
      ) as HeaderJson & { last_block_id: { part_set_header: HeaderJson["last_block_id"]["parts"] } };
      const parts = json.last_block_id.part_set_header;
      const header = { ...json, last_block_id: { hash: json.last_block_id.hash, parts } };
      expect(headerHash(header)).toBe("F30A71F2409FB15AACAEDB6CC122DFA2525BEE9CAE521721B06BFDCA291B8D56");
    });
  });

  describeVectors("tendermintx-mocha-4", "mocha-4 blocks", () => {
    const files = vectorFiles("tendermintx-mocha-4").filter((file) => file.endsWith("signed_block.json"));
    test("has 16 of them", () => expect(files).toHaveLength(16));
    test.each(files)("%s", (file) => {
      const { header, commit, validator_set } = (readVector(file) as { result: never }).result as {
        header: HeaderJson;
        commit: CommitJson;
        validator_set: { validators: ValidatorJson[] };
      };
      expect(headerHash(header)).toBe(commit.block_id.hash);
      expect(setHash(validator_set.validators)).toBe(header.validators_hash);
      expect(checkSignatures(header, commit, validator_set.validators)).toBeGreaterThan(0);
    });
  });

  describeVectors("freedomofpress-cometbft-ts", "freedomofpress", () => {
    const at = (name: string): unknown => readVector("freedomofpress-cometbft-ts", "src/tests/fixtures", name);

    test("commit-12.json: a commit of four validators", () => {
      const { header, commit } = (at("commit-12.json") as { signed_header: { header: HeaderJson; commit: CommitJson } })
        .signed_header;
      const { validators } = at("validators-12.json") as { validators: ValidatorJson[] };
      expect(headerHash(header)).toBe(commit.block_id.hash);
      expect(setHash(validators)).toBe(header.validators_hash);
      expect(checkSignatures(header, commit, validators)).toBe(4);
    });

    test.each(["webcat.json", "header-merkle-webcat-02.json"])("%s", (name) => {
      const file = at(name) as {
        signed_header: { header: HeaderJson; commit: CommitJson };
        validator_set: { validators: (Omit<ValidatorJson, "voting_power"> & { power: string })[] };
      };
      const { header, commit } = file.signed_header;
      const validators = file.validator_set.validators.map((v) => ({ ...v, voting_power: v.power }));
      expect(headerHash(header)).toBe(commit.block_id.hash);
      expect(setHash(validators)).toBe(header.validators_hash);
      expect(checkSignatures(header, commit, validators)).toBeGreaterThanOrEqual(2);
    });
  });

  test("strings beyond 256 bytes are refused by name, not hashed short", () => {
    const long = new Uint8Array(257);
    expect(() => core.validatorsHash([{ publicKey: long, power: 1n }])).toThrow(RangeError);
    const time = { seconds: 0n, nanos: 0 };
    expect(() =>
      core.voteSignBytes({ chainId: "x".repeat(257), height: 1n, round: 0n, blockId: null, timestamp: time }),
    ).toThrow(RangeError);
  });
});
