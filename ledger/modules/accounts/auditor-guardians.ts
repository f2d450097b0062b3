// The auditor of guardians: three flat lists (those in force, changes that wait, proposals), each brought up to time in every block.

import type { GuardianSet } from "../../protocol/guardians.ts";
import type { Message } from "../../protocol/transaction.ts";
import type { AuditBooks, AuditedTable } from "../auditor.ts";
import { isSoundEd25519 } from "../auditor-keys.ts";

interface Proposal {
  readonly by: string;
  readonly key: string;
  readonly rpId: string | undefined;
  readonly approvals: readonly string[];
  /** When the last approval needed came; null before. */
  readonly approvedMs: number | null;
  /** The delay at that time. */
  readonly delayMs: number;
  readonly proposedMs: number;
}

const params = (books: AuditBooks) => books.map<number>("accounts/recovery");
const inForce = (books: AuditBooks) => books.map<GuardianSet>("accounts/guardians");
const waiting = (books: AuditBooks) =>
  books.map<{ readonly set: GuardianSet; readonly effectiveMs: number }>("accounts/guardians-waiting");
const proposed = (books: AuditBooks) => books.map<readonly Proposal[]>("accounts/proposals");

const staleMsOf = (books: AuditBooks, { approvedMs, delayMs, proposedMs }: Proposal): number =>
  (approvedMs === null ? proposedMs : approvedMs + delayMs) + params(books).get("proposalMs")!;
const proposalsOf = (books: AuditBooks, account: string): readonly Proposal[] => proposed(books).get(account) ?? [];
const isMember = (books: AuditBooks, account: string, by: string): boolean =>
  inForce(books).get(account)?.members.includes(by) ?? false;

export function recoveryParams(
  books: AuditBooks,
  recovery: { readonly guardianDelayMsMin: number; readonly proposalMs: number } | undefined,
): void {
  const day = 24 * 3600 * 1000;
  params(books).set("delayMsMin", recovery?.guardianDelayMsMin ?? day);
  params(books).set("proposalMs", recovery?.proposalMs ?? 7 * day);
}

/** What a block's time alone changes. */
export function passTime(books: AuditBooks): void {
  for (const account of new Set([...proposed(books).keys(), ...waiting(books).keys()])) passTimeOf(books, account);
}

function passTimeOf(books: AuditBooks, account: string): void {
  put(
    books,
    account,
    proposalsOf(books, account).filter((one) => staleMsOf(books, one) > books.timeMs),
  );
  const change = waiting(books).get(account);
  if (change === undefined || change.effectiveMs > books.timeMs) return;
  if (proposalsOf(books, account).some(({ approvedMs }) => approvedMs !== null)) return;
  waiting(books).delete(account);
  put(books, account, []);
  if (change.set.members.length === 0) inForce(books).delete(account);
  else inForce(books).set(account, change.set);
}

function put(books: AuditBooks, account: string, proposals: readonly Proposal[]): void {
  if (proposals.length > 0) proposed(books).set(account, proposals);
  else if (proposed(books).has(account)) proposed(books).delete(account);
}

/** With the approval counted; the delay begins when they are enough. */
function approvedBy(books: AuditBooks, account: string, proposal: Proposal, by: string): Proposal {
  const approvals = [...proposal.approvals, by];
  const { threshold, delayMs } = inForce(books).get(account)!;
  const isNow = proposal.approvedMs === null && approvals.length >= threshold;
  return { ...proposal, approvals, ...(isNow ? { approvedMs: books.timeMs, delayMs } : {}) };
}

type Of<Type extends Message["type"]> = Extract<Message, { type: Type }>;

export const guardianVerdicts = (
  exists: (books: AuditBooks, account: string) => boolean,
  setOnlyKey: (books: AuditBooks, account: string, key: string, rpId: string | undefined) => void,
) => ({
  "accounts/set-guardians": (books: AuditBooks, message: Of<"accounts/set-guardians">): string => {
    const { by, members, threshold, delayMs } = message;
    if (members.some((member) => member === by)) return "accounts_guardian_must_differ";
    if (!members.every((member) => exists(books, member))) return "accounts_account_must_exist";
    if (members.length > 0 && delayMs < params(books).get("delayMsMin")!)
      return "accounts_guardian_delay_must_not_be_short";
    const set = { members, threshold, delayMs };
    const now = inForce(books).get(by);
    let effectiveMs = books.timeMs;
    if (waiting(books).has(by)) waiting(books).delete(by);
    if (now === undefined) {
      if (members.length > 0) inForce(books).set(by, set);
    } else if (now.threshold !== threshold || now.delayMs !== delayMs || now.members.join() !== members.join()) {
      effectiveMs += now.delayMs;
      waiting(books).set(by, { set, effectiveMs });
    }
    books.tell("accounts/guardians-set", { account: by, threshold: `${threshold}`, effectiveMs: `${effectiveMs}` });
    for (const guardian of members) books.tell("accounts/guardian-named", { account: by, guardian });
    return "";
  },
  "accounts/propose-recovery": (books: AuditBooks, message: Of<"accounts/propose-recovery">): string => {
    const { by, account, key, rpId } = message;
    if (!isMember(books, account, by)) return "accounts_account_must_be_guardian";
    const all = proposalsOf(books, account);
    const mine = all.find((one) => one.by === by);
    if (mine !== undefined && mine.approvedMs !== null) return "accounts_recovery_must_not_exist";
    const others = all.filter((one) => one !== mine);
    if (others.some((one) => one.key === key && one.rpId === rpId)) return "accounts_recovery_must_not_exist";
    if (rpId === undefined && !isSoundEd25519(key)) return "accounts_key_must_be_sound";
    const fresh = { by, key, rpId, approvals: [], approvedMs: null, delayMs: 0, proposedMs: books.timeMs };
    put(books, account, [...others, approvedBy(books, account, fresh, by)]);
    books.tell("accounts/recovery-proposed", { account, guardian: by, key });
    return "";
  },
  "accounts/approve-recovery": (books: AuditBooks, message: Of<"accounts/approve-recovery">): string => {
    const { by, account, key, rpId } = message;
    if (!isMember(books, account, by)) return "accounts_account_must_be_guardian";
    const all = proposalsOf(books, account);
    const at = all.findIndex((one) => one.key === key && one.rpId === rpId);
    if (at === -1) return "accounts_recovery_must_exist";
    if (all[at]!.approvals.includes(by)) return "accounts_approval_must_not_be_repeated";
    put(books, account, all.with(at, approvedBy(books, account, all[at]!, by)));
    books.tell("accounts/recovery-approved", { account, guardian: by, key });
    return "";
  },
  "accounts/complete-recovery": (books: AuditBooks, message: Of<"accounts/complete-recovery">): string => {
    const { account, key, rpId } = message;
    const wanted = proposalsOf(books, account).find((one) => one.key === key && one.rpId === rpId);
    if (wanted === undefined) return "accounts_recovery_must_exist";
    if (wanted.approvedMs === null) return "accounts_recovery_must_be_approved";
    if (wanted.approvedMs + wanted.delayMs > books.timeMs) return "accounts_recovery_delay_must_be_over";
    setOnlyKey(books, account, key, rpId);
    put(books, account, []);
    if (waiting(books).has(account)) waiting(books).delete(account);
    books.tell("accounts/recovered", { account, key });
    return "";
  },
  "accounts/veto-recovery": (books: AuditBooks, { by }: Of<"accounts/veto-recovery">): string => {
    const all = proposalsOf(books, by);
    if (all.length === 0) return "accounts_recovery_must_exist";
    const late = all.filter(({ approvedMs, delayMs }) => approvedMs !== null && approvedMs + delayMs <= books.timeMs);
    if (late.length === all.length) return "accounts_veto_must_be_in_time";
    put(books, by, late);
    passTimeOf(books, by);
    books.tell("accounts/recovery-vetoed", { account: by });
    return "";
  },
});

function guarded(books: AuditBooks): string[] {
  const all = [...inForce(books).keys(), ...waiting(books).keys(), ...proposed(books).keys()];
  return [...new Set(all)];
}

export const guardiansTables: readonly AuditedTable[] = [
  {
    prefix: "accounts/guardians/",
    records: (books) =>
      new Map(
        guarded(books).map((account) => {
          const proposals = proposalsOf(books, account).map((one) => {
            const { by, key, rpId, approvals, approvedMs, delayMs } = one;
            const bound = {
              ...(rpId === undefined ? {} : { rpId }),
              ...(approvedMs === null ? {} : { completableMs: approvedMs + delayMs }),
            };
            return { by, key, approvals, ...bound, expiresMs: staleMsOf(books, one) };
          });
          const [set, change] = [inForce(books).get(account), waiting(books).get(account)];
          const record = {
            ...(set === undefined ? {} : { set }),
            ...(change === undefined ? {} : { change }),
            ...(proposals.length === 0 ? {} : { proposals }),
          };
          return [account, record];
        }),
      ),
  },
  {
    prefix: "accounts/guardians-due/",
    records: (books) =>
      new Map(
        guarded(books).flatMap((account) => {
          const proposals = proposalsOf(books, account);
          const times = proposals.map((one) => staleMsOf(books, one));
          const change = waiting(books).get(account);
          if (change !== undefined && proposals.every(({ approvedMs }) => approvedMs === null))
            times.push(change.effectiveMs);
          if (times.length === 0) return [];
          return [[`${`${Math.min(...times)}`.padStart(16, "0")}/${account}`, {}] as const];
        }),
      ),
  },
];
