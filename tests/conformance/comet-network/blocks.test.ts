// Every block of the recorded networks: light blocks with all signatures, whole blocks with their part sets, the chain of hashes over
// absent votes and votes for nil, results, and evidence of four kinds as a real node took it in.

import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../../ledger/protocol/bytes.ts";
import {
  blockIdFromJson,
  commitFromJson,
  fromBase64,
  headerFromJson,
  hexUpper,
  timestampFromText,
  toBase64,
} from "../../../ledger/protocol/comet.ts";
import { encodeBlock, encodeEvidence, encodeLightBlock } from "../comet-protobuf.ts";
import { describeCores } from "../variants.ts";
import { blockAt, evidenceJson, recordings, validatorsAt, wholeBlock } from "./recording.ts";

/** What each recording must hold at least, so that a poorer one does not pass unseen. */
const least = { heights: 60, sets: 10, absent: 5, nil: 1, laterRounds: 1, transactions: 15 };

test("two versions of CometBFT were recorded", () => {
  expect(recordings.map(({ version }) => version)).toEqual(["0.38.25", "0.39.4"]);
});

describe.each(recordings)("CometBFT $version", (recording) => {
  const heights = recording.blocks.map(({ header }) => Number(header.height));
  const included = recording.evidence.filter(({ includedAt }) => includedAt !== null);

  test("has heights without a gap, changing sets, absent votes, votes for nil, later rounds, transactions", () => {
    expect(heights).toEqual(Array.from({ length: heights.length }, (_, i) => i + 1));
    const slots = recording.blocks.flatMap(({ commit }) => commit.signatures.map((one) => one.block_id_flag));
    const found = {
      heights: heights.length,
      sets: Object.keys(recording.validatorSets).length,
      absent: slots.filter((flag) => flag === 1).length,
      nil: slots.filter((flag) => flag === 3).length,
      laterRounds: recording.blocks.filter(({ commit }) => commit.round > 0).length,
      transactions: recording.blocks.flatMap(({ txs }) => txs ?? []).length,
    };
    for (const [name, count] of Object.entries(least))
      expect([name, found[name as keyof typeof least] >= count]).toEqual([name, true]);
  });

  describeCores((core) => {
    test("every light block is sound, and every signature in it is valid, those for nil too", () => {
      for (const height of heights) {
        const { header, commit } = blockAt(recording, height);
        const validators = validatorsAt(recording, height);
        const found = core.checkLightBlock(encodeLightBlock({ header, commit }, validators), recording.chain);
        expect(found).toMatchObject({ verdict: "sound", rule: "sound", height: BigInt(height) });
        expect(hexUpper(found.hash)).toBe(commit.block_id.hash);
        expect(hexUpper(found.validatorsHash)).toBe(header.validators_hash);
        const voted = commit.signatures.flatMap(({ block_id_flag }, slot) => (block_id_flag === 1 ? [] : [slot]));
        expect(found.signatures.map(({ slot }) => slot)).toEqual(voted);
        for (const { signature, message, publicKey } of found.signatures)
          expect([height, ed25519.verify(signature, message, publicKey, { zip215: true })]).toEqual([height, true]);
      }
    });

    test("every whole block is sound, and its bytes are the node's own: they hash to the parts that were signed", () => {
      for (const height of heights) {
        const { commit, txs } = blockAt(recording, height);
        const encoded = encodeBlock(wholeBlock(recording, height));
        const found = core.checkBlock(encoded, recording.chain);
        expect([height, found.rule, found.transactions]).toEqual([height, "sound", txs?.length ?? 0]);
        expect(found.id).toEqual(blockIdFromJson(commit.block_id));
      }
    });

    test("each header holds the hashes of what is before and around it, over absent slots and slots for nil", () => {
      const params = recording.consensusParams.block;
      const consensusHash = core.consensusHash({
        blockMaxBytes: BigInt(params.max_bytes),
        blockMaxGas: BigInt(params.max_gas),
      });
      for (const height of heights) {
        const { header, commit, txs } = blockAt(recording, height);
        expect(hexUpper(core.headerHash(headerFromJson(header)))).toBe(commit.block_id.hash);
        expect(hexUpper(core.dataHash((txs ?? []).map(fromBase64)))).toBe(header.data_hash);
        expect(hexUpper(consensusHash)).toBe(header.consensus_hash);
        const set = validatorsAt(recording, height).map(({ pub_key, voting_power }) => ({
          publicKey: fromBase64(pub_key.value),
          power: BigInt(voting_power),
        }));
        expect(hexUpper(core.validatorsHash(set))).toBe(header.validators_hash);
        if (height === 1) continue;
        const before = blockAt(recording, height - 1);
        expect(header.last_block_id).toEqual(before.commit.block_id);
        const { signatures } = commitFromJson(before.commit);
        expect([height, hexUpper(core.commitHash(signatures))]).toEqual([height, header.last_commit_hash]);
        expect(header.validators_hash).toBe(before.header.next_validators_hash);
        const results = (before.results ?? []).map((one) => ({
          code: one.code,
          data: fromBase64(one.data ?? ""),
          gasWanted: BigInt(one.gas_wanted),
          gasUsed: BigInt(one.gas_used),
        }));
        expect(hexUpper(core.resultsHash(results))).toBe(header.last_results_hash);
      }
    });

    test("a slot that is absent, for nil or for the block is not another: each change is another last commit hash", () => {
      for (const height of heights.slice(1)) {
        const { signatures } = commitFromJson(blockAt(recording, height - 1).commit);
        const { last_commit_hash } = blockAt(recording, height).header;
        for (const [slot, { flag }] of signatures.entries()) {
          const other = signatures.map((one, i) =>
            i === slot ? ({ ...one, flag: flag === 3 ? 2 : 3 } as const) : one,
          );
          expect(hexUpper(core.commitHash(other))).not.toBe(last_commit_hash);
        }
        expect(hexUpper(core.commitHash(signatures.filter(({ flag }) => flag !== 1))) === last_commit_hash).toBe(
          signatures.every(({ flag }) => flag !== 1),
        );
      }
    });

    test("duplicate votes, lunatic attack and equivocation: the evidence hash of their blocks, and nothing but theirs", () => {
      expect(included.map(({ kind }) => kind)).toEqual(["duplicate-vote", "duplicate-vote", "lunatic", "equivocation"]);
      const rootOf = (leaves: readonly Uint8Array[]): string => hexUpper(core.merkleRoot(leaves));
      for (const { sent, includedAt } of included) {
        const { header, evidence } = blockAt(recording, includedAt!);
        // What the node gives back is what it was sent, and says that votes have no extension.
        expect(evidence).toHaveLength(1);
        expect(evidence).toMatchObject([sent]);
        expect(rootOf([encodeEvidence(evidenceJson(sent))])).toBe(header.evidence_hash);
      }
      for (const { header, evidence } of recording.blocks)
        if (evidence === undefined) expect(header.evidence_hash).toBe(rootOf([]));
    });

    test("votes of duplicate vote evidence are two, of one validator, valid and for different blocks", () => {
      for (const { sent, includedAt } of included) {
        if (sent.type !== "tendermint/DuplicateVoteEvidence") continue;
        const { vote_a, vote_b, ValidatorPower } = sent.value;
        expect(vote_a.block_id).not.toEqual(vote_b.block_id);
        const set = validatorsAt(recording, Number(vote_a.height));
        const validator = set[vote_a.validator_index]!;
        expect(validator).toMatchObject({ address: vote_a.validator_address, voting_power: ValidatorPower });
        for (const vote of [vote_a, vote_b]) {
          const message = core
            .voteSignBytes({
              chainId: recording.chain,
              height: BigInt(vote.height),
              round: BigInt(vote.round),
              blockId: vote.block_id.hash === "" ? null : blockIdFromJson(vote.block_id),
              timestamp: timestampFromText(vote.timestamp),
            })
            .slice();
          // The core writes precommits; a prevote differs in this byte.
          message[message.indexOf(0x08) + 1] = vote.type;
          const key = fromBase64(validator.pub_key.value);
          expect(ed25519.verify(fromBase64(vote.signature), message, key, { zip215: true })).toBe(true);
        }
        expect(includedAt).toBeGreaterThan(Number(vote_a.height));
      }
    });
  });

  test("Hash() of evidence as the node says it: of an attack, 31 of the 32 bytes of the header's hash", () => {
    const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
    const told = recording.evidence.filter(({ hash }) => hash !== null);
    expect(told.map(({ kind }) => kind)).toEqual([
      "duplicate-vote",
      "duplicate-vote",
      "lunatic",
      "equivocation",
      "amnesia",
    ]);
    for (const { sent, hash } of told) {
      if (sent.type === "tendermint/DuplicateVoteEvidence") {
        expect(toBase64(sha256(encodeEvidence(evidenceJson(sent))))).toBe(hash);
        continue;
      }
      const block = fromHex(sent.value.ConflictingBlock.signed_header.commit.block_id.hash);
      // binary.PutVarint is zigzag: these heights are below 8,192.
      const zigzag = Number(sent.value.CommonHeight) * 2;
      const height = zigzag < 128 ? [zigzag] : [(zigzag & 127) | 128, zigzag >> 7];
      expect(toBase64(sha256(Uint8Array.of(...block.subarray(0, 31), 0, ...height)))).toBe(hash);
      expect(toBase64(sha256(Uint8Array.of(...block, ...height)))).not.toBe(hash);
    }
  });

  test("forward lunatic evidence is refused for want of the newest commit; amnesia is taken and never included", () => {
    const byKind = (kind: string) => recording.evidence.find((one) => one.kind === kind);
    expect(byKind("forward-lunatic")).toMatchObject({ hash: null, includedAt: null });
    expect(byKind("forward-lunatic")!.error).toContain("don't have commit at height");
    expect(byKind("amnesia")).toMatchObject({ error: null, includedAt: null });
  });

  test("the forged headers are forged: sound in themselves, and none of the chain's", () => {
    const hashes = new Set(recording.blocks.map(({ commit }) => commit.block_id.hash));
    const forged = recording.evidence.flatMap(({ sent }) =>
      sent.type === "tendermint/LightClientAttackEvidence" ? [sent.value.ConflictingBlock.signed_header] : [],
    );
    expect(forged).toHaveLength(4);
    for (const { commit } of forged) expect(hashes.has(commit.block_id.hash)).toBe(false);
    expect(hex(fromHex(forged[0]!.header.app_hash))).toBe("0123456789abcdef".repeat(4));
  });
});
