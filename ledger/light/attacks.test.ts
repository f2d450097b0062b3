// What has fooled light clients elsewhere, one test an attack; and chains with random validators and random forks, judged by a model of its own.

import { describe, expect, test } from "vitest";
import { blockAt, type Recording, recordings, validatorsAt } from "../../tests/conformance/comet-network/recording.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { hex } from "../protocol/bytes.ts";
import { commitFromJson, headerFromJson } from "../protocol/comet.ts";
import { validatorFromJson } from "./comet-rpc.ts";
import type { LightBlock } from "./light-block.ts";
import { pass } from "./outcome.ts";
import { trustIn, verifySkipping } from "./skipping.ts";
import { blockMs, chainGenesisMs, FakeChain, FakeProvider, type FakeReader, makeReader } from "./testing/fake-chain.ts";
import { makeSigners, type Signer } from "./testing/fake-ledger.ts";
import { defaultPolicy } from "./verify-step.ts";

const core = loadCore();
const signers = makeSigners(core, 4, "validator");
const strangers = makeSigners(core, 4, "stranger");

/** A reader that trusts height 10 of an honest chain, and the server that then goes on as it likes. */
async function trusting(
  chain = new FakeChain(core, signers).grow(10),
): Promise<{ reader: FakeReader; server: FakeProvider; chain: FakeChain }> {
  const server = new FakeProvider("server", chain.fork(10, signers));
  const reader = makeReader(core, server, []);
  expect(await reader.headers.latest()).toMatchObject({ ok: true });
  reader.nowMs += 10 * blockMs;
  return { reader, server, chain };
}

const reasonOf = async (reader: FakeReader): Promise<string> => {
  const outcome = await reader.headers.latest();
  return outcome.ok ? "accepted" : outcome.reason;
};

describe("attacks that fooled others", () => {
  test("validators that are not the header's, with the header's hash signed by them", async () => {
    const { reader, server, chain } = await trusting();
    const honest = chain.fork(10, signers).grow(5).blocks[14]!;
    const forged = chain.fork(10, strangers).grow(5).blocks[14]!;
    server.chain.blocks[14] = { ...honest, validators: forged.validators, commit: forged.commit };
    expect(await reasonOf(reader)).toBe("header_hash_must_match_commit");
    server.chain.blocks[14] = { ...honest, validators: forged.validators };
    expect(await reasonOf(reader)).toBe("validators_must_match_header");
  });

  test("one signer in several slots is not counted twice", async () => {
    const { reader, server, chain } = await trusting();
    const [first, ...rest] = chain.fork(10, signers).grow(5, { signs: (one) => one === signers[0] }).blocks[14]!
      .commit.signatures;
    const block = chain.fork(10, signers).grow(5, { signs: (one) => one === signers[0] }).blocks[14]!;
    server.chain.blocks[14] = { ...block, commit: { ...block.commit, signatures: [first!, first!, first!, rest[2]!] } };
    expect(await reasonOf(reader)).toBe("commit_must_match_validators");
  });

  test("one trusted validator that stands several times in a new set does not add up", async () => {
    const { reader, server, chain } = await trusting();
    const double = [signers[0]!, signers[0]!, ...strangers];
    server.chain = chain.fork(10, double).grow(5, { signers: double });
    expect(await reasonOf(reader)).toBe("validators_must_match_header");
    // Under another power it is the same key: its trusted power counts, and that is a quarter.
    const swollen = [{ ...signers[0]!, power: 1_000n }, ...strangers];
    server.chain = chain.fork(10, swollen).grow(5, { signers: swollen });
    expect(await reasonOf(reader)).toBe("validators_must_be_trusted");
  });

  test("expired trust", async () => {
    const { reader, server, chain } = await trusting();
    server.chain = chain.fork(10, signers).grow(5);
    reader.nowMs = chainGenesisMs + 10 * blockMs + defaultPolicy.trustingPeriodMs;
    expect(await reasonOf(reader)).toBe("trust_must_not_be_expired");
    reader.nowMs--;
    // One millisecond before it holds, and only the head's own age stands against it.
    expect(await reasonOf(reader)).toBe("server_must_answer");
  });

  test("a header from the future", async () => {
    const { reader, server, chain } = await trusting();
    const at = (timeMs: number) => chain.fork(10, signers).make({ timeMs });
    server.chain = at(reader.nowMs + defaultPolicy.clockDriftMs);
    expect(await reasonOf(reader)).toBe("header_time_must_be_plausible");
    server.chain = at(reader.nowMs + defaultPolicy.clockDriftMs - 1);
    expect(await reasonOf(reader)).toBe("accepted");
  });

  test("a fork by validators who have left and sold their keys", async () => {
    const old = makeSigners(core, 4, "old");
    const honest = new FakeChain(core, old).grow(5).make({ next: signers }).grow(14, { signers });
    const server = new FakeProvider("server", honest);
    const reader = makeReader(core, server, []);
    expect(await reasonOf(reader)).toBe("accepted");
    const forged = new FakeChain(core, old, honest.blocks.slice(0, 3)).grow(17, {
      header: { dataHash: core.sha256(new Uint8Array(2)) },
    });
    for (const height of [4, 6]) {
      server.chain = honest.fork(20, signers);
      server.chain.blocks[height - 1] = forged.blocks[height - 1]!;
      expect(await reader.headers.at(height)).toMatchObject({ ok: false, reason: "header_hash_must_match_commit" });
    }
    server.chain = forged.grow(1);
    reader.nowMs += 5 * blockMs;
    expect(await reasonOf(reader)).toBe("validators_must_be_trusted");
  });

  test("another chain's header by the same keys", async () => {
    const { reader, server, chain } = await trusting();
    server.chain = chain.fork(10, signers).grow(1, { header: { chainId: "other" } });
    expect(await reasonOf(reader)).toBe("header_chain_must_match");
  });

  test("huge inputs are refused", async () => {
    const { reader, server, chain } = await trusting();
    const honest = chain.fork(10, signers).grow(5).blocks[14]!;
    const none = honest.commit.signatures[0]!;
    const lies: ((block: LightBlock) => LightBlock)[] = [
      (block) => ({ ...block, validators: block.validators.map((one) => ({ ...one, power: (1n << 63n) - 1n })) }),
      (block) => ({ ...block, validators: block.validators.map((one) => ({ ...one, power: 1n << 70n })) }),
      (block) => ({ ...block, commit: { ...block.commit, signatures: new Array(20_000).fill(none) } }),
      (block) => ({ ...block, header: { ...block.header, appHash: new Uint8Array(5_000_000) } }),
      (block) => ({ ...block, header: { ...block.header, chainId: "x".repeat(1_000_000) } }),
    ];
    for (const lie of lies) {
      server.chain.blocks[14] = lie(honest);
      expect((await reader.headers.latest()).ok).toBe(false);
    }
    server.chain.blocks[14] = honest;
    expect(await reasonOf(reader)).toBe("accepted");
  });
});

describe.each(recordings.map((recording) => [recording.version, recording] as const))(
  "the way to a header on a network of CometBFT %s",
  (_, recording) => {
    const at = (height: number): LightBlock => lightBlockAt(recording, height);
    const nowMs = Number(at(recording.blocks.length).header.time.seconds) * 1_000 + 5_000;
    test.each(recording.traces)("from $from to $to at $trustLevel is the one that CometBFT took", async (trace) => {
      const [numerator, denominator] = trace.trustLevel;
      const asked: number[] = [];
      const source = {
        lightBlock: async (height: number | null) => {
          asked.push(height!);
          return pass(at(height!));
        },
      };
      const options = { ...defaultPolicy, trustLevel: { numerator, denominator }, nowMs };
      const found = await verifySkipping(core, source, trustIn(at(trace.from)), at(trace.to), options);
      const way = found.ok ? found.value.map(({ header }) => Number(header.height)) : found.reason;
      // Verified are those from which it went on; asked for are those it tried first, in that order.
      const verified = [...new Set(trace.tried.map(([from]) => from))].filter((height) => height !== trace.from);
      expect(way).toEqual([...verified, trace.to]);
      expect(asked).toEqual([...new Set(trace.tried.map(([, to]) => to))].filter((height) => height !== trace.to));
    });
  },
);

function lightBlockAt(recording: Recording, height: number): LightBlock {
  const { header, commit } = blockAt(recording, height);
  const validators = validatorsAt(recording, height).map(validatorFromJson);
  return { header: headerFromJson(header), commit: commitFromJson(commit), validators };
}

/** Mulberry32: small, seeded, and good enough to choose by. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("random validators, random forks", () => {
  const pool = makeSigners(core, 12, "pool");
  test.each([20261123, 7, 99, 4_294_967])("seed %i: no false accept and no false alarm", async (seed) => {
    const random = seeded(seed);
    const pick = (below: number): number => Math.floor(random() * below);
    const counted = { alarms: 0, refused: 0, honest: 0 };
    for (let round = 0; round < 12; round++) {
      const powers = pool.map((signer): Signer => ({ ...signer, power: BigInt(1 + pick(20)) }));
      let set = powers.slice(0, 4 + pick(4));
      const chain = new FakeChain(core, set);
      while (chain.height < 16) {
        const next = random() < 0.3 ? [...set.slice(1), powers[pick(12)]!] : set;
        const names = new Set(next.map(({ address }) => hex(address)));
        const following = names.size === next.length ? next : set;
        chain.make({ signers: set, next: following });
        set = following;
      }
      const from = 4 + pick(8);
      const known = chain.fork(from, []);
      const primary = new FakeProvider("primary", known);
      const witness = new FakeProvider("witness", chain);
      const reader = makeReader(core, primary, [witness]);
      expect(await reader.headers.latest()).toMatchObject({ ok: true });
      reader.nowMs = chainGenesisMs + 16 * blockMs + 500;
      // Some of the validators that are trusted at that height sign a fork with strangers who have all the rest of the power.
      const trusted = chain.blocks[from - 1]!.validators;
      const traitors = powers.filter(
        (one) => trusted.some(({ address }) => hex(address) === hex(one.address)) && random() < 0.4,
      );
      const total = trusted.reduce((sum, { power }) => sum + power, 0n);
      const theirs = trusted
        .filter(({ address }) => traitors.some((one) => hex(one.address) === hex(address)))
        .reduce((sum, { power }) => sum + power, 0n);
      const forks = random() < 0.8;
      const invented = [...traitors, ...strangers.map((one) => ({ ...one, power: 100n }))];
      // Two blocks on, so that it is a skipping step.
      primary.chain = forks ? chain.fork(from, invented).grow(16 - from, { signers: invented }) : chain;
      const outcome = await reader.headers.latest();
      const what = outcome.ok ? "accepted" : outcome.reason;
      const expected = !forks
        ? "accepted"
        : theirs * 3n > total - (total % 3n)
          ? "sources_must_agree"
          : "validators_must_be_trusted";
      expect([seed, round, what]).toEqual([seed, round, expected]);
      const attack = await reader.witnesses.attack();
      expect(attack !== null).toBe(expected === "sources_must_agree");
      const named = attack?.signedBoth.map(({ address }) => address) ?? [];
      // Nobody honest is ever named.
      expect(named.every((address) => traitors.some((one) => hex(one.address) === address))).toBe(true);
      counted[!forks ? "honest" : attack === null ? "refused" : "alarms"]++;
    }
    expect(counted.alarms + counted.refused + counted.honest).toBe(12);
  });
});
