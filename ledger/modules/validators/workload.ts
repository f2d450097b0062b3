// Random operations of the validators module, some of them wrong on purpose. In a city without validators there are none.

import {
  type Change,
  type PowerRecord,
  type ProposalRecord,
  type SeatRecord,
  type UpgradeRecord,
  type ValidatorRecord,
  validatorsState,
} from "../../protocol/validators.ts";
import type { Draw, Operation } from "../module.ts";

const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw.random(items.length)]!;
const accountsWithSeat = ({ state }: Draw): string[] =>
  state.list(validatorsState.seat(""), 64).map((name) => name.slice(validatorsState.seat("").length));

/** Someone with a seat, seldom anyone; null where there are no seats. */
function anySeat(draw: Draw): string | null {
  const seated = accountsWithSeat(draw);
  if (seated.length === 0) return null;
  return draw.random(20) === 0 ? pick(draw, draw.citizens) : pick(draw, seated);
}

/** Mostly of someone with a seat, now and then an old one or nobody's. */
function anyAddress(draw: Draw): string {
  const kind = draw.random(15);
  if (kind === 0) return "00".repeat(20);
  const prefix = validatorsState.validator("");
  if (kind === 1) return pick(draw, draw.state.list(prefix, 1_000)).slice(prefix.length);
  return draw.state.get<SeatRecord>(validatorsState.seat(pick(draw, accountsWithSeat(draw))))!.address;
}

/** Mostly what a block may change, now and then more. */
function anyPower(draw: Draw): number {
  const { power } = draw.state.get<PowerRecord>(validatorsState.power)!;
  return 1 + draw.random(Math.max(1, Math.floor(power / (draw.random(6) === 0 ? 1 : 4))));
}

function anyKey(draw: Draw): string {
  const kind = draw.random(10);
  if (kind === 0) return draw.unsoundKey();
  if (kind > 1) return draw.newKey();
  return draw.state.get<ValidatorRecord>(validatorsState.validator(anyAddress(draw)))?.key ?? draw.newKey();
}

function anyChange(draw: Draw): Change {
  const kind = pick(draw, ["add", "add", "add", "weigh", "weigh", "remove", "release", "release", "upgrade"] as const);
  const power = anyPower(draw);
  if (kind === "add") {
    const nobody = draw.random(12) === 0;
    const account = nobody ? "00".repeat(20) : pick(draw, draw.citizens);
    const owner = draw.random(12) === 0 ? pick(draw, accountsWithSeat(draw)) : account;
    return { kind, key: anyKey(draw), power, account: owner, name: `Validator ${draw.random(100)}` };
  }
  if (kind === "upgrade") {
    const { height } = draw.state.get<PowerRecord>(validatorsState.power)!;
    const { version = 1 } = draw.state.get<UpgradeRecord>(validatorsState.upgrade) ?? {};
    return { kind, height: height + 1 + draw.random(400), version: version + draw.random(3) };
  }
  if (kind === "remove") return { kind, address: anyAddress(draw) };
  const address = kind === "release" && draw.random(4) > 0 ? (jailedOne(draw) ?? anyAddress(draw)) : anyAddress(draw);
  const same = draw.state.get<ValidatorRecord>(validatorsState.validator(address))?.power ?? 0;
  return { kind, address, power: same > 0 && draw.random(10) === 0 ? same : power };
}

function jailedOne(draw: Draw): string | null {
  const addresses = accountsWithSeat(draw).map(
    (account) => draw.state.get<SeatRecord>(validatorsState.seat(account))!.address,
  );
  const jailed = addresses.filter(
    (address) => draw.state.get<ValidatorRecord>(validatorsState.validator(address))!.state === "jailed",
  );
  return jailed.length === 0 ? null : pick(draw, jailed);
}

const propose: Operation = (draw) => {
  const by = anySeat(draw);
  return by === null ? null : { type: "validators/propose", by, change: anyChange(draw) };
};

const vote: Operation = (draw) => {
  const by = anySeat(draw);
  const prefix = validatorsState.proposal("");
  const names = draw.state.list(prefix, 64);
  if (by === null || names.length === 0) return null;
  const name = pick(draw, names);
  const proposal = draw.random(30) === 0 ? `${"0".repeat(64)}.${draw.random(100)}` : name.slice(prefix.length);
  // Mostly of someone who has not voted, else few would ever be decided.
  const { votes } = draw.state.get<ProposalRecord>(name)!;
  const silent = accountsWithSeat(draw).filter((account) => !Object.hasOwn(votes, account));
  const voter = silent.length > 0 && draw.random(3) > 0 ? pick(draw, silent) : by;
  return { type: "validators/vote", by: voter, proposal, yes: draw.random(6) > 0 };
};

const rotateKey: Operation = (draw) => {
  const by = anySeat(draw);
  return by === null || draw.random(3) > 0 ? null : { type: "validators/rotate-key", by, key: anyKey(draw) };
};

const leave: Operation = (draw) => {
  const by = anySeat(draw);
  return by === null || draw.random(8) > 0 ? null : { type: "validators/leave", by };
};

export const workload: readonly Operation[] = [propose, vote, vote, vote, rotateKey, leave];
