// Light blocks from raw bytes: every rule broken by a change to a sound block, truncation, and mutation of every byte.

import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { hex } from "../../ledger/protocol/bytes.ts";
import { blockIdFromJson, hexUpper, timestampFromText, toBase64 } from "../../ledger/protocol/comet.ts";
import { encodeCommit, encodeLightBlock, encodeValidatorSet } from "../../tests/conformance/comet-protobuf.ts";
import { describeCores } from "../../tests/conformance/variants.ts";
import type { LightBlockFinding } from "./block-check.ts";
import type { BlockRule } from "./block-rules.ts";
import {
  type MadeLightBlock,
  madeChain,
  madeCommit,
  madeHeader,
  madeLightBlock,
  madeValidators,
} from "./testing/made-block.ts";

type Slot = MadeLightBlock["commit"]["signatures"][number];
const third = { numerator: 1, denominator: 3 };
const totalPowerMax = (2n ** 63n - 1n) / 8n;

describeCores((core) => {
  const sound = madeLightBlock(core, [40n, 30n, 20n, 10n], [2, 2, 3, 1]);
  const check = ({ header, commit, validators }: MadeLightBlock): LightBlockFinding =>
    core.checkLightBlock(encodeLightBlock({ header, commit }, validators), madeChain);

  /** The sound block with another commit over the same header. */
  const withSlot = (index: number, change: Partial<Slot>, block = sound): MadeLightBlock => {
    const signatures = block.commit.signatures.map((slot, i) =>
      i === index ? ({ ...slot, ...change } as Slot) : slot,
    );
    return { ...block, commit: { ...block.commit, signatures } };
  };
  /** A block whose header names other validators than those of its set. */
  const withSet = (validators: MadeLightBlock["validators"], named = validators): MadeLightBlock => {
    const header = madeHeader(core, named);
    return { header, commit: madeCommit(core, header, validators, []), validators };
  };
  const withHeader = (changes: Partial<MadeLightBlock["header"]>): MadeLightBlock => {
    const header = { ...sound.header, ...changes };
    return { header, commit: madeCommit(core, header, sound.validators, [2, 2, 3, 1]), validators: sound.validators };
  };

  test("a sound light block: every vote with its key and sign bytes, absent ones passed over", () => {
    const found = check(sound);
    expect(found).toMatchObject({ verdict: "sound", signedPower: 70n, neededPower: 66n, signers: 2, height: 7n });
    expect(found.time).toEqual(timestampFromText(sound.header.time));
    expect(hexUpper(found.hash)).toBe(sound.commit.block_id.hash);
    expect(found.signatures.map(({ slot }) => slot)).toEqual([0, 1, 2]);
    for (const { slot, publicKey, message, signature } of found.signatures) {
      const { timestamp, block_id_flag } = sound.commit.signatures[slot]!;
      const expected = core.voteSignBytes({
        chainId: madeChain,
        height: 7n,
        round: 2n,
        blockId: block_id_flag === 2 ? blockIdFromJson(sound.commit.block_id) : null,
        timestamp: timestampFromText(timestamp),
      });
      expect(hex(message)).toBe(hex(expected));
      expect(toBase64(publicKey)).toBe(sound.validators[slot]!.pub_key.value);
      expect(ed25519.verify(signature, message, publicKey, { zip215: true })).toBe(true);
    }
  });

  const [v0, v1, v2, v3] = sound.validators as [
    MadeLightBlock["validators"][0],
    MadeLightBlock["validators"][0],
    MadeLightBlock["validators"][0],
    MadeLightBlock["validators"][0],
  ];
  const maximum = madeValidators([totalPowerMax - 3n, 1n, 1n, 1n]);
  const beyond = madeValidators([totalPowerMax - 2n, 1n, 1n, 1n]);
  const overflowing = madeValidators([2n ** 63n - 1n, 2n ** 63n - 1n, 2n ** 63n - 1n, 2n ** 63n - 1n]);
  const zeroHash = "0".repeat(64);

  const cases: readonly (readonly [string, BlockRule, number, () => MadeLightBlock])[] = [
    ["an unknown protocol", "protocol_must_be_known", 0, () => withHeader({ version: { block: "10", app: "1" } })],
    ["another chain", "chain_must_match", 0, () => withHeader({ chain_id: "glasstown-nade" })],
    ["a chain that begins the same", "chain_must_match", 0, () => withHeader({ chain_id: `${madeChain}-2` })],
    ["no chain", "chain_must_match", 0, () => withHeader({ chain_id: "" })],
    [
      "a negative height",
      "height_must_be_positive",
      0,
      () => ({ ...sound, header: { ...sound.header, height: "-7" } }),
    ],
    ["height 0", "height_must_be_positive", 0, () => ({ ...sound, header: { ...sound.header, height: "0" } })],
    [
      "a commit of another height",
      "commit_height_must_match",
      0,
      () => ({ ...sound, commit: { ...sound.commit, height: "8" } }),
    ],
    [
      "a commit of another block",
      "hash_must_match_commit",
      0,
      () => ({ ...sound, commit: { ...sound.commit, block_id: { ...sound.commit.block_id, hash: zeroHash } } }),
    ],
    [
      "a commit without a hash",
      "hash_must_match_commit",
      0,
      () => ({ ...sound, commit: { ...sound.commit, block_id: { ...sound.commit.block_id, hash: "" } } }),
    ],
    [
      "another app hash under the same commit",
      "hash_must_match_commit",
      0,
      () => ({ ...sound, header: { ...sound.header, app_hash: zeroHash } }),
    ],
    ["no validators", "validators_must_be_present", 0, () => ({ ...sound, validators: [] })],
    [
      "a key of 31 bytes",
      "key_must_have_32_bytes",
      1,
      () => ({
        ...sound,
        validators: [v0, { ...v1, pub_key: { ...v1.pub_key, value: toBase64(new Uint8Array(31)) } }, v2, v3],
      }),
    ],
    [
      "no key",
      "key_must_have_32_bytes",
      3,
      () => ({ ...sound, validators: [v0, v1, v2, { ...v3, pub_key: { ...v3.pub_key, value: "" } }] }),
    ],
    [
      "an address of another key",
      "address_must_be_of_key",
      2,
      () => ({ ...sound, validators: [v0, v1, { ...v2, address: v3.address }, v3] }),
    ],
    [
      "an address of 19 bytes",
      "address_must_be_of_key",
      0,
      () => ({ ...sound, validators: [{ ...v0, address: v0.address.slice(2) }, v1, v2, v3] }),
    ],
    ["a validator twice", "validator_must_stand_once", 3, () => withSet([v0, v1, v2, { ...v0, voting_power: "1" }])],
    ["power 0", "power_must_be_positive", 3, () => withSet([v0, v1, v2, { ...v3, voting_power: "0" }])],
    ["negative power", "power_must_be_positive", 1, () => withSet([v0, { ...v1, voting_power: "-1" }, v2, v3])],
    ["total power above the limit", "total_power_must_be_bounded", 3, () => withSet(beyond)],
    ["powers whose sum wraps", "total_power_must_be_bounded", 0, () => withSet(overflowing)],
    ["another set than the header names", "validators_hash_must_match", 0, () => withSet([v0, v1, v2], [v0, v1, v3])],
    ["a set in another order", "validators_hash_must_match", 0, () => withSet([v1, v0, v2], [v0, v1, v2])],
    ["a changed power", "validators_hash_must_match", 0, () => withSet([{ ...v0, voting_power: "41" }, v1], [v0, v1])],
    ["a header without validators", "validators_hash_must_match", 0, () => withHeader({ validators_hash: "" })],
    [
      "a missing slot",
      "slots_must_match_validators",
      3,
      () => ({ ...sound, commit: { ...sound.commit, signatures: sound.commit.signatures.slice(0, 3) } }),
    ],
    [
      "a slot too many",
      "slots_must_match_validators",
      5,
      () => ({
        ...sound,
        commit: { ...sound.commit, signatures: [...sound.commit.signatures, sound.commit.signatures[0]!] },
      }),
    ],
    ["a slot of another", "slot_must_be_of_validator", 1, () => withSlot(1, { validator_address: v2.address })],
    ["who signs twice", "slot_must_be_of_validator", 1, () => withSlot(1, sound.commit.signatures[0]!)],
    ["a slot of nobody", "slot_must_be_of_validator", 2, () => withSlot(2, { validator_address: "" })],
    ["a short address", "slot_must_be_of_validator", 0, () => withSlot(0, { validator_address: v0.address.slice(2) })],
    [
      "a short signature",
      "signature_must_have_64_bytes",
      1,
      () => withSlot(1, { signature: toBase64(new Uint8Array(63)) }),
    ],
    ["a missing signature", "signature_must_have_64_bytes", 0, () => withSlot(0, { signature: null })],
    [
      "exactly two thirds",
      "two_thirds_must_be_exceeded",
      0,
      () => madeLightBlock(core, [40n, 30n, 20n, 15n], [2, 2, 3, 1]),
    ],
    ["votes for nil alone", "two_thirds_must_be_exceeded", 0, () => madeLightBlock(core, [1n, 1n, 1n], [3, 3, 3])],
    ["nobody", "two_thirds_must_be_exceeded", 0, () => madeLightBlock(core, [1n, 1n, 1n], [1, 1, 1])],
  ];

  test.each(cases)("%s: %s", (_, rule, at, make) => {
    const found = check(make());
    expect(found).toMatchObject({ rule, at });
    expect(found.verdict).not.toBe("sound");
    // Who lacks power alone is told with the votes that there are.
    if (rule !== "two_thirds_must_be_exceeded") expect(found.signatures).toEqual([]);
  });

  test("the total power may be the highest that CometBFT allows", () => {
    expect(check(withSet(maximum))).toMatchObject({ rule: "sound", neededPower: (totalPowerMax * 2n) / 3n });
  });

  const malformed: readonly (readonly [string, () => MadeLightBlock])[] = [
    ["a chain id of 51 characters", () => withHeader({ chain_id: "x".repeat(51) })],
    ["a proposer's address of 19 bytes", () => withHeader({ proposer_address: "00".repeat(19) })],
    ["no proposer", () => withHeader({ proposer_address: "" })],
    ["a data hash of 31 bytes", () => withHeader({ data_hash: "00".repeat(31) })],
    ["an evidence hash of 33 bytes", () => withHeader({ evidence_hash: "00".repeat(33) })],
    [
      "a last block id of 20 bytes",
      () => withHeader({ last_block_id: { hash: "00".repeat(20), parts: { total: 1, hash: "" } } }),
    ],
    [
      "a block id of nil",
      () => ({ ...sound, commit: { ...sound.commit, block_id: { hash: "", parts: { total: 0, hash: "" } } } }),
    ],
    ["a negative round", () => ({ ...sound, commit: { ...sound.commit, round: -1 } })],
    ["a round beyond int32", () => ({ ...sound, commit: { ...sound.commit, round: 2 ** 31 } })],
    ["no signatures", () => ({ ...sound, commit: { ...sound.commit, signatures: [] } })],
    ["flag 0", () => withSlot(0, { block_id_flag: 0 as 1 })],
    ["flag 4", () => withSlot(0, { block_id_flag: 4 as 1 })],
    ["flag 258, 2 when cut to a byte", () => withSlot(0, { block_id_flag: 258 as 1 })],
    ["an absent slot with an address", () => withSlot(3, { validator_address: v3.address })],
    ["an absent slot with a time", () => withSlot(3, { timestamp: sound.header.time })],
    ["an absent slot with a signature", () => withSlot(3, { signature: toBase64(new Uint8Array(64)) })],
    ["a signature of 65 bytes", () => withSlot(0, { signature: toBase64(new Uint8Array(65)) })],
    ["an address of 21 bytes", () => withSlot(0, { validator_address: "00".repeat(21) })],
    ["an app hash of 257 bytes", () => ({ ...sound, header: { ...sound.header, app_hash: "00".repeat(257) } })],
  ];
  test.each(malformed)("%s is malformed", (_, make) => {
    expect(check(make())).toMatchObject({ rule: "bytes_must_be_canonical", verdict: "answer_must_be_well_formed" });
  });

  test.each([0, 1, 32, 127, 128, 250])("an app hash of %i bytes is sound", (length) => {
    expect(check(withHeader({ app_hash: "ab".repeat(length) })).rule).toBe("sound");
  });

  const encoded = encodeLightBlock(sound, sound.validators);
  const told = JSON.stringify(
    core.checkLightBlock(encoded, madeChain).signatures.map((one) => Object.values(one).map(String)),
  );
  /** Sound with the same hash and the same list. */
  const looksTheSame = (bytes: Uint8Array): boolean => {
    const found = core.checkLightBlock(bytes, madeChain);
    if (found.verdict !== "sound" || hexUpper(found.hash) !== sound.commit.block_id.hash) return false;
    return JSON.stringify(found.signatures.map((one) => Object.values(one).map(String))) === told;
  };

  test("truncated at every length, and followed by a byte, it is malformed", () => {
    expect(looksTheSame(encoded)).toBe(true);
    for (let length = 0; length < encoded.length; length++)
      expect(core.checkLightBlock(encoded.subarray(0, length), madeChain).rule).toBe("bytes_must_be_canonical");
    for (const more of [0, 0x0a, 0x12, 0x1a])
      expect(core.checkLightBlock(Uint8Array.from([...encoded, more]), madeChain).rule).toBe("bytes_must_be_canonical");
  });

  test("no change of one byte goes unseen", () => {
    for (let at = 0; at < encoded.length; at++)
      for (const change of [1, 0x80, 0xff, 0x08, 0x20]) {
        const mutated = encoded.slice();
        mutated[at]! ^= change;
        expect([at, change, looksTheSame(mutated)]).toEqual([at, change, false]);
      }
  });

  test("no byte that is dropped, doubled or put in goes unseen", () => {
    for (let at = 0; at < encoded.length; at++) {
      const [before, after] = [[...encoded.subarray(0, at)], [...encoded.subarray(at + 1)]];
      const byte = encoded[at]!;
      for (const middle of [[], [byte, byte], [0x80, byte], [byte, 0]])
        expect(looksTheSame(Uint8Array.from([...before, ...middle, ...after]))).toBe(false);
    }
  });

  describe("bytes that CometBFT reads and does not write", () => {
    const commit = encodeCommit(sound.commit);
    const set = encodeValidatorSet(sound.validators);
    const trusting = (trusted: Uint8Array, bytes: Uint8Array): BlockRule =>
      core.checkTrusting(trusted, bytes, madeChain, third).rule;
    test.each([
      ["a varint of two bytes for a small number", [0x08, 0x87, 0x00, ...commit.subarray(2)]],
      ["fields out of order", [...commit.subarray(2, 4), ...commit.subarray(0, 2), ...commit.subarray(4)]],
      ["a number twice", [0x08, 0x07, ...commit]],
      ["a zero that is written", [...commit.subarray(0, 2), 0x10, 0x00, ...commit.subarray(4)]],
      ["an unknown field", [...commit, 0x28, 0x01]],
      ["a field of another wire type", [0x0d, 0x07, 0, 0, 0, ...commit.subarray(2)]],
      ["a group", [...commit, 0x2b, 0x2c]],
      ["a tag of five bytes", [0x88, 0x80, 0x80, 0x80, 0x00, ...commit.subarray(1)]],
      [
        "a varint beyond 64 bits",
        [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, ...commit.subarray(2)],
      ],
    ])("%s", (_, bytes) => {
      expect(trusting(set, commit)).toBe("sound");
      expect(trusting(set, Uint8Array.from(bytes))).toBe("bytes_must_be_canonical");
    });

    test("a key of another kind", () => {
      const secp256k1 = set.slice();
      const at = set.indexOf(0x12);
      expect([secp256k1[at], secp256k1[at + 2]]).toEqual([0x12, 0x0a]);
      secp256k1[at + 2] = 0x12;
      expect(trusting(secp256k1, commit)).toBe("bytes_must_be_canonical");
    });
  });
});
