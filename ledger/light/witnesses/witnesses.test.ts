// Witnesses: who agrees, who is behind, silent or dropped; and every kind of attack, found, proven to both sides and remembered.

import { beforeEach, describe, expect, test } from "vitest";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import { hex } from "../../protocol/bytes.ts";
import {
  blockMs,
  chainGenesisMs,
  FakeChain,
  FakeProvider,
  type FakeReader,
  makeReader,
} from "../testing/fake-chain.ts";
import { memoryStore } from "../testing/fake-city.ts";
import { makeSigners, type Signer } from "../testing/fake-ledger.ts";
import { attackHash, type LightClientAttackEvidence, type Misbehaviour } from "./evidence.ts";
import { evidenceFromJson } from "./evidence-json.ts";

const core = loadCore();
const signers = makeSigners(core, 4, "validator");
const strangers = makeSigners(core, 4, "stranger");

let chain: FakeChain;
let primary: FakeProvider;
let witness: FakeProvider;
beforeEach(() => {
  chain = new FakeChain(core, signers).grow(20);
  primary = new FakeProvider("primary", chain);
  witness = new FakeProvider("witness", chain);
});

const state = (reader: FakeReader): readonly string[] => reader.witnesses.shown().map((one) => one.state);
const evidenceOf = ({ reported }: FakeProvider): readonly Misbehaviour[] => reported.map(evidenceFromJson);
const attackOf = (provider: FakeProvider): LightClientAttackEvidence => {
  const [one] = evidenceOf(provider).filter((evidence) => evidence.kind === "light_client_attack");
  return one as LightClientAttackEvidence;
};
const addresses = (list: readonly { readonly address: Uint8Array }[]): readonly string[] =>
  list.map(({ address }) => hex(address)).sort();

/** A reader that has seen height 10 with the witness and then meets what is served after. */
async function meeting(height = 10): Promise<FakeReader> {
  const [served, seen] = [primary.chain, chain.fork(height, signers)];
  const other = witness.chain;
  primary.chain = seen;
  witness.chain = seen;
  const reader = makeReader(core, primary, [witness]);
  expect(await reader.headers.latest()).toMatchObject({ ok: true });
  expect(state(reader)).toEqual(["agrees"]);
  primary.chain = served;
  witness.chain = other;
  reader.nowMs = chainGenesisMs + Math.max(served.height, other.height) * blockMs + 500;
  return reader;
}

describe("no attack", () => {
  test("a witness with the same chain agrees, and is asked once a header", async () => {
    const reader = makeReader(core, primary, [witness]);
    for (let i = 0; i < 3; i++) {
      expect(await reader.headers.latest()).toMatchObject({ ok: true, value: { header: { height: 20n } } });
      reader.nowMs += 1_000;
    }
    expect(witness.asked).toEqual([20]);
    expect(reader.witnesses.shown()).toEqual([{ name: "witness", state: "agrees", agreedHeight: 20, detail: "" }]);
    expect(await reader.witnesses.attack()).toBeNull();
  });

  test("a witness that is behind is said to be, blocks nothing, and is compared once it is there", async () => {
    const reader = await meeting();
    witness.chain = chain.fork(15, signers);
    expect(await reader.headers.latest()).toMatchObject({ ok: true, value: { header: { height: 20n } } });
    expect(reader.witnesses.shown()).toMatchObject([{ state: "behind", agreedHeight: 10 }]);
    witness.chain = chain;
    reader.nowMs += 1_000;
    expect(await reader.headers.latest()).toMatchObject({ ok: true });
    expect(reader.witnesses.shown()).toMatchObject([{ state: "agrees", agreedHeight: 20 }]);
  });

  test("a witness that does not answer is waited for once, and compared when it is back", async () => {
    const reader = await meeting();
    let open = (): void => undefined;
    witness.gate = new Promise((resolve) => {
      open = resolve;
    });
    const asked = reader.headers.latest();
    while (witness.asked.length < 2) await new Promise(setImmediate);
    reader.hurry();
    expect(await asked).toMatchObject({ ok: true });
    expect(state(reader)).toEqual(["silent"]);
    reader.nowMs += 1_000;
    expect(await reader.headers.latest()).toMatchObject({ ok: true });
    open();
    await reader.witnesses.settled();
    expect(state(reader)).toEqual(["agrees"]);
  });

  test("a witness that cannot be reached is silent", async () => {
    witness.isDown = true;
    const reader = makeReader(core, primary, [witness]);
    expect(await reader.headers.latest()).toMatchObject({ ok: true });
    expect(reader.witnesses.shown()).toMatchObject([{ state: "silent", detail: "no route to host" }]);
  });

  test.each<[string, () => FakeChain, string]>([
    [
      "whose header nobody signed",
      () => chain.fork(19, signers).make({ signs: () => false, header: { dataHash: new Uint8Array(32) } }),
      "signatures_must_exceed_two_thirds",
    ],
    ["of strangers", () => chain.fork(10, strangers).grow(10), "validators_must_be_trusted"],
    [
      "of another name",
      () => chain.fork(19, signers).make({ header: { chainId: "other" } }),
      "header_chain_must_match",
    ],
    [
      "from the future",
      () => chain.fork(19, signers).make({ timeMs: chainGenesisMs + 10 ** 7 }),
      "header_time_must_be_plausible",
    ],
    [
      "whose time goes back",
      () => chain.fork(10, signers).grow(10, { timeMs: chainGenesisMs }),
      "header_time_must_be_plausible",
    ],
  ])("a witness with a chain %s is dropped and named with the reason", async (_, forked, reason) => {
    witness.chain = forked();
    const reader = await meeting();
    expect(await reader.headers.latest()).toMatchObject({ ok: true });
    expect(reader.witnesses.shown()).toMatchObject([{ name: "witness", state: "dropped" }]);
    expect(reader.witnesses.shown()[0]?.detail).toContain(reason);
    const asked = witness.asked.length;
    reader.nowMs += 1_000;
    primary.chain = chain.fork(20, signers).grow(1);
    expect(await reader.headers.latest()).toMatchObject({ ok: true });
    expect(witness.asked.length).toBe(asked);
    expect([...primary.reported, ...witness.reported]).toEqual([]);
    expect(await reader.witnesses.attack()).toBeNull();
  });

  test("a witness whose code throws is silent", async () => {
    const broken = {
      name: "broken",
      lightBlock: () => Promise.reject(new Error("bug")),
      range: witness.range,
      report: witness.report,
    };
    const reader = makeReader(core, primary, [broken, witness]);
    expect(await reader.headers.latest()).toMatchObject({ ok: true });
    expect(state(reader)).toEqual(["silent", "agrees"]);
  });

  test("more than eight, or the primary itself, are refused", () => {
    const many = Array.from({ length: 9 }, (_, i) => new FakeProvider(`witness ${i}`, chain));
    expect(() => makeReader(core, primary, many)).toThrow(RangeError);
    expect(() => makeReader(core, primary, [primary])).toThrow(RangeError);
  });

  test("witnesses change at run time, and those that stay keep what is known of them", async () => {
    const reader = makeReader(core, primary, [witness]);
    await reader.headers.latest();
    const second = new FakeProvider("second", chain);
    reader.witnesses.set([witness, second]);
    expect(state(reader)).toEqual(["agrees", "unasked"]);
    reader.nowMs += 1_000;
    await reader.headers.latest();
    expect([witness.asked.length, second.asked.length]).toEqual([1, 1]);
    expect(state(reader)).toEqual(["agrees", "agrees"]);
  });
});

describe("an attack", () => {
  test.each([
    { suggested: [], ends: "dropped" },
    { suggested: ["friend"], ends: "attack" },
  ])("a first contact with a chain of strangers: who agrees, suggested $suggested, vouches or not", async (given) => {
    const friend = new FakeProvider("friend", chain);
    const reader = makeReader(core, primary, []);
    reader.witnesses.set([friend], given.suggested);
    expect(await reader.headers.latest()).toMatchObject({ ok: true });
    expect(state(reader)).toEqual(["agrees"]);
    witness.chain = new FakeChain(core, strangers).grow(20);
    reader.witnesses.set([friend, witness], given.suggested);
    reader.nowMs += 1_000;
    const answer = await reader.headers.latest();
    if (given.ends === "attack") expect(answer).toMatchObject({ ok: false, reason: "sources_must_agree" });
    else expect([answer.ok, state(reader)]).toEqual([true, ["agrees", "dropped"]]);
  });

  const byzantine = signers.slice(0, 2);
  const isByzantine = ({ address }: Signer): boolean => byzantine.some((one) => hex(one.address) === hex(address));

  async function expectHalt(reader: FakeReader, kind: string): Promise<void> {
    expect(await reader.headers.latest()).toMatchObject({ ok: false, state: "failed", reason: "sources_must_agree" });
    expect(await reader.witnesses.attack()).toMatchObject({ kind });
    // Every question from now on, and of what was known before too.
    for (const height of [10, 3, 20])
      expect(await reader.headers.at(height)).toMatchObject({ ok: false, reason: "sources_must_agree" });
    expect(structuredClone(await reader.witnesses.attack())).toEqual(await reader.witnesses.attack());
  }

  test("lunatic: a third of the old validators sign a header with validators of their own", async () => {
    const invented = [...byzantine, ...strangers];
    primary.chain = chain.fork(14, signers).grow(6, { signers: invented });
    const reader = await meeting();
    await expectHalt(reader, "lunatic");
    const against = attackOf(witness);
    expect(against.commonHeight).toBe(10n);
    expect(against.conflictingBlock.header).toEqual(primary.chain.blocks[19]!.header);
    expect(addresses(against.byzantineValidators)).toEqual(addresses(byzantine));
    expect(against.totalPower).toBe(40n);
    expect(against.timestamp).toEqual(chain.blocks[9]!.header.time);
    // To the primary the witness is held up, as CometBFT does: one of the two must be wrong, and each node knows which.
    expect(attackOf(primary).conflictingBlock.header).toEqual(chain.blocks[19]!.header);
    const attack = (await reader.witnesses.attack())!;
    expect(attack).toMatchObject({
      common: { height: 10, hash: hex(core.headerHash(chain.blocks[9]!.header)) },
      primary: { source: "primary", height: 20, hash: hex(core.headerHash(primary.chain.blocks[19]!.header)) },
      witness: { source: "witness", height: 20, hash: hex(core.headerHash(chain.blocks[19]!.header)) },
    });
    expect(attack.signedBoth.map(({ address }) => address).sort()).toEqual(addresses(byzantine));
    expect(attack.reports.every(({ accepted }) => accepted)).toBe(true);
    // Whoever signed both in one round voted twice, too.
    expect(evidenceOf(witness).filter(({ kind }) => kind === "duplicate_vote").length).toBe(2);
    expect(hex(attackHash(core, against.conflictingBlock.header, against.commonHeight))).toHaveLength(64);
  });

  test("equivocation: two blocks of one round", async () => {
    primary.chain = chain.fork(19, signers).make({ header: { dataHash: core.sha256(new Uint8Array(1)) } });
    const reader = await meeting();
    await expectHalt(reader, "equivocation");
    const against = attackOf(witness);
    expect(against.commonHeight).toBe(20n);
    expect(against.timestamp).toEqual(chain.blocks[19]!.header.time);
    expect(addresses(against.byzantineValidators)).toEqual(addresses(signers));
    expect(attackOf(primary).conflictingBlock.header).toEqual(chain.blocks[19]!.header);
    const votes = evidenceOf(witness).filter((one) => one.kind === "duplicate_vote");
    expect(addresses(votes.map(({ voteA }) => ({ address: voteA.validatorAddress })))).toEqual(addresses(signers));
  });

  test("amnesia: two blocks of two rounds, and nobody who can be named", async () => {
    primary.chain = chain
      .fork(19, signers)
      .make({ round: 1n, header: { dataHash: core.sha256(new Uint8Array(1)) }, signs: (one) => one !== signers[3] });
    const reader = await meeting();
    await expectHalt(reader, "amnesia");
    expect(attackOf(witness).byzantineValidators).toEqual([]);
    expect(attackOf(witness).commonHeight).toBe(20n);
    expect(evidenceOf(witness).length).toBe(1);
    expect((witness.reported[0]!.value as { ByzantineValidators: unknown }).ByzantineValidators).toBeNull();
  });

  test("forward lunatic: a header that no one has yet, of a time that has passed", async () => {
    primary.chain = chain
      .fork(19, signers)
      .make({ signers: [...byzantine, ...strangers], header: { height: 40n }, timeMs: chainGenesisMs + 19_500 });
    const far = primary.chain.blocks[19]!;
    primary.chain.blocks.splice(19, 1);
    primary.chain.blocks[39] = far;
    const reader = await meeting();
    await expectHalt(reader, "lunatic");
    expect(attackOf(witness)).toMatchObject({ commonHeight: 10n, conflictingBlock: { header: { height: 40n } } });
    expect(addresses(attackOf(witness).byzantineValidators)).toEqual(addresses(byzantine));
  });

  test("it is the witness that lies: the primary gets the evidence all the same, and nothing is guessed", async () => {
    witness.chain = chain.fork(14, signers).grow(6, { signers: [...byzantine, ...strangers] });
    const reader = await meeting();
    await expectHalt(reader, "lunatic");
    expect(addresses(attackOf(primary).byzantineValidators)).toEqual(addresses(byzantine));
  });

  test("a primary that stays one block ahead of all witnesses is found out with the next block", async () => {
    const fork = chain.fork(14, signers).grow(8, { signers: [...byzantine, ...strangers] });
    primary.chain = fork.fork(21, strangers);
    const reader = await meeting();
    expect(await reader.headers.latest()).toMatchObject({ ok: true, value: { header: { height: 21n } } });
    expect(state(reader)).toEqual(["behind"]);
    chain.grow(1);
    primary.chain = fork;
    reader.nowMs += 1_000;
    await expectHalt(reader, "lunatic");
  });

  test("a fork in the middle, where a single height is asked for", async () => {
    const reader = await meeting();
    expect(await reader.headers.latest()).toMatchObject({ ok: true });
    const lie = chain.fork(14, signers).make({ signers: [...byzantine, ...strangers] });
    primary.chain = chain.fork(20, signers);
    primary.chain.blocks[14] = lie.blocks[14]!;
    expect(await reader.headers.at(15)).toMatchObject({ ok: false, reason: "sources_must_agree" });
  });

  test("two chains at the first contact, when nobody stands behind either", async () => {
    witness.chain = new FakeChain(core, strangers).grow(20);
    const reader = makeReader(core, primary, [witness]);
    await expectHalt(reader, "lunatic");
    expect(await reader.witnesses.attack()).toMatchObject({ common: null, signedBoth: [] });
    // With a second witness that agrees with the primary from before, the stranger is just dropped.
    const other = makeReader(core, primary, [new FakeProvider("friend", chain)]);
    expect(await other.headers.latest()).toMatchObject({ ok: true });
    other.witnesses.set([witness]);
    other.nowMs += 1_000;
    expect(await other.headers.latest()).toMatchObject({ ok: true });
    expect(state(other)).toEqual(["dropped"]);
  });

  test("is remembered over a reload until a person decides", async () => {
    const store = memoryStore();
    primary.chain = chain.fork(19, signers).make({ header: { dataHash: core.sha256(new Uint8Array(1)) } });
    const reader = makeReader(core, primary, [witness], { store });
    await expectHalt(reader, "equivocation");
    const again = makeReader(core, primary, [], { store });
    expect(await again.headers.latest()).toMatchObject({ ok: false, reason: "sources_must_agree" });
    expect(await again.witnesses.attack()).toEqual(await reader.witnesses.attack());
    await again.headers.forget();
    expect(await again.witnesses.attack()).toBeNull();
    primary.chain = chain;
    again.witnesses.set([witness]);
    expect(await again.headers.latest()).toMatchObject({ ok: true });
    expect(state(again)).toEqual(["agrees"]);
    expect(await makeReader(core, primary, [], { store }).headers.latest()).toMatchObject({ ok: true });
  });

  test("is found when the witness answers too late for the question", async () => {
    primary.chain = chain.fork(14, signers).grow(6, { signers: [...byzantine, ...strangers] });
    const reader = await meeting();
    let open = (): void => undefined;
    witness.gate = new Promise((resolve) => {
      open = resolve;
    });
    const asked = reader.headers.latest();
    while (witness.asked.length < 2) await new Promise(setImmediate);
    reader.hurry();
    expect(await asked).toMatchObject({ ok: true });
    open();
    await reader.witnesses.settled();
    await expectHalt(reader, "lunatic");
  });

  test("of less than a third is no attack: the primary's header is refused", async () => {
    const one = signers.slice(0, 1);
    primary.chain = chain.fork(14, signers).grow(6, { signers: [...one, ...strangers], signs: isByzantine });
    const reader = await meeting();
    expect(await reader.headers.latest()).toMatchObject({ ok: false, reason: "validators_must_be_trusted" });
    expect(await reader.witnesses.attack()).toBeNull();
  });
});
