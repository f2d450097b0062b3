// Evidence against what real CometBFT nodes took in: the same bytes, the same hash, the same validators named; and the forms it has.

import { describe, expect, test } from "vitest";
import {
  blockAt,
  evidenceJson,
  type RecordedEvidence,
  type Recording,
  recordings,
  validatorsAt,
} from "../../../tests/conformance/comet-network/recording.ts";
import { encodeEvidence as foreignEncoding } from "../../../tests/conformance/comet-protobuf.ts";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import { hex } from "../../protocol/bytes.ts";
import { commitFromJson, headerFromJson, toBase64 } from "../../protocol/comet.ts";
import { validatorFromJson } from "../comet-rpc.ts";
import type { LightBlock } from "../light-block.ts";
import {
  attackEvidence,
  attackHash,
  attackKind,
  duplicateVotes,
  type LightClientAttackEvidence,
  type Misbehaviour,
} from "./evidence.ts";
import { evidenceFromJson, evidenceToJson } from "./evidence-json.ts";
import { decodeDuplicateVoteEvidence, decodeLightClientAttackEvidence, encodeEvidence } from "./evidence-protobuf.ts";

const core = loadCore();

function lightBlockAt(recording: Recording, height: number): LightBlock {
  const { header, commit } = blockAt(recording, height);
  return {
    header: headerFromJson(header),
    commit: commitFromJson(commit),
    validators: validatorsAt(recording, height).map(validatorFromJson),
  };
}

const hashOf = (evidence: Misbehaviour): string =>
  evidence.kind === "duplicate_vote"
    ? toBase64(core.sha256(encodeEvidence(evidence)))
    : toBase64(attackHash(core, evidence.conflictingBlock.header, evidence.commonHeight));

const attacks = (recording: Recording): readonly [RecordedEvidence, LightClientAttackEvidence][] =>
  recording.evidence
    .map((one) => [one, evidenceFromJson(one.sent)] as const)
    .filter((pair): pair is [RecordedEvidence, LightClientAttackEvidence] => pair[1].kind === "light_client_attack");

describe.each(recordings.map((recording) => [recording.version, recording] as const))("CometBFT %s", (_, recording) => {
  test("JSON, protobuf and hash of all evidence that was sent to a node", () => {
    expect(recording.evidence.length).toBeGreaterThanOrEqual(6);
    for (const { sent, hash } of recording.evidence) {
      const evidence = evidenceFromJson(sent);
      const bytes = encodeEvidence(evidence);
      expect(hex(bytes)).toBe(hex(foreignEncoding(evidenceJson(sent))));
      const decode = evidence.kind === "duplicate_vote" ? decodeDuplicateVoteEvidence : decodeLightClientAttackEvidence;
      expect(encodeEvidence(decode(bytes))).toEqual(bytes);
      expect(evidenceFromJson(evidenceToJson(decode(bytes)))).toEqual(evidence);
      if (hash !== null) expect(hashOf(evidence)).toBe(hash);
    }
    expect(recording.evidence.filter(({ hash }) => hash !== null).length).toBeGreaterThanOrEqual(5);
  });

  test("what is made of the same blocks is what the node took in", () => {
    const kinds: string[] = [];
    for (const [{ kind, includedAt }, sent] of attacks(recording)) {
      if (kind !== "lunatic" && kind !== "equivocation") continue;
      const conflicting = sent.conflictingBlock;
      const trusted = lightBlockAt(recording, Number(conflicting.header.height));
      const made = attackEvidence(conflicting, trusted, lightBlockAt(recording, Number(sent.commonHeight)));
      expect(attackKind(trusted, conflicting)).toBe(kind);
      expect(made.commonHeight).toBe(sent.commonHeight);
      expect(made.totalPower).toBe(sent.totalPower);
      expect(made.timestamp).toEqual(sent.timestamp);
      const named = ({ byzantineValidators }: LightClientAttackEvidence) =>
        byzantineValidators.map(({ address, power }) => `${hex(address)} ${power}`);
      expect(named(made)).toEqual(named(sent));
      expect(includedAt).not.toBeNull();
      kinds.push(kind);
    }
    expect(kinds.sort()).toEqual(["equivocation", "lunatic"]);
  });

  test("of amnesia nobody is named", () => {
    const [, { conflictingBlock: conflicting, byzantineValidators }] = attacks(recording).find(
      ([{ kind }]) => kind === "amnesia",
    )!;
    const commit = { ...conflicting.commit, round: conflicting.commit.round + 1n };
    const trusted = { ...conflicting, header: { ...conflicting.header, dataHash: new Uint8Array(32) }, commit };
    expect(attackKind(trusted, conflicting)).toBe("amnesia");
    const made = attackEvidence(conflicting, trusted, trusted);
    expect([made.byzantineValidators, byzantineValidators]).toEqual([[], []]);
    expect(made.commonHeight).toBe(conflicting.header.height);
    expect((evidenceToJson(made).value as { ByzantineValidators: unknown }).ByzantineValidators).toBeNull();
    expect(duplicateVotes(trusted, conflicting)).toEqual([]);
  });

  test("who signed both blocks of an equivocation has voted twice", () => {
    const [, sent] = attacks(recording).find(([{ kind }]) => kind === "equivocation")!;
    const trusted = lightBlockAt(recording, Number(sent.commonHeight));
    const votes = duplicateVotes(trusted, sent.conflictingBlock);
    expect(votes.map(({ voteA }) => hex(voteA.validatorAddress)).sort()).toEqual(
      sent.byzantineValidators.map(({ address }) => hex(address)).sort(),
    );
    for (const { voteA, voteB, timestamp } of votes) {
      expect(hex(voteA.blockId.hash) < hex(voteB.blockId.hash)).toBe(true);
      expect(timestamp).toEqual(trusted.header.time);
    }
    // The other way round the same votes are in the same order.
    const other = duplicateVotes(sent.conflictingBlock, trusted);
    expect(other.map(({ voteA }) => hex(voteA.blockId.hash))).toEqual(
      votes.map(({ voteA }) => hex(voteA.blockId.hash)),
    );
    expect(duplicateVotes(trusted, trusted)).toEqual([]);
  });

  test("the hash of an attack leaves out the last byte of the header's hash, and nothing else", () => {
    const [, { conflictingBlock, commonHeight }] = attacks(recording)[0]!;
    const whole = core.headerHash(conflictingBlock.header);
    const lastByteChanged = { ...core, headerHash: () => whole.with(31, whole[31]! ^ 1) as Uint8Array<ArrayBuffer> };
    const other = { ...core, headerHash: () => whole.with(30, whole[30]! ^ 1) as Uint8Array<ArrayBuffer> };
    const made = hex(attackHash(core, conflictingBlock.header, commonHeight));
    expect(hex(attackHash(lastByteChanged, conflictingBlock.header, commonHeight))).toBe(made);
    expect(hex(attackHash(other, conflictingBlock.header, commonHeight))).not.toBe(made);
    expect(hex(attackHash(core, conflictingBlock.header, commonHeight + 1n))).not.toBe(made);
  });

  test("bytes cut off anywhere, or with one more, are refused", () => {
    for (const { sent } of recording.evidence) {
      const evidence = evidenceFromJson(sent);
      const bytes = encodeEvidence(evidence);
      const decode = evidence.kind === "duplicate_vote" ? decodeDuplicateVoteEvidence : decodeLightClientAttackEvidence;
      for (let length = 0; length < bytes.length; length += 1 + (length >> 6))
        expect(() => decode(bytes.subarray(0, length))).toThrow(RangeError);
      expect(() => decode(Uint8Array.of(...bytes, 0))).toThrow(RangeError);
    }
  });

  test("JSON of another form is refused", () => {
    const [{ sent }] = recording.evidence as [RecordedEvidence];
    const value = sent.value as unknown as Record<string, unknown>;
    for (const name of Object.keys(value)) {
      const { [name]: _, ...rest } = value;
      expect(() => evidenceFromJson({ type: sent.type, value: rest })).toThrow(RangeError);
    }
    expect(() => evidenceFromJson({ type: sent.type, value: null })).toThrow(RangeError);
  });
});
