// Rules of proposals (README.md): who proposes and votes what, how votes count, and how proposals end.

import { describe, expect, it } from "vitest";
import type { AppState } from "../../protocol/genesis.ts";
import type { RefusalName } from "../../protocol/refusals.ts";
import type { Message } from "../../protocol/transaction.ts";
import {
  type Change,
  type ProposalRecord,
  type UpgradeRecord,
  upgradeBlocksMax,
  type ValidatorRecord,
  validatorParamsDefault,
  validatorsState,
} from "../../protocol/validators.ts";
import { genesis, person, startMs, TestState } from "../test-city.ts";
import { validators } from "./module.ts";
import { addressOfKey } from "./new-key.ts";

const people = ["ann", "ben", "cat", "dan"].map((name) => person(name));
type Person = ReturnType<typeof person>;
const [ann, ben, cat, dan] = people as [Person, Person, Person, Person];
const keys = people.map((_, n) => person(`key ${n}`).key);
const [annAt, benAt, catAt] = keys.map(addressOfKey) as [string, string, string, string];

function network(...powers: number[]): TestState {
  const appState: AppState = {
    ...genesis,
    accounts: [...genesis.accounts, ...people.map(({ key }, n) => ({ key, name: `Person ${n}`, roles: [] }))],
    validators: powers.map((power, n) => {
      return { key: keys[n]!, power, name: `Node ${n}`, account: people[n]!.account };
    }),
  };
  const state = new TestState(appState);
  state.begin(startMs + 1_000);
  return state;
}

const propose = (who: Person, change: Change): Message => ({ type: "validators/propose", by: who.account, change });
const vote = (who: Person, proposal: string, yes = true): Message => {
  return { type: "validators/vote", by: who.account, proposal, yes };
};
const weigh = (address: string, power: number): Change => ({ kind: "weigh", address, power });
const upgrade = (height: number, version: number): Change => ({ kind: "upgrade", height, version });
const table = (state: TestState, rows: readonly (readonly [Message, RefusalName | null])[]): void => {
  for (const [message, refusal] of rows) expect([message, state.run(message)]).toEqual([message, refusal]);
};
const recordOf = (state: TestState, id: string) => state.state.get<ProposalRecord>(validatorsState.proposal(id));
const powerAt = (state: TestState, address: string) =>
  state.state.get<ValidatorRecord>(validatorsState.validator(address))?.power;
const outcomes = (state: TestState) =>
  state.events.flatMap(({ type, attributes }) => (type === "validators/closed" ? [attributes["outcome"]] : []));
/** Proposes and answers the proposal's id. */
function opened(state: TestState, who: Person, change: Change): string {
  expect(state.run(propose(who, change))).toBeNull();
  return state.events.findLast(({ type }) => type === "validators/proposed")!.attributes["proposal"]!;
}

describe("proposals", () => {
  it("VA-5: only what could be made is proposed, one at a time; checks in this order", () => {
    const state = network(10, 10, 10);
    table(state, [
      [propose(dan, weigh(benAt, 10)), "validators_account_must_have_seat"],
      [propose(ann, weigh(benAt, 10)), "validators_power_must_change"],
      [propose(ann, weigh("00".repeat(20), 10)), "validators_validator_must_have_seat"],
      [vote(ann, `${"0".repeat(64)}.0`), "validators_proposal_must_exist"],
      // Too much for one block; that may be different when it is decided.
      [propose(ann, weigh(benAt, 900)), null],
      [propose(ann, weigh(benAt, 10)), "validators_proposal_must_be_only_one"],
    ]);
    expect(state.events.at(-1)?.attributes).toMatchObject({ kind: "weigh", address: benAt, power: "900" });
  });

  it("VA-5, VA-7: the only validator decides by proposing", () => {
    const state = network(10);
    expect(state.run(propose(ann, weigh(annAt, 13)))).toBeNull();
    expect(powerAt(state, annAt)).toBe(13);
    expect(outcomes(state)).toEqual(["passed"]);
  });

  it("VA-7: two thirds are not enough, more are", () => {
    const state = network(10, 10, 10);
    const id = opened(state, ann, weigh(catAt, 9));
    expect(state.run(vote(ben, id))).toBeNull();
    expect(powerAt(state, catAt)).toBe(10);
    expect(state.run(vote(cat, id))).toBeNull();
    expect(powerAt(state, catAt)).toBe(9);
    expect(state.run(vote(cat, id))).toBe("validators_proposal_must_exist");
    const other = network(11, 10, 9);
    const early = opened(other, ann, weigh(benAt, 9));
    expect(other.run(vote(ben, early))).toBeNull();
    expect(outcomes(other)).toEqual(["passed"]);
  });

  it("VA-6: a later vote takes the place of the one before, and votes weigh what their validators weigh when counted", () => {
    const state = network(10, 10, 10, 10);
    const id = opened(state, ann, weigh(annAt, 11));
    table(state, [
      [vote(ben, id, false), null],
      [vote(ben, id), null],
    ]);
    expect(recordOf(state, id)?.votes).toEqual({ [ann.account]: true, [ben.account]: true });
    // Ben leaves, so two of three remain to be asked: ann and cat are 20 of 30, which is not more than two thirds.
    table(state, [
      [{ type: "validators/leave", by: ben.account }, null],
      [vote(ben, id), "validators_account_must_have_seat"],
      [vote(cat, id), null],
    ]);
    expect(recordOf(state, id)?.votes).toEqual({ [ann.account]: true, [cat.account]: true });
    state.begin(state.timeMs + 1_000);
    expect(state.run(vote(dan, id))).toBeNull();
    expect(powerAt(state, annAt)).toBe(11);
  });

  it("VA-6: votes that were too few are enough when others are gone, as soon as one votes again", () => {
    const state = network(10, 10, 10, 3);
    const id = opened(state, ann, weigh(annAt, 11));
    expect(state.run(vote(ben, id))).toBeNull();
    expect(state.run({ type: "validators/leave", by: dan.account })).toBeNull();
    expect(state.run(vote(ben, id))).toBeNull();
    expect(outcomes(state)).toEqual([]);
    state.begin(state.timeMs + 1_000, [
      { kind: "duplicate-vote", address: catAt, height: 1, timeMs: 1, totalPower: 33 },
    ]);
    expect(state.run(vote(cat, id))).toBe("validators_account_must_be_active");
    // Ann and Ben are all of the power that is left.
    expect(state.run(vote(ben, id))).toBeNull();
    expect(outcomes(state)).toEqual(["passed"]);
  });

  it("VA-7: a deciding vote that cannot be carried out is refused, and may come again", () => {
    const state = network(10, 10, 10);
    const first = opened(state, ann, weigh(annAt, 18));
    const second = opened(state, ben, weigh(benAt, 18));
    table(state, [
      [vote(ben, first), null],
      [vote(ann, second), null],
      [vote(cat, first), null],
      [vote(cat, second), "validators_change_must_be_small"],
    ]);
    expect(recordOf(state, second)?.votes).toEqual({ [ann.account]: true, [ben.account]: true });
    state.begin(state.timeMs + 1_000);
    // Ann and Ben have 28 of 38 by now.
    expect(state.run(vote(ann, second))).toBeNull();
    expect(powerAt(state, benAt)).toBe(18);
  });

  it("VA-8: ends when a third is against it, by its proposer, and at its time", () => {
    const state = network(10, 10, 10);
    const failing = opened(state, ann, weigh(benAt, 9));
    expect(state.run(vote(cat, failing, false))).toBeNull();
    const withdrawn = opened(state, ann, weigh(benAt, 8));
    expect(state.run(vote(ann, withdrawn, false))).toBeNull();
    const id = opened(state, ann, weigh(benAt, 7));
    const { expiresMs } = recordOf(state, id)!;
    expect(expiresMs).toBe(state.timeMs + validatorParamsDefault.proposalMs);
    expect(validators.wakeAtMs!(state.state)).toBe(expiresMs);
    state.begin(expiresMs - 1);
    expect(recordOf(state, id)).not.toBeNull();
    state.begin(expiresMs);
    expect(outcomes(state)).toEqual(["failed", "withdrawn", "expired"]);
    expect(validators.wakeAtMs!(state.state)).toBeNull();
    expect(opened(state, ann, weigh(benAt, 7))).not.toBe(id);
  });

  it("VA-8: a validator that is removed takes its proposal along, even when that is the one that removes it", () => {
    const state = network(10, 10, 10);
    const own = opened(state, cat, { kind: "remove", address: catAt });
    const other = opened(state, ann, weigh(benAt, 9));
    table(state, [
      [vote(ann, own), null],
      [vote(ben, own), null],
      [vote(cat, other), "validators_account_must_have_seat"],
    ]);
    expect(outcomes(state)).toEqual(["passed"]);
    expect(state.state.list(validatorsState.proposal(""), 10)).toEqual([validatorsState.proposal(other)]);
  });

  it("VA-16: upgrades are ahead and rise; one that is ahead is replaced, one that is past is not", () => {
    const state = network(10);
    const height = state.height;
    table(state, [
      [propose(ann, upgrade(height, 2)), "validators_upgrade_must_be_ahead"],
      [propose(ann, upgrade(height + upgradeBlocksMax + 1, 2)), "validators_upgrade_must_be_ahead"],
      [propose(ann, upgrade(height + 1, 1)), "validators_upgrade_version_must_rise"],
      [propose(ann, upgrade(height + 9, 5)), null],
      [propose(ann, upgrade(height + 2, 2)), null],
    ]);
    const record = () => state.state.get<UpgradeRecord>(validatorsState.upgrade);
    expect(record()).toEqual({ height: height + 2, version: 2, from: 1 });
    state.begin(state.timeMs + 1);
    state.begin(state.timeMs + 1);
    table(state, [
      [propose(ann, upgrade(state.height + 1, 2)), "validators_upgrade_version_must_rise"],
      [propose(ann, upgrade(state.height + 1, 3)), null],
    ]);
    expect(record()).toEqual({ height: height + 3, version: 3, from: 2 });
  });
});
