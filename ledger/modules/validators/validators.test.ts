// Rules of the validators module (README.md): who is a validator, what becomes of keys, jail, and what CometBFT is told.

import { describe, expect, it } from "vitest";
import { hex } from "../../protocol/bytes.ts";
import type { AppState } from "../../protocol/genesis.ts";
import type { RefusalName } from "../../protocol/refusals.ts";
import type { Message } from "../../protocol/transaction.ts";
import {
  type Change,
  type PowerRecord,
  rotationMsMin,
  type SeatRecord,
  type ValidatorRecord,
  validatorParamsDefault,
  validatorsState,
} from "../../protocol/validators.ts";
import type { Misbehaviour } from "../application.ts";
import { enabledModules } from "../enabled.ts";
import { brokenByChanges } from "../invariant-check.ts";
import {
  chain,
  genesis,
  headerHashAt,
  newApplication,
  person,
  registrar,
  registration,
  signed,
  startMs,
  TestState,
  unsoundKeys,
} from "../test-city.ts";
import { validators } from "./module.ts";
import { addressOfKey } from "./new-key.ts";

const people = ["ann", "ben", "cat", "dan"].map((name) => person(name));
const [ann, ben, cat, dan] = people as [Person, Person, Person, Person];
type Person = ReturnType<typeof person>;
const keyOf = (name: string): string => person(`key ${name}`).key;
const keys = ["ann", "ben", "cat", "dan"].map(keyOf);
const [annAt, benAt, catAt] = keys.map(addressOfKey) as [string, string, string, string];

function network(...powers: number[]): AppState {
  return {
    ...genesis,
    accounts: [...genesis.accounts, ...people.map(({ key }, n) => ({ key, name: `Person ${n}`, roles: [] }))],
    validators: powers.map((power, n) => {
      return { key: keys[n]!, power, name: `Node ${n}`, account: people[n]!.account };
    }),
  };
}

const propose = (who: Person, change: Change): Message => ({ type: "validators/propose", by: who.account, change });
const vote = (who: Person, proposal: string, yes = true): Message => {
  return { type: "validators/vote", by: who.account, proposal, yes };
};
const rotate = (who: Person, key: string): Message => ({ type: "validators/rotate-key", by: who.account, key });
const leave = (who: Person): Message => ({ type: "validators/leave", by: who.account });
const add = (who: Person, name: string, power = 5): Change => {
  return { kind: "add", key: keyOf(name), power, account: who.account, name: "New node" };
};
const proposalOf = (state: TestState): string =>
  state.events.findLast(({ type }) => type === "validators/proposed")!.attributes["proposal"]!;
const validatorAt = (state: TestState, address: string) =>
  state.state.get<ValidatorRecord>(validatorsState.validator(address));
const powerOf = (state: TestState) => state.state.get<PowerRecord>(validatorsState.power)!;
const evidence = (address: string, height: number): Misbehaviour => {
  return { kind: "duplicate-vote", address, height, timeMs: startMs, totalPower: 40 };
};
const jail = (state: TestState, address: string): void =>
  state.begin(state.timeMs + 1_000, [evidence(address, state.height)]);
const table = (state: TestState, rows: readonly (readonly [Message, RefusalName | null])[]): void => {
  for (const [message, refusal] of rows) expect([message, state.run(message)]).toEqual([message, refusal]);
};
/** Runs a change through: the first proposes, the others vote until it is made. */
function decide(state: TestState, change: Change, ...who: readonly Person[]): void {
  state.begin(state.timeMs + 1_000);
  expect(state.run(propose(who[0]!, change))).toBeNull();
  const id = proposalOf(state);
  for (const one of who.slice(1)) expect(state.run(vote(one, id))).toBeNull();
  expect(state.state.get(validatorsState.proposal(id))).toBeNull();
}

describe("validators", () => {
  it("VA-1: a city without validators refuses every message and has no entry", () => {
    const state = new TestState();
    for (const message of [
      propose(registrar, { kind: "remove", address: annAt }),
      vote(registrar, `${"0".repeat(64)}.0`),
      rotate(registrar, keyOf("new")),
      leave(registrar),
    ])
      expect(state.run(message)).toBe("validators_network_must_exist");
    state.begin(startMs + 1_000, [evidence(annAt, 1)]);
    expect(state.state.list("validators/", 10)).toEqual([]);
    expect(validators.wakeAtMs!(state.state)).toBeNull();
  });

  it("VA-2, VA-3, VA-4: genesis enters the network's validators", () => {
    const state = new TestState(network(10, 20));
    const record = { key: keys[0], power: 10, account: ann.account, name: "Node 0", state: "active" };
    expect(validatorAt(state, annAt)).toEqual({ ...record, since: 0, judged: 0 });
    expect(powerOf(state)).toEqual({ validators: 2, power: 30, height: 0, before: 30, gained: 0, lost: 0 });
    expect(state.state.get<SeatRecord>(validatorsState.seat(ben.account))).toEqual({ address: benAt });
    const one = network(10).validators![0]!;
    for (const [wrong, why] of [
      [[one, one], "shares its account"],
      [[one, { ...one, account: ben.account }], "shares its key"],
      [[{ ...one, key: unsoundKeys[0]! }], "unsound key"],
      [[{ ...one, account: "00".repeat(20) }], "has no account"],
    ] as const)
      expect(() => new TestState({ ...network(10), validators: wrong })).toThrow(why);
  });

  it("VA-3: unsound keys, and keys that ever were a validator's, are refused for everyone", () => {
    const state = new TestState(network(10, 10, 10));
    expect(state.run(rotate(ann, keyOf("second")))).toBeNull();
    for (const key of unsoundKeys) expect(state.run(rotate(ben, key))).toBe("validators_key_must_be_sound");
    for (const key of [keys[0]!, keys[1]!, keyOf("second")]) {
      expect(state.run(rotate(ben, key))).toBe("validators_key_must_be_new");
      expect(state.run(propose(ben, { ...add(dan, "x"), key } as Change))).toBe("validators_key_must_be_new");
    }
    state.timeMs += rotationMsMin;
    expect(state.run(rotate(ann, keys[0]!))).toBe("validators_key_must_be_new");
  });

  it("VA-4: an account has one seat, and there are 64", () => {
    const state = new TestState(network(10, 10, 10));
    table(state, [
      [propose(ann, add({ ...dan, account: "00".repeat(20) }, "x")), "validators_account_must_exist"],
      [propose(ann, add(ben, "x")), "validators_account_must_be_free"],
      [propose(dan, add(dan, "x")), "validators_account_must_have_seat"],
    ]);
    for (let n = 3; n < 64; n++) state.state.set(validatorsState.seat(person(`seat ${n}`).account), { address: annAt });
    expect(state.run(propose(ann, add(dan, "x")))).toBe("validators_seats_must_not_exceed_limit");
  });

  it("VA-10: the last active validator stays, whatever happens", () => {
    const state = new TestState(network(10));
    table(state, [
      [leave(ann), "validators_last_must_stay"],
      [propose(ann, { kind: "remove", address: annAt }), "validators_last_must_stay"],
    ]);
    jail(state, annAt);
    expect(validatorAt(state, annAt)).toMatchObject({ state: "active", power: 10 });
    expect(state.events.at(-1)).toMatchObject({ type: "validators/misbehaved", attributes: { jailed: "false" } });
  });

  it("VA-9: a block takes at most a third of the power, and gives at most a third", () => {
    const state = new TestState(network(10, 10, 10));
    state.begin(startMs + 1_000);
    table(state, [
      [leave(ann), null],
      [leave(ben), "validators_change_must_be_small"],
      [rotate(ben, keyOf("b2")), "validators_change_must_be_small"],
    ]);
    state.begin(startMs + 2_000);
    // Of 20, ten would be half.
    expect(state.run(leave(ben))).toBe("validators_change_must_be_small");
    expect(powerOf(state)).toMatchObject({ validators: 2, power: 20, before: 30, lost: 10, gained: 0 });
    const giving = new TestState(network(10, 10, 10));
    giving.begin(startMs + 1_000);
    expect(giving.run(propose(ann, add(dan, "d", 11)))).toBeNull();
    const id = proposalOf(giving);
    table(giving, [
      [vote(ben, id), null],
      [vote(cat, id), "validators_change_must_be_small"],
    ]);
    decide(new TestState(network(10, 10, 10)), add(dan, "d", 10), ann, ben, cat);
  });

  it("VA-11: rotates at once, keeps seat, votes and proposal, then waits ten minutes", () => {
    const state = new TestState(network(10, 10, 10));
    table(state, [
      [rotate(dan, keyOf("d")), "validators_account_must_have_seat"],
      [propose(ann, { kind: "weigh", address: benAt, power: 9 }), null],
      [rotate(ann, keyOf("a2")), null],
      [rotate(ann, keyOf("a3")), "validators_rotation_must_wait"],
    ]);
    const id = proposalOf(state);
    const address = addressOfKey(keyOf("a2"));
    expect(state.state.get(validatorsState.seat(ann.account))).toEqual({ address, proposal: id });
    expect(validatorAt(state, annAt)).toMatchObject({ state: "replaced", power: 0 });
    expect(validatorAt(state, address)).toMatchObject({ state: "active", power: 10, name: "Node 0" });
    // The rotation took and gave a third, so this block changes no more.
    table(state, [
      [vote(ben, id), null],
      [vote(cat, id), "validators_change_must_be_small"],
    ]);
    state.begin(state.timeMs + 1_000);
    expect(state.run(vote(cat, id))).toBeNull();
    expect(validatorAt(state, benAt)?.power).toBe(9);
    state.begin(state.timeMs + rotationMsMin);
    expect(state.run(rotate(ann, keyOf("a3")))).toBeNull();
  });

  it("VA-9, VA-11: a heavy validator rotates when that is its block's first change, and then nothing else changes", () => {
    const state = new TestState(network(20, 10));
    state.begin(startMs + 1_000);
    table(state, [
      [rotate(ann, keyOf("a2")), null],
      [leave(ben), "validators_change_must_be_small"],
    ]);
    expect(powerOf(state)).toMatchObject({ validators: 2, power: 30, before: 30, gained: 20, lost: 20 });
    state.begin(startMs + 2_000);
    expect(state.run(leave(ben))).toBeNull();
  });

  it("VA-11, VA-15: a jailed validator may rotate, stays jailed, and is released with its new key", () => {
    const state = new TestState(network(10, 10, 10, 10));
    jail(state, annAt);
    expect(state.run(rotate(ann, keyOf("a2")))).toBeNull();
    const address = addressOfKey(keyOf("a2"));
    expect(validatorAt(state, address)).toMatchObject({
      state: "jailed",
      power: 0,
      jail: { reason: "duplicate-vote" },
    });
    expect(validatorAt(state, annAt)?.jail).toBeUndefined();
    const release: Change = { kind: "release", address, power: 4 };
    table(state, [
      [propose(ann, release), "validators_account_must_be_active"],
      [propose(ben, release), "validators_jail_time_must_be_over"],
      [propose(ben, { ...release, address: annAt }), "validators_validator_must_have_seat"],
      [propose(ben, { ...release, address: benAt }), "validators_validator_must_be_jailed"],
      [propose(ben, { ...release, kind: "weigh" }), "validators_validator_must_be_active"],
    ]);
    state.begin(state.timeMs + validatorParamsDefault.jailMs);
    decide(state, release, ben, cat, dan);
    const after = { state: "active", power: 4, judged: state.height + 1 };
    expect(validatorAt(state, address)).toMatchObject(after);
    expect(validatorAt(state, address)?.jail).toBeUndefined();
  });

  it("VA-12: leaves at once and for good, and its proposal with it", () => {
    const state = new TestState(network(10, 10, 10));
    expect(state.run(propose(ann, { kind: "weigh", address: benAt, power: 9 }))).toBeNull();
    table(state, [
      [leave(ann), null],
      [leave(ann), "validators_account_must_have_seat"],
    ]);
    expect(state.events.find(({ type }) => type === "validators/closed")?.attributes["outcome"]).toBe("withdrawn");
    expect(validatorAt(state, annAt)).toMatchObject({ state: "left", power: 0 });
    expect(state.run(propose(ben, { ...add(ann, "x"), key: keys[0]! } as Change))).toBe("validators_key_must_be_new");
    decide(state, add(ann, "again"), ben, cat);
    expect(validatorAt(state, addressOfKey(keyOf("again")))).toMatchObject({ state: "active", power: 5 });
  });

  it("VA-13: misbehaviour jails, and a new key does not shake off what the old one did", () => {
    const state = new TestState(network(10, 10, 10, 10));
    expect(state.run(propose(ben, { kind: "weigh", address: catAt, power: 9 }))).toBeNull();
    expect(state.run(rotate(ben, keyOf("b2")))).toBeNull();
    jail(state, benAt);
    expect(validatorAt(state, addressOfKey(keyOf("b2")))).toMatchObject({ state: "jailed", power: 0 });
    expect(state.state.list(validatorsState.proposal(""), 10)).toEqual([]);
    expect(powerOf(state)).toMatchObject({ validators: 3, power: 30 });
    const types = state.events.slice(-3).map(({ type }) => type);
    expect(types).toEqual(["validators/misbehaved", "validators/closed", "validators/changed"]);
  });

  it("VA-14: what was judged jails nobody, nor does evidence of strangers and of those who are gone", () => {
    const state = new TestState(network(10, 10, 10, 10));
    jail(state, annAt);
    const told = state.events.length;
    state.begin(state.timeMs + 1, [evidence(annAt, 1), evidence("ff".repeat(20), 1)]);
    expect(state.events.length).toBe(told);
    state.begin(state.timeMs + validatorParamsDefault.jailMs);
    decide(state, { kind: "release", address: annAt, power: 10 }, ben, cat, dan);
    const releasedAt = state.height;
    state.begin(state.timeMs + 1, [evidence(annAt, releasedAt), evidence(annAt, releasedAt + 1)]);
    expect(validatorAt(state, annAt)?.state).toBe("active");
    state.begin(state.timeMs + 1, [evidence(annAt, releasedAt + 2)]);
    expect(validatorAt(state, annAt)?.state).toBe("jailed");
    expect(state.run(leave(ann))).toBeNull();
    state.begin(state.timeMs + 1, [evidence(annAt, state.height)]);
    expect(validatorAt(state, annAt)?.state).toBe("left");
  });

  it("VA-2, VA-3, VA-4, VA-5, VA-8, VA-10: invariants notice what does not fit", () => {
    const state = new TestState(network(10, 10));
    expect(state.run(propose(ann, { kind: "weigh", address: benAt, power: 9 }))).toBeNull();
    const broken = (name: string, after: unknown) =>
      brokenByChanges([validators], [{ name, before: state.state.get(name), after }]);
    const [record, sums] = [validatorAt(state, annAt)!, powerOf(state)];
    const name = validatorsState.validator(annAt);
    expect(broken(name, { ...record, power: 11 })).toContain("VA-2");
    expect(broken(validatorsState.power, { ...sums, validators: 3 })).toContain("VA-2");
    expect(broken(name, { ...record, key: keys[1] })).toContain("VA-3");
    expect(broken(validatorsState.power, { ...sums, validators: 0, power: 0 })).not.toBeNull();
    expect(broken(name, { ...record, account: dan.account })).toContain("VA-4");
    const seat = validatorsState.seat(ann.account);
    expect(broken(seat, { address: annAt })).toContain("VA-5");
    const [expiry] = state.state.list("validators/expiry/", 1);
    expect(broken(expiry!, null)).toContain("VA-8");
  });

  it("VA-17: updates are net, sorted, once a key; an upgrade's parameter comes one block before", () => {
    const application = newApplication();
    application.initialise(chain, network(10, 10, 10));
    const block = (messages: readonly [Message, Person][], misbehaviour: readonly Misbehaviour[] = []) => {
      const height = application.height + 1;
      const transactions = messages.map(([message, who]) => signed([message], [who], height + 5));
      const timeMs = startMs + height * 1_000;
      const result = application.finalise({ height, hash: headerHashAt(height), timeMs, transactions, misbehaviour });
      application.commit();
      expect(result.results.map(({ refusal }) => refusal)).toEqual(messages.map(() => ""));
      return result;
    };
    expect(block([]).validatorUpdates).toEqual([]);
    const updates = block([[rotate(ann, keyOf("a2")), ann]]).validatorUpdates;
    const wanted = [
      { key: keyOf("a2"), power: 10 },
      { key: keys[0]!, power: 0 },
    ];
    expect(updates).toEqual(wanted.sort((a, b) => (a.key < b.key ? -1 : 1)));
    expect(application.upgrade()).toBeNull();
    const proposing = block([[propose(ann, { kind: "upgrade", height: 6, version: 2 }), ann]]);
    const id = proposing.results[0]!.events[0]!.attributes["proposal"]!;
    expect(
      block([
        [vote(ben, id), ben],
        [vote(cat, id), cat],
      ]).appVersion,
    ).toBeUndefined();
    expect(application.upgrade()).toEqual({ height: 6, version: 2 });
    // Jailed in the block in which it also registers someone: one update, of the power after the block.
    const jailed = block([[registration(person("eve"), "Eve"), person("eve")]], [evidence(benAt, 2)]);
    expect(jailed.validatorUpdates).toEqual([{ key: keys[1], power: 0 }]);
    expect(jailed.appVersion).toBe(2);
    expect(block([]).appVersion).toBeUndefined();
    expect(application.upgrade()).toEqual({ height: 6, version: 2 });
  });

  it("VA-1: a chain without validators has the app hashes that it had before there was this module", () => {
    const modules = enabledModules.filter((module) => module !== validators);
    const [without, whole] = [newApplication({ modules }), newApplication()];
    for (const application of [without, whole]) application.initialise(chain, genesis);
    expect(hex(whole.appHash)).toBe(hex(without.appHash));
    for (let height = 1; height <= 3; height++) {
      const transactions = [signed([registration(people[height]!, `Person ${height}`)], [people[height]!], height + 5)];
      const block = { height, hash: headerHashAt(height), timeMs: startMs + height * 60_000, transactions };
      const [a, b] = [without.finalise(block), whole.finalise(block)];
      expect(b).toEqual(a);
      for (const application of [without, whole]) application.commit();
    }
  });
});
