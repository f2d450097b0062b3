// Random operations of the accounts module, some of them wrong on purpose. Guardians: workload-guardians.ts.

import { type AccountRecord, accountsState, type Role, roles } from "../../protocol/accounts.ts";
import type { Scope } from "../../protocol/keys.ts";
import type { Draw, Operation } from "../module.ts";
import { guardianWorkload } from "./workload-guardians.ts";

const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw.random(items.length)]!;
const recordOf = (draw: Draw, account: string): AccountRecord =>
  draw.state.get<AccountRecord>(accountsState.account(account))!;

const register: Operation = (draw) => {
  const { random, newcomer, citizens } = draw;
  const known = pick(draw, citizens);
  const { account, key } =
    random(15) > 0 ? newcomer() : { account: known, key: pick(draw, recordOf(draw, known).keys).key };
  // A small set of names, so that some are taken.
  return { type: "accounts/register", by: account, key, name: `Citizen ${random(200)}` };
};

/** Mostly a new key, now and then one with which anybody could sign. */
const anyKey = (draw: Draw): string => (draw.random(25) === 0 ? draw.unsoundKey() : draw.newKey());

/** Mostly some seconds ahead, now and then not at all. */
const later = ({ random, timeMs }: Draw): number => timeMs + 1_000 * random(400) - 10_000;

/** What a session key may: some modules and messages, with a small bound on money now and then. */
const scopeOf = (draw: Draw): Scope => ({
  messages: ["energy", "money", "money/transfer", "money/set-limits", "telemetry"]
    .filter(() => draw.random(3) > 0)
    .concat("energy/bid"),
  untilMs: later(draw),
  ...(draw.random(2) === 0 ? { moneyMax: String(draw.random(1_000_000)) } : {}),
});

/** Whoever has most of something gets more of it often, so that one comes to as many as there may be. */
function richest(draw: Draw, count: (record: AccountRecord) => number): string {
  const counts = draw.citizens.map((account) => count(recordOf(draw, account)));
  return draw.citizens[counts.indexOf(Math.max(...counts))]!;
}

const addKey: Operation = (draw) => {
  const { random, citizens } = draw;
  const by = random(3) === 0 ? richest(draw, ({ keys }) => keys.length) : pick(draw, citizens);
  return {
    type: "accounts/add-key",
    by,
    key: random(10) === 0 ? pick(draw, recordOf(draw, by).keys).key : anyKey(draw),
    ...(random(3) === 0 ? { label: `Phone ${random(9)}` } : {}),
    ...(random(4) > 0 ? { scope: scopeOf(draw) } : {}),
  };
};

const removeKey: Operation = (draw) => {
  const by = pick(draw, draw.citizens);
  const { keys } = recordOf(draw, draw.random(20) === 0 ? pick(draw, draw.citizens) : by);
  return { type: "accounts/remove-key", by, key: pick(draw, keys).key };
};

const replaceKey: Operation = (draw) => {
  const { random, citizens, newKey } = draw;
  const by = random(8) === 0 ? richest(draw, ({ keys }) => keys.length) : pick(draw, citizens);
  const { keys } = recordOf(draw, by);
  const old = random(10) === 0 ? newKey() : pick(draw, keys).key;
  return {
    type: "accounts/replace-key",
    by,
    old,
    key: random(8) === 0 ? pick(draw, keys).key : anyKey(draw),
    ...(random(3) === 0 ? { label: `Laptop ${random(9)}` } : {}),
  };
};

/** The city itself, now and then someone who is not. */
const granting = (draw: Draw): string => (draw.random(12) === 0 ? pick(draw, draw.citizens) : draw.service("city"));
const districts = (draw: Draw): { readonly scope?: string } =>
  draw.random(3) === 0 ? {} : { scope: draw.random(4) === 0 ? "devices/lamp" : `district/${draw.random(60)}` };

const grantRole: Operation = (draw) => {
  const { random, citizens } = draw;
  const [by, role] = [granting(draw), pick(draw, roles)];
  if (random(2) === 0) {
    const account = richest(draw, (record) => record.roles.length);
    return { type: "accounts/grant-role", by, account, role, scope: `district/${random(60)}` };
  }
  return {
    type: "accounts/grant-role",
    by,
    account: random(30) === 0 ? "00".repeat(20) : pick(draw, citizens),
    role,
    ...districts(draw),
    ...(random(3) === 0 ? { untilMs: later(draw) } : {}),
  };
};

/** Roles that other operations can do without. */
const spared: readonly Role[] = ["city", "court", "carrier", "grid-operator"];

const revokeRole: Operation = (draw) => {
  const role = pick(draw, spared);
  const prefix = accountsState.roleHolder(role, "");
  const holders = draw.state.list(prefix, 50).map((name) => name.slice(prefix.length));
  const account = holders.length === 0 || draw.random(20) === 0 ? pick(draw, draw.citizens) : pick(draw, holders);
  const grant = recordOf(draw, account).roles.find((one) => one.role === role);
  return {
    type: "accounts/revoke-role",
    by: granting(draw),
    account: draw.random(30) === 0 ? "00".repeat(20) : account,
    role,
    ...(grant?.scope === undefined || draw.random(10) === 0 ? {} : { scope: grant.scope }),
  };
};

export const workload: readonly Operation[] = [
  register,
  addKey,
  addKey,
  removeKey,
  replaceKey,
  grantRole,
  revokeRole,
  ...guardianWorkload,
];
