// Random operations around guardians and recovery. A few accounts only have guardians, so that recoveries come to their end.

import { accountsState } from "../../protocol/accounts.ts";
import type { GuardiansRecord, RecoveryProposal } from "../../protocol/guardians.ts";
import type { Draw, Operation } from "../module.ts";

const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw.random(items.length)]!;

interface Guarded {
  readonly account: string;
  readonly record: GuardiansRecord;
}

/** An account that has guardians, with one of them, or with someone who is none. Null while nobody has guardians. */
function guarded(draw: Draw, wanted: (record: GuardiansRecord) => boolean): (Guarded & { readonly by: string }) | null {
  const prefix = accountsState.guardians("");
  const all: Guarded[] = draw.state.list(prefix, 40).map((name) => ({
    account: name.slice(prefix.length),
    record: draw.state.get<GuardiansRecord>(name)!,
  }));
  const fit = all.filter(({ record }) => wanted(record));
  if (fit.length === 0) return null;
  const chosen = pick(draw, fit);
  const members = chosen.record.set?.members ?? [];
  const by = members.length === 0 || draw.random(12) === 0 ? pick(draw, draw.citizens) : pick(draw, members);
  return { ...chosen, by };
}

const setGuardians: Operation = (draw) => {
  const { random, citizens } = draw;
  // The first citizens are guarded; others have guardians only now and then.
  const by = random(6) === 0 ? pick(draw, citizens) : citizens[random(Math.min(citizens.length, 12))]!;
  if (random(12) === 0) return { type: "accounts/set-guardians", by, members: [], threshold: 0, delayMs: 0 };
  const known = draw.state.get<GuardiansRecord>(accountsState.guardians(by))?.set;
  if (known !== undefined && random(4) === 0) return { type: "accounts/set-guardians", by, ...known };
  const wanted = Array.from({ length: 1 + random(4) }, () => (random(30) === 0 ? by : pick(draw, citizens)));
  const others = wanted.filter((member) => member !== by || random(4) === 0);
  const members = [...new Set(random(40) === 0 ? [...others, "00".repeat(20)] : others)];
  if (members.length === 0) return null;
  return {
    type: "accounts/set-guardians",
    by,
    members,
    threshold: 1 + random(members.length),
    delayMs: 56_000 + random(64) * 1_000,
  };
};

const proposeRecovery: Operation = (draw) => {
  const found = guarded(draw, ({ set }) => set !== undefined);
  if (found === null) return null;
  const { account, by, record } = found;
  const known = record.proposals ?? [];
  const fresh = draw.random(20) === 0 ? draw.unsoundKey() : draw.newKey();
  const key = known.length > 0 && draw.random(8) === 0 ? pick(draw, known).key : fresh;
  return { type: "accounts/propose-recovery", by, account, key };
};

const withProposal = ({ proposals }: GuardiansRecord): boolean => proposals !== undefined;

function aboutProposal(draw: Draw): (Guarded & { readonly by: string; readonly proposal: RecoveryProposal }) | null {
  const found = guarded(draw, withProposal);
  return found === null ? null : { ...found, proposal: pick(draw, found.record.proposals!) };
}

const approveRecovery: Operation = (draw) => {
  const found = aboutProposal(draw);
  if (found === null) return null;
  const key = draw.random(15) === 0 ? draw.newKey() : found.proposal.key;
  return { type: "accounts/approve-recovery", by: found.by, account: found.account, key };
};

const completeRecovery: Operation = (draw) => {
  const found = aboutProposal(draw);
  if (found === null) return null;
  const key = draw.random(15) === 0 ? draw.newKey() : found.proposal.key;
  return { type: "accounts/complete-recovery", by: pick(draw, draw.citizens), account: found.account, key };
};

/** Owners notice now and then; mostly those for whom it matters. */
const vetoRecovery: Operation = (draw) => {
  if (draw.random(3) > 0) return null;
  const found = draw.random(8) === 0 ? null : guarded(draw, withProposal);
  return { type: "accounts/veto-recovery", by: found?.account ?? pick(draw, draw.citizens) };
};

export const guardianWorkload: readonly Operation[] = [
  setGuardians,
  proposeRecovery,
  approveRecovery,
  completeRecovery,
  vetoRecovery,
];
