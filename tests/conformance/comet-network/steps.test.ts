// Steps of trust over the recorded networks: adjacent, skipping, and CometBFT's own way from one height to another (light/client.go,
// verifySkipping), which its light client logged while the network ran: the same heights tried, with the same verdicts.

import { describe, expect, test } from "vitest";
import { walkBack } from "../../../ledger/light/backwards.ts";
import type { LightBlock } from "../../../ledger/light/light-block.ts";
import { pass } from "../../../ledger/light/outcome.ts";
import { trustIn, verifySkipping } from "../../../ledger/light/skipping.ts";
import { defaultPolicy, verifyStep } from "../../../ledger/light/verify-step.ts";
import { fromHex, hex } from "../../../ledger/protocol/bytes.ts";
import {
  commitFromJson,
  fromBase64,
  headerFromJson,
  msOfTimestamp,
  type ValidatorJson,
} from "../../../ledger/protocol/comet.ts";
import { encodeCommit, encodeValidatorSet } from "../comet-protobuf.ts";
import { describeLightCores } from "../variants.ts";
import { blockAt, recordings, validatorsAt } from "./recording.ts";

describe.each(recordings)("CometBFT $version", (recording) => {
  const last = recording.blocks.length;
  const nowMs = msOfTimestamp(headerFromJson(blockAt(recording, last).header).time) + 1_000;
  const options = { ...defaultPolicy, nowMs };

  const validatorsOf = (set: readonly ValidatorJson[]) =>
    set.map(({ address, pub_key, voting_power }) => ({
      address: fromHex(address),
      publicKey: fromBase64(pub_key.value),
      power: BigInt(voting_power),
    }));
  const lightBlock = (height: number): LightBlock => {
    const { header, commit } = blockAt(recording, height);
    return {
      header: headerFromJson(header),
      commit: commitFromJson(commit),
      validators: validatorsOf(validatorsAt(recording, height)),
    };
  };
  /** Power of the validators of one height who signed the block of another, and all of their power: counted from the JSON alone. */
  function overlap(from: number, to: number): { readonly power: bigint; readonly total: bigint } {
    const signers = new Set(
      blockAt(recording, to)
        .commit.signatures.filter(({ block_id_flag }) => block_id_flag === 2)
        .map(({ validator_address }) => validator_address),
    );
    const sum = (set: readonly ValidatorJson[]): bigint =>
      set.reduce((power, one) => power + BigInt(one.voting_power), 0n);
    const trusted = validatorsAt(recording, from);
    return { power: sum(trusted.filter(({ address }) => signers.has(address))), total: sum(trusted) };
  }

  /** Whether a sound block can be trusted from another, by the specification. */
  function mayStep(from: number, to: number, [numerator, denominator]: readonly [number, number]): boolean {
    if (to === from + 1) return true;
    const { power, total } = overlap(from, to);
    return power > (total * BigInt(numerator)) / BigInt(denominator);
  }

  /** CometBFT's way: from the goal down at 9/16 of the gap until a step holds, then from the goal again. */
  function bisect(from: number, to: number, level: readonly [number, number]): (readonly [number, number])[] {
    const tried: (readonly [number, number])[] = [];
    const cache = [to];
    for (let trusted = from, depth = 0; ; ) {
      const height = cache[depth]!;
      tried.push([trusted, height]);
      if (mayStep(trusted, height, level)) {
        if (depth === 0) return tried;
        trusted = height;
        cache.length = depth;
        depth = 0;
      } else {
        if (depth === cache.length - 1) cache.push(trusted + Math.floor(((height - trusted) * 9) / 16));
        depth++;
      }
    }
  }

  test("a skip from the first height to the last of the changes fails at once, and so does one over the height at which all are replaced", () => {
    expect(mayStep(1, 55, [1, 3])).toBe(false);
    expect(overlap(31, 33).power).toBe(0n);
    const replaced = blockAt(recording, 32).header.validators_hash;
    expect(blockAt(recording, 31).header.next_validators_hash).toBe(replaced);
  });

  test.each(recording.traces)(
    "from $from to $to at $trustLevel: the way that CometBFT took",
    ({ from, to, trustLevel, tried }) => {
      expect(bisect(from, to, trustLevel)).toEqual(tried);
    },
  );

  test("traces are of several lengths and trust levels", () => {
    const levels = new Set(recording.traces.map(({ trustLevel }) => trustLevel.join("/")));
    expect([...levels].sort()).toEqual(["1/1", "1/2", "1/3", "2/3"]);
    expect(Math.max(...recording.traces.map(({ tried }) => tried.length))).toBeGreaterThan(50);
    expect(recording.traces.filter(({ tried }) => tried.length > 1).length).toBeGreaterThanOrEqual(5);
  });

  describeLightCores((core) => {
    test("each step that CometBFT tried has its verdict here, at its trust level", () => {
      for (const { tried, trustLevel } of recording.traces) {
        const [numerator, denominator] = trustLevel;
        for (const [from, to] of tried) {
          if (to === from + 1) continue;
          const set = encodeValidatorSet(validatorsAt(recording, from));
          const commit = encodeCommit(blockAt(recording, to).commit);
          const found = core.checkTrusting(set, commit, recording.chain, { numerator, denominator });
          const { power, total } = overlap(from, to);
          expect(found).toMatchObject({
            rule: mayStep(from, to, trustLevel) ? "sound" : "trust_level_must_be_exceeded",
            signedPower: power,
            neededPower: (total * BigInt(numerator)) / BigInt(denominator),
          });
        }
      }
    });

    test("bisection here asks for the heights that CometBFT's asked for, and comes by the same ones to the goal", async () => {
      for (const { from, to, trustLevel, tried } of recording.traces) {
        const [numerator, denominator] = trustLevel;
        const asked: number[] = [];
        const provider = {
          lightBlock: async (height: number | null) => {
            asked.push(height!);
            return pass(lightBlock(height!));
          },
        };
        const level = { ...options, trustLevel: { numerator, denominator } };
        const outcome = await verifySkipping(core, provider, trustIn(lightBlock(from)), lightBlock(to), level);
        if (!outcome.ok) throw new Error(`${from} to ${to}: ${outcome.detail}`);
        // What was tried from there on was reached.
        const reached = [...new Set(tried.map(([trusted]) => trusted)), to].slice(1);
        expect(outcome.value.map(({ header }) => Number(header.height))).toEqual(reached);
        const others = new Set(tried.map(([, height]) => height).filter((height) => height !== to));
        expect(asked).toEqual([...others]);
      }
    });

    test("all adjacent steps hold, also where the whole set is replaced", async () => {
      for (let height = 1; height < last; height++) {
        const outcome = await verifyStep(core, trustIn(lightBlock(height)), lightBlock(height + 1), options);
        expect([height, outcome.ok]).toEqual([height, true]);
      }
    });

    test("skipping steps over 2 to 70 heights have the verdict that counted powers give, and only that", async () => {
      const counted = { trusted: 0, untrusted: 0 };
      for (const gap of [2, 3, 5, 9, 16, 31, 70])
        for (let from = 1; from + gap <= last; from += 2) {
          const outcome = await verifyStep(core, trustIn(lightBlock(from)), lightBlock(from + gap), options);
          const may = mayStep(from, from + gap, [1, 3]);
          counted[may ? "trusted" : "untrusted"]++;
          const reason = outcome.ok ? null : outcome.reason;
          expect([from, gap, reason]).toEqual([from, gap, may ? null : "validators_must_be_trusted"]);
        }
      expect(counted.trusted).toBeGreaterThan(50);
      expect(counted.untrusted).toBeGreaterThan(20);
    });

    test("the chain of hashes leads back from the last header to the first, and no other header stands in it", async () => {
      const range = async (first: number, end: number) =>
        pass(Array.from({ length: end - first + 1 }, (_, i) => lightBlock(first + i)));
      const forged = recording.evidence.flatMap(({ sent }) =>
        sent.type === "tendermint/LightClientAttackEvidence" ? [sent.value.ConflictingBlock.signed_header] : [],
      );
      for (const height of [1, 2, 31, 40, last - 1]) {
        const outcome = await walkBack(core, { range }, lightBlock(last), height);
        const hash = outcome.ok ? hex(outcome.value.hash) : outcome.detail;
        expect([height, hash]).toEqual([height, blockAt(recording, height).commit.block_id.hash.toLowerCase()]);
      }
      for (const { header } of forged.filter(({ header }) => Number(header.height) < last)) {
        const lying = async (first: number, end: number) => {
          const { value } = await range(first, end);
          const at = Number(header.height);
          return pass(value.map((one, i) => (first + i === at ? { ...one, header: headerFromJson(header) } : one)));
        };
        const outcome = await walkBack(core, { range: lying }, lightBlock(last), 1);
        expect(outcome).toMatchObject({ ok: false, reason: "header_hash_must_match_commit" });
      }
    });
  });
});
