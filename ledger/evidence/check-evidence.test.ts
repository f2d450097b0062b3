// The check against what real CometBFT nodes took in, and against every change to it.

import { describe, expect, test } from "vitest";
import { blockAt, type Recording, recordings, validatorsAt } from "../../tests/conformance/comet-network/recording.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { validatorFromJson } from "../light/comet-rpc.ts";
import type { LightBlock } from "../light/light-block.ts";
import {
  type DuplicateVoteEvidence,
  type LightClientAttackEvidence,
  type Misbehaviour,
  ranked,
} from "../light/witnesses/evidence.ts";
import { evidenceFromJson } from "../light/witnesses/evidence-json.ts";
import { commitFromJson, headerFromJson } from "../protocol/comet.ts";
import { verifyEd25519Batch } from "../protocol/ed25519-node.ts";
import { type EvidenceGround, faultOf } from "./check-evidence.ts";

const core = loadCore();

function groundOf(recording: Recording): EvidenceGround {
  return {
    core,
    chain: recording.chain,
    newest: recording.blocks.length,
    maxAge: { blocks: 100_000n, nanoseconds: 172_800_000_000_000n },
    blockAt: async (height): Promise<LightBlock> => {
      const { header, commit } = blockAt(recording, height);
      const validators = validatorsAt(recording, height).map(validatorFromJson);
      return { header: headerFromJson(header), commit: commitFromJson(commit), validators };
    },
    verify: (items) =>
      verifyEd25519Batch(items.map(({ publicKey, message, signature }) => ({ key: publicKey, message, signature }))),
  };
}

describe.each(recordings.map((recording) => [recording.version, recording] as const))("CometBFT %s", (_, recording) => {
  const ground = groundOf(recording);
  const kept = (kind: string) =>
    recording.evidence.filter((one) => one.kind === kind).map(({ sent }) => evidenceFromJson(sent));
  const newest = blockAt(recording, recording.blocks.length);

  test("what its node put into a block is proven, prevotes and votes for nil too", async () => {
    let taken = 0;
    for (const { sent, includedAt } of recording.evidence) {
      if (includedAt === null) continue;
      taken++;
      expect(await faultOf(ground, evidenceFromJson(sent))).toBeNull();
    }
    expect(taken).toBe(4);
  });

  test("amnesia, and a block ahead of the chain, by what the recording holds", async () => {
    // Its height came after the recording's end.
    const [amnesia] = kept("amnesia");
    expect(await faultOf(ground, amnesia!)).toMatch(/^there is no block \d+; the newest is/);
    // The node refused it only for want of its own newest commit. The block is not later than ours, and ahead.
    const [ahead] = kept("forward-lunatic") as [LightClientAttackEvidence];
    expect(await faultOf(ground, ahead)).toBeNull();
    const later = { ...newest.header, time: "2020-01-01T00:00:00Z" };
    const early = {
      ...ground,
      blockAt: async (height: number) => {
        const block = await ground.blockAt(height);
        return height === ground.newest ? { ...block!, header: headerFromJson(later) } : block;
      },
    };
    expect(await faultOf(early, ahead)).toContain("later than the newest block here");
  });

  test("duplicate votes: any field changed is refused by name", async () => {
    const [evidence] = kept("duplicate-vote") as [DuplicateVoteEvidence];
    const { voteA, voteB } = evidence;
    const other = validatorsAt(recording, Number(voteA.height))
      .map(validatorFromJson)
      .find(({ address }) => String(address) !== String(voteA.validatorAddress))!;
    const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(40, bytes[40]! ^ 1);
    const changes: [string, Partial<DuplicateVoteEvidence>][] = [
      ["not of one height", { voteB: { ...voteB, round: voteB.round + 1n } }],
      ["not of one height", { voteB: { ...voteB, type: voteB.type === 1 ? 2 : 1 } }],
      ["two validators", { voteB: { ...voteB, validatorAddress: other.address } }],
      ["for one block", { voteB: voteA }],
      ["not in the order", { voteA: voteB, voteB: voteA }],
      ["signature of vote A", { voteA: { ...voteA, signature: flipped(voteA.signature) } }],
      ["signature of vote B", { voteB: { ...voteB, signature: new Uint8Array() } }],
      [
        "signature of vote",
        { voteA: { ...voteA, type: (3 - voteA.type) as 1 | 2 }, voteB: { ...voteB, type: (3 - voteB.type) as 1 | 2 } },
      ],
      [
        "signature of vote",
        {
          voteA: { ...voteA, validatorAddress: other.address },
          voteB: { ...voteB, validatorAddress: other.address },
          validatorPower: other.power,
        },
      ],
      [
        "was no validator",
        {
          voteA: { ...voteA, validatorAddress: new Uint8Array(20) },
          voteB: { ...voteB, validatorAddress: new Uint8Array(20) },
        },
      ],
      ["validator's power", { validatorPower: evidence.validatorPower + 1n }],
      ["total power", { totalPower: evidence.totalPower + 1n }],
      ["its time is", { timestamp: { ...evidence.timestamp, nanos: (evidence.timestamp.nanos + 1) % 1_000_000_000 } }],
    ];
    for (const [words, change] of changes) expect(await faultOf(ground, { ...evidence, ...change })).toContain(words);
    expect(await faultOf({ ...ground, chain: "another" }, evidence)).toContain("signature of vote A");
    expect(await faultOf({ ...ground, maxAge: { blocks: 1n, nanoseconds: 1n } }, evidence)).toContain("too old");
    expect(await faultOf({ ...ground, maxAge: { blocks: 1n, nanoseconds: 10n ** 18n } }, evidence)).toBeNull();
    expect(
      await faultOf(
        { ...ground, blockAt: async (height) => (height === ground.newest ? ground.blockAt(height) : null) },
        evidence,
      ),
    ).toContain("was pruned");
  });

  test("attacks: any part changed is refused by name", async () => {
    const [lunatic] = kept("lunatic") as [LightClientAttackEvidence];
    const [equivocation] = kept("equivocation") as [LightClientAttackEvidence];
    const { conflictingBlock: block } = lunatic;
    const signatures = block.commit.signatures.map((slot) => ({
      ...slot,
      signature: slot.signature.map((byte, at) => (at === 5 ? byte ^ 1 : byte)),
    }));
    const own = (await ground.blockAt(Number(block.header.height)))!;
    const ownBlock = { ...own, validators: own.validators.map(ranked), proposer: ranked(own.validators[0]!) };
    const changes: [string, Misbehaviour][] = [
      ["is not valid", { ...lunatic, conflictingBlock: { ...block, commit: { ...block.commit, signatures } } }],
      [
        "hash must match commit",
        { ...lunatic, conflictingBlock: { ...block, header: { ...block.header, dataHash: new Uint8Array(32) } } },
      ],
      ["the chain's own", { ...lunatic, conflictingBlock: ownBlock }],
      ["validators that it names", { ...lunatic, byzantineValidators: lunatic.byzantineValidators.slice(1) }],
      ["validators that it names", { ...equivocation, byzantineValidators: [] }],
      ["total power", { ...lunatic, totalPower: 1n }],
      ["its time is", { ...lunatic, commonHeight: lunatic.commonHeight + 1n }],
      ["there is no block 0", { ...lunatic, commonHeight: 0n }],
      [
        "lies below the common height",
        {
          ...equivocation,
          conflictingBlock: { ...equivocation.conflictingBlock, header: { ...block.header, height: 1n } },
        },
      ],
      [
        "must follow from the blocks before",
        {
          ...equivocation,
          conflictingBlock: {
            ...equivocation.conflictingBlock,
            header: { ...equivocation.conflictingBlock.header, appHash: new Uint8Array(32) },
          },
        },
      ],
    ];
    for (const [words, changed] of changes) expect(await faultOf(ground, changed)).toContain(words);
    // Of another chain nothing is proven here.
    for (const attack of [lunatic, equivocation])
      expect(await faultOf({ ...ground, chain: "another" }, attack)).toMatch(/chain must match|is not valid/);
  });
});
