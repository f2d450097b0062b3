// Trusting steps and whole blocks from raw bytes: every rule broken, every byte changed; bounds; results of transactions.

import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { hex } from "../../ledger/protocol/bytes.ts";
import { toBase64 } from "../../ledger/protocol/comet.ts";
import {
  encodeBlock,
  encodeCommit,
  encodeLightBlock,
  encodeValidatorSet,
} from "../../tests/conformance/comet-protobuf.ts";
import { describeCores } from "../../tests/conformance/variants.ts";
import { madeBlock, madeChain, madeLightBlock, madeValidators } from "./testing/made-block.ts";

const third = { numerator: 1, denominator: 3 };
const totalPowerMax = (2n ** 63n - 1n) / 8n;

describeCores((core) => {
  const sound = madeLightBlock(core, [40n, 30n, 20n, 10n], [2, 2, 3, 1]);
  const encoded = encodeLightBlock(sound, sound.validators);

  describe("trusting", () => {
    const set = (powers: readonly bigint[]): Uint8Array => encodeValidatorSet(madeValidators(powers));
    const commit = encodeCommit(sound.commit);
    const trust = (trusted: Uint8Array, bytes = commit, level = third) =>
      core.checkTrusting(trusted, bytes, madeChain, level);

    test("counts votes for the block by address, and lists those alone", () => {
      const found = trust(set([1n, 1n, 1n, 1n, 1n]));
      expect(found).toMatchObject({ rule: "sound", signedPower: 2n, neededPower: 1n, signers: 2 });
      expect(found.signatures.map(({ slot }) => slot)).toEqual([0, 1]);
      for (const { signature, message, publicKey } of found.signatures)
        expect(ed25519.verify(signature, message, publicKey, { zip215: true })).toBe(true);
    });

    test("a third is not more than a third", () => {
      expect(trust(set([1n, 1n, 1n, 1n, 1n, 1n]))).toMatchObject({
        rule: "trust_level_must_be_exceeded",
        verdict: "validators_must_be_trusted",
        signedPower: 2n,
        neededPower: 2n,
      });
    });

    test("a double vote is refused", () => {
      const twice = { ...sound.commit, signatures: [...sound.commit.signatures, sound.commit.signatures[0]!] };
      expect(trust(set([1n, 1n, 1n, 1n]), encodeCommit(twice))).toMatchObject({
        rule: "vote_must_stand_once",
        at: 4,
        signatures: [],
      });
    });

    test("who is not trusted may vote as he likes", () => {
      const stranger = madeValidators([1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n])[7]!.address;
      const slot = { ...sound.commit.signatures[0]!, validator_address: stranger };
      const more = { ...sound.commit, signatures: [...sound.commit.signatures, slot, slot] };
      expect(trust(set([1n, 1n, 1n, 1n]), encodeCommit(more))).toMatchObject({ rule: "sound", signers: 2 });
    });

    test("floors of large powers are exact", () => {
      for (const level of [
        third,
        { numerator: 2, denominator: 3 },
        { numerator: 4_294_967_291, denominator: 4_294_967_295 },
      ])
        for (const first of [totalPowerMax - 3n, totalPowerMax - 4n, 10_000_000_019n]) {
          const total = first + 3n;
          const { neededPower } = trust(set([first, 1n, 1n, 1n]), commit, level);
          expect(neededPower).toBe((total * BigInt(level.numerator)) / BigInt(level.denominator));
        }
    });

    test.each([
      [0, 3],
      [4, 3],
      [1, 0],
      [1.5, 3],
      [1, 2 ** 32],
      [-1, 3],
    ])("%d/%d is no trust level", (numerator, denominator) => {
      expect(() => trust(set([1n]), commit, { numerator, denominator })).toThrow(RangeError);
    });

    test("a commit of height 0 proves nothing", () => {
      expect(trust(set([1n]), encodeCommit({ ...sound.commit, height: "0" })).rule).toBe("height_must_be_positive");
    });
  });

  describe("bounds", () => {
    test("10,000 validators are read, 10,001 are not", () => {
      const one = encodeValidatorSet(madeValidators([1n]));
      const many = (count: number): Uint8Array => {
        const all = new Uint8Array(one.length * count);
        for (let i = 0; i < count; i++) all.set(one, i * one.length);
        return all;
      };
      const commit = encodeCommit(sound.commit);
      expect(core.checkTrusting(many(10_000), commit, madeChain, third).rule).toBe("validator_must_stand_once");
      expect(core.checkTrusting(many(10_001), commit, madeChain, third).rule).toBe("input_must_fit");
    });

    test("a refusal for want of room is not told of the next call", () => {
      const [set, commit] = [encodeValidatorSet(madeValidators([1n])), encodeCommit(sound.commit)];
      const absent = encodeCommit({ ...sound.commit, signatures: [sound.commit.signatures[3]!] });
      const none = encodeCommit({ ...sound.commit, signatures: [] });
      const slot = absent.subarray(none.length);
      const many = new Uint8Array(none.length + slot.length * 10_001);
      many.set(none);
      for (let i = 0; i < 10_001; i++) many.set(slot, none.length + slot.length * i);
      expect(core.checkTrusting(set, many.subarray(0, -slot.length), madeChain, third).rule).toBe(
        "trust_level_must_be_exceeded",
      );
      expect(core.checkTrusting(set, many, madeChain, third).rule).toBe("input_must_fit");
      expect(core.checkTrusting(set.subarray(1), commit, madeChain, third).rule).toBe("bytes_must_be_canonical");
    });

    test("inputs beyond 4 MiB and chain ids beyond 50 bytes are refused", () => {
      const long = new Uint8Array((4 << 20) + 1);
      expect(core.checkLightBlock(long, "").rule).toBe("input_must_fit");
      expect(core.checkBlock(long, "").rule).toBe("input_must_fit");
      expect(core.checkTrusting(long, long, "", third).rule).toBe("input_must_fit");
      expect(core.checkLightBlock(encoded, "x".repeat(51)).rule).toBe("input_must_fit");
      expect(core.checkLightBlock(encoded, "é".repeat(26)).rule).toBe("input_must_fit");
      // U+FFFD takes the place of what has no UTF-8.
      const block = madeLightBlock(core, [1n], [], "city \ufffd");
      const bytes = encodeLightBlock(block, block.validators);
      expect(core.checkLightBlock(bytes, "city \ufffd").rule).toBe("sound");
      expect(core.checkLightBlock(bytes, "city \ud800").rule).toBe("input_must_fit");
      expect(() => core.partSetHeader(long)).toThrow(RangeError);
    });
  });

  describe("blocks", () => {
    const transactions = [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(70_000).fill(7)];
    const block = madeBlock(core, transactions);
    const ofBlock = (changed: typeof block) => core.checkBlock(encodeBlock(changed), madeChain);

    test("a sound block and its id", () => {
      const bytes = encodeBlock(block);
      const found = ofBlock(block);
      expect(found).toMatchObject({ rule: "sound", height: 7n, transactions: 3 });
      expect(found.id.partsTotal).toBe(2);
      expect(hex(found.id.partsHash)).toBe(hex(core.merkleRoot([bytes.subarray(0, 65_536), bytes.subarray(65_536)])));
      expect(core.partSetHeader(bytes)).toEqual({ partsTotal: 2, partsHash: found.id.partsHash });
    });

    test.each([0, 1, 63, 64, 65, 127, 128, 129, 300])("%i transactions", (count) => {
      const many = Array.from({ length: count }, (_, i) => Uint8Array.from({ length: i % 90 }, () => i));
      expect(ofBlock(madeBlock(core, many))).toMatchObject({ rule: "sound", transactions: count });
    });

    test("the first block has an empty last commit and no block before it", () => {
      expect(ofBlock(madeBlock(core, [], true))).toMatchObject({ rule: "sound", height: 1n });
    });

    const { last_commit } = block;
    test.each([
      ["a changed transaction", "data_hash_must_match", { ...block, data: { txs: [toBase64(Uint8Array.of(9))] } }],
      ["no transactions", "data_hash_must_match", { ...block, data: { txs: [] } }],
      ["another chain", "chain_must_match", { ...block, header: { ...block.header, chain_id: "other" } }],
      [
        "an evidence hash of other evidence",
        "evidence_hash_must_match",
        { ...block, header: { ...block.header, evidence_hash: block.header.app_hash } },
      ],
      [
        "a last commit with another time",
        "last_commit_hash_must_match",
        {
          ...block,
          last_commit: {
            ...last_commit!,
            signatures: last_commit!.signatures.map((one, i) =>
              i === 0 ? { ...one, timestamp: "2026-03-08T03:00:59Z" } : one,
            ),
          },
        },
      ],
      [
        "a last commit of another height",
        "last_commit_must_follow",
        { ...block, last_commit: { ...last_commit!, height: "5" } },
      ],
      [
        "a last commit of another block",
        "last_commit_must_follow",
        { ...block, header: { ...block.header, last_block_id: { hash: "", parts: { total: 0, hash: "" } } } },
      ],
      [
        "an empty last commit after a block",
        "last_commit_must_follow",
        { ...block, last_commit: madeBlock(core, [], true).last_commit },
      ],
      [
        "votes of height 0 in the last commit of height 1",
        "last_commit_must_follow",
        { ...block, header: { ...block.header, height: "1" }, last_commit: { ...last_commit!, height: "0" } },
      ],
      ["no last commit", "bytes_must_be_canonical", { ...block, last_commit: null }],
    ] as const)("%s: %s", (_, rule, changed) => {
      expect(ofBlock(changed as typeof block).rule).toBe(rule);
    });

    test("truncated anywhere, or with a byte changed, it is refused or another block", () => {
      const small = encodeBlock(madeBlock(core, [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]));
      const { id } = core.checkBlock(small, madeChain);
      for (let at = 0; at < small.length; at++) {
        expect(core.checkBlock(small.subarray(0, at), madeChain).rule).toBe("bytes_must_be_canonical");
        for (const change of [1, 0x80, 0xff]) {
          const mutated = small.slice();
          mutated[at]! ^= change;
          const found = core.checkBlock(mutated, madeChain);
          if (found.verdict === "sound") expect(hex(found.id.partsHash)).not.toBe(hex(id.partsHash));
        }
      }
    });
  });

  test("results: as encoded one by one", () => {
    const results = [
      { code: 0, data: new Uint8Array(), gasWanted: 0n, gasUsed: 0n },
      { code: 7, data: Uint8Array.of(1, 2), gasWanted: -1n, gasUsed: 300n },
      { code: 0xffff_ffff, data: new Uint8Array(60_000).fill(3), gasWanted: 2n ** 63n - 1n, gasUsed: -(2n ** 63n) },
    ];
    const varint = (value: bigint): number[] => {
      const rest = BigInt.asUintN(64, value);
      return rest < 128n ? [Number(rest)] : [Number(rest & 127n) | 128, ...varint(rest >> 7n)];
    };
    const number = (field: number, value: bigint): number[] => (value === 0n ? [] : [field << 3, ...varint(value)]);
    const leaves = results.map(({ code, data, gasWanted, gasUsed }) =>
      Uint8Array.from([
        ...number(1, BigInt(code)),
        ...(data.length === 0 ? [] : [0x12, ...varint(BigInt(data.length)), ...data]),
        ...number(5, gasWanted),
        ...number(6, gasUsed),
      ]),
    );
    expect(hex(core.resultsHash(results))).toBe(hex(core.merkleRoot(leaves)));
    expect(hex(core.resultsHash([]))).toBe(hex(core.merkleRoot([])));
    expect(() => core.resultsHash([{ ...results[0]!, data: new Uint8Array(60_001) }])).toThrow(RangeError);
  });
});
