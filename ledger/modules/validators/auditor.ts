// The validators module's auditor: a list of keys with their owners, a list of proposals, a list of decided upgrades. It keeps no sums
// and no seats: it looks for them at each question.

import { accountIdOfKey } from "../../protocol/transaction.ts";
import type { Change } from "../../protocol/validators.ts";
import { exists } from "../accounts/auditor.ts";
import { type AuditBooks, type Auditor, judgeBy } from "../auditor.ts";
import { isSoundEd25519 } from "../auditor-keys.ts";

interface Member {
  readonly key: string;
  readonly power: number;
  readonly account: string;
  readonly name: string;
  readonly state: string;
  readonly since: number;
  readonly judged: number;
  readonly jail: { readonly reason: string; readonly height: number; readonly untilMs: number } | undefined;
  readonly rotatedMs: number | undefined;
}

interface Proposal {
  readonly by: string;
  readonly change: Change;
  readonly expiresMs: number;
  readonly votes: readonly (readonly [account: string, yes: boolean])[];
}

interface Decision {
  readonly at: number;
  readonly height: number;
  readonly version: number;
}

/** What one block moved. */
interface Moves {
  readonly base: number;
  readonly up: number;
  readonly down: number;
}

const members = (books: AuditBooks) => books.map<Member>("validators/members");
const proposals = (books: AuditBooks) => books.map<Proposal>("validators/proposals");
const decisions = (books: AuditBooks) => books.map<Decision>("validators/decisions");
const moves = (books: AuditBooks) => books.map<Moves>("validators/moves");
const params = (books: AuditBooks) => books.map<number>("validators/params");

const isSeated = ({ state }: Member): boolean => state === "active" || state === "jailed";
const seats = (books: AuditBooks): [string, Member][] =>
  members(books)
    .entries()
    .filter(([, member]) => isSeated(member));
const seatOf = (books: AuditBooks, account: string): [string, Member] | undefined =>
  seats(books).find(([, member]) => member.account === account);
const voting = (books: AuditBooks): Member[] =>
  members(books)
    .values()
    .filter(({ state }) => state === "active");
const sum = (list: readonly Member[]): number => list.reduce((all, { power }) => all + power, 0);
const openOf = (books: AuditBooks, account: string): string | undefined =>
  proposals(books)
    .entries()
    .find(([, { by }]) => by === account)?.[0];

function put(books: AuditBooks, address: string, member: Member): void {
  const by = member.power - (members(books).get(address)?.power ?? 0);
  if (by !== 0) {
    const now = moves(books).get(`${books.height}`) ?? { base: sum(voting(books)), up: 0, down: 0 };
    const after = by > 0 ? { ...now, up: now.up + by } : { ...now, down: now.down - by };
    for (const other of moves(books).keys()) if (other !== `${books.height}`) moves(books).delete(other);
    moves(books).set(`${books.height}`, after);
  }
  members(books).set(address, member);
  const { account, state, power } = member;
  books.tell("validators/changed", { address, account, state, power: `${power}` });
}

function tooMuch(books: AuditBooks, up: number, down: number): boolean {
  const now = moves(books).get(`${books.height}`) ?? { base: sum(voting(books)), up: 0, down: 0 };
  return up + down > 0 && ((now.up + up) * 3 > now.base || (now.down + down) * 3 > now.base);
}

function end(books: AuditBooks, proposal: string, outcome: string): void {
  proposals(books).delete(proposal);
  books.tell("validators/closed", { proposal, outcome });
}

function endOf(books: AuditBooks, account: string): void {
  const proposal = openOf(books, account);
  if (proposal !== undefined) end(books, proposal, "withdrawn");
}

/** The version before the newest decision that is not ahead any more. */
function versionAt(books: AuditBooks, height: number): number {
  const all = decisions(books).values();
  const held = all.filter(
    (one, n) => one.height <= height && !(all[n + 1] !== undefined && all[n + 1]!.at < one.height),
  );
  return held.at(-1)?.version ?? 1;
}

const keyVerdict = (books: AuditBooks, key: string): string => {
  if (!isSoundEd25519(key)) return "validators_key_must_be_sound";
  return members(books).has(accountIdOfKey(key)) ? "validators_key_must_be_new" : "";
};

function verdictOn(books: AuditBooks, change: Change): string {
  if (change.kind === "add") {
    const verdict = keyVerdict(books, change.key);
    if (verdict !== "") return verdict;
    if (!exists(books, change.account)) return "validators_account_must_exist";
    if (seatOf(books, change.account) !== undefined) return "validators_account_must_be_free";
    return seats(books).length >= 64 ? "validators_seats_must_not_exceed_limit" : "";
  }
  if (change.kind === "upgrade") {
    const ahead = change.height - books.height;
    if (ahead < 1 || ahead > 10_000_000) return "validators_upgrade_must_be_ahead";
    return change.version <= versionAt(books, books.height) ? "validators_upgrade_version_must_rise" : "";
  }
  const target = members(books).get(change.address);
  if (target === undefined || !isSeated(target)) return "validators_validator_must_have_seat";
  if (change.kind === "remove") return isLast(books, target) ? "validators_last_must_stay" : "";
  if (change.kind === "weigh") {
    if (target.state === "jailed") return "validators_validator_must_be_active";
    return target.power === change.power ? "validators_power_must_change" : "";
  }
  if (target.jail === undefined) return "validators_validator_must_be_jailed";
  return books.timeMs < target.jail.untilMs ? "validators_jail_time_must_be_over" : "";
}

const isLast = (books: AuditBooks, member: Member): boolean => member.state === "active" && voting(books).length === 1;

function make(books: AuditBooks, change: Change): string {
  const verdict = verdictOn(books, change);
  if (verdict !== "") return verdict;
  if (change.kind === "upgrade") {
    const { height, version } = change;
    decisions(books).set(`${decisions(books).size}`, { at: books.height, height, version });
    books.tell("validators/upgrade-decided", { height: `${height}`, version: `${version}` });
    return "";
  }
  if (change.kind === "add") {
    const { key, power, account, name } = change;
    if (tooMuch(books, power, 0)) return "validators_change_must_be_small";
    const fresh = { key, power, account, name, state: "active", since: books.height, judged: books.height };
    put(books, accountIdOfKey(key), { ...fresh, jail: undefined, rotatedMs: undefined });
    return "";
  }
  const target = members(books).get(change.address)!;
  const wanted = change.kind === "remove" ? 0 : change.power;
  const difference = wanted - target.power;
  if (difference > 0 ? tooMuch(books, difference, 0) : tooMuch(books, 0, -difference))
    return "validators_change_must_be_small";
  if (change.kind === "weigh") put(books, change.address, { ...target, power: wanted });
  else if (change.kind === "remove") part(books, change.address, target);
  else {
    const [since, judged] = [books.height, books.height + 1];
    put(books, change.address, { ...target, power: wanted, state: "active", jail: undefined, since, judged });
  }
  return "";
}

function part(books: AuditBooks, address: string, member: Member): void {
  endOf(books, member.account);
  put(books, address, { ...member, power: 0, state: "left", jail: undefined, since: books.height });
}

function tally(books: AuditBooks, id: string): string {
  const { change, votes, ...rest } = proposals(books).get(id)!;
  const powerBehind = (account: string): number =>
    voting(books).find((member) => member.account === account)?.power ?? 0;
  const counted = votes.filter(([account]) => powerBehind(account) > 0);
  const forIt = counted.reduce((all, [account, yes]) => all + (yes ? powerBehind(account) : 0), 0);
  const against = counted.reduce((all, [account, yes]) => all + (yes ? 0 : powerBehind(account)), 0);
  const all = sum(voting(books));
  if (forIt > all * 2 - forIt * 2) {
    end(books, id, "passed");
    return make(books, change);
  }
  // What remains could not be more than two thirds any more.
  if ((all - against) * 3 <= all * 2) end(books, id, "failed");
  else proposals(books).set(id, { ...rest, change, votes: counted });
  return "";
}

function decider(books: AuditBooks, by: string): string {
  const none = noSeat(books, by);
  if (none !== "") return none;
  return seatOf(books, by)![1].state === "active" ? "" : "validators_account_must_be_active";
}

function noSeat(books: AuditBooks, by: string): string {
  if (voting(books).length === 0) return "validators_network_must_exist";
  return seatOf(books, by) === undefined ? "validators_account_must_have_seat" : "";
}

function hearMisbehaviour(books: AuditBooks): void {
  for (const { kind, address, height } of books.misbehaviour) {
    const known = members(books).get(address);
    if (known === undefined || known.state === "left") continue;
    const culprit = known.state === "replaced" ? seatOf(books, known.account) : ([address, known] as const);
    if (culprit === undefined) continue;
    const [at, member] = culprit;
    if (member.state !== "active" || height <= member.judged) continue;
    const { account } = member;
    const stays = isLast(books, member);
    books.tell("validators/misbehaved", { address, account, kind, height: `${height}`, jailed: `${!stays}` });
    if (stays) continue;
    endOf(books, account);
    const jail = { reason: kind, height, untilMs: books.timeMs + params(books).get("jailMs")! };
    put(books, at, { ...member, power: 0, state: "jailed", since: books.height, jail });
  }
}

export const auditor: Auditor = {
  genesis: (books, { validators, validatorParams }) => {
    if (validators === undefined) return;
    for (const { key, power, account, name } of validators) {
      const first = { key, power, account, name, state: "active", since: 0, judged: 0 };
      members(books).set(accountIdOfKey(key), { ...first, jail: undefined, rotatedMs: undefined });
    }
    moves(books).set("0", { base: sum(voting(books)), up: 0, down: 0 });
    params(books).set("jailMs", validatorParams?.jailMs ?? 3_600_000);
    params(books).set("proposalMs", validatorParams?.proposalMs ?? 604_800_000);
  },
  beginBlock: (books) => {
    hearMisbehaviour(books);
    const over = proposals(books)
      .entries()
      .filter(([, { expiresMs }]) => expiresMs <= books.timeMs);
    over.sort(([a, x], [b, y]) => x.expiresMs - y.expiresMs || (a < b ? -1 : 1));
    for (const [id] of over) end(books, id, "expired");
  },
  judge: judgeBy({
    "validators/propose": (books, { by, change }, id) => {
      const verdict = decider(books, by);
      if (verdict !== "") return verdict;
      if (openOf(books, by) !== undefined) return "validators_proposal_must_be_only_one";
      const wrong = verdictOn(books, change);
      if (wrong !== "") return wrong;
      const expiresMs = books.timeMs + params(books).get("proposalMs")!;
      const words = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, `${value}`]));
      books.tell("validators/proposed", { ...words, proposal: id, by, expiresMs: `${expiresMs}` });
      proposals(books).set(id, { by, change, expiresMs, votes: [[by, true]] });
      return tally(books, id);
    },
    "validators/vote": (books, { by, proposal, yes }) => {
      const verdict = decider(books, by);
      if (verdict !== "") return verdict;
      const found = proposals(books).get(proposal);
      if (found === undefined) return "validators_proposal_must_exist";
      books.tell("validators/voted", { proposal, by, yes: `${yes}` });
      if (!yes && found.by === by) {
        end(books, proposal, "withdrawn");
        return "";
      }
      const others = found.votes.filter(([account]) => account !== by);
      proposals(books).set(proposal, { ...found, votes: [...others, [by, yes]] });
      return tally(books, proposal);
    },
    "validators/rotate-key": (books, { by, key }) => {
      const verdict = noSeat(books, by);
      if (verdict !== "") return verdict;
      const [address, member] = seatOf(books, by)!;
      if (member.rotatedMs !== undefined && books.timeMs - member.rotatedMs < 600_000)
        return "validators_rotation_must_wait";
      const wrong = keyVerdict(books, key);
      if (wrong !== "") return wrong;
      const movedBefore = moves(books).has(`${books.height}`);
      if (movedBefore && tooMuch(books, member.power, member.power)) return "validators_change_must_be_small";
      const since = books.height;
      put(books, accountIdOfKey(key), { ...member, key, since, rotatedMs: books.timeMs });
      put(books, address, { ...member, power: 0, state: "replaced", since, jail: undefined });
      return "";
    },
    "validators/leave": (books, { by }) => {
      const verdict = noSeat(books, by);
      if (verdict !== "") return verdict;
      const [address, member] = seatOf(books, by)!;
      if (isLast(books, member)) return "validators_last_must_stay";
      if (tooMuch(books, 0, member.power)) return "validators_change_must_be_small";
      part(books, address, member);
      return "";
    },
  }),
  tables: [
    { prefix: "validators/validator/", records: (books) => new Map(members(books).entries()) },
    {
      prefix: "validators/seat/",
      records: (books) =>
        new Map(seats(books).map(([address, { account }]) => [account, { address, proposal: openOf(books, account) }])),
    },
    {
      prefix: "validators/proposal/",
      records: (books) =>
        new Map(
          proposals(books)
            .entries()
            .map(([id, { votes, ...rest }]) => [id, { ...rest, votes: Object.fromEntries(votes) }]),
        ),
    },
    {
      prefix: "validators/power",
      records: (books) => {
        const last = moves(books).entries().at(-1);
        if (last === undefined) return new Map();
        const [height, { base, up, down }] = last;
        const [validators, power] = [voting(books).length, sum(voting(books))];
        const block = { height: Number(height), before: base, gained: up, lost: down };
        return new Map([["", { validators, power, ...block }]]);
      },
    },
    {
      prefix: "validators/upgrade",
      records: (books) => {
        const newest = decisions(books).values().at(-1);
        if (newest === undefined) return new Map();
        const { at, height, version } = newest;
        return new Map([["", { height, version, from: versionAt(books, at) }]]);
      },
    },
  ],
};
