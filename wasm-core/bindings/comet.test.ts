// Records of CometBFT's hashes: what no field can hold is refused, and never hashed as something else.

import { describe, expect, test } from "vitest";
import { hex } from "../../ledger/protocol/bytes.ts";
import { headerFromJson } from "../../ledger/protocol/comet.ts";
import { describeCores } from "../../tests/conformance/variants.ts";
import type { BlockId, CommitSignature, VoteFields } from "./comet.ts";
import { madeHeader, madeValidators } from "./testing/made-block.ts";

describeCores((core) => {
  const header = headerFromJson(madeHeader(core, madeValidators([1n])));
  const noId: BlockId = { hash: new Uint8Array(), partsTotal: 0, partsHash: new Uint8Array() };
  const vote: VoteFields = { chainId: "c", height: 1n, round: 0n, blockId: null, timestamp: { seconds: 1n, nanos: 1 } };

  test.each([2n ** 64n, 2n ** 64n + 1n, -(2n ** 63n) - 1n])("the number %i has no field", (number) => {
    expect(() => core.headerHash({ ...header, versionApp: number })).toThrow(RangeError);
    expect(() => core.headerHash({ ...header, height: number })).toThrow(RangeError);
    expect(() => core.voteSignBytes({ ...vote, round: number })).toThrow(RangeError);
    expect(() => core.validatorsHash([{ publicKey: new Uint8Array(32), power: number }])).toThrow(RangeError);
    expect(() => core.consensusHash({ blockMaxBytes: number, blockMaxGas: -1n })).toThrow(RangeError);
  });

  test.each([-1, 0.5, 2 ** 32, Number.NaN])("%d is no uint32", (number) => {
    const timestamp = { seconds: 1n, nanos: number };
    const slot: CommitSignature = { flag: 2, validatorAddress: noId.hash, timestamp, signature: noId.hash };
    const result = { code: number, data: new Uint8Array(), gasWanted: 0n, gasUsed: 0n };
    expect(() => core.headerHash({ ...header, time: timestamp })).toThrow(RangeError);
    expect(() => core.headerHash({ ...header, lastBlockId: { ...noId, partsTotal: number } })).toThrow(RangeError);
    expect(() => core.commitHash([slot])).toThrow(RangeError);
    expect(() => core.resultsHash([result])).toThrow(RangeError);
  });

  test("the ends of 64 bits are hashed, each as its own", () => {
    const ends = [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n].map((height) => hex(core.headerHash({ ...header, height })));
    expect(new Set(ends).size).toBe(4);
    expect(hex(core.headerHash({ ...header, versionApp: 2n ** 64n - 1n }))).not.toBe(hex(core.headerHash(header)));
  });

  describe("texts", () => {
    test.each(["\ud800", "city \udfff", "\ude00\ud83d"])("without UTF-8", (chainId) => {
      expect(() => core.headerHash({ ...header, chainId })).toThrow(RangeError);
      expect(() => core.voteSignBytes({ ...vote, chainId })).toThrow(RangeError);
    });
  });

  test("a vote for a block id in which nothing is set is a vote for nil", () => {
    expect(hex(core.voteSignBytes({ ...vote, blockId: noId }))).toBe(hex(core.voteSignBytes(vote)));
    expect(hex(core.voteSignBytes({ ...vote, blockId: { ...noId, partsTotal: 1 } }))).not.toBe(
      hex(core.voteSignBytes(vote)),
    );
  });

  test("after a refusal the next hash is as before it", () => {
    const slot: CommitSignature = {
      flag: 1,
      validatorAddress: noId.hash,
      timestamp: vote.timestamp,
      signature: noId.hash,
    };
    const before = hex(core.commitHash([slot, slot, slot]));
    const wrong = { ...slot, signature: new Uint8Array(257) };
    for (const slots of [[wrong], [slot, wrong], [...Array.from({ length: 2_000 }, () => slot), wrong]]) {
      expect(() => core.commitHash(slots)).toThrow(RangeError);
      expect(hex(core.commitHash([slot, slot, slot]))).toBe(before);
    }
  });
});
