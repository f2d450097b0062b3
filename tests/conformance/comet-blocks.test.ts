// Real blocks as raw bytes through the core's block validation: light blocks of mocha-4 and webcat.

import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { hex } from "../../ledger/protocol/bytes.ts";
import type { CommitJson, HeaderJson, ValidatorJson } from "../../ledger/protocol/comet.ts";
import type { SignatureToVerify } from "../../wasm-core/bindings/block-check.ts";
import { encodeCommit, encodeLightBlock, encodeValidatorSet } from "./comet-protobuf.ts";
import { describeLightCores } from "./variants.ts";
import { describeVectors, readVector, vectorFiles } from "./vectors.ts";

interface LightBlockJson {
  readonly header: HeaderJson;
  readonly commit: CommitJson;
  readonly validators: readonly ValidatorJson[];
}

const isValid = ({ signature, message, publicKey }: SignatureToVerify): boolean =>
  ed25519.verify(signature, message, publicKey, { zip215: true });

describeLightCores((core) => {
  /** Checks a real light block, all its signatures too. */
  function checkReal({ header, commit, validators }: LightBlockJson): void {
    const found = core.checkLightBlock(encodeLightBlock({ header, commit }, validators), header.chain_id);
    expect(found).toMatchObject({ verdict: "sound", rule: "sound", at: 0, height: BigInt(header.height) });
    expect(hex(found.hash)).toBe(commit.block_id.hash.toLowerCase());
    expect(hex(found.validatorsHash)).toBe(header.validators_hash.toLowerCase());
    const voted = commit.signatures.flatMap(({ block_id_flag }, slot) => (block_id_flag === 1 ? [] : [slot]));
    expect(found.signatures.map(({ slot }) => slot)).toEqual(voted);
    expect(found.signatures.every(isValid)).toBe(true);
    const total = validators.reduce((sum, { voting_power }) => sum + BigInt(voting_power), 0n);
    const signed = validators.filter((_, i) => commit.signatures[i]?.block_id_flag === 2);
    expect(found.neededPower).toBe((total * 2n) / 3n);
    expect(found.signers).toBe(signed.length);
    expect(found.signedPower).toBe(signed.reduce((sum, { voting_power }) => sum + BigInt(voting_power), 0n));
  }

  describeVectors("tendermintx-mocha-4", "mocha-4 light blocks", () => {
    const at = (height: number): LightBlockJson => {
      const { result } = readVector("tendermintx-mocha-4", `circuits/fixtures/mocha-4/${height}/signed_block.json`) as {
        result: { header: HeaderJson; commit: CommitJson; validator_set: { validators: ValidatorJson[] } };
      };
      return { header: result.header, commit: result.commit, validators: result.validator_set.validators };
    };
    const heights = vectorFiles("tendermintx-mocha-4")
      .filter((file) => file.endsWith("signed_block.json"))
      .map((file) => Number(/\/(\d+)\/signed_block/.exec(file)![1]));

    test("has 16 of them", () => expect(heights).toHaveLength(16));
    test.each(heights)("light block %i", (height) => checkReal(at(height)));

    test("proposer and total power may be told, when they are right", () => {
      const { header, commit, validators } = at(10000);
      const total = validators.reduce((sum, { voting_power }) => sum + BigInt(voting_power), 0n);
      const check = (options: Parameters<typeof encodeLightBlock>[2]) =>
        core.checkLightBlock(encodeLightBlock({ header, commit }, validators, options), header.chain_id).rule;
      const proposer = validators[1]!;
      expect(check({ proposer, totalVotingPower: String(total) })).toBe("sound");
      expect(check({ totalVotingPower: String(total + 1n) })).toBe("total_power_must_match");
      const foreign = at(157000).validators.find(({ address }) => !validators.some((own) => own.address === address))!;
      expect(check({ proposer: foreign })).toBe("proposer_must_be_in_set");
    });

    test.each([
      [10000, 10001],
      [10000, 10500],
      [11000, 11105],
      [50000, 157000],
      [157000, 3000],
    ])("validators of %i behind the commit of %i, as a model counts them", (from, to) => {
      const trusted = at(from).validators;
      const { header, commit } = at(to);
      for (const level of [
        { numerator: 1, denominator: 3 },
        { numerator: 2, denominator: 3 },
        { numerator: 1, denominator: 1 },
      ]) {
        const found = core.checkTrusting(encodeValidatorSet(trusted), encodeCommit(commit), header.chain_id, level);
        const powers = new Map(trusted.map((one) => [one.address, BigInt(one.voting_power)]));
        const signers = commit.signatures.filter((one) => one.block_id_flag === 2 && powers.has(one.validator_address));
        const power = signers.reduce((sum, one) => sum + powers.get(one.validator_address)!, 0n);
        const total = [...powers.values()].reduce((sum, one) => sum + one, 0n);
        const needed = (total * BigInt(level.numerator)) / BigInt(level.denominator);
        expect(found).toMatchObject({
          rule: power > needed ? "sound" : "trust_level_must_be_exceeded",
          signedPower: power,
          neededPower: needed,
          signers: signers.length,
        });
        expect(found.signatures).toHaveLength(signers.length);
        expect(found.signatures.every(isValid)).toBe(true);
      }
    });
  });

  describeVectors("freedomofpress-cometbft-ts", "freedomofpress light blocks", () => {
    const fixture = (name: string): unknown => readVector("freedomofpress-cometbft-ts", "src/tests/fixtures", name);

    test("commit-12.json: four validators", () => {
      const { signed_header } = fixture("commit-12.json") as {
        signed_header: { header: HeaderJson; commit: CommitJson };
      };
      const { validators } = fixture("validators-12.json") as { validators: ValidatorJson[] };
      checkReal({ ...signed_header, validators });
    });

    test.each(["webcat.json", "header-merkle-webcat-02.json"])("%s", (name) => {
      const { signed_header, validator_set } = fixture(name) as {
        signed_header: { header: HeaderJson; commit: CommitJson };
        validator_set: { validators: (Omit<ValidatorJson, "voting_power"> & { power: string })[] };
      };
      checkReal({
        ...signed_header,
        validators: validator_set.validators.map((v) => ({ ...v, voting_power: v.power })),
      });
    });
  });
});
