// Single steps of the light client: verdicts of the TLA+ model (tendermint-rs), and real mocha-4 headers, adjacent and skipping.

import { expect, test } from "vitest";
import { type LightBlock, nanosecondsOf, type Validator } from "../../ledger/light/light-block.ts";
import { defaultPolicy, type TrustedHeader, verifyStep } from "../../ledger/light/verify-step.ts";
import { fromHex, hex } from "../../ledger/protocol/bytes.ts";
import {
  blockIdFromJson,
  type CommitJson,
  commitFromJson,
  fromBase64,
  type HeaderJson,
  headerFromJson,
  timestampFromText,
  type ValidatorJson,
} from "../../ledger/protocol/comet.ts";
import { describeLightCores } from "./variants.ts";
import { describeVectors, readVector, vectorFiles } from "./vectors.ts";

describeLightCores((core) => {
  type BlockIdVector = {
    hash: string;
    parts?: { total: number; hash: string };
    part_set_header?: { total: number; hash: string };
  };

  /** The vectors write block ids in an older form, and null for none. */
  function blockId(json: BlockIdVector | null): HeaderJson["last_block_id"] {
    return { hash: json?.hash ?? "", parts: json?.parts ?? json?.part_set_header ?? { total: 0, hash: "" } };
  }

  function validatorsOf(set: readonly ValidatorJson[]): Validator[] {
    return set
      .map((v) => ({
        address: fromHex(v.address),
        publicKey: fromBase64(v.pub_key.value),
        power: BigInt(v.voting_power),
      }))
      .sort((a, b) => Number(b.power - a.power) || Buffer.compare(a.address, b.address));
  }

  interface SignedHeaderVector {
    header: HeaderJson;
    commit: CommitJson;
  }

  function lightBlock(signed: SignedHeaderVector, set: readonly ValidatorJson[]): LightBlock {
    const header = { ...signed.header, last_block_id: blockId(signed.header.last_block_id) };
    const commit = commitFromJson({
      ...signed.commit,
      block_id: blockId(signed.commit.block_id),
      // Go writes no signatures as null.
      signatures: signed.commit.signatures ?? [],
    });
    return {
      header: headerFromJson(header),
      commit: { ...commit, blockId: blockIdFromJson(blockId(signed.commit.block_id)) },
      validators: validatorsOf(set),
    };
  }

  function trustIn(block: LightBlock, validators: readonly Validator[]): TrustedHeader {
    const { header } = block;
    const { height, time, nextValidatorsHash } = header;
    return { chain: header.chainId, height, time, nextValidatorsHash, validators };
  }

  describeVectors("tendermint-rs-mbt-single-step", "model-based single steps", () => {
    interface Model {
      initial: {
        signed_header: SignedHeaderVector;
        next_validator_set: { validators: ValidatorJson[] };
        trusting_period: string;
      };
      input: {
        block: {
          signed_header: SignedHeaderVector;
          validator_set: { validators: ValidatorJson[] };
          next_validator_set: { validators: ValidatorJson[] };
        };
        now: string;
        verdict: "SUCCESS" | "NOT_ENOUGH_TRUST" | "INVALID";
      }[];
    }
    const counted = { SUCCESS: 0, NOT_ENOUGH_TRUST: 0, INVALID: 0 };

    test.each(vectorFiles("tendermint-rs-mbt-single-step"))("%s", async (file) => {
      const model = readVector(file) as Model;
      const first = model.initial.signed_header;
      let trusted = trustIn(lightBlock(first, []), validatorsOf(model.initial.next_validator_set.validators));
      for (const input of model.input) {
        const block = lightBlock(input.block.signed_header, input.block.validator_set.validators);
        const outcome = await verifyStep(core, trusted, block, {
          nowMs: Number(nanosecondsOf(timestampFromText(input.now)) / 1_000_000n),
          trustingPeriodMs: Number(BigInt(model.initial.trusting_period) / 1_000_000n),
          clockDriftMs: 0,
          trustLevel: defaultPolicy.trustLevel,
        });
        const skipping = block.header.height > trusted.height + 1n;
        const verdict = outcome.ok
          ? "SUCCESS"
          : outcome.state === "failed" && outcome.reason === "validators_must_be_trusted" && skipping
            ? "NOT_ENOUGH_TRUST"
            : "INVALID";
        expect([verdict, outcome.ok ? "" : outcome.detail]).toEqual([input.verdict, expect.anything()]);
        counted[input.verdict]++;
        if (outcome.ok) trusted = trustIn(block, validatorsOf(input.block.next_validator_set.validators));
      }
    });

    test("99 verdicts were compared", () =>
      expect(counted).toEqual({ SUCCESS: 44, NOT_ENOUGH_TRUST: 42, INVALID: 13 }));
  });

  describeVectors("tendermintx-mocha-4", "mocha-4 steps", () => {
    const at = (height: number): LightBlock => {
      const { result } = readVector("tendermintx-mocha-4", `circuits/fixtures/mocha-4/${height}/signed_block.json`) as {
        result: SignedHeaderVector & { validator_set: { validators: ValidatorJson[] } };
      };
      const block = lightBlock(result, []);
      // Real sets come in the order that their hash has.
      const validators = result.validator_set.validators.map((v) => ({
        address: fromHex(v.address),
        publicKey: fromBase64(v.pub_key.value),
        power: BigInt(v.voting_power),
      }));
      return { ...block, validators };
    };
    const options = (block: LightBlock) => ({
      ...defaultPolicy,
      nowMs: Number(nanosecondsOf(block.header.time) / 1_000_000n) + 1000,
      trustingPeriodMs: 365 * 24 * 3_600_000,
    });
    const step = (from: number, to: number) => {
      const [a, b] = [at(from), at(to)];
      return verifyStep(core, trustIn(a, a.validators), b, options(b));
    };

    const heights = vectorFiles("tendermintx-mocha-4")
      .filter((file) => file.endsWith("signed_block.json"))
      .map((file) => Number(/\/(\d+)\/signed_block/.exec(file)![1]))
      .sort((a, b) => a - b);

    /** Whether more than a third of the trusted power signed, counted from the JSON. */
    const overlaps = (from: number, to: number): boolean => {
      const [trusted, block] = [at(from), at(to)];
      const signers = new Set(
        block.commit.signatures.filter(({ flag }) => flag === 2).map(({ validatorAddress }) => hex(validatorAddress)),
      );
      const sum = (list: readonly Validator[]) => list.reduce((power, one) => power + one.power, 0n);
      return sum(trusted.validators.filter(({ address }) => signers.has(hex(address)))) > sum(trusted.validators) / 3n;
    };

    test("16 of 16: every step between two of them, 8 adjacent and 112 that skip, as counted powers say", async () => {
      expect(heights).toHaveLength(16);
      const counted = { adjacent: 0, trusted: 0, untrusted: 0 };
      for (const from of heights)
        for (const to of heights.filter((one) => one > from)) {
          const outcome = await step(from, to);
          const reason = outcome.ok ? "trusted" : outcome.reason;
          const want = to === from + 1 || overlaps(from, to) ? "trusted" : "validators_must_be_trusted";
          expect([from, to, reason]).toEqual([from, to, want]);
          counted[to === from + 1 ? "adjacent" : outcome.ok ? "trusted" : "untrusted"]++;
        }
      expect(counted).toEqual({ adjacent: 8, trusted: 112, untrusted: 0 });
    });

    test("one changed byte of a signature is seen", async () => {
      const [a, b] = [at(157000), at(157001)];
      const signatures = b.commit.signatures.map((slot, i) =>
        i === 5 ? { ...slot, signature: slot.signature.map((byte, j) => (j === 9 ? byte ^ 1 : byte)) } : slot,
      );
      const changed = { ...b, commit: { ...b.commit, signatures } };
      expect(await verifyStep(core, trustIn(a, a.validators), changed, options(b))).toMatchObject({
        reason: b.commit.signatures[5]!.flag === 1 ? undefined : "signature_must_be_valid",
      });
    });
  });
});
