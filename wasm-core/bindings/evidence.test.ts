// Evidence in blocks: both kinds are read strictly and hashed without their oneof; what CometBFT would write otherwise is refused.

import { describe, expect, test } from "vitest";
import { hexUpper } from "../../ledger/protocol/comet.ts";
import { type EvidenceJson, encodeBlock } from "../../tests/conformance/comet-protobuf.ts";
import { describeCores } from "../../tests/conformance/variants.ts";
import type { BlockRule } from "./block-rules.ts";
import { madeBlock, madeChain, madeLightBlock } from "./testing/made-block.ts";

type DuplicateVote = Extract<EvidenceJson, { type: "tendermint/DuplicateVoteEvidence" }>["value"];
type Vote = DuplicateVote["vote_a"];
type Attack = Extract<EvidenceJson, { type: "tendermint/LightClientAttackEvidence" }>["value"];

describeCores((core) => {
  const light = madeLightBlock(core, [5n, 3n, 2n], [2, 2, 1]);
  const vote: Vote = {
    type: 2,
    height: "6",
    round: 1,
    block_id: light.commit.block_id,
    timestamp: light.header.time,
    validator_address: light.validators[0]!.address,
    validator_index: 0,
    signature: light.commit.signatures[0]!.signature!,
  };
  const nil = { hash: "", parts: { total: 0, hash: "" } };
  const twice: DuplicateVote = {
    vote_a: { ...vote, block_id: nil },
    vote_b: vote,
    total_voting_power: "10",
    validator_power: "5",
    timestamp: light.header.time,
  };
  const attack: Attack = {
    conflicting_block: {
      signed_header: { header: light.header, commit: light.commit },
      validator_set: { validators: light.validators, proposer: light.validators[0]! },
    },
    common_height: "3",
    byzantine_validators: light.validators.slice(0, 2),
    total_voting_power: "10",
    timestamp: light.header.time,
  };
  const ofVotes = (value: DuplicateVote): EvidenceJson => ({ type: "tendermint/DuplicateVoteEvidence", value });
  const ofAttack = (value: Attack): EvidenceJson => ({ type: "tendermint/LightClientAttackEvidence", value });
  const ruleOf = (...evidence: EvidenceJson[]): BlockRule =>
    core.checkBlock(encodeBlock(madeBlock(core, [Uint8Array.of(1)], false, evidence)), madeChain).rule;

  test("both kinds, and many of them", () => {
    expect(ruleOf(ofVotes(twice))).toBe("sound");
    expect(ruleOf(ofAttack(attack))).toBe("sound");
    expect(ruleOf(ofAttack(attack), ofVotes(twice), ofAttack({ ...attack, byzantine_validators: [] }))).toBe("sound");
  });

  test("a block is of its own header, whatever header its evidence holds", () => {
    const block = madeBlock(core, [], false, [ofAttack(attack)]);
    const found = core.checkBlock(encodeBlock(block), madeChain);
    const other = { ...attack.conflicting_block.signed_header, header: { ...light.header, height: "5" } };
    const conflicting = { ...attack, conflicting_block: { ...attack.conflicting_block, signed_header: other } };
    const broken = encodeBlock(madeBlock(core, [], false, [ofAttack(conflicting)])).subarray(0, -1);
    expect(core.checkBlock(broken, madeChain)).toMatchObject({ rule: "bytes_must_be_canonical", height: 7n });
    const plain = madeBlock(core, [], false, []);
    expect(found.rule).toBe("sound");
    expect(hexUpper(found.id.hash)).not.toBe(light.commit.block_id.hash);
    expect(core.checkBlock(encodeBlock({ ...block, evidence: plain.evidence }), madeChain).rule).toBe(
      "evidence_hash_must_match",
    );
  });

  describe("malformed", () => {
    const withVote = (change: Partial<Vote>): EvidenceJson => ofVotes({ ...twice, vote_b: { ...vote, ...change } });
    const set = attack.conflicting_block.validator_set;
    test.each<[string, EvidenceJson]>([
      ["a vote of no type", withVote({ type: 0 })],
      ["a proposal as a vote", withVote({ type: 32 })],
      ["a vote of height 0", withVote({ height: "0" })],
      ["a negative round", withVote({ round: -1 })],
      ["a negative index", withVote({ validator_index: -1 })],
      ["half a block id", withVote({ block_id: { ...vote.block_id, parts: nil.parts } })],
      ["an address of 19 bytes", withVote({ validator_address: "00".repeat(19) })],
      ["a vote without a signature", withVote({ signature: "" })],
      ["a time before the year 1", withVote({ timestamp: "0000-12-31T23:59:59Z" })],
      ["a common height of 0", ofAttack({ ...attack, common_height: "0" })],
      ["no power", ofAttack({ ...attack, total_voting_power: "0" })],
      [
        "a conflicting block without signatures",
        ofAttack({
          ...attack,
          conflicting_block: {
            ...attack.conflicting_block,
            signed_header: { ...attack.conflicting_block.signed_header, commit: { ...light.commit, signatures: [] } },
          },
        }),
      ],
      [
        "a conflicting header without a proposer",
        ofAttack({
          ...attack,
          conflicting_block: {
            validator_set: set,
            signed_header: { header: { ...light.header, proposer_address: "" }, commit: light.commit },
          },
        }),
      ],
    ])("%s", (_, evidence) => {
      expect(ruleOf(evidence)).toBe("bytes_must_be_canonical");
    });
  });

  test("no byte of it changes unseen", () => {
    const block = madeBlock(core, [], false, [ofVotes(twice), ofAttack(attack)]);
    const encoded = encodeBlock(block);
    const without = encodeBlock({ ...block, evidence: { evidence: [] } });
    const start = encoded.findIndex((byte, at) => byte !== without[at]);
    const end = encoded.length - (without.length - start - 1);
    expect(end - start).toBeGreaterThan(1000);
    for (let at = start; at < end; at++)
      for (const change of [1, 0x80, 0xff]) {
        const mutated = encoded.slice();
        mutated[at]! ^= change;
        expect([at, core.checkBlock(mutated, madeChain).verdict]).not.toEqual([at, "sound"]);
      }
  });
});
